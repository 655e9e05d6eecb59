"""Texts that are joined by a sign: `"Hello " + name`, as in programs."""

from __future__ import annotations

import re

from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.recovery.mistakes.mistake import Misfit, Mistake, word_before
from ncco_lang.syntax.skip_patterns import TEXT
from ncco_lang.syntax.syntax_rules import write

_PIECE = rf"(?:{TEXT}|[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*(?![ \t]*:))"
_SIGNS = {"+", ".", "&", "|"}
_TAIL = re.compile(rf"(?:[ \t]*(?:\+\+?|\.\.?|&|\|\|)[ \t]*{_PIECE})+")
_PIECES = re.compile(_PIECE)
_TEXT = re.compile(TEXT)


def find_joined_texts(at: Misfit) -> Mistake | None:
    """`talk "Hello " + name`: names are written inside a text."""
    if at.text[at.start : at.start + 1] not in _SIGNS or at.kind_before not in ("STRING", "NAME") or at.bracket.is_data:
        return None
    tail = _TAIL.match(at.text, at.before)
    start = _begin(at)
    if tail is None or start is None:
        return None
    span = Span(start, tail.end())
    pieces = _PIECES.findall(at.text, *span)
    if not any(piece[0] == '"' for piece in pieces):
        return None
    joined = "".join(piece[1:-1] if piece[0] == '"' else f"{{{piece}}}" for piece in pieces)
    written = f'"{joined}"'
    return at.mistake(
        Span(at.start, at.start + 1),
        said.JOINED_TEXTS,
        to=span.end,
        instead=written,
        fix=write(span, written, unsafe=True),
        quiet=span.end,
    )


def _begin(at: Misfit) -> int | None:
    """Return where the text or the name before the sign begins; None for the verb of a statement."""
    if at.kind_before == "NAME":
        start = at.before - len(word_before(at.text, at.before))
        return None if start == at.statement else start
    begin = at.text.rfind("\n", 0, at.before) + 1 if at.statement is None else at.statement
    return next((each.start() for each in _TEXT.finditer(at.text, begin, at.before) if each.end() == at.before), None)
