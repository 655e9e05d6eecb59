"""Split a flow into tokens without its grammar, however broken it is.

The patterns are those of `grammar/flow.lark`; only the tree knows what a word means. An unclosed quote takes the rest
of its line, and an unclosed triple quote the rest of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ncco_lang.syntax.lark_parser import load_parser
from ncco_lang.syntax.lexicon import END, END_OF_TEXT
from ncco_lang.syntax.skip_patterns import COMMENT, VALUE


class Lexeme(NamedTuple):
    """A terminal of the grammar, `COMMENT`, or a part of a text: spoken `TEXT`, `ESCAPE`, a value's `OPEN` and `CLOSE`."""

    kind: str
    start: int
    end: int


_COMMENT = re.compile(COMMENT)
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_PART = re.compile(
    r"""(?P<ESCAPE>\\u[0-9a-fA-F]{4} | \\. | \{\{ | \}\})
      | (?P<VALUE>"""
    + VALUE
    + r""")
      | (?P<BREAK>[\r\n]+[ \t]*)
      | (?P<TEXT>(?:[^\\{}\r\n]|[\\{}](?![\\{}]))+?(?=[\\{}\r\n]|\Z) | .)""",
    re.VERBOSE,
)
_MARK = re.compile(r"[\\{}\r\n]")
_TEXTS = frozenset({"STRING", "LONGSTRING"})


def lexemes(text: str, begin: int, end: int) -> Iterator[Lexeme]:
    """Yield the lexemes of a stretch that begins at a token boundary, in order, without overlap and without blanks."""
    for found in _raw(text, begin, end):
        if found.kind in _TEXTS:
            yield from _parts(text, found)
        else:
            yield found


def _raw(text: str, begin: int, end: int) -> Iterator[Lexeme]:
    """Yield the tokens of a part of the text, each text as a whole."""
    lexicon = load_parser().lexicon
    at = begin
    while at < end:
        match = lexicon.token.match(text, at, end)
        kind = END if match is None else match.lastgroup or END
        if match is None:
            while text[at] in " \t":
                at += 1
            match = _REST_OF_LINE.match(text, at, end)
            if text[at] == '"' and match is not None:
                stop = end if text.startswith('"""', at) else match.end()
                yield Lexeme("STRING", at, stop)
                at = stop
            else:
                at += 1
            continue
        start, at = match.span(kind)
        if kind == END_OF_TEXT:
            return
        if kind == "_NL" or kind in lexicon.ignored:
            if kind == "_NL":
                yield Lexeme(kind, start, start)
            comments = _COMMENT.finditer(text, start, at)
            yield from (Lexeme("COMMENT", *comment.span()) for comment in comments)
        else:
            yield Lexeme(kind, start, at)


def _parts(text: str, whole: Lexeme) -> Iterator[Lexeme]:
    """Yield a text in parts, none across a line end."""
    if _MARK.search(text, whole.start, whole.end) is None:
        yield Lexeme("TEXT", whole.start, whole.end)
        return
    begin = at = whole.start
    for match in _PART.finditer(text, whole.start, whole.end):
        kind = match.lastgroup or "TEXT"
        if kind == "TEXT":
            at = match.end()
            continue
        if at > begin:
            yield Lexeme("TEXT", begin, at)
        begin = at = match.end()
        if kind == "VALUE":
            yield Lexeme("OPEN", match.start(), match.start() + 1)
            for inner in _raw(text, match.start() + 1, match.end() - 1):
                yield Lexeme("TEXT", *inner[1:]) if inner.kind in _TEXTS else inner
            yield Lexeme("CLOSE", match.end() - 1, match.end())
        elif kind == "ESCAPE":
            yield Lexeme(kind, *match.span())
    if at > begin:
        yield Lexeme("TEXT", begin, at)
