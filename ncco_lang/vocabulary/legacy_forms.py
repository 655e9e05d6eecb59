"""Recognise legacy and misspelt forms among the violations of the schema.

Takes a `Violation` and its document; returns a `Problem` that names the form and fixes it, and the violations that
remain after the fix. The forms are data: `schemas/legacy-forms.json`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from ncco_lang.diagnostics import (
    Change,
    Insert,
    Kept,
    Path,
    Place,
    Problem,
    Remove,
    Rename,
    Repair,
    Replace,
    ReplaceEntry,
    Rule,
)
from ncco_lang.values.phone import certain_digits, e164_digits, is_national, meant_country
from ncco_lang.values.placeholder import find_placeholder
from ncco_lang.vocabulary import legacy_rules
from ncco_lang.vocabulary.legacy_table import Form, form
from ncco_lang.vocabulary.meant import Surroundings, meant_choices
from ncco_lang.vocabulary.ncco_schema import definition, merged, ncco_validator, option_schema
from ncco_lang.vocabulary.phrases import range_words, type_words
from ncco_lang.vocabulary.schema_rules import MALFORMED_VALUE, MISSING_OPTION, WRONG_TYPE
from ncco_lang.vocabulary.schema_validator import Schema, Violation, is_type
from ncco_lang.words import kind_words, shown


class Recognised(NamedTuple):
    """The result for an older form: the finding (None if another finding covers it), and the remaining violations."""

    problem: Problem | None
    remaining: list[Violation]


@cache
def _rules() -> dict[str, Rule]:
    return {rule.name: rule for rule in (*legacy_rules.RULES, MISSING_OPTION, WRONG_TYPE)}


def recognise(broken: Violation, around: Surroundings) -> Recognised | None:
    """Find the legacy form of a violation; None if there is none.

    Args:
        broken: what the schema refuses.
        around: its document.
    """
    match broken.keyword:
        case "type":
            return _other_type(broken)
        case "additionalProperties":
            return _other_name(broken, around)
        case "required":
            return _missing(broken)
        case "enum":
            return _other_value(broken)
        case "minimum" | "maximum":
            return _other_range(broken)
        case "maxItems":
            return _too_many(broken)
        case "pattern":
            return _number(broken, around.number_beside(broken.path))
        case "if":
            return _constraint(broken)
        case _:
            return None


def _problem(
    form: Form,
    place: Place,
    message: str,
    changes: tuple[Change, ...] = (),
    *,
    title: str = "",
    hint: str | None = None,
    also: tuple[tuple[Place, str], ...] = (),
) -> Problem:
    repair = Repair(title, changes, unsafe=form["changes_meaning"]) if changes else None
    return Problem(
        rule=_rules()[form["rule"]],
        severity=form["severity"],
        place=place,
        message=message,
        hint=hint or title or None,
        repair=repair,
        also=also,
    )


def _option(path: Path) -> str:
    """Return the name of the option that a path leads into."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _rechecked(value: Any, schema: Any, path: Path, owner: str, drop: int = 0) -> list[Violation]:
    """Return the violations of a value under another schema, at its present path."""
    found = ncco_validator().check(schema)(value) or []
    return [broken._replace(path=(*path, *broken.path[drop:]), owner=broken.owner or owner) for broken in found]


def _other_type(broken: Violation) -> Recognised | None:
    wanted, value = broken.schema["type"], broken.value
    given = next((name for name in ("string", "array", "boolean", "number", "object") if is_type(value, name)), "null")
    found = form("type", wanted, given)
    if found is None:
        return None
    place, name = Place(broken.path), _option(broken.path)
    if found["fix"]["kind"] == "wrap":
        if _stands_for_list(value, broken.schema):
            return None
        if not is_type(value, merged(broken.schema.get("items", {})).get("type", "string")):
            return None
        rest = _rechecked([value], broken.schema, broken.path, broken.owner, drop=1)
        message = f"{name} is a list, also with one entry, but here it is {kind_words(value)}"
        return Recognised(
            _problem(found, place, message, (Replace(broken.path, [Kept(broken.path)]),), title="put it into a list"),
            rest,
        )
    if found["fix"]["kind"] == "unwrap":
        if len(value) != 1 or not isinstance(value[0], str):
            return None
        rest = _rechecked(value[0], broken.schema, broken.path, broken.owner)
        change = Replace(broken.path, Kept((*broken.path, 0)))
        return Recognised(
            _problem(found, place, f"{name} is one text, not a list", (change,), title="take it out of the list"), rest
        )
    converted = _converted(value, wanted)
    if converted is None:
        return None
    rest = _rechecked(converted, broken.schema, broken.path, broken.owner)
    message = f"{name} is {type_words(wanted)}, but here it is {kind_words(value)}"
    change = Replace(broken.path, converted)
    return Recognised(
        _problem(found, place, message, (change,), title=f"write {shown(converted)} without quotes"), rest
    )


