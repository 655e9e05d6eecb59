"""Map places in a JSON value to spans of its text, and changes of the value to edits of the text.

Only what a change names is written anew; every other byte stays. Objects and lists keep their own style: new entries
copy the separator and the colon of their neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ncco_lang.diagnostics import (
    Change,
    Edit,
    Fix,
    Insert,
    Kept,
    Path,
    Place,
    Remove,
    Rename,
    Repair,
    Replace,
    ReplaceEntry,
    ReplaceInside,
)
from ncco_lang.source import Span
from ncco_lang.syntax.json_nodes import JsonNode, raw_offsets


def find_node(root: JsonNode, path: Path) -> tuple[Span | None, JsonNode] | None:
    """Return the node at a path with the span of its key; None if the text has no such place."""
    found: tuple[Span | None, JsonNode] | None = (None, root)
    for step in path:
        found = found[1].child(step) if found is not None else None
    return found


def locate(root: JsonNode, text: str, place: Place) -> Span:
    """Return the span of a place; of the nearest node around it if the text does not have it."""
    path = place.path
    found = find_node(root, path)
    while found is None:
        path = path[:-1]
        found = find_node(root, path)
    key, node = found
    if place.part == "key" and key is not None:
        return key
    if place.part == "inside" and text[node.start] == '"':
        start, end = raw_offsets(text[node.start : node.end], place.start, place.end)
        return Span(node.start + start, node.start + end)
    return Span(node.start, node.end)


def touches_broken(root: JsonNode, path: Path) -> bool:
    """Return whether a path leads to or through a value that could not be read and has its own finding already."""
    node = root
    for step in path:
        found = node.child(step)
        if found is None:
            return False
        node = found[1]
        if node.broken:
            return True
    return node.broken


def to_fix(root: JsonNode, text: str, repair: Repair, title: str) -> Fix | None:
    """Return a repair of the value as a fix of the text; None if the text cannot be changed that way."""
    edits: list[Edit] = []
    containers: dict[Path, list[Change]] = {}
    for change in repair.changes:
        match change:
            case Remove(path):
                containers.setdefault(path[:-1], []).append(change)
            case Insert(path):
                containers.setdefault(path, []).append(change)
            case _:
                edit = _simple_edit(root, text, change)
                if edit is None:
                    return None
                edits.append(edit)
    for path, changes in containers.items():
        found = find_node(root, path)
        if found is None or (found[1].members is None and found[1].items is None):
            return None
        edits += _container_edits(root, found[1], text, changes)
    edits.sort(key=lambda edit: edit.span)
    if not edits:
        return None
    return Fix(title, tuple(edits), repair.unsafe)


def _simple_edit(root: JsonNode, text: str, change: Change) -> Edit | None:
    found = find_node(root, change.path)
    if found is None:
        return None
    key, node = found
    match change:
        case Replace(_, value):
            return Edit(Span(node.start, node.end), _written(root, text, value))
        case Rename(_, name):
            return None if key is None else Edit(key, json.dumps(name))
        case ReplaceEntry(path, entries):
            holder = find_node(root, path[:-1])
            if key is None or holder is None:
                return None
            separator, colon = _style(holder[1], text, _entry_spans(holder[1]))
            return Edit(Span(key.start, node.end), separator.join(_entries(root, text, entries, colon)))
        case ReplaceInside(path, start, end, new):
            if text[node.start] != '"':
                return None
            span = locate(root, text, Place(path, "inside", start, end))
            if start == end:
                at = node.start + 1 if start == 0 else node.end - 1
                span = Span(at, at)
            return Edit(span, json.dumps(new, ensure_ascii=False)[1:-1])
        case _:
            return None


def _written(root: JsonNode, text: str, value: Any, colon: str = ": ") -> str:
    """Return a new value as JSON on one line; a `Kept` value is copied from the text."""
    if isinstance(value, Kept):
        found = find_node(root, value.path)
        return "null" if found is None else text[found[1].start : found[1].end]
    if isinstance(value, dict):
        inner = (f"{json.dumps(key)}{colon}{_written(root, text, item, colon)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(root, text, item, colon) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _entries(root: JsonNode, text: str, entries: Iterable[tuple[str, Any]], colon: str) -> list[str]:
    """Return new entries of an object as JSON."""
    return [f"{json.dumps(key)}{colon}{_written(root, text, value, colon)}" for key, value in entries]


def _container_edits(root: JsonNode, node: JsonNode, text: str, changes: list[Change]) -> list[Edit]:
    """Remove and add entries of one object or list, and keep the commas between the others right."""
    spans = _entry_spans(node)
    gone = {_index(node, change.path[-1]) for change in changes if isinstance(change, Remove)}
    added = [entry for change in changes if isinstance(change, Insert) for entry in change.entries]
    separator, colon = _style(node, text, spans)
    new = _entries(root, text, added, colon)
    left = [index for index in range(len(spans)) if index not in gone]
    if not left:
        if not spans:
            return (
                [Edit(Span(node.start + 1, node.start + 1), separator.removeprefix(",").join(["", *new]).strip(" "))]
                if new
                else []
            )
        return [Edit(Span(spans[0].start, spans[-1].end), separator.join(new))]
    last = left[-1]
    edits = [Edit(Span(spans[index].start, spans[index + 1].start), "") for index in sorted(gone) if index < last]
    tail = "".join(separator + entry for entry in new)
    end = spans[-1].end if last < len(spans) - 1 else spans[last].end
    if tail or end > spans[last].end:
        edits.append(Edit(Span(spans[last].end, end), tail))
    return edits


def _entry_spans(node: JsonNode) -> list[Span]:
    """Return the spans of the entries, keys included."""
    if node.members is not None:
        return [Span(key.start, member.end) for _, key, member in node.members]
    return [Span(item.start, item.end) for item in node.items or ()]


def _index(node: JsonNode, step: str | int) -> int:
    if isinstance(step, int):
        return step
    return next(index for index, (key, _, _) in reversed(list(enumerate(node.members or ()))) if key == step)


def _style(node: JsonNode, text: str, spans: list[Span]) -> tuple[str, str]:
    """Return the separator between entries, and between a key and its value, as the author writes them."""
    separator, colon = ", ", ": "
    if len(spans) > 1:
        separator = text[spans[-2].end : spans[-1].start]
    elif spans:
        before = text[node.start + 1 : spans[0].start]
        separator = "," + before if "\n" in before and not before.strip() else ", "
    if separator.strip() != ",":
        separator = ", "
    if node.members:
        _, key, member = node.members[-1]
        between = text[key.end : member.start]
        colon = between if between.strip() == ":" and "\n" not in between else ": "
    return separator, colon
