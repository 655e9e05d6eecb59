"""Write a transcript as JSON, for `ncco play` and `ncco call`."""

from __future__ import annotations

import json
from typing import Any

from ncco_lang.cli.console import emit


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
