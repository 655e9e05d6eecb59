"""Parse JSON with positions and recovery.

`read_value` is the fast way for text that is plain JSON: no positions, None when anything is unusual. `parse_json` is
the patient way: it keeps a place for everything, reads past the usual mistakes (a trailing comma, a comment, quotes
of the wrong kind), and stops at the first thing it cannot guess. Neither raises on any text.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.json_nodes import LONE, JsonNode, UnusualError, finite


def _refuse_constant(name: str) -> Any:
    raise UnusualError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise UnusualError
    return entries


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=finite)


def read_value(text: str) -> tuple[Any] | None:
    """Return the value of plain JSON in a tuple of one; None if `parse_json` is needed."""
    if text.count("[") + text.count("{") > DEEPEST_DATA and _deep(text):
        return None
    try:
        value = _DECODER.decode(text)
    except (ValueError, UnusualError, RecursionError):
        return None
    return None if "\\u" in text and LONE.search(json.dumps(value, ensure_ascii=False)) else (value,)


def _deep(text: str) -> bool:
    """Return whether brackets may nest too deep; brackets inside texts count too."""
    depth = deepest = 0
    for match in re.finditer(r"[][{}]", text):
        depth += 1 if match[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > DEEPEST_DATA


def parse_json(source: Source) -> tuple[JsonNode | None, list[Diagnostic]]:
    """Return the tree of a JSON text and the findings about it; the tree is None if it could not be read."""
    # Here and not above: most texts are plain JSON and never need the patient parser.
    from ncco_lang.syntax.json_parser import Parser
    from ncco_lang.syntax.json_tokens import StopError

    parser = Parser(source)
    try:
        root = parser.document()
    except StopError:
        return None, _before_the_line(source, parser.found)
    parser.duplicates(root)
    return root, parser.found


def _before_the_line(source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings about a text that could not be read, without the fixes on the line where reading stopped.

    What looks like a comma, a key or a comment there may be inside a text whose quotes are wrong.
    """
    first = source.line_span(source.position(found[-1].span.start).line).start
    return [replace(each, fix=None) if each.fix and each.fix.edits[-1].span.end >= first else each for each in found]
