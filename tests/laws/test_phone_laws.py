"""The phone never raises, and every call ends within two hours, for any NCCO, caller and webhooks."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.script import play
from ncco_lang.simulate.types import (
    CLOSED,
    RESET,
    TIMED_OUT,
    Act,
    Answer,
    HangUp,
    Hook,
    Plan,
    Press,
    Request,
    Say,
    Settings,
    Silence,
)

NOW = 1_700_000_000.0
HOURS = 2 * 3600.0
URLS = ["https://a.example.com/one", "https://a.example.com/two"]
STATES = ("answered", "machine", "busy", "timeout", "unanswered", "rejected", "failed", "cancelled")


def ncco(random: Random, depth: int = 0) -> list[dict[str, Any]]:
    """Return a random NCCO, mostly valid."""
    return [action(random, depth) for _ in range(random.randint(1, 5))]


def action(random: Random, depth: int) -> dict[str, Any]:
    made = random.choice([talk, stream, ask, record, conversation, connect, notify, wait, transfer])(random)
    if random.random() < 0.03:
        # Slightly broken: an option is missing, or has another type.
        key = random.choice(list(made))
        if random.random() < 0.5:
            del made[key]
        else:
            made[key] = random.choice([None, True, [], {}, "x", -1])
    return made


def talk(random: Random) -> dict[str, Any]:
    text = random.choice(["", "Hello.", "a" * 200, "<speak>Hi<break time='2s'/></speak>", "こんにちは"])
    return {
        "action": "talk",
        "text": text,
        **some(random, bargeIn=True, loop=random.choice([1, 2, 0]), language="ja-JP"),
    }


def stream(random: Random) -> dict[str, Any]:
    return {"action": "stream", "streamUrl": [URLS[0]], **some(random, bargeIn=True, loop=random.choice([1, 0]))}


def ask(random: Random) -> dict[str, Any]:
    types = random.choice([["dtmf"], ["speech"], ["dtmf", "speech"]])
    made: dict[str, Any] = {"action": "input", "type": types, **some(random, eventUrl=[URLS[1]], eventMethod="GET")}
    if "dtmf" in types:
        made["dtmf"] = some(random, maxDigits=random.randint(1, 20), timeOut=random.randint(0, 10), submitOnHash=True)
    if "speech" in types:
        made["speech"] = some(
            random, endOnSilence=0.4, startTimeout=random.randint(1, 60), maxDuration=5, saveAudio=True
        )
    return made


def record(random: Random) -> dict[str, Any]:
    options = some(
        random, endOnSilence=3, endOnKey="#", timeOut=random.choice([3, 7200]), beepStart=True, transcription={}
    )
    return {"action": "record", **options}


def conversation(random: Random) -> dict[str, Any]:
    options = some(random, startOnEnter=False, endOnExit=True, record=True, musicOnHoldUrl=[URLS[0]], mute=True)
    return {"action": "conversation", "name": random.choice("ab"), **options}


def connect(random: Random) -> dict[str, Any]:
    number: dict[str, Any] = {"type": "phone", "number": random.choice(["31201234568", "31201234569"])}
    if random.random() < 0.3:
        number["onAnswer"] = {"url": URLS[1]}
    socket = {"type": "websocket", "uri": "wss://b.example.com", "content-type": "audio/l16;rate=16000"}
    options = some(random, eventType="synchronous", timeout=random.randint(1, 120), limit=30, machineDetection="hangup")
    return {
        "action": "connect",
        "endpoint": [random.choice([number, number, socket])],
        "from": "31201234567",
        **options,
    }


def notify(random: Random) -> dict[str, Any]:
    return {"action": "notify", "payload": {"a": 1}, "eventUrl": [random.choice(URLS)]}


def wait(random: Random) -> dict[str, Any]:
    return {"action": "wait", **some(random, timeout=random.choice([0.1, 7200, 2]))}


def transfer(random: Random) -> dict[str, Any]:
    return {"action": "transfer", "conversationId": "CON-00000000-0000-4000-8000-000000000002"}


def some(random: Random, **options: Any) -> dict[str, Any]:
    """Return about a third of the options."""
    return {name: value for name, value in options.items() if random.random() < 0.34}


def act_of(random: Random) -> Act:
    acts: list[Act] = [Press("1"), Press("12#"), Say("sales"), Say("", 70.0), Silence(), HangUp(), Press("*")]
    return random.choice(acts)


def answer(random: Random) -> Answer:
    """Return the answer of a webhook: mostly empty, at times an NCCO, at times an invalid one."""
    kind = random.random()
    if kind < 0.6:
        return Answer()
    if kind < 0.85:
        return Answer(body=json.dumps(ncco(random)).encode())
    return random.choice(
        [
            Answer(status=500),
            Answer(status=503),
            Answer(failure=random.choice([CLOSED, RESET, TIMED_OUT])),
            Answer(body=b"<html>", content_type="text/html"),
            Answer(body=b"[" * 100),
            Answer(body=b"\xff"),
            Answer(body=b'[{"action": "tlak"}]'),
            Answer(body=b"{}"),
            Answer(body=b"[]"),
        ]
    )


def hold_call(seed: int) -> None:
    """Play one random call, and assert that it ends."""
    random = Random(seed)
    plan = Plan(
        status=random.choice(STATES), after=random.choice([0.0, 3.0, 100.0]), lasts=random.choice([None, 0.0, 9.0])
    )
    settings = Settings(
        answer=Hook(url=URLS[0], method="GET"),
        event=random.choice([None, Hook(url=URLS[1])]),
        fallback=random.choice([None, Hook(url=URLS[1])]),
        plan_of=lambda _: plan,
    )
    first = ncco(random)
    asked = 0

    def respond(request: Request) -> Answer:
        nonlocal asked
        asked += 1
        if request.kind == "answer":
            return Answer(body=json.dumps(first).encode())
        # After a while servers answer nothing, since an endless series of NCCOs would keep the call going for ever.
        return answer(random) if asked < 40 else Answer()

    phone = Phone(settings, now=NOW)
    legs = [phone.ring_in(str(number), "2") for number in range(random.choice([1, 1, 2]))]
    for _ in play(phone, legs[-1], [act_of(random) for _ in range(random.randint(0, 6))], respond):
        pass
    assert phone.is_over
    for leg in phone.legs():
        assert leg.ended is not None
        assert leg.ended - (leg.answered or leg.started) <= HOURS


def hold_calls(seeds: range) -> None:
    for seed in seeds:
        try:
            hold_call(seed)
        except BaseException as raised:
            raised.add_note(f"hold_call({seed})")
            raise


def test_random_calls() -> None:
    hold_calls(range(2_000))


@pytest.mark.soak
@pytest.mark.parametrize("batch", range(50))
def test_many_random_calls(batch: int) -> None:
    hold_calls(range(10_000 + batch * 2_000, 12_000 + batch * 2_000))
