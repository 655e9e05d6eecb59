"""The files that `ncco init` writes, by template."""

from __future__ import annotations

from typing import NamedTuple

from ncco_lang.project.config import CONFIG_NAME

OUTPUTS = "/out/"
KEYS = "/.ncco/keys/"
GITIGNORE = ".gitignore"
_LEFT_OUT = f"""\
# The output of ncco compile, private keys, and the lock of a deploy.
# The other files in .ncco record what was deployed: commit them.
{OUTPUTS}
{KEYS}
/.ncco/*.lock
"""
GITATTRIBUTES = ".gitattributes"
_LINE_ENDS = """\
# The same line ends on every system, so that ncco fmt --check says the same everywhere.
*.flow text eol=lf
*.toml text eol=lf
"""


class Template(NamedTuple):
    """A new project.

    Attributes:
        files: their texts by name, in the order in which they are reported.
        following: the commands to try next.
    """

    files: dict[str, str]
    following: str


# ── voicemail: a call from top to bottom, one NCCO ───────────────────────────────────────────────────

_VOICEMAIL = """\
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

_VOICEMAIL_LOCAL = """\
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
"""

_VOICEMAIL_NEXT = """\
  ncco check                             find mistakes
  ncco compile main.flow                 see the NCCO
  ncco emulate -q --documents out/documents &
  ncco deploy                            show what would be made at that emulator, ask, and make it
  ncco call +31201234568                 ring a telephone, which is emulated too
"""

# ── menu: a flow that branches, a bundle for `ncco serve` ────────────────────────────────────────────

_MENU = """\
/// What a caller hears, and where each answer leads. A call begins in the step start.
flow "My first menu"

/// The company that the caller has called.
param company: text = "Pedal and Spoke"

/// The company's own number, which colleagues see when their telephone rings.
param office: phone = "+31 20 123 4567"

/// The telephone of a colleague.
param colleague: phone = "+31 20 123 4568"

// The voice of all texts below.
default talk en-GB style: 2

step start {
    talk "Welcome to {company}."
    goto choices
}

step choices {
    menu "For our opening hours, press 1. To hear where we are, press 2. For a colleague, press 0 or stay on the line." {
        1          -> opening_hours
        2          -> { talk "We are at 12 Mill Street, beside the bridge."; repeat }
        0, silence -> person
        otherwise  -> retry "Sorry, there is nothing under that key."
        give_up    -> person
    }
}

step opening_hours {
    talk "We are open from Monday to Saturday, from nine until six. Goodbye."
    hangup
}

step person {
    talk "One moment, please."
    connect phone colleague from: office timeout: 20s {
        otherwise -> all_busy
    }
}

step all_busy {
    talk "We are all busy at the moment. Please call again later. Goodbye."
    hangup
}

// Calls that `ncco test` plays.

test "the opening hours" {
    call
    hear "Welcome to *. For our opening hours, press 1.*"
    press "1"
    hear "We are open from Monday to Saturday, from nine until six. Goodbye."
    expect hangup
}

test "the address, then a colleague" {
    call
    hear "Welcome*"
    press "2"
    hear "We are at 12 Mill Street, beside the bridge. For our opening hours*"
    press "0"
    hear "One moment, please."
    expect ring colleague from: office
}

test "three wrong keys, and a colleague who is in a call" {
    given ring colleague busy
    call
    hear "Welcome*"
    press "7"
    hear "Sorry, there is nothing under that key. For our opening hours*"
    press "8"
    hear "Sorry, there is nothing under that key. For our opening hours*"
    press "9"
    hear "One moment, please."
    hear "We are all busy at the moment. Please call again later. Goodbye."
    expect hangup
}
"""

_MENU_LOCAL = """\
# This machine: `ncco serve` answers the calls of `ncco emulate`, which needs no account.
[profiles.local]
provider = "vonage"
# Where ncco serve listens.
base_url = "http://127.0.0.1:4590"
# Where ncco emulate listens.
api.emulator = "http://127.0.0.1:4580"

[profiles.local.applications.main]
flow = "main.flow"
numbers = ["+31 20 123 4567"]
"""

_MENU_NEXT = """\
  ncco check                             find mistakes
  ncco play --press 1                    hear what a caller hears who presses 1
  ncco test                              play the tests of main.flow
  ncco serve -q &                        answer calls
  ncco emulate -q &                      emulate the provider
  ncco deploy                            show what would be made at that emulator, ask, and make it
  ncco call --inbound +31201234567 --press 1
"""

# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────

_BEGINNING = """\
# The settings of this project; their schema: ncco schema toml
edition = 2026

# The profile to use without --profile.
profile = "local"

"""

_VOICEMAIL_LIVE_URL = """\
base_url = "https://calls.example.com"
"""

_MENU_LIVE_URL = """\
# Where Vonage reaches ncco serve.
base_url = "https://calls.example.com"
"""

_SIGNATURE = """\
# The secret that verifies webhooks goes there too: signature_secret = "env:VONAGE_SIGNATURE_SECRET"
"""

_SERVE = """
[serve]
# Lookups of flows reach the internet over TLS only; this machine is for trying them out.
allow = ["127.0.0.1"]
# Where ncco serve runs on another machine than ncco deploy, both need this key.
#key = "env:NCCO_SERVE_KEY"
"""

_LIVE = """
# Vonage. Remove the # from these lines and fill in your own values.
[profiles.live]
provider = "vonage"
{base_url}\
# Where to read the secrets, never the secrets themselves: "env:NAME" or "file:PATH".
{signature}\
#credentials = {{ api_key = "env:VONAGE_API_KEY", api_secret = "env:VONAGE_API_SECRET" }}
# A folder, or a bucket such as "s3://name/ncco", and the address at which Vonage reads its files.
#documents = {{ store = "public/ncco", url = "https://static.example.com/ncco" }}
#[profiles.live.applications.main]
#flow = "main.flow"
# The name at Vonage. Default: the application's key, "main".
#name = "Pedal and Spoke"
#numbers = ["+31 20 123 4567"]
{event_url}\
# Params for this application alone; they override the profile's.
#params = {{ company = "Pedal and Spoke" }}
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
#credentials = {{ client_id = "env:KPN_CLIENT_ID", client_secret = "env:KPN_CLIENT_SECRET" }}
#documents = {{ store = "public/ncco", url = "https://static.example.com/ncco" }}
#[profiles.kpn.applications.main]
#flow = "main.flow"
#name = "Pedal and Spoke"
{event_url}\
"""
_EVENT_URL = '#event_url = "/events"\n'


def _settings(local: str, base_url: str, event_url: str = "", signature: str = "") -> str:
    return _BEGINNING + local + _LIVE.format(base_url=base_url, event_url=event_url, signature=signature)


TEMPLATES = {
    "voicemail": Template(
        {
            "main.flow": _VOICEMAIL,
            CONFIG_NAME: _settings(_VOICEMAIL_LOCAL, _VOICEMAIL_LIVE_URL, _EVENT_URL),
            GITIGNORE: _LEFT_OUT,
            GITATTRIBUTES: _LINE_ENDS,
        },
        _VOICEMAIL_NEXT,
    ),
    "menu": Template(
        {
            "main.flow": _MENU,
            CONFIG_NAME: _settings(_MENU_LOCAL, _MENU_LIVE_URL, signature=_SIGNATURE) + _SERVE,
            GITIGNORE: _LEFT_OUT,
            GITATTRIBUTES: _LINE_ENDS,
        },
        _MENU_NEXT,
    ),
}
"""The templates by name; the first one is the default."""
