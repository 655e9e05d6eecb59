"""Walk a tree in the order of the text, without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ncco_lang.syntax.ast.nodes import Node


def nodes(root: Node) -> Iterator[Node]:
    """Yield a node and everything in it."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def children(node: Node) -> list[Node]:
    """Return the direct children of a node, in the order of its slots."""
    found: list[Node] = []
    for name in type(node).__slots__:
        value: Any = getattr(node, name)
        if type(value) is tuple:
            found += [part for part in value if isinstance(part, Node)]
        elif isinstance(value, Node):
            found.append(value)
    return found
