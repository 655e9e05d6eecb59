"""Find the list of actions in a document, and say what a document is that is none.

An answer URL gives a bare list. Authors also send what an SDK, the call API, PHP or a web framework makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ncco_lang.diagnostics import Facts, Kept, Path, Place, Problem, Repair, Replace
from ncco_lang.vocabulary import schema_rules as rules
from ncco_lang.vocabulary.ncco_schema import action_names
from ncco_lang.words import kind_words

_DEEPEST = 3
_LONGEST = 100_000
_CALL_COMMANDS = frozenset({"hangup", "mute", "unmute", "earmuff", "unearmuff"})


class NamedEnvelope(rules.Envelope):
    """A list of actions under another key than an SDK's."""

    hint = "keep only the list in {key}"
    key: str


class ListInList(Facts):
    """A list of actions inside a list."""

    rule = rules.SDK_ENVELOPE
    message = "the list of actions is inside another list"
    hint = "keep only the inner list"


class CallBody(Facts):
    """The body with which the call API replaces the NCCO of a call; `where` is the NCCO in it."""

    rule = rules.SDK_ENVELOPE
    message = "this is the body of PUT /calls; its NCCO is {where:s}"
    hint = "keep only the list, or send this to the call API"
    where: str


class CallCommand(Facts):
    """A command of the call API."""

    rule = rules.SDK_ENVELOPE
    message = "{command} is a command of PUT /calls, not of an NCCO"
    hint = "send it to the call API"
    command: str


class CallRequest(Facts):
    """The body with which the call API makes a call, without an NCCO."""

    rule = rules.NOT_AN_ARRAY
    message = "this is the body of POST /calls, without an NCCO"
    hint = "check what its `answer_url` gives"


class NumberedObject(Facts):
    """Actions in an object whose keys count: what PHP and JavaScript make of a list."""

    rule = rules.NOT_AN_ARRAY
    message = "an NCCO is a list, not an object with numbered keys"
    hint = "write the list; in PHP use array_values before json_encode"


class EncodedTwice(Facts):
    """An NCCO as JSON in a text."""

    rule = rules.NOT_AN_ARRAY
    message = "this NCCO is encoded twice: it is a text with JSON inside"
    hint = "encode it once"


class EncodedEntry(Facts):
    """An NCCO as JSON in a text of an object."""

    rule = rules.SDK_ENVELOPE
    message = "the NCCO is a text with JSON inside, in {key}"
    hint = "an answer URL gives the list itself"
    key: str


def find_actions(value: Any) -> tuple[Path, list[Any]] | None:
    """Return the list of actions in a document with its path; a single action is a list of one (with the path `()`).

    None if there is no such list; `check_shape` says why.
    """
    if isinstance(value, list):
        inner = value[0] if len(value) == 1 else None
        if isinstance(inner, list) and _are_actions(inner):
            return (0,), inner
        if inner is not None and (path := _replacement(inner)) is not None:
            return (0, *path), _at(inner, path)
        return (), value
    if not isinstance(value, dict):
        return None
    if (path := _replacement(value)) is not None:
        return path, _at(value, path)
    if isinstance(value.get("ncco"), list):
        return ("ncco",), value["ncco"]
    if "action" in value:
        return None if _is_command(value) else ((), [value])
    held = _envelope(value)
    return None if held is None else (held, _at(value, held))


def check_shape(value: Any) -> Iterator[Problem]:
    """Check that a document is a list of actions; the problem says what to do if it is not."""
    if isinstance(value, list):
        yield from _check_list(value)
    elif isinstance(value, dict):
        yield _check_object(value)
    else:
        yield _check_text(value)


def _check_list(value: list[Any]) -> Iterator[Problem]:
    if not value:
        yield Problem(facts=rules.EmptyNcco(), place=Place(()))
        return
    if len(value) > 1:
        return
    inner = value[0]
    if isinstance(inner, list) and _are_actions(inner):
        yield Problem(facts=ListInList(), place=Place((0,)), repair=_keep((0,)))
    elif (path := _replacement(inner)) is not None:
        yield _call_body((0, *path))


