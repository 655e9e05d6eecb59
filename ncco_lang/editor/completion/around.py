"""What is written around a position, by its tokens: before it in its entry, and after it on its line."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.editor.lexical import Lexeme, lexemes
from ncco_lang.editor.marker import Spot
from ncco_lang.source import LINE_END
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.raw_options import RAW

_BEFORE_OBJECTS = frozenset({":", ",", "[", "(", "=", RAW})


def kinds_before(text: str, spot: Spot, entry: ast.Node) -> set[str]:
    """Return the kinds of the tokens of an entry before a position."""
    return {each.kind for each in _lexemes_before(text, spot, entry)}


def rest_of_line(text: str, spot: Spot) -> str:
    """Return what is after a position on its line."""
    end = LINE_END.search(text, spot.word.end)
    return text[spot.word.end : len(text) if end is None else end.start()]


def is_in_object(text: str, spot: Spot, entry: ast.Node) -> bool:
    """Return whether a position is in a JSON object of an entry, and in none of its values."""
    if any(isinstance(each, ast.Pair) for each in spot.path):
        return False
    opened: list[str] = []
    before = ""
    for each in _lexemes_before(text, spot, entry):
        sign = text[each.start : each.end]
        if sign in ("{", "[", "("):
            opened.append(before if sign == "{" else "")
        elif sign in ("}", "]", ")") and opened:
            opened.pop()
        before = sign
    return bool(opened) and opened[-1] in _BEFORE_OBJECTS


def _lexemes_before(text: str, spot: Spot, entry: ast.Node) -> Iterator[Lexeme]:
    # The path has places of its own, but an entry is as long there as in the text.
    return lexemes(text, spot.word.start - (spot.path[-1].span.start - entry.span.start), spot.word.start)
