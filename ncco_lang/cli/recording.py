"""`ncco recording`: download a recording."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import click

from ncco_lang.cli.console import Refused, emit, quiet_pipe
from ncco_lang.cli.options import PATH
from ncco_lang.cli.provider_command import app_option, chosen, profile_option, remote
from ncco_lang.cli.render import visible
from ncco_lang.workspace.errors import AlreadyThere, OutputError, reason_of
from ncco_lang.workspace.files import replacing


@click.command(
    epilog="""\b
Examples:
  ncco recording https://api.nexmo.com/v1/files/aaaaaaaa-bbbb-cccc-dddd-0123456789ab -o message.mp3
  ncco recording "$URL" -o - | ffplay -

URL is the recording_url of the event that the provider posted. Credentials are sent to the provider's hosts only. The
file is written completely or not at all.

Exit codes: 0 done, 2 wrong usage, settings or an unwritable file, 3 the provider or the network refused.
"""
)
@click.argument("url", metavar="URL")
@click.option(
    "-o", "--output", type=PATH, required=True, metavar="FILE", help="Write to this file; - for standard output."
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@app_option
@profile_option
@remote
def command(url: str, output: str, force: bool, app: str | None, profile: str | None) -> None:
    """Download the recording at URL."""
    from ncco_lang.deploy.open_provider import connected

    if not url.lower().startswith(("https://", "http://")):
        raise click.UsageError(f'"{visible(url)}" is no address; it is the recording_url of an event')
    open_output = _to_standard_output if output == "-" else _to_file
    if output == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise Refused("a recording is nothing for a terminal; name a file with -o, or send it on with |")
    place = chosen(profile)
    id = place.application_id(place.app(app))
    with connected(place.target, place.project.folder) as provider, open_output(output, force=force) as write:
        about = provider.download(id, url, write)
    size, kind = about.get("size"), about.get("content_type")
    what = ", ".join(str(each) for each in (f"{size} bytes" if size is not None else None, kind) if each)
    emit(f"wrote {visible('standard output' if output == '-' else output)} ({visible(what)})\n", err=True)


@contextmanager
def _to_standard_output(_: str, *, force: bool) -> Iterator[Callable[[bytes], object]]:
    if sys.stdout is None:
        raise Refused("the output cannot be written: standard output is closed")
    stream: IO[bytes] = sys.stdout.buffer
    try:
        yield _writing(stream, "standard output")
        stream.flush()
    except (BrokenPipeError, _Closed):
        quiet_pipe()
        raise click.exceptions.Exit(0) from None
    except OSError as failed:
        quiet_pipe()
        raise Refused(f"the output cannot be written: {reason_of(failed)}") from failed


@contextmanager
def _to_file(name: str, *, force: bool) -> Iterator[Callable[[bytes], object]]:
    """Write to a temporary file that replaces the target when complete, and is deleted otherwise.

    Raises:
        OutputError: the file already exists, or it cannot be written.
    """
    try:
        with replacing(name, over=force) as file:
            yield _writing(file, name)
    except AlreadyThere as failed:
        raise OutputError(f"{failed}; --force writes over it") from failed


def _writing(stream: IO[bytes], name: str) -> Callable[[bytes], object]:
    """Return a function that writes pieces; a failed write is an error of the file, not of the network."""

    def write(piece: bytes) -> None:
        try:
            stream.write(piece)
        except BrokenPipeError as failed:
            raise _Closed from failed
        except OSError as failed:
            raise OutputError(f"cannot write {name}: {reason_of(failed)}") from failed

    return write


class _Closed(Exception):
    """The reader of standard output has closed the pipe."""
