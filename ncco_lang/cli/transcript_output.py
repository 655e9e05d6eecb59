"""Write a transcript as JSON, for `ncco play` and `ncco call`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from ncco_lang.cli.console import emit
from ncco_lang.cli.render import visible
from ncco_lang.workspace.files import is_file, is_folder


def transcript_file(ctx: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """Return the file of `--transcript`, if it can be written: else a whole call would be played for nothing.

    Raises:
        click.UsageError: it is a folder, or is in none, or may not be written.
    """
    if name is None or name == "-":
        return name
    folder = Path(name).parent
    if is_folder(name):
        why = "it is a folder"
    elif not is_folder(folder):
        why = "there is no such folder"
    elif not os.access(folder if is_file(name) or not os.access(name, os.F_OK) else name, os.W_OK):
        why = "permission denied"
    else:
        return name
    raise click.UsageError(f"cannot write {visible(name)}: {why}", ctx)


def write_transcript(name: str, events: list[dict[str, Any]], problems: list[dict[str, Any]]) -> None:
    """Write a transcript to a file, or to standard output for `-`.

    Raises:
        OutputError, Refused: it cannot be written.
    """
    from ncco_lang.simulate.transcript import VERSION
    from ncco_lang.workspace.files import write_atomic

    value = {"version": VERSION, "events": events, "problems": problems}
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    # Half of a character, which JSON can hold and UTF-8 cannot, is written as its escape.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if name == "-":
        emit(text, product=True)
    else:
        write_atomic(name, text)
