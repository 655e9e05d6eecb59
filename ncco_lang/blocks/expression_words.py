"""An expression in words, for a chart: what only a call knows is named, and what is too long to say is `…`."""

from __future__ import annotations

from typing import Any

from ncco_lang.bundle import Graph
from ncco_lang.values.constants import CONSTANTS, read_constant
from ncco_lang.values.data import UNDEFINED, text_of


def expression_words(graph: Graph, value: Any, *, quoted: bool = True) -> str:
    """Return an expression in words.

    Args:
        graph: has the names of slots.
        quoted: a text is in quotes; without them, what only a call knows is in braces.
    """
    if isinstance(value, str):
        return f"“{value}”" if quoted else value
    match value:
        case ["slot", int(slot)]:
            return f"{{{graph.names[slot].text}}}" if not quoted else graph.names[slot].text
        case ["-", ["call", "time"], _]:
            return "call.duration" if quoted else "{call.duration}"
        case ["call", str(field)]:
            return f"call.{field}" if quoted else f"{{call.{field}}}"
        case ["declared", str(name)]:
            return name if quoted else f"{{{name}}}"
        case ["now" | "language" as name]:
            return str(name) if quoted else f"{{{name}}}"
        case ["text", _, *parts]:
            said = "".join(part if isinstance(part, str) else _part(graph, part) for part in parts)
            return f"“{said}”" if quoted else said
        case ["member", of, str(key)]:
            inside = f"{expression_words(graph, of)}.{key}"
            return inside if quoted else f"{{{inside}}}"
        case ["duration", str(amount), str(unit)]:
            return f"{amount}{unit}"
        case [str(operator), *_] if operator not in CONSTANTS:
            return "…"
        case _:
            pass
    known = read_constant(value) if isinstance(value, list) else value
    return "…" if known is UNDEFINED or isinstance(known, list) else text_of(known) or "…"


def _part(graph: Graph, part: Any) -> str:
    return expression_words(graph, part[1], quoted=False) if isinstance(part, list) and len(part) > 1 else "…"
