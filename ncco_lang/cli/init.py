"""`ncco init`: the files of a first project."""

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
/// What a caller hears, from the top to the bottom.
flow "My first flow"

/// Who was called.
param company: text = "Pedal and Spoke"

// The voice of every text below.
default talk en-GB style: 2

talk "Hello, this is {company}. Please leave a message after the beep, then press hash."
record {
    beep_start: true
    end_on_key: #
    timeout: 2m
    // Where the recording is reported, below the base_url of ncco.toml.
    event_url: "/recordings"
}
talk "Thank you. Goodbye."
"""

SETTINGS = """\
# The settings of this project; their schema: ncco schema toml
edition = 2026

# The profile that holds where none is named with --profile.
profile = "local"

# The emulator on this machine, started with `ncco emulate`: no account is needed.
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

# Vonage. Take the # away from these lines and write what is yours.
[profiles.live]
provider = "vonage"
base_url = "https://calls.example.com"
# Where the secrets are found, never the secrets themselves: "env:NAME" or "file:PATH".
#credentials = { api_key = "env:VONAGE_API_KEY", api_secret = "env:VONAGE_API_SECRET" }
# A folder, or a bucket like "s3://name/ncco", and the address at which Vonage reads what lies there.
#documents = { store = "public/ncco", url = "https://static.example.com/ncco" }
#[profiles.live.applications.main]
#flow = "main.flow"
# What Vonage shows; the application's key, "main", where it is left out.
#name = "Pedal and Spoke"
#numbers = ["+31 20 123 4567"]
#event_url = "/events"
# Above the params of the profile, for this application alone.
#params = { company = "Pedal and Spoke" }
# Where calls are handled, how many milliseconds Vonage waits for an NCCO, and whether it signs its webhooks. What is
# left out here is left as it is there.
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
# What ncco compile writes, private keys, and the lock of a deploy.
# What else is in .ncco is the memory of what was deployed: commit it.
{OUTPUTS}
{KEYS}
/.ncco/*.lock
"""

FILES = {"main.flow": FLOW, CONFIG_NAME: SETTINGS, GITIGNORE: LEFT_OUT}
"""The files of a new project, in the order in which they are told."""


@click.command(
    epilog="""\b
Examples:
  ncco init hello     in a new folder
  ncco init           in this one

Exit codes: 0 done, 2 a file is there already or cannot be written.
"""
)
@click.argument("folder", default=".", type=PATH, metavar="[DIR]")
def command(folder: str) -> None:
    """Begin a project: a flow, its settings, and what git should leave out. No file is overwritten."""
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
