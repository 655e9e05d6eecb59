"""Recognise legacy and misspelt forms among the violations of the schema.

Takes a `Violation` and its document; returns a `Problem` that names the form and fixes it, and the violations that
remain after the fix. The forms are data: `schemas/legacy-forms.json`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ncco_lang.diagnostics import (
    Change,
    Facts,
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
)
from ncco_lang.values.phone import certain_digits, e164_digits, is_national, meant_country
from ncco_lang.values.placeholder import find_leak, find_placeholder
from ncco_lang.vocabulary import legacy_rules as legacy
from ncco_lang.vocabulary.legacy_table import Form, form
from ncco_lang.vocabulary.limits import limit_facts, named
from ncco_lang.vocabulary.meant import Surroundings, meant_choices
from ncco_lang.vocabulary.ncco_schema import definition, merged, ncco_validator, option_schema
from ncco_lang.vocabulary.schema_rules import conflict_facts, titled
from ncco_lang.vocabulary.schema_validator import Schema, Violation, is_type
from ncco_lang.words import Wire, kind_words


class Recognised(NamedTuple):
    """The result for an older form: the finding (None if another finding covers it), and the remaining violations."""

    problem: Problem | None
    remaining: Sequence[Violation]


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
        case "minItems":
            return _empty(broken, around)
        case "pattern":
            return _number(broken, around)
        case "if":
            return _constraint(broken)
        case _:
            return None


def _recognised(
    form: Form,
    facts: Facts,
    place: Place,
    changes: tuple[Change, ...] = (),
    rest: Sequence[Violation] = (),
    *,
    title: str | None = None,
    also: tuple[Place, ...] = (),
) -> Recognised:
    """Return the problem of a form, with the violations that remain."""
    repair = Repair(changes, title, unsafe=form["changes_meaning"]) if changes else None
    problem = Problem(facts=facts, severity=form["severity"], place=place, repair=repair, also=also)
    return Recognised(problem, rest)


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
    place, name = Place(broken.path), named(broken.path)
    if found["fix"]["kind"] == "wrap":
        if _stands_for_list(value, broken.schema):
            return None
        if not is_type(value, merged(broken.schema.get("items", {})).get("type", "string")):
            return None
        rest = _rechecked([value], broken.schema, broken.path, broken.owner, drop=1)
        kind = legacy.ObjectForList if given == "object" else legacy.TextForList
        facts = kind(option=name, given=kind_words(value))
        return _recognised(found, facts, place, (Replace(broken.path, [Kept(broken.path)]),), rest)
    if found["fix"]["kind"] == "unwrap":
        if len(value) != 1 or not isinstance(value[0], str):
            return None
        rest = _rechecked(value[0], broken.schema, broken.path, broken.owner)
        change = Replace(broken.path, Kept((*broken.path, 0)))
        return _recognised(found, legacy.ListForText(option=name), place, (change,), rest)
    if found["fix"]["kind"] == "object":
        return _list_for_object(found, broken)
    converted = _converted(value, wanted)
    if converted is None:
        return None
    rest = _rechecked(converted, broken.schema, broken.path, broken.owner)
    spelled = legacy.TextForValue(option=name, wanted=wanted, value=converted)
    return _recognised(found, spelled, place, (Replace(broken.path, converted),), rest)


def _list_for_object(found: Form, broken: Violation) -> Recognised | None:
    """Recognise an empty list in place of an object, and an object in a list of one."""
    value, path, is_one = broken.value, broken.path, len(broken.value) == 1 and isinstance(broken.value[0], dict)
    if (value and not is_one) or not any(isinstance(step, str) for step in path[1:]):
        return None
    facts = legacy.ListForObject(option=named(path), one=is_one)
    rest = _rechecked(value[0] if is_one else {}, broken.schema, path, broken.owner)
    change = Replace(path, Kept((*path, 0)) if is_one else {})
    return _recognised(found, facts, Place(path), (change,), [] if is_one else rest)


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
    inside = named(broken.path)
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
    return _recognised(found, legacy.OlderName(option=older, name=Wire(name)), Place(path, "key"), changes, rest)


def _flat(found: Form, broken: Violation, path: Path, around: Surroundings) -> Recognised:
    """Move options into the object they belong to: one finding for all of them."""
    into, holder = found["fix"]["into"], broken.value
    flat = {
        key: other["fix"].get("as", key)
        for key in holder
        if (other := form("option", broken.owner, key)) and other["fix"].get("into") == into
    }
    target = option_schema(broken.schema, into) or {}
    inner = option_schema(target, flat[broken.detail])
    rest = [] if inner is None else _rechecked(holder[broken.detail], inner, path, into)
    first, *others = flat
    if first != broken.detail:
        return Recognised(None, rest)
    moved = tuple((name, Kept((*broken.path, key))) for key, name in flat.items())
    claimed = around.claims(holder, broken.schema, broken.owner)
    added = tuple(
        (key, value) for key, value in found["fix"]["implies"].items() if key not in holder and not claimed[key]
    )
    gone = tuple(Remove((*broken.path, key)) for key in others)
    changes: tuple[Change, ...] = ()
    obstacle: str | None = "misspelt" if claimed[into] else "taken"
    is_twice = len({*flat.values()}) < len(flat)
    if is_twice:
        pass
    elif not claimed[into] and into not in holder:
        changes, obstacle = (ReplaceEntry(path, (*added, (into, dict(moved)))), *gone), None
    elif not claimed[into] and isinstance(holder[into], dict) and not holder[into].keys() & {*flat.values()}:
        begin = ReplaceEntry(path, added) if added else Remove(path)
        changes, obstacle = (begin, *gone, Insert((*broken.path, into), moved)), None
    names = tuple(map(Wire, flat.values())) if any(key != name for key, name in flat.items()) else ()
    facts = legacy.FlatInput(options=tuple(map(Wire, flat)), into=Wire(into), obstacle=obstacle, names=names)
    also = tuple(Place((*broken.path, key), "key") for key in others)
    return _recognised(found, facts, Place(path, "key"), changes, rest, also=also)


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
    kind = legacy.LeftOut if found["rule"] == legacy.LeftOut.rule.name else legacy.InputWithoutType
    facts = kind(owner=titled(broken.owner), option=Wire(key), value=tuple(value) if isinstance(value, list) else value)
    place = Place((*broken.path, "action"), "value") if "action" in holder else Place(broken.path)
    return _recognised(found, facts, place, (Insert(broken.path, ((key, value),)),))


def _other_value(broken: Violation) -> Recognised | None:
    if not isinstance(broken.value, str):
        return None
    name = named(broken.path)
    found = form("value", broken.owner, name, broken.value)
    if found is None:
        return None
    right = found["fix"]["value"]
    facts = legacy.MisspeltValue(option=name, value=broken.value, right=right)
    return _recognised(found, facts, Place(broken.path), (Replace(broken.path, right),))


def _other_range(broken: Violation) -> Recognised | None:
    name = named(broken.path)
    found = form("range", broken.owner, name)
    if found is None or broken.value < found["see"].get("minimum", broken.value):
        return None
    limit = dict(limit_facts(broken, name).items())
    if found["fix"]["kind"] == "clamp":
        nearest = broken.schema[broken.keyword]
        clamped = legacy.ClampedNumber(**limit, limit=nearest)
        return _recognised(found, clamped, Place(broken.path), (Replace(broken.path, nearest),))
    return _recognised(found, legacy.OlderRange(**limit, reason=found["why"]), Place(broken.path))


def _too_many(broken: Violation) -> Recognised | None:
    name = named(broken.path)
    found = form("count", name)
    if found is None:
        return None
    changes = tuple(Remove((*broken.path, index)) for index in range(1, len(broken.value)))
    facts = legacy.SeveralUrls(option=name, count=len(broken.value))
    return _recognised(found, facts, Place((*broken.path, 1)), changes)


def _empty(broken: Violation, around: Surroundings) -> Recognised | None:
    name = named(broken.path)
    found = form("empty", name)
    if found is None or not around.is_optional(broken.path):
        return None
    return _recognised(found, legacy.EmptyEventUrl(option=name), Place(broken.path), (Remove(broken.path),))


def _calls_no_telephone(path: Path, around: Surroundings) -> bool:
    """Return whether every endpoint beside a `from` takes any text: a websocket or a user of an app."""
    endpoints = around.at(path[:-1]).get("endpoint") if path and path[-1] == "from" else None
    types = [each.get("type") for each in endpoints if isinstance(each, dict)] if isinstance(endpoints, list) else []
    return bool(types) and all(each in ("websocket", "app", "vbc") for each in types)


def _number(broken: Violation, around: Surroundings) -> Recognised | None:
    near = around.number_beside(broken.path)
    if broken.schema.get("x-kind") != "phone" or find_placeholder(broken.value) or find_leak(broken.value):
        return None
    place, number, value = Place(broken.path), form("number") or {}, broken.value
    digits = certain_digits(value, near)
    if digits is not None and re.search(broken.schema["pattern"], digits):
        facts = legacy.NumberForm(value=value, digits=digits)
        return _recognised(number, facts, place, (Replace(broken.path, digits),))
    lenient = form("pattern", broken.owner, named(broken.path))
    country = meant_country(value, near)
    if country is not None or is_national(value):
        if lenient is None:
            return Recognised(Problem(facts=legacy.MissingCountry(value=value, country=country), place=place), [])
        return _recognised(lenient, legacy.LenientCountry(value=value, country=country), place)
    if e164_digits(value) is not None:
        return _recognised(number, legacy.NoSuchNumber(value=value), place)
    if lenient is not None and _calls_no_telephone(broken.path, around):
        return Recognised(Problem(facts=legacy.ShownText(value=value), severity="info", place=place), [])
    return None if lenient is None else _recognised(lenient, legacy.NumberForm(value=value), place)


def _constraint(broken: Violation) -> Recognised | None:
    found = form("constraint", broken.schema["x-constraint"])
    if found is None:
        return None
    see, fix, holder = found["see"], found["fix"], broken.value
    if "empty" in see and holder.get(see["empty"]) != {}:
        return None
    option = fix["option"]
    changes: tuple[Change, ...]
    title: str | None
    match fix["kind"]:
        case "insert":
            changes, title = (Insert(broken.path, ((option, fix["value"]),)),), None
        case "append":
            listed = option_schema(definition(holder["action"]), option) or {}
            if any(fix["value"] in meant_choices(item, merged(listed["items"])["enum"]) for item in holder[option]):
                # That value has its own finding, whose fix adds it.
                return Recognised(None, [])
            is_full = len(holder[option]) >= listed["maxItems"]
            kept = [Kept((*broken.path, option, index)) for index in range(len(holder[option]))]
            changes = () if is_full else (Replace((*broken.path, option), [*kept, fix["value"]]),)
            title = f'add "{fix["value"]}" to `{option}`'
        case _:
            changes, title = (Remove((*broken.path, option)),), f"remove `{option}`"
    place = Place((*broken.path, broken.schema["x-blame"]), "key")
    facts = conflict_facts(legacy.CONFLICTS[found["rule"]], broken.schema)
    return _recognised(found, facts, place, changes, title=title)
