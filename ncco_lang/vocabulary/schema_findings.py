"""Turn violations of the schema into problems in plain words, with legacy forms recognised.

The value may be a bare NCCO, a single action, or an envelope around one; `find_actions` finds the list inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ncco_lang.diagnostics import Facts, Kept, Place, Problem, Remove, Rename, Repair, Replace
from ncco_lang.values.placeholder import find_leak, find_placeholder, find_template
from ncco_lang.vocabulary import schema_rules as rules
from ncco_lang.vocabulary.document_shape import find_actions
from ncco_lang.vocabulary.legacy_forms import recognise
from ncco_lang.vocabulary.limits import (
    FaultyAddress,
    LeftOutNull,
    MeansDefault,
    NotAChoice,
    WrongType,
    limit_facts,
    named,
)
from ncco_lang.vocabulary.meant import Surroundings, meant_action, meant_choices, meant_option
from ncco_lang.vocabulary.misplaced import at_prompt, faulty_address, misnamed_action, other_shape
from ncco_lang.vocabulary.ncco_schema import current_actions, ncco_validator, violations
from ncco_lang.vocabulary.phrases import did_you_mean, type_words
from ncco_lang.vocabulary.schema_validator import Violation, is_type
from ncco_lang.words import Wire, choice_words, kind_words, shown

_LONGEST_LIST = 20
_WRITE = "write {near:choice}"


def check_schema(value: Any) -> Iterator[Problem]:
    """Yield the problems that the schema finds in the actions of a document; none for a document without actions."""
    found = find_actions(value)
    if found is None:
        return
    path, actions = found
    lone, around = isinstance(value, dict) and not path, Surroundings(value)
    for broken in violations(actions):
        if not broken.path and broken.keyword == "minItems":
            continue
        for each in (broken, *_as_if_corrected(broken, actions)):
            yield from _problems(each._replace(path=(*path, *(each.path[1:] if lone else each.path))), around)


def _as_if_corrected(broken: Violation, actions: list[Any]) -> list[Violation]:
    """Return the other violations of an action with a misspelt name, read as the action that the author means."""
    if (
        len(broken.path) != 2
        or broken.path[1] != "action"
        or broken.keyword != "enum"
        or not isinstance(broken.value, str)
    ):
        return []
    (near, _), index = meant_action(broken.value), broken.path[0]
    if near is None or not isinstance(index, int):
        return []
    found = violations([{**actions[index], "action": near}])
    return [other._replace(path=(index, *other.path[1:])) for other in found]


def _problems(broken: Violation, around: Surroundings) -> Iterator[Problem]:
    is_closed = broken.keyword == "required" and broken.schema.get("additionalProperties") is False
    if is_closed and around.claims(broken.value, broken.schema, broken.owner)[broken.detail]:
        # The misspelt option has its own finding, whose fix adds this one.
        return
    recognised = recognise(broken, around)
    if recognised is not None:
        if recognised.problem is not None:
            yield recognised.problem
        for rest in recognised.remaining:
            yield from _problems(rest, around)
    else:
        yield _problem(broken, around)


def _problem(broken: Violation, around: Surroundings) -> Problem:
    """Return the problem of a violation that is not an older form."""
    match broken.keyword:
        case "additionalProperties":
            return _unknown_option(broken, around)
        case "required":
            return _missing_option(broken)
        case "enum" | "const" if _is_action(broken):
            return _unknown_action(broken)
        case "type" if len(broken.path) <= 2 and isinstance(broken.path[-1], int):
            return Problem(facts=rules.NotAnAction(given=kind_words(broken.value)), place=Place(broken.path))
        case "if":
            return _conflict(broken)
        case "type" | "enum" | "pattern" if (placeholder := _placeholder(broken)) is not None:
            return placeholder
        case "type" if (shaped := other_shape(broken, around)) is not None:
            return shaped
        case _:
            facts = limit_facts(broken, named(broken.path))
            if isinstance(facts, WrongType) and broken.value is None and _can_be_absent(broken, around):
                facts = LeftOutNull(option=facts.option, wanted=facts.wanted, given=facts.given)
            if isinstance(facts, FaultyAddress):
                return faulty_address(broken, facts)
            return Problem(facts=facts, place=Place(broken.path), repair=_repair(broken, facts, around))


# ── Options ────────────────────────────────────────────────────────────────────────────────────────────


def _unknown_option(broken: Violation, around: Surroundings) -> Problem:
    key, path = broken.detail, (*broken.path, broken.detail)
    options = tuple(Wire(name) for name in broken.schema["properties"] if name not in broken.value)
    if (misplaced := at_prompt(broken, around)) is not None:
        return misplaced
    meant, homes = meant_option(key, broken.value, broken.schema, broken.owner), _homes_of(key, broken)
    # An option of another action is not a typing error for one that is spelled a little like it.
    near = meant or (did_you_mean(key, options) if not homes else None)
    repair = None
    if near is not None:
        # Only a typing error of a letter or two has a fix: "digits" may not mean the similar maxDigits.
        is_slip = meant == near
        is_only = around.claims(broken.value, broken.schema, broken.owner)[near] == 1
        repair = Repair((Rename(path, near),), "rename it to {near}", unsafe=True) if is_slip and is_only else None
    homes = homes if near is None else ()
    facts = rules.UnknownOption(
        owner=_owner(broken), option=key, near=None if near is None else Wire(near), homes=homes, options=options
    )
    return Problem(facts=facts, place=Place(path, "key"), repair=repair)


def _owner(broken: Violation) -> str:
    title: str | None = broken.schema.get("title")
    return rules.titled(title) if title else named(broken.path)


def _homes_of(key: str, broken: Violation) -> tuple[str, ...]:
    """Return the other parts of the same action, or other actions, that have an option of this name; () if too many."""
    parts = {name: part for name, part in ncco_validator().document["definitions"].items() if "properties" in part}
    inside = [name for name in broken.schema.get("properties", {}) if key in parts.get(name, {}).get("properties", {})]
    homes = inside or [
        part["title"] for part in parts.values() if key in part["properties"] and part.get("title") in current_actions()
    ]
    return tuple(homes) if len(homes) <= 3 else ()


def _missing_option(broken: Violation) -> Problem:
    key, holder = broken.detail, broken.value
    mark = next((mark for mark in ("action", "type") if mark in holder), None)
    place = Place(broken.path if mark is None else (*broken.path, mark))
    if key == "action":
        return misnamed_action(broken) or Problem(facts=rules.MissingAction(known=current_actions()), place=place)
    near = did_you_mean(key, [other for other in holder if other not in broken.schema.get("properties", {})])
    said = broken.schema["properties"].get(key, {}).get("description", "").removesuffix(".")
    said = said[:1].lower() + said[1:]
    facts = rules.MissingOption(owner=_owner(broken), option=Wire(key), near=near, description=said)
    return Problem(facts=facts, place=place)


def _conflict(broken: Violation) -> Problem:
    keys = [key for key in (broken.schema["x-blame"], *broken.schema.get("x-also", ())) if key in broken.value]
    place = Place((*broken.path, keys[0]), "key") if keys else Place(broken.path)
    also = tuple(Place((*broken.path, key), "key") for key in keys[1:])
    return Problem(facts=rules.conflict_facts(rules.Conflict, broken.schema), place=place, also=also)


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────


def _is_action(broken: Violation) -> bool:
    """Return whether a value is the name of an action that does not exist."""
    is_text = isinstance(broken.value, str) and len(broken.path) <= 3
    return is_text and bool(broken.path) and broken.path[-1] == "action"


def _unknown_action(broken: Violation) -> Problem:
    near, instead = meant_action(broken.value)
    repair = Repair((Replace(broken.path, near),), "write {near}", unsafe=True) if near else None
    facts = rules.UnknownAction(action=broken.value, near=near, known=current_actions(), _instead=instead)
    return Problem(facts=facts, place=Place(broken.path), repair=repair)


def _placeholder(broken: Violation) -> Problem | None:
    """Return the problem of a text that is a placeholder, or has one where only part of it could be right."""
    if not isinstance(broken.value, str):
        return None
    place, option = find_placeholder(broken.value), named(broken.path)
    if (leak := find_leak(broken.value)) is not None:
        missing = rules.MissingValue(option=option, leak=broken.value[slice(*leak)])
        return Problem(facts=missing, place=Place(broken.path, "inside", *leak))
    if place is None:
        return None
    if broken.keyword == "type":
        wanted = type_words(broken.schema["type"])
    elif broken.keyword == "pattern":
        wanted = broken.schema.get("x-expected") or "the value"
    elif place == (0, len(broken.value)) or find_template(broken.value) == place:
        wanted = choice_words(broken.schema["enum"])
    else:
        return None
    facts = rules.Placeholder(option=option, placeholder=broken.value[slice(*place)], wanted=wanted)
    return Problem(facts=facts, place=Place(broken.path, "inside", *place))


def _repair(broken: Violation, facts: Facts, around: Surroundings) -> Repair | None:
    """Return the fix of a value that breaks a limit, if there is one right answer."""
    path, value = broken.path, broken.value
    match facts:
        case NotAChoice(near=near, choices=choices) if near:
            return _correction(broken, near, choices, around)
        case LeftOutNull():
            return Repair((Remove(path[:-1] if _is_only_item(broken, around) else path),))
        case MeansDefault():
            return Repair((Remove(path),))
        case WrongType(wanted="string", choices=choices) if path[-1] != "action" and is_type(value, "integer"):
            digits = shown(int(value)) if abs(value) < 10**15 else ""
            is_right = digits and (not choices or digits in choices)
            return Repair((Replace(path, digits),), f'write "{digits}"') if is_right else None
        case _:
            return None


def _can_be_absent(broken: Violation, around: Surroundings) -> bool:
    """Return whether a null can be left out: an option, the list whose only entry it is, or one of several entries."""
    if isinstance(broken.path[-1], int) and not _is_only_item(broken, around):
        # Each removal looks at the whole list, so a long list has no fix.
        return len(broken.path) > 1 and len(around.at(broken.path[:-1])) <= _LONGEST_LIST
    return around.is_optional(broken.path[:-1] if _is_only_item(broken, around) else broken.path)


def _is_only_item(broken: Violation, around: Surroundings) -> bool:
    return isinstance(broken.path[-1], int) and len(around.at(broken.path[:-1])) == 1


def _correction(broken: Violation, meant: Sequence[str], allowed: Sequence[str], around: Surroundings) -> Repair | None:
    """Return the fix that writes what a value means, without the values that its list already has."""
    *holder, step = broken.path
    beside = around.at(tuple(holder))
    if not isinstance(step, int) or not isinstance(beside, list):
        # Several values need a list; a text in place of a list has another fix, which makes it a list.
        return Repair((Replace(broken.path, meant[0]),), _WRITE, unsafe=True) if len(meant) == 1 else None
    there = {each for index, item in enumerate(beside) if index < step for each in meant_choices(item, allowed)}
    new = [each for each in meant if each not in there and each not in beside]
    if not new:
        return Repair((Remove(broken.path),), "remove it, since the list has it already", unsafe=True)
    if len(meant) == 1:
        return Repair((Replace(broken.path, meant[0]),), _WRITE, unsafe=True)
    before = [Kept((*holder, index)) for index in range(step)]
    after = [Kept((*holder, index)) for index in range(step + 1, len(beside))]
    title = f"write {', '.join(map(shown, meant))}"
    return Repair((Replace(tuple(holder), [*before, *new, *after]),), title, unsafe=True)
