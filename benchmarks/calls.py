"""Calls to play: the answers of a webhook server, what the caller does, and how dialled numbers behave.

Six kinds of call, with five to fourteen webhooks each and ten on average.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ncco_lang.simulate.types import Act, Plan, Press, Say, Silence

NUMBER, CALLER, DESK, HOME = "31201234567", "31612345678", "31201234568", "31687654321"
ANSWER, EVENT, SOUND = (f"https://shop.example.com/{path}" for path in ("answer", "event", "chime.mp3"))
SEED = 20_261_129
_WORDS = "your order is ready for pick up at the counter on the first floor please bring the number we sent".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCall:
    """A call to play.

    Attributes:
        answers: the body of the response to a webhook by its URL; other webhooks get an empty 200.
        webhooks: how many are sent.
    """

    name: str
    answers: Mapping[str, bytes]
    script: tuple[Act, ...]
    plans: Mapping[str, Plan]
    webhooks: int


def make_calls(of_each: int, seed: int = SEED) -> list[SampleCall]:
    """Return so many calls of each kind, whose texts and keys differ; the same for the same seed."""
    chance = random.Random(seed)
    makers: tuple[Callable[[random.Random], SampleCall], ...] = (_notice, _menu, _pin, _voicemail, _survey, _hunt)
    return [make(chance) for _ in range(of_each) for make in makers]


def _call(
    name: str, webhooks: int, nccos: Mapping[str, list[Any]], script: tuple[Act, ...] = (), **plans: Plan
) -> SampleCall:
    answers = {url: json.dumps(ncco).encode() for url, ncco in nccos.items()}
    behaves = {number: plans[key] for key, number in (("desk", DESK), ("home", HOME)) if key in plans}
    return SampleCall(name=name, answers=answers, script=script, plans=behaves, webhooks=webhooks)


def _notice(chance: random.Random) -> SampleCall:
    stream = {"action": "stream", "streamUrl": [SOUND]}
    return _call("notice", 5, {ANSWER: [_talk(chance), stream, _talk(chance, language="en-GB", style=2)]})


def _menu(chance: random.Random) -> SampleCall:
    choice = _keys(chance, 1)
    nccos = {ANSWER: [_prompt(chance), _ask("choice", 1)], _url("choice"): [_talk(chance), _connect(DESK)]}
    return _call("menu", 9, nccos, (Press(choice),), desk=Plan(status="busy"))


def _pin(chance: random.Random) -> SampleCall:
    nccos = {
        ANSWER: [_talk(chance), _prompt(chance), _ask("choice", 1)],
        _url("choice"): [_prompt(chance), _ask("first", 4)],
        _url("first"): [_prompt(chance), _ask("second", 4)],
        _url("second"): [_talk(chance), _connect(DESK, limit=600), _talk(chance)],
    }
    # The first PIN lacks a digit, so it ends by its time-out.
    script = (Press(_keys(chance, 1)), Press(_keys(chance, 3)), Silence(), Press(_keys(chance, 4)))
    return _call("pin", 12, nccos, script, desk=Plan(after=4.0, lasts=chance.randint(5, 90) * 1.0))


def _voicemail(chance: random.Random) -> SampleCall:
    speech = {"language": "en-GB", "endOnSilence": 1}
    record = {"action": "record", "endOnKey": "#", "beepStart": True, "format": "wav", "eventUrl": [_url("message")]}
    notify = {"action": "notify", "payload": {"box": chance.randint(1, 99)}, "eventUrl": [_url("note")]}
    nccos = {
        ANSWER: [
            _prompt(chance),
            {"action": "input", "type": ["speech"], "speech": speech, "eventUrl": [_url("name")]},
        ],
        _url("name"): [_talk(chance), record, notify, _talk(chance)],
    }
    script = (Say(_words(chance, 3)), Say("", chance.randint(3, 60) * 1.0), Press("#"))
    return _call("voicemail", 8, nccos, script)


def _survey(chance: random.Random) -> SampleCall:
    nccos: dict[str, list[Any]] = {ANSWER: [_talk(chance), _prompt(chance), _ask("question0", 1)]}
    for number in range(5):
        nccos[_url(f"question{number}")] = [_prompt(chance), _ask(f"question{number + 1}", 1)]
    notify = {"action": "notify", "payload": {"answers": [chance.randint(1, 5)]}, "eventUrl": [_url("note")]}
    nccos[_url("question5")] = [notify, _talk(chance)]
    # The caller does not answer the last question.
    return _call("survey", 12, nccos, tuple(Press(_keys(chance, 1)) for _ in range(5)))


def _hunt(chance: random.Random) -> SampleCall:
    nccos = {
        ANSWER: [_prompt(chance), _ask("choice", 1)],
        _url("choice"): [_connect(DESK, timeout=20), _talk(chance), _connect(HOME), _prompt(chance), _ask("mark", 1)],
    }
    script = (Press(_keys(chance, 1)), Press(_keys(chance, 1)))
    plans = {"desk": Plan(status="timeout"), "home": Plan(lasts=chance.randint(5, 90) * 1.0)}
    return _call("hunt", 14, nccos, script, **plans)


def _url(path: str) -> str:
    return f"https://shop.example.com/{path}"


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(count))


def _keys(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _talk(chance: random.Random, **more: Any) -> dict[str, Any]:
    return {"action": "talk", "text": f"{_words(chance, chance.randint(4, 20))}.", **more}


def _prompt(chance: random.Random) -> dict[str, Any]:
    return _talk(chance, bargeIn=True)


def _ask(path: str, digits: int) -> dict[str, Any]:
    return {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": digits, "timeOut": 5}, "eventUrl": [_url(path)]}


def _connect(number: str, **more: Any) -> dict[str, Any]:
    return {"action": "connect", "from": NUMBER, "endpoint": [{"type": "phone", "number": number}], **more}
