"""Words of other languages that begin loops and branches, and the `each` that the head of a loop means."""

from __future__ import annotations

import re
from typing import NamedTuple

LOOPS = frozenset({"for", "foreach", "loop"})
"""Words that mean `each`, where a list follows."""
BLOCKS = frozenset({"switch", "match", "select", "case", "try", "catch"})
"""Words whose blocks hold no statements of ours."""
HEADS = frozenset({*LOOPS, *BLOCKS, "while", "until", "unless", "when", "def", "function", "func", "fn", "sub"})
"""Words whose heads are no statements of ours."""

_HEAD = re.compile(
    r"(?P<verb>for|foreach|loop|each)[ \t]*(?P<bracket>\()?[ \t]*(?:each[ \t]+|let[ \t]+|const[ \t]+|var[ \t]+)?"
    r"(?:[a-z_]\w*[ \t]*,[ \t]*)?(?P<name>[a-z_]\w*)[ \t]*(?:\b(?:in|of)\b|:)[ \t]*"
    r"(?P<list>[^\s{:][^{\r\n]*?)[ \t]*(?=\{|:?[ \t]*$)"
)
_AS = re.compile(
    r"(?P<verb>for|foreach|loop|each)[ \t]*(?P<bracket>\()?[ \t]*(?P<list>[^\s{(][^{\r\n]*?)[ \t]+as[ \t]+\$?(?P<name>[a-z_]\w*)[ \t]*"
    r"\)?[ \t]*(?=\{|:?[ \t]*$)"
)
_RANGE = re.compile(
    r"(?P<low>[0-9]{1,4})[ \t]*\.\.\.?[ \t]*(?P<high>[0-9]{1,4})|range\((?:(?P<from>[0-9]{1,4})[ \t]*,[ \t]*)?(?P<to>[0-9]{1,4})\)"
)
_LONGEST_HEAD = 400
_MOST_ITEMS = 20
"""Items of a range that a fix writes out."""


class Loop(NamedTuple):
    """The head of a loop as it is written, without its brace, and the `each` that it means; `name` is where its name is."""

    written: str
    meant: str
    name: tuple[int, int]


def meant_each(head: str) -> Loop | None:
    """Return what a loop means.

    Args:
        head: its line, from the word of the loop on.

    Returns:
        None if it names no list, or nothing is wrong with it.
    """
    found = None if len(head) > _LONGEST_HEAD else _HEAD.match(head) or _AS.match(head)
    if found is None:
        return None
    values = found["list"].strip()
    if found["bracket"] and found.re is _HEAD:
        values = values.removesuffix(")").rstrip() if values.endswith(")") else ""
    values = _written_out(values)
    if not values or ";" in values:
        return None
    written, meant = found[0].rstrip(" \t:"), f"each {found['name']} in {values}"
    return None if written.split() == meant.split() else Loop(written, meant, found.span("name"))


def _written_out(values: str) -> str:
    """Return a list as an `each` takes it: the numbers of a short range one by one."""
    found = _RANGE.fullmatch(values)
    if found is None:
        return values
    first = int(found["low"] or found["from"] or 0)
    last = int(found["high"]) if found["high"] else int(found["to"]) - 1
    if not 0 <= last - first < _MOST_ITEMS:
        return ""
    return f"[{', '.join(map(str, range(first, last + 1)))}]"
