"""Outline data: the actions of an NCCO, the tables and keys of an `ncco.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.diagnostics import Path
from ncco_lang.editor.types import Symbol
from ncco_lang.project.toml_places import find_places
from ncco_lang.source import Source, Span
from ncco_lang.syntax.json import parse_json
from ncco_lang.syntax.json_nodes import JsonNode

_LONGEST = 60
_WIDEST = 100
"""The greatest number of blanks looked through before a table's header."""
_HEADER = re.compile(r"(?:^|[\r\n])[ \t]*(\[\[?[ \t]*)\Z")


def json_symbols(source: Source) -> list[Symbol]:
    """Return a symbol for each action, with its options as children; empty if the text cannot be parsed."""
    root, _ = parse_json(source)
    if root is None:
        return []
    if root.members is not None:
        return list(_members(source, root))
    return [symbol for number, item in enumerate(root.items or ()) for symbol in _action(source, item, number)]


def _action(source: Source, node: JsonNode, number: int) -> Iterator[Symbol]:
    if node.members is None:
        return
    word = node.child("action")
    named = word is not None and isinstance(word[1].value, str)
    place = word[1] if word is not None and named else node
    name = str(place.value)[:_LONGEST] if named else ""
    span = Span(node.start, node.end)
    name_span = Span(place.start, place.end) if named else Span(node.start, node.start + 1)
    yield Symbol(
        name.strip() or f"action {number + 1}", "", "statement", span, name_span, tuple(_members(source, node))
    )


def _members(source: Source, node: JsonNode) -> Iterator[Symbol]:
    for key, span, member in node.members or ():
        whole = Span(span.start, max(span.end, member.end))
        detail = source.text[member.start : min(member.end, member.start + _LONGEST)]
        if member.items is not None or member.members is not None:
            detail = ""
        children: list[Symbol] = list(_members(source, member)) if member.members is not None else []
        for number, item in enumerate(member.items or ()):
            children += _action(source, item, number)
        yield Symbol(key.strip()[:_LONGEST] or "…", detail, "key", whole, span, tuple(children))


def toml_symbols(source: Source) -> list[Symbol]:
    """Return a symbol for each table, with its keys, and for each key above all tables."""
    text = source.text
    # Of keys that begin at the same offset (`a` and `a.b`), keep the longest.
    places = {
        span.start: (span, path) for span, path in sorted((span, path) for path, span in find_places(text).items())
    }
    symbols: list[Symbol] = []
    inside: list[Symbol] = []
    known: set[Path] = set()
    header: tuple[Span, int] | None = None
    for span, path in places.values():
        start = _header_start(text, span)
        if start is None:
            # A key inside a value belongs to the key of that value.
            if not any(path[:length] in known for length in range(1, len(path))):
                known.add(path)
                inside.append(_key(source, span))
            continue
        symbols += inside if header is None else [_table(text, *header, start, inside)]
        inside, known, header = [], set(), (span, start)
    symbols += inside if header is None else [_table(text, *header, len(text), inside)]
    return symbols


def _header_start(text: str, span: Span) -> int | None:
    """Return where the brackets of a table's header begin; None for a key outside a header."""
    found = _HEADER.search(text[max(0, span.start - _WIDEST) : span.start])
    return None if found is None else span.start - len(found[1])


def _table(text: str, span: Span, start: int, end: int, inside: list[Symbol]) -> Symbol:
    end = start + len(text[start:end].rstrip())
    name = text[span.start : span.end][:_LONGEST]
    end = max(end, span.end, *(each.span.end for each in inside))
    return Symbol(name.strip() or "…", "", "key", Span(start, end), span, tuple(inside))


def _key(source: Source, span: Span) -> Symbol:
    end = max(span.end, source.line_span(source.position(span.start).line).end)
    return Symbol(source.text[span.start : span.end].strip()[:_LONGEST] or "…", "", "key", Span(span.start, end), span)