def _stands_for_list(value: Any, schema: Schema) -> bool:
    """Return whether a text is only a placeholder, in place of a list of any texts: the program meant the list."""
    place = find_placeholder(value) if isinstance(value, str) else None
    return place == (0, len(value)) and "pattern" not in merged(schema.get("items", {}))


def _converted(text: str, wanted: str) -> bool | int | float | None:
    """Return the boolean or number that a text spells, or None."""
    plain = text.strip()
    if wanted == "boolean":
        return {"true": True, "false": False}.get(plain.lower())
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?", plain):
        return None
    number = float(plain)
    if number.is_integer():
        return int(number)
    return None if wanted == "integer" else number


def _other_name(broken: Violation, around: Surroundings) -> Recognised | None:
    older = broken.detail
    inside = _option(broken.path)
    found = form("option", broken.owner, older) or form("option", broken.owner, inside, older)
    if found is None:
        return None
    path = (*broken.path, older)
    if found["fix"]["kind"] == "move":
        return _flat(found, broken, path, around)
    name = found["fix"]["to"]
    target = option_schema(broken.schema, name)
    rest = [] if target is None else _rechecked(broken.value[older], target, path, broken.owner)
    is_free = name not in broken.value and around.claims(broken.value, broken.schema, broken.owner)[name] <= 1
    changes: tuple[Change, ...] = (Rename(path, name),) if is_free else ()
    return Recognised(
        _problem(
            found,
            Place(path, "key"),
            f'{older} is written "{name}" in an NCCO',
            changes,
            title=f'rename it to "{name}"',
        ),
        rest,
    )


def _flat(found: Form, broken: Violation, path: Path, around: Surroundings) -> Recognised:
    """Move options into the object they belong to: one finding for all of them."""
    into, holder = found["fix"]["into"], broken.value
    flat = [key for key in holder if (other := form("option", broken.owner, key)) and other["fix"].get("into") == into]
    target = option_schema(broken.schema, into) or {}
    inner = option_schema(target, broken.detail)
    rest = [] if inner is None else _rechecked(holder[broken.detail], inner, path, into)
    if flat[0] != broken.detail:
        return Recognised(None, rest)
    moved = tuple((key, Kept((*broken.path, key))) for key in flat)
    claimed = around.claims(holder, broken.schema, broken.owner)
    added = tuple(
        (key, value) for key, value in found["fix"]["implies"].items() if key not in holder and not claimed[key]
    )
    gone = tuple(Remove((*broken.path, key)) for key in flat[1:])
    changes: tuple[Change, ...] = ()
    if claimed[into]:
        pass
    elif into not in holder:
        changes = (ReplaceEntry(path, (*added, (into, dict(moved)))), *gone)
    elif isinstance(holder[into], dict) and not holder[into].keys() & set(flat):
        first = ReplaceEntry(path, added) if added else Remove(path)
        changes = (first, *gone, Insert((*broken.path, into), moved))
    also = tuple((Place((*broken.path, key), "key"), "and this") for key in flat[1:])
    message = f"{', '.join(flat)} stood in the action itself before May 2020; the settings for keys belong into {into}"
    hint = f"move into {into} and change the program that reads the result: its shape changes"
    if not changes:
        hint = f"{into} has this too: keep one of the two, there"
        if claimed[into]:
            hint = f"move into {into}, once that is spelt right"
    return Recognised(_problem(found, Place(path, "key"), message, changes, title=hint, also=also), rest)


def _missing(broken: Violation) -> Recognised | None:
    key, holder = broken.detail, broken.value
    for other in holder:
        older = form("option", broken.owner, other)
        if older and (older["fix"].get("to") == key or key in older["fix"].get("implies", {})):
            return Recognised(None, [])
    found = form("missing", broken.owner, key)
    if found is None:
        return None
    fix = found["fix"]
    value: Any = fix.get("value")
    if fix["kind"] == "insert-present":
        value = [name for name in fix["names"] if name in holder] or fix["default"]
    message = f"this {broken.owner} does not say {key}"
    place = Place((*broken.path, "action"), "value") if "action" in holder else Place(broken.path)
    change = Insert(broken.path, ((key, value),))
    hint = f'add "{key}": {shown(value) if isinstance(value, str) else str(value).replace(chr(39), chr(34))}'
    return Recognised(_problem(found, place, message, (change,), title=hint), [])


