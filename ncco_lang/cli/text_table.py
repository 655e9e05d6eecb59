"""Render rows as a table that fits the terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ncco_lang.cli.console import columns, emit
from ncco_lang.cli.render import columns_of, visible

_GAP = "  "
_NARROWEST = 12
_USUAL = 80


def terminal_width(*, err: bool = False) -> int | None:
    """Return the terminal's width in columns; None if the stream is not a terminal."""
    stream = sys.stderr if err else sys.stdout
    return (columns(stream) or _USUAL) if stream is not None and stream.isatty() else None


class Table(NamedTuple):
    """A table as text, and the heads of the columns that did not fit."""

    text: str
    left_out: tuple[str, ...]


def emit_table(heads: Sequence[str], rows: Sequence[Sequence[str | None]], *, elastic: Collection[str] = ()) -> None:
    """Print a table in the terminal's width, and name the columns that did not fit."""
    table = render_table(heads, rows, width=terminal_width(), elastic=elastic)
    emit(table.text)
    if table.left_out:
        emit(f"left out: {', '.join(table.left_out)}; a wider terminal or --json has them\n", err=True)


def render_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    *,
    width: int | None = None,
    elastic: Collection[str] = (),
) -> Table:
    """Return a line of heads and a line for each row, without control characters.

    Args:
        heads: the columns' heads, most important first: without enough room the last columns are left out.
        rows: as many cells as there are heads; None is shown as a dash.
        width: the terminal's width in columns; None: no limit.
        elastic: heads of columns whose cells may be cut.
    """
    table = [list(heads), *([visible("–" if word is None else word) for word in row] for row in rows)]
    widths = [max(columns_of(row[at]) for row in table) for at in range(len(heads))]
    while width is not None and (excess := _total(widths) - width) > 0:
        loose = [at for at in range(len(widths)) if heads[at] in elastic and widths[at] > _NARROWEST]
        if loose:
            at = max(loose, key=widths.__getitem__)
            widths[at] = max(_NARROWEST, widths[at] - excess)
        elif len(widths) > 1:
            widths.pop()
        else:
            break
    lines = [_GAP.join(_cell(row[at], widths[at]) for at in range(len(widths))).rstrip() for row in table]
    return Table("\n".join(lines) + "\n", tuple(heads[len(widths) :]))


def render_fields(fields: Sequence[tuple[str, str | None]]) -> str:
    """Return names and their values, one line each; fields without a value are left out."""
    known = [(name, value) for name, value in fields if value is not None]
    widest = max((len(name) for name, _ in known), default=0)
    return "".join(f"{name.ljust(widest)}  {visible(value)}\n" for name, value in known)


def cut(text: str, width: int) -> str:
    """Return a text cut to a width in columns, with dots if it was cut."""
    if columns_of(text) <= width:
        return text
    text = text[:width]
    while text and columns_of(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _cell(text: str, width: int) -> str:
    shown = cut(text, width)
    return shown + " " * (width - columns_of(shown))
