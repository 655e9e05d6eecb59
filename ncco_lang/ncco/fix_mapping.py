"""Turn a repair of the NCCO into a fix of the flow, if what it changes is a literal there."""

from __future__ import annotations

import json
from typing import Any

from ncco_lang.diagnostics import Edit, Fix, Place, Repair, Replace, ReplaceInside
from ncco_lang.ncco.emit import SourceMap
from ncco_lang.source import Source, Span


def to_fix(source: Source, source_map: SourceMap, repair: Repair, title: str) -> Fix | None:
    """Return the fix of the text for a repair; None if it does more than change values in place."""
    edits = []
    for change in repair.changes:
        match change:
            case Replace(path, value):
                edit = _replace(source, source_map.locate(Place(path)), value)
            case ReplaceInside(path, start, end, text):
                edit = _inside(source, source_map.locate(Place(path, "inside", start, end)), end - start, text)
            case _:
                edit = None
        if edit is None:
            return None
        edits.append(edit)
    return Fix(title, tuple(sorted(edits, key=lambda edit: edit.span)), repair.unsafe)


def _replace(source: Source, span: Span, value: Any) -> Edit | None:
    written = source.text[span.start : span.end]
    if isinstance(value, str) and written.startswith('"') and not written.startswith('"""'):
        return Edit(span, _text(value))
    # A tag or a word stays one; a name that refers to the value is not replaced.
    is_word = isinstance(value, str) and not written.startswith('"') and " " not in value + written
    if is_word and ("-" in written or written.replace("_", "-").lower() == value.lower()):
        return Edit(span, value)
    if isinstance(value, bool) and written in ("true", "false"):
        return Edit(span, "true" if value else "false")
    return None


def _inside(source: Source, span: Span, length: int, text: str) -> Edit | None:
    """Return an edit of characters inside a text; None if they come from an interpolation or from the base URL."""
    is_there = span.end - span.start == length and "{" not in source.text[span.start : span.end]
    return Edit(span, _text(text)[1:-1]) if is_there else None


def _text(value: str) -> str:
    """Return a text as the language writes it."""
    return json.dumps(value, ensure_ascii=False).replace("{", "{{").replace("}", "}}")
