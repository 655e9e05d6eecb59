"""Write the shape of a tree as text."""

from __future__ import annotations

from typing import Any

from ncco_lang.syntax.ast.nodes import Node
from ncco_lang.syntax.ast.values import Constant

_HIDDEN = frozenset({"span", "written", "comments"})


def dump(node: Node) -> str:
    """Return the shape of a tree as text, one node a line, without spans, comments and spelling."""
    return "\n".join(_lines(node, "", "")) + "\n"


def _lines(node: Any, label: str, indent: str) -> list[str]:
    plain: list[str] = []
    below: list[str] = []
    for name in node.__slots__:
        if name in _HIDDEN:
            continue
        value = getattr(node, name)
        if isinstance(value, Node):
            below += _lines(value, f"{name}: ", indent + "  ")
        elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
            for item in value:
                below += _lines(item, f"{name}: " if len(_tuples(node)) > 1 else "", indent + "  ")
        elif value not in (None, (), False) or isinstance(node, Constant):
            plain.append(f" {value!r}" if name in _OWN else f" {name}={value!r}")
    return [f"{indent}{label}{type(node).__name__}{''.join(plain)}", *below]


_OWN = frozenset({"text", "value", "amount", "unit"})


def _tuples(node: Any) -> list[str]:
    """Return the attributes of a node that hold nodes in a tuple."""
    values = ((name, getattr(node, name)) for name in node.__slots__ if name not in _HIDDEN)
    return [name for name, value in values if isinstance(value, tuple) and value and isinstance(value[0], Node)]
