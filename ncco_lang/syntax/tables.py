"""`grammar/flow.tables.json` → what the driver runs on: one pattern for all tokens, rows of actions, rules.

`make grammar` writes that file from `grammar/flow.lark`; its shape is told in `grammar/make_tables.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from ncco_lang.resources import load_json_resource

END = "$END"
ELSE = "_ELSE"
END_OF_TEXT = "_END"


class Rule(NamedTuple):
    """One rule of the grammar, as the driver needs it.

    Attributes:
        origin: what it makes, for the row that says where to go on.
        size: how many symbols it takes.
        builder: who builds it; None where its one child stands for it, "" for a list that its parent pours out.
        kept: which symbols are children, by their index; -1 - index for a list to be poured in.
        plain: all symbols are children, and none is a list.
    """

    origin: str
    size: int
    builder: str | None
    kept: tuple[int, ...]
    plain: bool


class Tables(NamedTuple):
    """Everything the driver runs on.

    Attributes:
        rows: for each state, symbol → the next state, or -1 - rule to reduce by.
        rules: by number.
        starts: start symbol → (first state, last state).
        token: matches blanks and one token; its group is the token's kind. At the end of the text it is `_END`.
        otherwise: the pattern of `else`, which takes the line ends before it: it is tried first where it may stand.
        terminals: kind and pattern in the order in which they are tried, to compile one by one.
        keywords: word → kind, where the grammar can use that kind; a `NAME` anywhere else.
        ignored: kinds that the grammar never sees.
        chains: what the driver has found out about rows of rules, for all runs of a process; bounded by the tables.
    """

    rows: Sequence[Mapping[str, int]]
    rules: Sequence[Rule]
    starts: Mapping[str, tuple[int, int]]
    token: re.Pattern[str]
    otherwise: re.Pattern[str]
    terminals: Sequence[tuple[str, str]]
    keywords: Mapping[str, str]
    ignored: frozenset[str]
    chains: dict[tuple[int, int, str], int]


@cache
def load_tables() -> Tables:
    """The tables, read once a process."""
    data = load_json_resource("grammar/flow.tables.json")
    patterns: dict[str, str] = dict(data["terminals"])
    otherwise = patterns.pop(ELSE)
    groups = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in patterns.items())
    return Tables(
        rows=data["states"],
        rules=[
            Rule(origin, size, builder, tuple(kept), kept == list(range(size)))
            for origin, builder, size, kept in data["rules"]
        ],
        starts={name: (first, last) for name, (first, last) in data["starts"].items()},
        token=re.compile(rf"[ \t]*(?:{groups}|(?P<{END_OF_TEXT}>\Z))"),
        otherwise=re.compile(otherwise),
        terminals=tuple(patterns.items()),
        keywords=data["keywords"],
        ignored=frozenset(data["ignored"]),
        chains={},
    )


@cache
def terminal(pattern: str) -> re.Pattern[str]:
    """One terminal's own pattern, for the rare place where the first that matches has no place."""
    return re.compile(pattern)