def _other_value(broken: Violation) -> Recognised | None:
    if not isinstance(broken.value, str):
        return None
    found = form("value", broken.owner, _option(broken.path), broken.value)
    if found is None:
        return None
    right = found["fix"]["value"]
    message = f"{shown(broken.value)} is spelt {shown(right)}"
    return Recognised(
        _problem(found, Place(broken.path), message, (Replace(broken.path, right),), title=f"write {shown(right)}"), []
    )


def _other_range(broken: Violation) -> Recognised | None:
    found = form("range", broken.owner, _option(broken.path))
    if found is None or broken.value < found["see"].get("minimum", broken.value):
        return None
    limit = broken.schema[broken.keyword]
    words = range_words(broken.schema)
    if found["fix"]["kind"] == "clamp":
        message = f"{shown(broken.value)} lies outside {words}, so the platform takes {limit}"
        return Recognised(
            _problem(found, Place(broken.path), message, (Replace(broken.path, limit),), title=f"write {limit}"), []
        )
    return Recognised(
        _problem(found, Place(broken.path), f"{shown(broken.value)} lies outside {words}", hint=found["why"]), []
    )


def _too_many(broken: Violation) -> Recognised | None:
    name = _option(broken.path)
    found = form("count", name)
    if found is None:
        return None
    changes = tuple(Remove((*broken.path, index)) for index in range(1, len(broken.value)))
    message = f"{name} holds {len(broken.value)} addresses, but only one is ever called"
    return Recognised(_problem(found, Place((*broken.path, 1)), message, changes, title="keep the first address"), [])


def _number(broken: Violation, near: str) -> Recognised | None:
    if broken.schema.get("x-kind") != "phone" or find_placeholder(broken.value):
        return None
    place, number = Place(broken.path), form("number") or {}
    digits = certain_digits(broken.value, near)
    if digits is not None and re.search(broken.schema["pattern"], digits):
        message = f"numbers are written as country code and digits: {digits}"
        change = Replace(broken.path, digits)
        return Recognised(_problem(number, place, message, (change,), title=f'write "{digits}"'), [])
    hint = "write country code and digits, nothing else"
    lenient = form("pattern", broken.owner, _option(broken.path))
    missing = missing_country(broken.value, near)
    if missing is not None and lenient is None:
        return Recognised(Problem(rule=MALFORMED_VALUE, place=place, message=missing, hint=hint), [])
    if missing is None and e164_digits(broken.value) is not None:
        return Recognised(_problem(number, place, f"no number can be {shown(broken.value)}", hint=hint), [])
    if lenient is None:
        return None
    message = (
        missing
        or f"{shown(broken.value)} is not a number in E.164 form, so the callee may see none, and a call to a telephone may not be placed"
    )
    return Recognised(_problem(lenient, place, message, hint=hint), [])


def missing_country(text: str, near: str = "") -> str | None:
    """Return a message for a number that lacks its country code; None for any other text.

    Args:
        text: the number as the author wrote it.
        near: a number of the same action in E.164.
    """
    country = meant_country(text, near)
    if country is not None:
        return f"the country code is missing: {country}?"
    return "the country code is missing" if is_national(text) else None


def _constraint(broken: Violation) -> Recognised | None:
    found = form("constraint", broken.schema["x-constraint"])
    if found is None:
        return None
    see, fix, holder = found["see"], found["fix"], broken.value
    if "empty" in see and holder.get(see["empty"]) != {}:
        return None
    option = fix["option"]
    changes: tuple[Change, ...]
    match fix["kind"]:
        case "insert":
            changes, title = (Insert(broken.path, ((option, fix["value"]),)),), broken.schema["x-hint"]
        case "append":
            listed = option_schema(definition(holder["action"]), option) or {}
            if any(fix["value"] in meant_choices(item, merged(listed["items"])["enum"]) for item in holder[option]):
                # That value has its own finding, whose fix adds it.
                return Recognised(None, [])
            is_full = len(holder[option]) >= listed["maxItems"]
            kept = [Kept((*broken.path, option, index)) for index in range(len(holder[option]))]
            changes = () if is_full else (Replace((*broken.path, option), [*kept, fix["value"]]),)
            title = f'add "{fix["value"]}" to {option}'
        case _:
            changes, title = (Remove((*broken.path, option)),), f"remove {option}"
    place = Place((*broken.path, broken.schema["x-blame"]), "key")
    return Recognised(_problem(found, place, broken.schema["x-message"], changes, title=title), [])
