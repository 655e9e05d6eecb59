"""Recognise what is right elsewhere: settings at another action, actions under another key, values in another shape."""

from __future__ import annotations

import re
from typing import Any

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
)
from ncco_lang.values.phone import certain_digits
from ncco_lang.vocabulary import schema_rules as rules
from ncco_lang.vocabulary.legacy_table import elsewhere, form
from ncco_lang.vocabulary.limits import EndpointShape, FaultyAddress, NumberShape, address_fault, named
from ncco_lang.vocabulary.meant import Surroundings, meant_action
from ncco_lang.vocabulary.ncco_schema import action_names, definition
from ncco_lang.vocabulary.schema_validator import Violation
from ncco_lang.vocabulary.speech import legacy_voices
from ncco_lang.words import Wire, kind_words

_EVENTS = frozenset({"eventUrl", "eventMethod"})
VOICE_NAMES = frozenset({"voice", "voiceId", "voice_id", "speaker", "gender", "synthesizer"})
"""Options of other platforms that choose a voice by its name."""
_NAMES = ("verb", "command", "cmd", "step", "type", "method", "name")
_OTHERS = frozenset({"type", "method", "name"})
"""Keys that often hold something else: only the platform's own actions count there."""


def at_prompt(broken: Violation, around: Surroundings) -> Problem | None:
    """Return the problem of an address for events, or a setting for keys, at an action that has none; None for others."""
    key, path, owner = broken.detail, (*broken.path, broken.detail), broken.owner
    if owner not in action_names():
        return None
    shared: dict[str, Any] = {"owner": owner, "option": key, "near": None, "homes": (), "options": ()}
    if owner == "talk" and key in VOICE_NAMES:
        return _voice(broken, path, shared)
    if key in _EVENTS:
        return Problem(facts=rules.NothingPosted(**shared), place=Place(path, "key"))
    setting = _setting_of_input(key)
    if definition(owner).get("x-role") != "prompt" or setting is None:
        return None
    facts = rules.OfInput(**shared, setting=Wire(setting))
    return Problem(facts=facts, place=Place(path, "key"), repair=_move_to_input(path, setting, around))


def _voice(broken: Violation, path: Path, shared: dict[str, Any]) -> Problem:
    """Return the problem of a voice by its name, with the language and style of an older name."""
    name = broken.value[broken.detail]
    plain = name.rpartition(".")[2].capitalize() if isinstance(name, str) else ""
    voice = legacy_voices().get(plain)
    language, style = (None, None) if voice is None else (voice["language"], voice["style"])
    repair = None
    if voice is not None and not {"language", "style", "voiceName"} & broken.value.keys():
        repair = Repair((ReplaceEntry(path, (("language", language), ("style", style))),), unsafe=True)
    facts = rules.NoVoiceName(**shared, language=language, style=style)
    return Problem(facts=facts, place=Place(path, "key"), repair=repair)


def _setting_of_input(key: str) -> str | None:
    """Return the setting of `dtmf` that a key names, by its own name or that of other platforms."""
    if key in definition("dtmf")["properties"]:
        return key
    older = form("option", "input", key)
    return None if older is None else older["fix"].get("as")


def _move_to_input(path: Path, setting: str, around: Surroundings) -> Repair | None:
    """Return the fix that moves a setting of a prompt into the input after it, if that has none of its own."""
    *before, index, _ = path
    if not isinstance(index, int):
        return None
    actions, follower = around.at(tuple(before)), (*before, index + 1)
    following = actions[index + 1] if index + 1 < len(actions) else None
    if not isinstance(following, dict) or following.get("action") != "input":
        return None
    prompt = actions[index]
    if sum(_setting_of_input(other) is not None for other in prompt) > 1:
        return None
    value, dtmf = Kept(path), following.get("dtmf")
    added: Change
    if "dtmf" not in following and not any(form("option", "input", other) for other in following):
        added = Insert(follower, (("dtmf", {setting: value}),))
    elif isinstance(dtmf, dict) and setting not in dtmf:
        added = Insert((*follower, "dtmf"), ((setting, value),))
    else:
        return None
    return Repair((Remove(path), added), "move it there", unsafe=True)