def _check_object(value: dict[str, Any]) -> Problem:
    if (path := _replacement(value)) is not None:
        return _call_body(path)
    if _is_command(value):
        return Problem(facts=CallCommand(command=value["action"]), place=Place(("action",)))
    if "action" in value and not isinstance(value.get("ncco"), list):
        repair = Repair((Replace((), [Kept(())]),), "put it into a list")
        return Problem(facts=rules.LoneAction(), place=Place(("action",), "key"), repair=repair)
    if isinstance(value.get("ncco"), list):
        others = [key for key in value if key != "ncco"]
        return Problem(
            facts=rules.Envelope(), place=Place(("ncco",), "key"), repair=_keep(("ncco",), unsafe=bool(others))
        )
    if (keys := _numbered(value)) is not None:
        change = Replace((), [Kept((key,)) for key in keys])
        return Problem(facts=NumberedObject(), place=Place(()), repair=Repair((change,)))
    if (held := _envelope(value)) is not None:
        facts = NamedEnvelope(key=str(held[-1]))
        return Problem(facts=facts, place=Place(held, "key"), repair=_keep(held, unsafe=len(value) > 1))
    encoded = next((key for key, item in value.items() if _encoded(item) is not None), None)
    if encoded is not None:
        change = Replace((), _encoded(value[encoded]))
        repair = Repair((change,), unsafe=True)
        return Problem(facts=EncodedEntry(key=encoded), place=Place((encoded,)), repair=repair)
    if "to" in value and ("answer_url" in value or "ncco" in value):
        return Problem(facts=CallRequest(), place=Place(("to",), "key"))
    return Problem(facts=rules.NotAList(given=kind_words(value)), place=Place(()))


def _check_text(value: Any) -> Problem:
    encoded = _encoded(value)
    if encoded is None:
        return Problem(facts=rules.NotAList(given=kind_words(value)), place=Place(()))
    return Problem(facts=EncodedTwice(), place=Place(()), repair=Repair((Replace((), encoded),), unsafe=True))


def _keep(path: Path, *, unsafe: bool = False) -> Repair:
    return Repair((Replace((), Kept(path)),), "keep only the list", unsafe=unsafe)


def _call_body(path: Path) -> Problem:
    where = "destination.ncco"
    return Problem(facts=CallBody(where=where), place=Place(path, "key"), repair=_keep(path, unsafe=True))


def _is_command(value: dict[str, Any]) -> bool:
    """Return whether an object is a command of the call API, such as `{"action": "hangup"}`."""
    action = value.get("action")
    return len(value) == 1 and isinstance(action, str) and action in _CALL_COMMANDS


def _replacement(value: Any) -> Path | None:
    """Return the path of the NCCO in the body with which the call API replaces the NCCO of a call, or None."""
    target = value.get("destination") if isinstance(value, dict) and value.get("action") == "transfer" else None
    return ("destination", "ncco") if isinstance(target, dict) and isinstance(target.get("ncco"), list) else None


def _envelope(value: dict[str, Any]) -> Path | None:
    """Return the path of the only list of actions inside an object, at most three keys deep, or None."""
    path: Path = ()
    for _ in range(_DEEPEST):
        lists = [key for key, item in value.items() if isinstance(item, list) and _are_actions(item)]
        if len(lists) == 1:
            return (*path, lists[0])
        inner = [key for key, item in value.items() if isinstance(item, dict)]
        if lists or len(inner) != 1:
            return None
        path, value = (*path, inner[0]), value[inner[0]]
    return None


def _are_actions(items: list[Any]) -> bool:
    """Return whether a list begins with an action of the platform."""
    first = items[0] if items else None
    return isinstance(first, dict) and first.get("action") in action_names()


def _numbered(value: dict[str, Any]) -> list[str] | None:
    """Return the keys `0`, `1` … of an object of actions in order, or None."""
    keys = [key for key in value if key.isascii() and key.isdigit() and len(key) < 6]
    if (
        not keys
        or len(keys) < len(value)
        or not all(isinstance(item, dict) and "action" in item for item in value.values())
    ):
        return None
    return sorted(keys, key=int)


def _encoded(value: Any) -> Any:
    """Return the list of actions, or the single action, that a text has as JSON, or None."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{") or len(value) > _LONGEST:
        return None
    try:
        inner = json.loads(value)
    except (ValueError, RecursionError):
        return None
    items = inner if isinstance(inner, list) else [inner]
    return inner if _are_actions(items) else None


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
