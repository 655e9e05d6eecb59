"""Make what the driver lexes with from the terminals of the grammar: one pattern for all tokens, and the keywords."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

END = "$END"
ELSE = "_ELSE"
END_OF_TEXT = "_END"
STRAY = "STRAY"
"""The kind of a character with which no token begins."""


class Terminal(NamedTuple):
    """One terminal of the grammar.

    Attributes:
        pattern: its regular expression.
        word: its keyword; None for a pattern or a sign.
    """

    kind: str
    pattern: str
    word: str | None


class Lexicon(NamedTuple):
    """The patterns and keywords of all tokens.

    Attributes:
        token: matches blanks and one token; its group is the token's kind. At the end of the text it is `_END`.
        otherwise: the pattern of `else`, which takes the line ends before it: it is tried first where the grammar
            can use it.
        terminals: kind and pattern in the order in which they are tried, to compile one by one.
        keywords: word → kind, where the grammar can use that kind; a `NAME` anywhere else.
        ignored: kinds that the grammar never sees.
    """

    token: re.Pattern[str]
    otherwise: re.Pattern[str]
    terminals: Sequence[tuple[str, str]]
    keywords: Mapping[str, str]
    ignored: frozenset[str]


def make_lexicon(terminals: Sequence[Terminal], ignored: Iterable[str]) -> Lexicon:
    """Join terminals, in the order in which to try them, into a lexicon."""
    patterns = {each.kind: each.pattern for each in terminals if each.word is None}
    otherwise = patterns.pop(ELSE)
    groups = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in patterns.items())
    return Lexicon(
        token=re.compile(rf"[ \t]*(?:{groups}|(?P<{END_OF_TEXT}>\Z))"),
        otherwise=re.compile(otherwise),
        terminals=tuple(patterns.items()),
        keywords={each.word: each.kind for each in terminals if each.word is not None},
        ignored=frozenset(ignored),
    )


@cache
def compile_terminal(pattern: str) -> re.Pattern[str]:
    """Compile one terminal's own pattern, for the rare place where the first token that matches does not fit."""
    return re.compile(pattern)
