"""`ncco init`: create the files of a new project."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.options import PATH
from ncco_lang.cli.render import visible
from ncco_lang.project.config import CONFIG_NAME
from ncco_lang.workspace.files import make_folder, write_atomic

FLOW = """\
/// What a caller hears, from top to bottom.
flow "My first flow"

/// The company that the caller has called.
param company: text = "Pedal and Spoke"

// The voice of all texts below.
default talk en-GB style: 2

talk "Hello, this is {company}. Please leave a message after the beep, then press hash."
record {
    beep_start: true
    end_on_key: #
    timeout: 2m
    // The webhook that receives the recording's URL, below the base_url of ncco.toml.
    event_url: "/recordings"
}
talk "Thank you. Goodbye."
"""

SETTINGS = """\
# The settings of this project; their schema: ncco schema toml
edition = 2026

# The profile to use without --profile.
profile = "local"

# The emulator on this machine, started with `ncco emulate`. It needs no account.
[profiles.local]
provider = "vonage"
base_url = "https://test.example.com"
params = { company = "Pedal and Spoke (test)" }
api.emulator = "http://127.0.0.1:4580"
documents = { store = "out/documents", url = "http://127.0.0.1:4580/documents" }

[profiles.local.applications.main]
flow = "main.flow"
numbers = ["+31 20 123 4567"]
event_url = "http://127.0.0.1:4580/webhooks/event"

# Vonage. Remove the # from these lines and fill in your own values.
[profiles.live]
provider = "vonage"
base_url = "https://calls.example.com"
# Where to read the secrets, never the secrets themselves: "env:NAME" or "file:PATH".
#credentials = { api_key = "env:VONAGE_API_KEY", api_secret = "env:VONAGE_API_SECRET" }
# A folder, or a bucket such as "s3://name/ncco", and the address at which Vonage reads its files.
#documents = { store = "public/ncco", url = "https://static.example.com/ncco" }
#[profiles.live.applications.main]
#flow = "main.flow"
# The name at Vonage. Default: the application's key, "main".
#name = "Pedal and Spoke"
#numbers = ["+31 20 123 4567"]
#event_url = "/events"
# Params for this application alone; they override the profile's.
#params = { company = "Pedal and Spoke" }
# The region that handles calls, how many milliseconds Vonage waits for an NCCO, and whether it signs its webhooks.
# A deploy does not change a setting that is missing here.
#region = "eu-west"
#answer_connect_timeout = 1000
#answer_socket_timeout = 5000
#signed_callbacks = true

# KPN.
#[profiles.kpn]
#provider = "kpn"
#base_url = "https://calls.example.com"
#credentials = { client_id = "env:KPN_CLIENT_ID", client_secret = "env:KPN_CLIENT_SECRET" }
#documents = { store = "public/ncco", url = "https://static.example.com/ncco" }
#[profiles.kpn.applications.main]
#flow = "main.flow"
#name = "Pedal and Spoke"
#event_url = "/events"
"""

OUTPUTS = "/out/"
KEYS = "/.ncco/keys/"
GITIGNORE = ".gitignore"
LEFT_OUT = f"""\
# The output of ncco compile, private keys, and the lock of a deploy.
# The other files in .ncco record what was deployed: commit them.
{OUTPUTS}
{KEYS}
/.ncco/*.lock
"""

FILES = {"main.flow": FLOW, CONFIG_NAME: SETTINGS, GITIGNORE: LEFT_OUT}
"""The files of a new project, in the order in which they are reported."""


@click.command(
    epilog="""\b
Examples:
  ncco init hello     in a new folder
  ncco init           in this one

Exit codes: 0 done, 2 a file already exists or cannot be written.
"""
)
@click.argument("folder", default=".", type=PATH, metavar="[DIR]")
def command(folder: str) -> None:
    """Create a project: a flow, its settings and a .gitignore. No file is overwritten."""
    there = [name for name in FILES if os.path.lexists(Path(folder, name))]
    clashes = [os.path.normpath(Path(folder, name)) for name in there if name != GITIGNORE]
    if clashes:
        raise Refused(
            f"{' and '.join(clashes)} {'is' if len(clashes) == 1 else 'are'} there already; nothing was written"
        )
    make_folder(folder)
    for name, text in FILES.items():
        path = os.path.normpath(Path(folder, name))
        if name in there:
            emit(f"kept {visible(path)} as it is; {OUTPUTS} and {KEYS} may belong into it\n")
        else:
            write_atomic(path, text)
            emit(f"made {visible(path)}\n")
    emit("\nNext:\n")
    if os.path.normpath(folder) != ".":
        emit(f"  cd {visible(shlex.quote(os.path.normpath(folder)))}\n")
    emit(
        "  ncco check                             find mistakes\n"
        "  ncco compile main.flow                 see the NCCO\n"
        "  ncco emulate -q --documents out/documents &\n"
        "  ncco deploy                            show what would be made at that emulator, ask, and make it\n"
        "  ncco call +31201234568                 ring a telephone, which is emulated too\n"
    )
