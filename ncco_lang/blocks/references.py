"""Find what the expressions of a graph refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from ncco_lang.values.expressions import references


def references_in(part: Any) -> Iterator[list[Any]]:
    """Yield each reference in the expressions of a part of a graph: `["slot", 3]`, `["call", "from"]`."""
    waiting = [part]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            yield from references(each)
        elif isinstance(each, tuple):
            waiting += each
        elif is_dataclass(each) and not isinstance(each, type):
            waiting += (getattr(each, one.name) for one in fields(each))
