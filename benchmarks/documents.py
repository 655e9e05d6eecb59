"""Make NCCO documents to measure with: valid ones without findings, and ones with a single error.

A document consists of scenes, as a call does: a greeting, a menu, a message after the beep. The same seed gives the
same documents on every machine.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any, TypeAlias

Action: TypeAlias = dict[str, Any]
Document: TypeAlias = list[Action]

SEED = 20261123

_SENTENCES = (
    "Welcome to the bakery on the market square.",
    "Press 1 for opening hours, 2 for an order, or stay on the line.",
    "All our colleagues are in a call. We will be with you in a moment.",
    "Your order is ready. You can collect it today until six in the evening.",
    "Please say the name of the person you would like to speak to.",
    "Thank you for calling, and goodbye.",
)
_LANGUAGES = ("en-GB", "en-US", "de-DE", "nl-NL", "fr-FR")
_EVENTS = (
    "https://example.com/events",
    "https://calls.example.org/hooks/ncco?line=7",
    "https://example.net/api/v1/calls",
)
_MUSIC = ("https://example.com/audio/hold.mp3", "https://media.example.org/menu/jingle.wav")
_NUMBERS = ("442079460958", "442079460123", "31201234567", "493012345678")


def valid_documents(actions: int, count: int, seed: int = SEED) -> list[Document]:
    """Return valid documents of that many actions each."""
    chance = random.Random(seed * 1000 + actions)
    return [_document(chance, actions) for _ in range(count)]


def wrong_documents(actions: int, count: int, seed: int = SEED) -> list[Document]:
    """Return the same documents with one error each; the kinds of error take turns."""
    return [_spoilt(document, turn) for turn, document in enumerate(valid_documents(actions, count, seed))]


# ── Valid ones ─────────────────────────────────────────────────────────────────────────────────────────


def _document(chance: random.Random, length: int) -> Document:
    document: Document = []
    while (left := length - len(document)) > 0:
        scenes = [*_ONE, *(_TWO if left > 1 else ()), *(_THREE if left > 2 else ())]
        if left == 1:
            # Nothing may follow a conversation, so it can only be the last scene.
            scenes.append(_room)
        if not document and length > 1:
            scenes = [_greeting]
        document += chance.choice(scenes)(chance)
    return document


def _talk(chance: random.Random) -> Action:
    action: Action = {"action": "talk", "text": chance.choice(_SENTENCES)}
    if chance.random() < 0.5:
        action |= {"language": chance.choice(_LANGUAGES), "style": 0}
    if chance.random() < 0.2:
        action["level"] = chance.choice((-0.5, 0.2, 1))
    return action


def _greeting(chance: random.Random) -> Document:
    return [_talk(chance)]


def _music(chance: random.Random) -> Document:
    action: Action = {"action": "stream", "streamUrl": [chance.choice(_MUSIC)]}
    if chance.random() < 0.5:
        action["loop"] = chance.randint(1, 4)
    return [action]


def _dial(chance: random.Random) -> Document:
    endpoint = chance.choice(
        (
            {"type": "phone", "number": chance.choice(_NUMBERS)},
            {"type": "sip", "uri": "sip:desk@sip.example.com"},
            {"type": "app", "user": "reception"},
            {
                "type": "websocket",
                "uri": "wss://example.com/socket",
                "content-type": "audio/l16;rate=16000",
                "headers": {"line": "7"},
            },
        )
    )
    action: Action = {"action": "connect", "from": _NUMBERS[0], "endpoint": [copy.deepcopy(endpoint)]}
    if chance.random() < 0.5:
        action |= {"timeout": chance.randint(10, 60), "eventUrl": [chance.choice(_EVENTS)], "eventMethod": "POST"}
    return [action]


def _report(chance: random.Random) -> Document:
    payload = {"step": chance.randint(1, 9), "queue": "orders", "tags": ["new", "evening"]}
    return [{"action": "notify", "payload": payload, "eventUrl": [chance.choice(_EVENTS)]}]


def _pause(chance: random.Random) -> Document:
    return [{"action": "wait", "timeout": chance.randint(1, 5)}]


def _menu(chance: random.Random) -> Document:
    keys = {"maxDigits": chance.randint(1, 4), "timeOut": chance.randint(3, 10), "submitOnHash": True}
    action: Action = {"action": "input", "type": ["dtmf"], "dtmf": keys, "eventUrl": [chance.choice(_EVENTS)]}
    return [{**_talk(chance), "bargeIn": True}, action]


def _question(chance: random.Random) -> Document:
    speech = {"language": chance.choice(_LANGUAGES), "context": ["sales", "orders"], "endOnSilence": 1.5}
    action: Action = {"action": "input", "type": ["speech"], "speech": speech, "eventUrl": [chance.choice(_EVENTS)]}
    return [_talk(chance), action]


def _message(chance: random.Random) -> Document:
    action: Action = {"action": "record", "format": "mp3", "endOnKey": "#", "beepStart": True}
    if chance.random() < 0.5:
        action |= {"endOnSilence": 3, "timeOut": 120, "eventUrl": [chance.choice(_EVENTS)]}
    # What is recorded is confirmed: a connect right after it would have a finding.
    return [_talk(chance), action, {"action": "talk", "text": chance.choice(_SENTENCES)}]


def _room(chance: random.Random) -> Document:
    return [{"action": "conversation", "name": "team", "musicOnHoldUrl": [chance.choice(_MUSIC)], "endOnExit": True}]


_ONE = (_greeting, _music, _dial, _report, _pause)
_TWO = (_menu, _question)
_THREE = (_message,)


# ── Ones with an error ─────────────────────────────────────────────────────────────────────────────────


def _spoilt(document: Document, turn: int) -> Document:
    """Return a copy with one error: of the kind whose turn it is, or the next that fits the document."""
    spoilt = copy.deepcopy(document)
    for step in range(len(_ERRORS)):
        if _ERRORS[(turn + step) % len(_ERRORS)](spoilt):
            return spoilt
    raise ValueError("no kind of error fits this document")


def _first(document: Document, key: str) -> Action | None:
    return next((action for action in document if key in action), None)


def _misspelt_action(document: Document) -> bool:
    name = document[-1]["action"]
    document[-1]["action"] = name[1] + name[0] + name[2:]
    return True


def _unknown_option(document: Document) -> bool:
    document[0]["volume"] = 3
    return True


def _wrong_type(document: Document) -> bool:
    return _replace(document, "text", 42)


def _missing_option(document: Document) -> bool:
    action = _first(document, "text")
    if action is None:
        return False
    del action["text"]
    return True


def _out_of_range(document: Document) -> bool:
    action = _first(document, "text")
    if action is None:
        return False
    action["level"] = 11
    return True


def _bare_address(document: Document) -> bool:
    action = _first(document, "eventUrl")
    return action is not None and _replace(document, "eventUrl", action["eventUrl"][0])


def _unknown_value(document: Document) -> bool:
    action = _first(document, "eventUrl")
    if action is None:
        return False
    action["eventMethod"] = "PUT"
    return True


def _written_number(document: Document) -> bool:
    return _replace(document, "from", "+44 20 7946 0958")


def _replace(document: Document, key: str, value: Any) -> bool:
    action = _first(document, key)
    if action is None:
        return False
    action[key] = value
    return True


_ERRORS: tuple[Callable[[Document], bool], ...] = (
    _misspelt_action,
    _unknown_option,
    _wrong_type,
    _missing_option,
    _out_of_range,
    _bare_address,
    _unknown_value,
    _written_number,
)
