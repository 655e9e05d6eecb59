"""Digest the steps of a flow that branches, so that a plan can tell which of them change."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from ncco_lang.bundle import Block, Bundle, Graph, Question, Step

_DIGITS = 8
_SLOT = re.compile(r'\["slot", (\d+)\]')


def step_digests(bundle: Bundle) -> dict[str, str]:
    """Return 8 hex digits for each step by its name. The digest of a step does not depend on the other steps."""
    graph = bundle.graph
    parts: dict[str, list[Any]] = {}
    for step in graph.steps:
        parts.setdefault(step.name, []).append(_named(step, Step, graph))
    for block in graph.blocks:
        parts.setdefault(step_of(block.name), []).append(_named(block, Block, graph))
    for question in graph.questions:
        name = step_of(graph.blocks[question.listen].name)
        parts.setdefault(name, []).append(_named(question, Question, graph))
    return {name: _digest(each) for name, each in sorted(parts.items())}


def step_of(block: str) -> str:
    """Return the name of the step of a block, whose name is that of its step and a number."""
    return block.rpartition(".")[0] or block


def _digest(parts: list[Any]) -> str:
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_DIGITS]


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _named(value: Any, hint: Any, graph: Graph) -> Any:
    """Return a part of a graph as JSON, with names in place of indexes, which depend on other steps."""
    if value is None:
        return None
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _name(graph, arguments[1], value)
    if is_dataclass(value):
        kind: Any = type(value)
        parts = {each.name: _named(getattr(value, each.name), _hints(kind)[each.name], graph) for each in fields(value)}
        return {"is": kind.__name__, **parts}
    if origin in (Union, UnionType):
        within: Any = next((each for each in arguments if get_origin(each) in (Annotated, tuple)), Any)
        return _named(value, within, graph)
    if isinstance(value, tuple):
        items = [arguments[0]] * len(value) if arguments[1:] == (...,) else list(arguments)
        return [_named(each, item, graph) for each, item in zip(value, items, strict=True)]
    # An expression, in which slots are indexes.
    return _SLOT.sub(lambda found: f"<{graph.names[int(found[1])].text}>", json.dumps(value))


def _name(graph: Graph, table: str, index: int) -> str:
    if table == "questions":
        return graph.blocks[graph.questions[index].listen].name
    if table == "blocks":
        return graph.blocks[index].name
    return graph.steps[index].name if table == "steps" else graph.names[index].text
