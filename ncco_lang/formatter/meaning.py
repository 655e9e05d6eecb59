"""Check that formatting keeps the tree of a file, and what its suppression comments cover.

The formatted text is parsed again and compared with the original.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from ncco_lang.formatter.statements import count_last_options
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.allows import read_allows


def shape(file: ast.File) -> str:
    """Return the shape of a file, which is the same whether the last options are in the block or not."""
    return ast.dump(_with_blocks(file))


def moved_allows(before: ast.File, source: Source, after: ast.File, formatted: Source) -> set[int]:
    """Return the declarations, by index, for which a suppression comment covers other nodes after formatting.

    Args:
        before: the tree of `source`.
        source: the text as its author wrote it.
        after: the tree of `formatted`, of the same shape.
        formatted: the text after formatting.
    """
    if "ncco:" not in source.text:
        return set()
    ones, others = _covered(before, source), _covered(after, formatted)
    if len(ones) != len(others):
        return set(range(len(before.declarations)))
    wrong: set[tuple[int, int]] = set()
    for one, other in zip(ones, others, strict=True):
        if one != other:
            wrong.update(one, other)
    return {declaration for declaration, _ in wrong}


def _covered(file: ast.File, source: Source) -> list[tuple[tuple[int, int], ...]]:
    """Return for each rule that a comment allows the nodes that begin on its lines: declaration, and number in it."""
    found = []
    for index, declaration in enumerate(file.declarations):
        for number, node in enumerate(_nodes(_with_blocks(declaration))):
            if not isinstance(node, ast.Block):
                found.append((source.position(node.span.start).line, (index, number)))
    found.sort()
    lines = [line for line, _ in found]
    by_range: dict[range, tuple[tuple[int, int], ...]] = {}
    allows = read_allows(file, source)
    for about in {allow.lines for allow in allows}:
        inside = found[bisect_left(lines, about.start) : bisect_left(lines, about.stop)]
        by_range[about] = tuple(sorted(place for _, place in inside))
    return [by_range[allow.lines] for allow in allows]


def _nodes(node: Any) -> Iterator[ast.Node]:
    """Yield a node and everything below it, in the order of its attributes."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        for name in reversed(node.__slots__):
            value = getattr(node, name)
            parts = value if type(value) is tuple else (value,)
            waiting += [part for part in reversed(parts) if isinstance(part, ast.Node)]


def _with_blocks(node: Any) -> Any:
    """Return a tree in which the last options of each statement are the first entries of its block."""
    copy = object.__new__(type(node))
    copy.span = node.span
    for name in type(node).__slots__:
        value = getattr(node, name)
        if isinstance(value, ast.Node):
            value = _with_blocks(value)
        elif type(value) is tuple:
            value = tuple([_with_blocks(item) if isinstance(item, ast.Node) else item for item in value])
        setattr(copy, name, value)
    if isinstance(node, ast.Command) and (count := count_last_options(node)):
        first = len(node.options) - count
        entries = copy.block.entries if copy.block is not None else ()
        copy.block = ast.Block(node.span, (*copy.options[first:], *entries))
        copy.options = copy.options[:first]
    return copy
