"""Each switch of the phone changes the transcript of some call, and `docs/design/phone.md` lists them all."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.switches import Switches
from ncco_lang.simulate.transcript import transcript
from ncco_lang.simulate.types import Act, Answer, HangUp, Hook, Plan, Press, Request, Say, Settings
from tests.test_phone import ASK, NOW, SETTINGS, Call, body, connect, talk

PAGE = Path(__file__).resolve().parent.parent / "docs" / "design" / "phone.md"
BOTH = {"action": "input", "type": ["dtmf", "speech"], "eventUrl": ["https://a.example.com/k"]}
WHISPER = {"type": "phone", "number": "31201234568", "onAnswer": {"url": "https://a.example.com/whisper"}}


class Case(NamedTuple):
    """A call that shows the effect of a switch: the other value, the NCCO, the script, and its context."""

    value: Any
    ncco: list[dict[str, Any]]
    script: tuple[Act, ...] = ()
    answers: dict[str, Answer] | None = None
    settings: Settings = SETTINGS


def early(ncco: list[dict[str, Any]], act: Act, switches: Switches) -> Any:
    """Play a call in which the caller acts one second into the first prompt."""
    phone = Phone(SETTINGS, switches=switches, now=NOW)
    leg = phone.ring_in("1", "2", ncco=ncco)
    outputs = phone.take()
    phone.advance(NOW + 1.0)
    phone.act(leg, act)
    while not phone.is_over:
        outputs += (taken := phone.take())
        for request in taken:
            if isinstance(request, Request):
                phone.answer(request.id, Answer())
        phone.advance(phone.next_at() or phone.now)
    return transcript([*outputs, *phone.take()], NOW)


CASES = {
    "digits_when_none": Case("null", [ASK]),
    "hash_in_digits": Case(True, [{**ASK, "dtmf": {"submitOnHash": True}}], (Press("1#"),)),
    "speech_when_off": Case("error", [ASK], (Press("1"),)),
    "input_ends": Case("first", [BOTH]),
    "timers_start": Case("at_once", [talk("a" * 150, bargeIn=True), ASK]),
    "timeout_only_record": Case("asynchronous", [{"action": "record", "timeOut": 5}, talk("a" * 15)]),
    "taken_states": Case(
        frozenset(),
        [connect(eventType="synchronous"), talk("next")],
        answers={"event busy": body([talk("voicemail")])},
        settings=replace(SETTINGS, plan_of=lambda _: Plan(status="busy")),
    ),
    "hang_up_in_on_answer": Case(
        "end",
        [{"action": "connect", "endpoint": [WHISPER]}, talk("next")],
        answers={"on_answer": body([talk("a" * 300)])},
        settings=replace(SETTINGS, plan_of=lambda _: Plan(lasts=2.0)),
    ),
    "empty_on_answer": Case("hang_up", [{"action": "connect", "endpoint": [WHISPER]}]),
    "fallback_scope": Case(
        "answer",
        [ASK],
        (Press("1"),),
        answers={"input": Answer(status=500)},
        settings=replace(SETTINGS, fallback=Hook(url="https://a.example.com/fallback")),
    ),
    "pending_prompts": Case("cut", [talk("a" * 30, bargeIn=True)]),
    "default_event_url": Case("nowhere", [{"action": "record", "endOnKey": "#"}], (Press("#"),)),
}
EARLY: dict[str, tuple[Any, list[dict[str, Any]], Act]] = {
    "key_skips": ("current", [talk("a" * 60, bargeIn=True), talk("b" * 60), ASK], Press("1")),
    "interrupting_key_counts": (False, [talk("a" * 60, bargeIn=True), ASK], Press("1")),
    "speech_interrupts": ("always", [talk("a" * 60, bargeIn=True), ASK], Say("hello")),
}
# Switches with tests of their own below: they need two legs, or a transcript does not show them.
ELSEWHERE = {"after_conversation", "own_event_time_outs"}


@pytest.mark.parametrize("name", CASES)
def test_a_switch_changes_a_call(name: str) -> None:
    case = CASES[name]
    ordinary = Call(case.ncco, *case.script, answers=case.answers, settings=case.settings)
    other = replace(Switches(), **{name: case.value})
    flipped = Call(case.ncco, *case.script, answers=case.answers, settings=case.settings, switches=other)
    assert ordinary.is_over
    assert flipped.is_over
    assert ordinary.transcript != flipped.transcript


@pytest.mark.parametrize("name", EARLY)
def test_a_switch_changes_a_call_that_is_interrupted(name: str) -> None:
    value, ncco, act = EARLY[name]
    assert early(ncco, act, Switches()) != early(ncco, act, replace(Switches(), **{name: value}))


@pytest.mark.parametrize(("value", "heard"), [("run", True), ("dropped", False)])
def test_actions_after_a_conversation(value: Any, heard: bool) -> None:
    phone = Phone(SETTINGS, switches=Switches(after_conversation=value), now=NOW)
    room = {"action": "conversation", "name": "support"}
    phone.ring_in("1", "9", ncco=[room, talk("bye")])
    moderator = phone.ring_in("2", "8", ncco=[{**room, "endOnExit": True}])
    phone.take()
    phone.act(moderator, HangUp())
    events = transcript(phone.take(), NOW)["events"]
    assert any(event["what"] == "talk" for event in events) is heard


@pytest.mark.parametrize(("value", "read"), [("application", 4.0), ("default", 10.0)])
def test_an_own_event_url_has_time_outs(value: Any, read: float) -> None:
    settings = replace(SETTINGS, event=Hook(url="https://a.example.com/event", read=4.0))
    call = Call([ASK], Press("1"), settings=settings, switches=Switches(own_event_time_outs=value))
    assert [request.hook.read for request in call.requests if request.kind == "input"] == [read]


def test_every_switch_has_a_call_and_is_described() -> None:
    names = {field.name for field in fields(Switches)}
    assert names == {*CASES, *EARLY, *ELSEWHERE}
    page = PAGE.read_text(encoding="utf-8")
    assert {name for name in names if f"| `{name}` |" not in page} == set()
