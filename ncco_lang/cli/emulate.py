"""`ncco emulate`: run an emulated provider on this machine until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.options import PATH
from ncco_lang.cli.render import visible
from ncco_lang.cli.signals import ended_by_signal
from ncco_lang.emulator.outcomes import render_endings
from ncco_lang.workspace.files import is_folder, make_folder

if TYPE_CHECKING:
    from ncco_lang.emulator.faults import Fault
    from ncco_lang.emulator.options import EmulatorOptions
    from ncco_lang.emulator.server import Running


class _Range(click.FloatRange):
    """A range that also refuses `nan`, which click's own range accepts."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


_SOMETIMES = _Range(0.0, 1.0)


@click.command(
    epilog=f"""\b
The last two digits of the called number decide how the call ends:
{render_endings()}

\b
Examples:
  ncco emulate                                    Vonage at http://127.0.0.1:4580
  ncco emulate --provider kpn --port 4581
  ncco emulate --documents public --speed 10      serve deployed documents from this folder below /documents/
  ncco emulate --tls                              https, with a certificate from a temporary authority
  ncco emulate --fail-rate 0.2 --latency 0.5      answer one request in five with 503; all are slow
  ncco emulate --effect-after 6                   changes take effect six seconds after the request

\b
A gateway that answers 504 at once while its backend finishes after six seconds:
  ncco emulate --effect-after 6 \\
    --fault '{{"kind": "status", "status": 504, "effect": true, "method": "POST"}}'

Exit codes: 0 ended by SIGTERM or SIGHUP, 2 wrong usage or a port that cannot be opened, 130 Ctrl-C.
"""
)
@click.option(
    "--provider",
    type=click.Choice(["vonage", "kpn"]),
    default="vonage",
    show_default=True,
    help="The provider to emulate.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4580,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; any but this machine's own needs --tls.",
)
@click.option("--tls", is_flag=True, help="Serve https, with a certificate authority that exists for this run only.")
@click.option(
    "--ca-file", type=PATH, metavar="PATH", help="With --tls: write the authority's certificate to this file."
)
@click.option("--documents", type=PATH, metavar="DIR", help="Serve the files of this folder below /documents/.")
@click.option("--number", "numbers", multiple=True, metavar="NUMBER", help="A number of the account; can be repeated.")
@click.option(
    "--speed",
    type=_Range(0, 1000),
    default=1.0,
    show_default=True,
    help="How many seconds of a call pass in a second; 0: calls take no time.",
)
@click.option("--pace", type=_Range(0, 60), hidden=True)
@click.option("--sandbox", is_flag=True, help="Emulate KPN's sandbox: no list of applications, no numbers.")
@click.option("--signature-secret", metavar="REFERENCE", help="Sign webhooks with this secret: env:NAME or file:PATH.")
@click.option("--no-limits", is_flag=True, help="Do not limit requests per second.")
@click.option(
    "--token-lifetime",
    type=click.IntRange(1, 86400),
    default=3599,
    show_default=True,
    help="Lifetime of a KPN token, in seconds.",
)
@click.option("--latency", type=_Range(0, 600), default=0.0, help="Delay each request by this many seconds.")
@click.option("--fail-rate", type=_SOMETIMES, default=0.0, help="Answer this share of the requests with 503.")
@click.option(
    "--drop-rate",
    type=_SOMETIMES,
    default=0.0,
    help="Cut the connection of this share of the requests, after their effect.",
)
@click.option(
    "--effect-after",
    type=_Range(0, 600),
    default=0.0,
    metavar="SECONDS",
    help="Delay the effect of each request by this many seconds, even if the client disconnects.",
)
@click.option(
    "--fault",
    "more_faults",
    multiple=True,
    metavar="JSON",
    help="A fault, as an object of the list for PUT /_emulator/faults; can be repeated.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not print requests and events.")
def command(*, quiet: bool, **given: Any) -> None:
    """Run an emulated provider on this machine.

    Applications, numbers, calls, webhooks and errors behave as the provider's. Calls play their NCCO as ncco play does; no
    telephone rings, and calls are free.
    All data is lost when the command ends. Put documents for calls in the folder of --documents.
    """
    from ncco_lang.emulator.server import running

    options, faults = _options(given), _faults(given)
    with ended_by_signal(), running(options, None if quiet else _tell) as emulator:
        emulator.account.faults.add(*faults)
        emit(f"emulating {options.provider} at {emulator.address}\n")
        emit(_hints(options, emulator))
        while True:
            time.sleep(3600)


def _tell(line: str) -> None:
    """Print a line about a request or an event; a failed write does not end the emulator."""
    try:
        emit(visible(line) + "\n", err=True)
    except Refused:
        pass