def misnamed_action(broken: Violation) -> Problem | None:
    """Return the problem of an object whose action is under another key than `action`; None for other objects."""
    holder, path = broken.value, broken.path
    for key, value in holder.items():
        if key.strip().lower() == "action":
            return Problem(
                facts=rules.OtherCase(key=key, right="action"),
                place=Place((*path, key), "key"),
                repair=Repair(
                    _in_right_case(holder, path, value), "write the keys as the platform has them", unsafe=True
                ),
            )
    for key in _NAMES:
        value = holder.get(key)
        is_verb = isinstance(value, str) and key not in _OTHERS and value.lower() in _verbs()
        if is_verb or (isinstance(value, str) and value in action_names()):
            renamed = Repair((Rename((*path, key), "action"),), unsafe=True)
            return Problem(facts=rules.OtherKey(key=key), place=Place((*path, key), "key"), repair=renamed)
    if len(holder) == 1:
        ((key, value),) = holder.items()
        if (near := meant_action(key)[0]) is not None and (key in action_names() or key.lower() in _verbs()):
            entries = tuple((each, Kept((*path, key, each))) for each in value) if isinstance(value, dict) else ()
            change = ReplaceEntry((*path, key), (("action", near), *entries))
            is_whole = isinstance(value, dict) and "action" not in value
            repair = Repair((change,), unsafe=True) if is_whole else None
            return Problem(facts=rules.ActionAsKey(action=near), place=Place((*path, key), "key"), repair=repair)
    return None


def _verbs() -> frozenset[str]:
    """Return the words that other platforms have for an action."""
    from ncco_lang.vocabulary.language_words import elsewhere as verbs

    return frozenset((*verbs("statements"), *elsewhere("actions")))


def _in_right_case(holder: dict[str, Any], path: Path, action: Any) -> tuple[Change, ...]:
    """Return the changes that write the keys of an action as the platform has them."""
    name = action.lower() if isinstance(action, str) and action.lower() in action_names() else None
    options = ("action",) if name is None else ("action", *definition(name)["properties"])
    right = {option.lower(): option for option in options}
    changes: list[Change] = []
    taken = set(holder)
    for key in holder:
        meant = right.get(key.strip().lower())
        if meant is not None and meant not in taken:
            taken.add(meant)
            changes.append(Rename((*path, key), meant))
    return tuple(changes)


def other_shape(broken: Violation, around: Surroundings) -> Problem | None:
    """Return the problem of a number or an address in place of an endpoint, or of an endpoint in place of a number."""
    path, value, option = broken.path, broken.value, named(broken.path)
    wanted = broken.schema.get("type")
    if broken.schema.get("x-kind") == "phone" and isinstance(value, dict) and isinstance(value.get("number"), str):
        shape = NumberShape(option=option, wanted="string", given=kind_words(value), number=value["number"])
        return Problem(facts=shape, place=Place(path), repair=Repair((Replace(path, Kept((*path, "number"))),)))
    is_item = len(path) > 1 and path[-2] == "endpoint" and isinstance(path[-1], int)
    if not isinstance(value, str) or wanted not in ("array", "object") or not (path[-1] == "endpoint" or is_item):
        return None
    endpoint = _endpoint_of(value, around.number_beside(path))
    facts = EndpointShape(option=Wire("endpoint"), wanted=wanted, given=kind_words(value), number=None)
    if endpoint is None:
        return Problem(facts=facts, place=Place(path))
    if endpoint["type"] == "phone":
        facts = EndpointShape(
            option=Wire("endpoint"), wanted=wanted, given=kind_words(value), number=endpoint["number"]
        )
    repair = Repair((Replace(path, endpoint if is_item else [endpoint]),), "write {option} as an object", unsafe=True)
    return Problem(facts=facts, place=Place(path), repair=repair)


def faulty_address(broken: Violation, facts: FaultyAddress) -> Problem:
    """Return the problem of a web address with its fix, if the address without the fault is right."""
    fault = address_fault(broken.value, str(facts.kind))
    if fault is None:
        return Problem(facts=facts, place=Place(broken.path))
    place, repair = Place(broken.path, "inside", fault.start, fault.end), None
    if fault.right is not None and re.search(broken.schema["pattern"], fault.right) is not None:
        repair = Repair((Replace(broken.path, fault.right),), unsafe=not fault.is_certain)
    return Problem(facts=facts, place=place, repair=repair)


def _endpoint_of(text: str, near: str) -> dict[str, str] | None:
    """Return the endpoint that a text names, a telephone number or an address; None for other texts."""
    plain = text.strip()
    if plain.lower().startswith(("sip:", "sips:")):
        return {"type": "sip", "uri": plain}
    if plain.lower().startswith(("ws://", "wss://")):
        return {"type": "websocket", "uri": plain, "content-type": "audio/l16;rate=16000"}
    digits = certain_digits(plain, near)
    return None if digits is None else {"type": "phone", "number": digits}
