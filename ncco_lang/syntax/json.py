"""JSON text → a value with positions, and findings about the text.

`read_value` is the fast way for text that is plain JSON: no positions, None when anything is unusual. `parse_json` is
the patient way: it keeps a place for everything, goes on behind the usual slips (a trailing comma, a comment, quotes
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
    """The value of plain JSON text in a tuple of one, or None when `parse_json` has something to say about it."""
    if text.count("[") + text.count("{") > DEEPEST_DATA and _deep(text):
        return None
    try:
        value = _DECODER.decode(text)
    except (ValueError, UnusualError, RecursionError):
        return None
    return None if "\\u" in text and LONE.search(json.dumps(value, ensure_ascii=False)) else (value,)


def _deep(text: str) -> bool:
    """Whether brackets nest deeper than allowed, brackets inside texts counted too (so at times without need)."""
    depth = deepest = 0
    for match in re.finditer(r"[][{}]", text):
        depth += 1 if match[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > DEEPEST_DATA


def parse_json(source: Source) -> tuple[JsonNode | None, list[Diagnostic]]:
    """The tree of a JSON text and the findings about the text; the tree is None where it could not be read."""
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
    """Findings about a text that could not be read, without the fixes on the line where reading stopped.

    What was taken for a comma, a key or a comment there may stand inside a text whose quotes are wrong.
    """
    first = source.line_span(source.position(found[-1].span.start).line).start
    return [replace(each, fix=None) if each.fix and each.fix.edits[-1].span.end >= first else each for each in found]
