"""Validate a finished NCCO with `jsonschema`; the only module that imports it.

The schema of each kind of action is prepared once: references are filled in, annotations left out, and of the branches
that `action` and an endpoint's `type` choose, only the chosen one is kept. The verdict is the same, in a sixth of the
time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from jsonschema import Draft202012Validator

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.ncco_schema import action_names, definition, merged, ncco_validator
from ncco_lang.vocabulary.schema_validator import ANNOTATIONS, dispatch_table

# Keywords whose value is one schema.
_ONE = frozenset({"additionalProperties", "contains", "else", "if", "items", "not", "then"})
_Rules: TypeAlias = tuple[tuple[frozenset[str], Draft202012Validator], ...]


class Refusal(NamedTuple):
    """A value that `jsonschema` refuses: its path in the NCCO, and the keyword that it breaks."""

    path: Path
    keyword: str
    value: Any


def refused(ncco: list[dict[str, Any]], exempt: Collection[int] = ()) -> Refusal | None:
    """Return the first value of an NCCO that `jsonschema` refuses; None for a valid NCCO.

    Args:
        ncco: the actions.
        exempt: indexes of the actions that are not validated, because `raw` wrote them.
    """
    found = next(_whole().iter_errors(ncco), None)
    if found is not None:
        return Refusal((), str(found.validator), found.instance)
    for index, action in enumerate(ncco):
        for needed, validator in () if index in exempt else _rules_of(action):
            # Options that an action does not have cannot exclude each other.
            if not needed or needed <= action.keys():
                found = next(validator.iter_errors(action), None)
                if found is not None:
                    return Refusal((index, *found.absolute_path), str(found.validator), found.instance)
    return None


def _rules_of(action: Any) -> _Rules:
    """Return the rules for an action's kind, and for its endpoints if all have the same type."""
    kind = action.get("action") if isinstance(action, dict) else None
    if not isinstance(kind, str) or kind not in _kinds():
        return _prepared(None, None)
    endpoints = action.get("endpoint")
    if not isinstance(endpoints, list):
        return _prepared(kind, None)
    types = {_type(each) for each in endpoints}
    return _prepared(kind, types.pop() if len(types) == 1 else None)


def _type(endpoint: Any) -> str | None:
    found = endpoint.get("type") if isinstance(endpoint, dict) else None
    return found if isinstance(found, str) else None


@cache
def _kinds() -> frozenset[str]:
    return frozenset(action_names())


@cache
def _whole() -> Draft202012Validator:
    """Return the validator of the document without its actions."""
    plain = _plain(ncco_validator().document, {})
    return Draft202012Validator({key: part for key, part in plain.items() if key != "items"})


@cache
def _prepared(kind: str | None, endpoint: str | None) -> _Rules:
    """Return the validator of a kind, and those of its combinations of options, each with the options it needs."""
    plain = _plain(definition("action"), {"action": kind, "type": endpoint})
    alone = {key: part for key, part in plain.items() if key != "allOf"}
    rules = [(frozenset[str](), Draft202012Validator(alone))]
    for branch in plain.get("allOf", ()):
        needed = () if "else" in branch else branch.get("if", {}).get("required", ())
        rules.append((frozenset(needed), Draft202012Validator({"allOf": [branch]})))
    return tuple(rules)


def _plain(schema: Any, chosen: Mapping[str, str | None]) -> Any:
    """Return a schema without references and annotations; of a schema with branches, the chosen branch.

    A branch repeats what its parent requires, and the key that chose it is already checked.
    """
    if isinstance(schema, bool):
        return schema
    schema = merged(schema)
    table = dispatch_table(schema.get("allOf", ()))
    if table is not None and (branch := table[1].get(chosen.get(table[0]) or "")) is not None:
        plain = _plain(branch, chosen)
        return {**plain, "properties": {**plain["properties"], table[0]: True}}
    return {
        keyword: _part(keyword, value, chosen)
        for keyword, value in schema.items()
        if keyword not in ANNOTATIONS and not keyword.startswith("x-")
    }


def _part(keyword: str, value: Any, chosen: Mapping[str, str | None]) -> Any:
    if keyword in _ONE:
        return _plain(value, chosen)
    if keyword == "properties":
        return {key: _plain(part, chosen) for key, part in value.items()}
    return [_plain(branch, chosen) for branch in value] if keyword == "allOf" else value
