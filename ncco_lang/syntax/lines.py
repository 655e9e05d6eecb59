"""Lines around a position of a text, whatever their line ends, and how far they are indented."""

from __future__ import annotations

import re

TAB_WIDTH = 4
BLANKS = re.compile(r"[ \t]*")


def line_start(text: str, position: int) -> int:
    """Return where the line of a position begins."""
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def line_end(text: str, position: int) -> int:
    """Return where the line of a position ends, before its line end."""
    feed = text.find("\n", position)
    end = feed if feed >= 0 else len(text)
    carriage = text.find("\r", position, end)
    return carriage if carriage >= 0 else end


def next_line(text: str, position: int) -> int:
    """Return where the line after that of a position begins; the end of the text after the last line."""
    end = line_end(text, position)
    return end + (2 if text.startswith("\r\n", end) else end < len(text))


def rest_of_line(text: str, position: int) -> str:
    """Return the text from a position to the end of its line."""
    return text[position : line_end(text, position)]


def begins_line(text: str, position: int) -> bool:
    """Return whether only blanks precede a position on its line."""
    return not text[line_start(text, position) : position].strip()


def indent(text: str, position: int) -> int:
    """Return the width of the blanks that begin the line of a position; a tab counts as four."""
    blanks = BLANKS.match(text, line_start(text, position))
    return 0 if blanks is None else len(blanks[0].expandtabs(TAB_WIDTH))