def _options(given: dict[str, Any]) -> EmulatorOptions:
    """Return the emulator's options.

    Raises:
        Refused: `--documents` is not a folder, or a secret cannot be read.
        click.UsageError: an option is invalid, or two options cannot be combined.
    """
    from ncco_lang.emulator.options import NUMBERS, SIGNATURE_SECRET, EmulatorOptions

    documents = given["documents"]
    # The folder may be missing: the first deploy creates it.
    if documents is not None and os.path.lexists(documents) and not is_folder(documents):
        raise Refused(f"{visible(documents)} is no folder to serve documents from")
    if given["ca_file"] is not None and not given["tls"]:
        raise click.UsageError("--ca-file goes with --tls")
    if given["sandbox"] and given["provider"] != "kpn":
        raise click.UsageError("--sandbox goes with --provider kpn")
    if given["sandbox"] and given["numbers"]:
        raise click.UsageError("--sandbox has no numbers, so --number does not go with it")
    if given["pace"] is not None:
        emit("ncco: --pace is deprecated; --speed says how fast calls go\n", err=True)
    secret = given["signature_secret"]
    if given["ca_file"] is not None:
        make_folder(os.path.dirname(given["ca_file"]) or os.curdir)  # noqa: PTH120 - as it was typed
    return EmulatorOptions(
        provider=given["provider"],
        host=given["host"],
        port=given["port"],
        tls=given["tls"],
        ca_file=given["ca_file"],
        documents=documents,
        numbers=tuple(_digits(number) for number in given["numbers"]) or NUMBERS,
        signature_secret=SIGNATURE_SECRET if secret is None else _secret(secret),
        sandbox=given["sandbox"],
        speed=given["speed"],
        pace=given["pace"],
        limits=not given["no_limits"],
        token_lifetime=given["token_lifetime"],
        outside=True,
    )


def _digits(number: str) -> str:
    from ncco_lang.values.phone import e164_digits

    digits = e164_digits(number)
    if digits is None:
        raise click.UsageError(f'--number takes a number with its country code, like +31201234567, not "{number}"')
    return digits


def _secret(text: str) -> str:
    """Return the secret that a reference names; refuse a plain secret, which would stay in the shell's history."""
    from ncco_lang.project.targets import Reference
    from ncco_lang.workspace.secrets import read_secret

    kind, _, name = text.partition(":")
    if not name:
        raise click.UsageError("--signature-secret takes env:NAME or file:PATH, never the secret itself")
    match kind:
        case "env" | "file":
            return read_secret(Reference(kind, name), os.curdir)
        case _:
            raise click.UsageError("--signature-secret takes env:NAME or file:PATH, never the secret itself")


def _faults(given: dict[str, Any]) -> list[Fault]:
    """Return the faults: those of `--fault` first, then those of the simple options, which stay in force.

    Raises:
        click.UsageError: a `--fault` is not valid.
    """
    from ncco_lang.emulator.faults import Fault, read_fault
    from ncco_lang.values.received import read_json

    faults = []
    for text in given["more_faults"]:
        value, reason = read_json(os.fsencode(text))
        fault, wrong = read_fault(value)
        if reason is not None or fault is None:
            raise click.UsageError(f"--fault {text}: {wrong if reason is None else f'it {reason}'}")
        faults.append(fault)
    if given["latency"] > 0:
        faults.append(Fault(kind="latency", seconds=given["latency"], times=0))
    if given["effect_after"] > 0:
        faults.append(Fault(kind="effect_after", seconds=given["effect_after"], times=0))
    if given["fail_rate"] > 0:
        faults.append(Fault(kind="status", status=503, chance=given["fail_rate"], times=0))
    if given["drop_rate"] > 0:
        faults.append(Fault(kind="drop", when="after", chance=given["drop_rate"], times=0))
    return faults


def _hints(options: EmulatorOptions, emulator: Running) -> str:
    """Return what a user needs to connect. The credentials are the emulator's own and are valid nowhere else."""
    if options.provider == "kpn":
        account = f"client id {options.client_id}, client secret {options.client_secret}"
    else:
        account = f"API key {options.api_key}, API secret {options.api_secret}"
    numbers = "none, as in KPN's sandbox" if options.sandbox else ", ".join(options.numbers)
    lines = [f"  account:   {account}", f"  numbers:   {numbers}"]
    if options.documents is not None:
        lines.append(f"  documents: {options.documents} at {emulator.address}/documents/")
    lines.append(
        f"  events:    {emulator.address}/webhooks/event keeps what it gets, {emulator.address}/_emulator/events"
    )
    if emulator.ca is not None:
        lines.append(f"  authority: export SSL_CERT_FILE={shlex.quote(str(Path(emulator.ca).absolute()))}")
    return "\n".join(lines) + "\n"
