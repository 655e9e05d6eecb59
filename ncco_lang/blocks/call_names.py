"""Keep what a flow reads of the call and no later webhook has: it becomes a name.

What the answer webhook says is set when the call begins, so a token carries it only as long as the flow reads it. What the
platform reports later (`REPORTED`) is set from the facts of the leg at every event, so no token carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from ncco_lang.blocks.references import references_in
from ncco_lang.bundle import ANSWERED_BY, BEGUN, KEYS, STATUS, Expression, Graph, Name
from ncco_lang.values.compiling import REFERENCES

_KEPT: Final[Mapping[str, tuple[str, str]]] = {
    "user": ("call.user", "text"),
    "sip": ("call.sip", "table"),
    "duration": (BEGUN, "number"),
    "answered_by": (ANSWERED_BY, "text"),
    "status": (STATUS, "text"),
    "keys": (KEYS, "text"),
}
"""Values of the call by their fields: the name that keeps each, or what it is computed from, and the type of the name."""


def with_call_names(graph: Graph) -> Graph:
    """Return a graph that reads names in place of what only one webhook says; the same graph if it reads none."""
    names = list(graph.names)
    kept: dict[str, Expression] = {}

    def of_call(field: str) -> Expression:
        if field not in kept:
            slot: Expression = ["slot", len(names)]
            text, type = _KEPT[field]
            names.append(Name(text, type, "call"))
            kept[field] = ["-", ["call", "time"], slot] if text == BEGUN else slot
        return kept[field]

    def moved(part: Any) -> Any:
        if isinstance(part, list):
            if part[:1] == ["call"] and part[1] in _KEPT:
                return of_call(part[1])
            return part if part and part[0] in REFERENCES else [moved(each) for each in part]
        if isinstance(part, tuple):
            return tuple([moved(each) for each in part])
        if is_dataclass(part) and not isinstance(part, type):
            return replace(part, **{each.name: moved(getattr(part, each.name)) for each in fields(part)})
        return part

    read = references_in((graph.blocks, graph.questions))
    if not any(each[0] == "call" and each[1] in _KEPT for each in read):
        return graph
    blocks, questions = moved(graph.blocks), moved(graph.questions)
    return replace(graph, blocks=blocks, questions=questions, names=tuple(names))
