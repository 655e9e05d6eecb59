"""Turn violations of the schema into problems in plain words, with legacy forms recognised.

The value may be a bare NCCO, a single action, or an SDK's envelope; `find_actions` finds the list inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ncco_lang.diagnostics import Kept, Path, Place, Problem, Remove, Rename, Repair, Replace, Rule
from ncco_lang.values.placeholder import find_placeholder
from ncco_lang.vocabulary import schema_rules as rules
from ncco_lang.vocabulary.legacy_forms import recognise
from ncco_lang.vocabulary.meant import Surroundings, meant_choices, meant_option
from ncco_lang.vocabulary.ncco_schema import action_names, ncco_validator, violations
from ncco_lang.vocabulary.phrases import did_you_mean, range_words, type_words
from ncco_lang.vocabulary.schema_validator import Violation, is_type
from ncco_lang.words import choice_words, kind_words, shown


def find_actions(value: Any) -> tuple[Path, list[Any]] | None:
    """Return the list of actions in a document with its path; a single action is a list of one (with the path `()`).

    None if there is no such list; `check_shape` says why.
    """
    if isinstance(value, list):
        return (), value
    if isinstance(value, dict):
        if isinstance(value.get("ncco"), list):
            return ("ncco",), value["ncco"]
        if "action" in value:
            return (), [value]
    return None


def check_shape(value: Any) -> Iterator[Problem]:
    """Check that a document is a list of actions; the problem says what to do if it is not."""
    if isinstance(value, list):
        if not value:
            hint = 'add an action: {"action": "talk", "text": "Hello"}'
            yield Problem(
                rule=rules.EMPTY_NCCO,
                place=Place(()),
                message="there is no action here, so the call ends at once",
                hint=hint,
            )
    elif isinstance(value, dict) and isinstance(value.get("ncco"), list):
        others = [key for key in value if key != "ncco"]
        repair = Repair("keep the list alone", (Replace((), Kept(("ncco",))),), unsafe=bool(others))
        message = 'the actions are inside "ncco", as in a request to the call API; an answer URL gives the bare list'
        yield Problem(
            rule=rules.SDK_ENVELOPE,
            place=Place(("ncco",), "key"),
            message=message,
            hint="keep the list alone",
            repair=repair,
        )
    elif isinstance(value, dict) and "action" in value:
        repair = Repair("put it into a list", (Replace((), [Kept(())]),))
        message = "an NCCO is a list, also with one action"
        yield Problem(
            rule=rules.NOT_AN_ARRAY,
            place=Place(("action",), "key"),
            message=message,
            hint="put it between [ and ]",
            repair=repair,
        )
    else:
        message = f"an NCCO is a list of actions, but this is {kind_words(value)}"
        yield Problem(
            rule=rules.NOT_AN_ARRAY,
            place=Place(()),
            message=message,
            hint='such as [{"action": "talk", "text": "Hello"}]',
        )


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
    near, index = did_you_mean(broken.value, broken.schema["enum"]), broken.path[0]
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
    elif (problem := _in_words(broken, around)) is not None:
        yield problem


def _in_words(broken: Violation, around: Surroundings) -> Problem | None:
    """Return the problem of a violation that is not an older form; None if another finding covers it."""
    match broken.keyword:
        case "type":
            return _wrong_type(broken)
        case "additionalProperties":
            return _unknown_option(broken, around)
        case "required":
            return _missing_option(broken)
        case "enum" | "const":
            return _unknown_value(broken, around)
        case "minimum" | "maximum" | "exclusiveMinimum":
            message = f"{_name(broken.path)} is {shown(broken.value)}, but it takes {range_words(broken.schema)}"
            return _at(rules.OUT_OF_RANGE, broken, message, "use a number in that range")
        case "minItems" | "maxItems" | "uniqueItems":
            return _wrong_count(broken)
        case "if":
            return _conflict(broken)
        case _:
            return _malformed(broken)


def _at(rule: Rule, broken: Violation, message: str, hint: str | None, repair: Repair | None = None) -> Problem:
    return Problem(rule=rule, place=Place(broken.path), message=message, hint=hint, repair=repair)


def _name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "this")


def _wrong_type(broken: Violation) -> Problem:
    wanted = broken.schema["type"]
    if len(broken.path) <= 2 and isinstance(broken.path[-1], int):
        message = f"an action is an object, but this is {kind_words(broken.value)}"
        return _at(rules.WRONG_TYPE, broken, message, 'such as {"action": "talk", "text": "Hello"}')
    if isinstance(broken.value, str) and (place := find_placeholder(broken.value)):
        return _placeholder(broken, place, type_words(wanted))
    message = f"{_name(broken.path)} is {type_words(wanted)}, but here it is {kind_words(broken.value)}"
    repair = None
    if broken.value is None and "default" in broken.schema:
        repair = Repair("leave it out", (Remove(broken.path),))
    elif wanted == "string" and broken.path[-1] != "action" and is_type(broken.value, "integer"):
        digits = str(int(broken.value)) if abs(broken.value) < 10**15 else None
        repair = Repair(f'write "{digits}"', (Replace(broken.path, digits),)) if digits else None
    return _at(rules.WRONG_TYPE, broken, message, repair.title if repair else f"write {type_words(wanted)}", repair)


def _placeholder(broken: Violation, place: tuple[int, int], wanted: str) -> Problem:
    text = broken.value[place[0] : place[1]]
    message = f"{shown(text)} was never filled in, so there is no {_name(broken.path)} here"
    return Problem(
        rule=rules.PLACEHOLDER,
        place=Place(broken.path, "inside", *place),
        message=message,
        hint=f"put {wanted} in its place",
    )


def _unknown_option(broken: Violation, around: Surroundings) -> Problem:
    key, path = broken.detail, (*broken.path, broken.detail)
    options = [name for name in broken.schema["properties"] if name not in broken.value]
    near = did_you_mean(key, options)
    place = Place(path, "key")
    if near is not None:
        # Only a typing error of a letter or two has a fix: "digits" may not mean the similar maxDigits.
        is_slip = meant_option(key, broken.value, broken.schema, broken.owner) == near
        is_only = around.claims(broken.value, broken.schema, broken.owner)[near] == 1
        repair = Repair(f'rename it to "{near}"', (Rename(path, near),), unsafe=True) if is_slip and is_only else None
        return Problem(
            rule=rules.UNKNOWN_OPTION,
            place=place,
            message=f'{_owner(broken)} has no option "{key[:40]}"',
            hint=f'did you mean "{near}"?',
            repair=repair,
        )
    home = _home_of(key, broken)
    hint = (
        f'"{key}" is an option of {home}'
        if home
        else f"it takes {choice_words(options)}"
        if options
        else "leave it out"
    )
    return Problem(
        rule=rules.UNKNOWN_OPTION, place=place, message=f'{_owner(broken)} has no option "{key[:40]}"', hint=hint
    )


def _owner(broken: Violation) -> str:
    title = broken.schema.get("title")
    if title:
        return f"a {title}" if title.endswith(("endpoint", "prompt")) else str(title)
    return _name(broken.path)


def _home_of(key: str, broken: Violation) -> str | None:
    """Return the other parts of the same action, or other actions, that have an option of this name."""
    parts = {name: part for name, part in ncco_validator().document["definitions"].items() if "properties" in part}
    inside = [name for name in broken.schema.get("properties", {}) if key in parts.get(name, {}).get("properties", {})]
    homes = inside or [
        part["title"] for part in parts.values() if key in part["properties"] and part.get("title") in action_names()
    ]
    return choice_words(homes).replace('"', "") if 0 < len(homes) <= 3 else None


def _missing_option(broken: Violation) -> Problem:
    key, holder = broken.detail, broken.value
    others = [other for other in holder if other not in broken.schema.get("properties", {})]
    near = did_you_mean(key, others)
    mark = next((mark for mark in ("action", "type") if mark in holder), None)
    place = Place(broken.path if mark is None else (*broken.path, mark))
    if key == "action":
        message, hint = 'an action needs "action"', f"it is {choice_words(action_names()[:-1])}"
    else:
        message = f'{_owner(broken)} needs "{key}"'
        described = broken.schema["properties"].get(key, {}).get("description", "").removesuffix(".")
        hint = f'add "{key}"' + (f": {described[0].lower() + described[1:]}" if described else "")
        hint = f'did you mean "{key}" by "{near}"?' if near else hint
    return Problem(rule=rules.MISSING_OPTION, place=place, message=message, hint=hint)


def _unknown_value(broken: Violation, around: Surroundings) -> Problem:
    if broken.keyword == "const":
        allowed = [broken.schema["const"]]
    else:
        allowed = broken.schema["enum"]
    if (
        isinstance(broken.value, str)
        and _name(broken.path) == "action"
        and isinstance(broken.path[-1], str)
        and len(broken.path) <= 3
    ):
        near = did_you_mean(broken.value, allowed)
        repair = Repair(f'write "{near}"', (Replace(broken.path, near),), unsafe=True) if near else None
        hint = f'did you mean "{near}"?' if near else f"there are {choice_words(allowed[:-1])}"
        return _at(rules.UNKNOWN_ACTION, broken, f"there is no action {shown(broken.value)}", hint, repair)
    if not isinstance(broken.value, str) and all(isinstance(item, str) for item in allowed):
        numeral = shown(broken.value) if isinstance(broken.value, int) and not isinstance(broken.value, bool) else None
        repair = Repair(f'write "{numeral}"', (Replace(broken.path, numeral),)) if numeral in allowed else None
        return _at(
            rules.WRONG_TYPE,
            broken,
            f"{_name(broken.path)} is a text, but here it is {kind_words(broken.value)}",
            f"it takes {choice_words(allowed)}",
            repair,
        )
    if (
        isinstance(broken.value, str)
        and broken.keyword == "enum"
        and (place := find_placeholder(broken.value))
        and place[1] - place[0] == len(broken.value)
    ):
        return _placeholder(broken, place, choice_words(allowed))
    meant = meant_choices(broken.value, allowed)
    repair = _correction(broken, meant, allowed, around) if meant else None
    joiner = " and " if isinstance(broken.path[-1], int) else " or "
    hint = f"did you mean {joiner.join(map(shown, meant))}?" if meant else f"it takes {choice_words(allowed)}"
    return _at(rules.UNKNOWN_VALUE, broken, f"{_name(broken.path)} cannot be {shown(broken.value)}", hint, repair)


def _correction(broken: Violation, meant: list[str], allowed: list[str], around: Surroundings) -> Repair | None:
    """Return the fix that writes what a value means, without the values that its list already has."""
    written, (*holder, step) = ", ".join(map(shown, meant)), broken.path
    beside = around.at(tuple(holder))
    if not isinstance(step, int) or not isinstance(beside, list):
        # Several values need a list; a text in place of a list has another fix, which makes it a list.
        return Repair(f"write {written}", (Replace(broken.path, meant[0]),), unsafe=True) if len(meant) == 1 else None
    there = {each for index, item in enumerate(beside) if index < step for each in meant_choices(item, allowed)}
    new = [each for each in meant if each not in there and each not in beside]
    if not new:
        return Repair("remove it, since the list has it already", (Remove(broken.path),), unsafe=True)
    if len(meant) == 1:
        return Repair(f"write {written}", (Replace(broken.path, meant[0]),), unsafe=True)
    before = [Kept((*holder, index)) for index in range(step)]
    after = [Kept((*holder, index)) for index in range(step + 1, len(beside))]
    return Repair(f"write {written}", (Replace(tuple(holder), [*before, *new, *after]),), unsafe=True)


def _wrong_count(broken: Violation) -> Problem:
    count, name = len(broken.value), _name(broken.path)
    if broken.keyword == "uniqueItems":
        return _at(rules.WRONG_COUNT, broken, f"{name} names something twice", "keep each once")
    low, high = broken.schema.get("minItems", 0), broken.schema.get("maxItems")
    wanted = f"exactly {low}" if low == high else f"{low} to {high}" if high else f"{low} or more"
    message = f"{name} holds {count or 'no'} {'entry' if count == 1 else 'entries'}, but it takes {wanted}"
    hint = "for several endpoints use one connect after the other" if name == "endpoint" and count > 1 else None
    return _at(rules.WRONG_COUNT, broken, message, hint)


def _conflict(broken: Violation) -> Problem:
    schema, holder = broken.schema, broken.value
    keys = [key for key in (schema["x-blame"], *schema.get("x-also", ())) if key in holder]
    place = Place((*broken.path, keys[0]), "key") if keys else Place(broken.path)
    also = tuple((Place((*broken.path, key), "key"), "with this") for key in keys[1:])
    return Problem(
        rule=rules.CONFLICTING_OPTIONS, place=place, message=schema["x-message"], hint=schema["x-hint"], also=also
    )


def _malformed(broken: Violation) -> Problem:
    name, value = _name(broken.path), broken.value
    expected = broken.schema.get("x-expected")
    if broken.keyword == "pattern" and (place := find_placeholder(value)):
        return _placeholder(broken, place, expected or "the value")
    if broken.keyword == "minLength" or value == "":
        return _at(
            rules.MALFORMED_VALUE, broken, f"{name} is empty", f"write {expected}" if expected else "write a text"
        )
    if broken.keyword == "maxLength":
        return _at(
            rules.MALFORMED_VALUE,
            broken,
            f"{name} is {len(value)} characters long, and {broken.schema['maxLength']} are allowed",
            None,
        )
    if broken.keyword == "pattern":
        return _at(
            rules.MALFORMED_VALUE,
            broken,
            f"{shown(value)} is not a valid {name}",
            f"write {expected}" if expected else None,
        )
    return _at(rules.MALFORMED_VALUE, broken, f"{name} is not allowed here", None)
