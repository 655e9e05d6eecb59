"""Calls of one phone have clocks of their own, which stop while a call waits for a webhook."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import MONDAY
from ncco_lang.simulate.script import Person, next_at
from ncco_lang.simulate.transcript import Transcript
from ncco_lang.simulate.types import Act, Answer, HangUp, Happened, Hook, Plan, Press, Request, Say, Settings, Silence
from tests.laws.test_phone_laws import STATES, act_of, answer, ncco
from tests.test_phone import ASK, SETTINGS, Call, body, connect, talk

NCCO = [
    talk("Press 1.", bargeIn=True),
    {**ASK, "type": ["dtmf", "speech"]},
    connect(),
    {"action": "record", "endOnSilence": 2},
]
SCRIPT = (Press("1"), Say("", 1.2345), HangUp())


class Slow:
    """Plays calls whose webhooks get their response after some seconds on the phone's clock."""

    def __init__(self, phone: Phone, seconds: float, respond: Callable[[Request], Answer] = lambda _: Answer()) -> None:
        self.phone = phone
        self.seconds = seconds
        self.respond = respond
        self.people: list[Person] = []
        self.transcripts: dict[str, Transcript] = {}
        self.due: list[tuple[float, Request]] = []

    def call(self, ncco: list[dict[str, Any]] | None, script: Sequence[Act], at: float) -> Transcript:
        leg = self.phone.ring_in("31201234567", "31612345678", ncco=ncco, at=at)
        self.people.append(Person(leg, script))
        self.transcripts[leg] = made = Transcript(at)
        return made

    def play(self) -> None:
        phone = self.phone
        while True:
            for output in phone.take():
                self.transcripts[phone.board.leg(output.leg).call].add(output)
                if isinstance(output, Request):
                    self.due.append((round(phone.now + self.seconds, 3), output))
            if any(person.act(phone) for person in self.people):
                continue
            moments = [*(at for at, _ in self.due), next_at(phone, self.people)]
            until = min((at for at in moments if at is not None), default=None)
            if until is None or (phone.is_over and not self.due):
                break
            phone.advance(until)
            if not phone.board.outputs and self.due and self.due[0][0] <= phone.now:
                request = self.due.pop(0)[1]
                phone.answer(request.id, self.respond(request))
        for person in self.people:
            if (unused := person.unused(phone)) is not None:
                self.transcripts[person.leg].add(unused)
        for made in self.transcripts.values():
            made.finish()


@pytest.mark.parametrize(("begins", "seconds"), [(0.0, 0.0), (12.345, 0.0), (12.345, 3.2), (987_654.321, 0.7)])
def test_a_call_is_the_same_however_late_its_webhooks_are_answered(begins: float, seconds: float) -> None:
    alone = Slow(Phone(SETTINGS, now=MONDAY), 0.0)
    whole = alone.call(NCCO, SCRIPT, MONDAY)
    alone.play()
    phone = Phone(SETTINGS, now=begins)
    slow = Slow(phone, seconds)
    first = slow.call(NCCO, SCRIPT, MONDAY)
    phone.advance(begins + 1.1)
    second = slow.call(NCCO, SCRIPT, MONDAY)
    slow.play()
    assert json.dumps(first.value()) == json.dumps(second.value()) == json.dumps(whole.value())
    assert whole.events[-1]["what"] == "webhook"


def random_call(seed: int, begins: float, seconds: float) -> str:
    """Return the transcript of a random call, whose responses depend on what it waited for before."""
    random = Random(seed)
    plan = Plan(status=random.choice(STATES), after=random.choice([0.0, 3.0]), lasts=random.choice([None, 9.0]))
    fallback = random.choice([None, Hook(url="https://a.example.com/fallback", method="GET")])
    settings = Settings(answer=SETTINGS.answer, event=SETTINGS.event, fallback=fallback, plan_of=lambda _: plan)
    first, script = ncco(random), [act_of(random) for _ in range(random.randint(0, 6))]
    count = 0

    def respond(request: Request) -> Answer:
        nonlocal count
        if not request.waits:
            return Answer()
        count += 1
        if request.kind == "answer":
            return body(first)
        return answer(random) if count < 20 else Answer()

    slow = Slow(Phone(settings, now=begins), seconds, respond)
    made = slow.call(None, script, MONDAY)
    slow.play()
    return json.dumps(made.value())


def test_random_calls_are_the_same_however_late_their_webhooks_are_answered() -> None:
    for seed in range(150):
        at_once = random_call(seed, 0.0, 0.0)
        assert random_call(seed, 12.345, 3.2) == at_once, seed
        assert random_call(seed, 987_654.321, 0.7) == at_once, seed


def test_a_held_call_can_be_dumped_and_goes_on_where_it_stopped() -> None:
    phone = Phone(SETTINGS, now=0.0)
    leg = phone.ring_in("1", "2", ncco=[{"action": "notify", "payload": {}}, talk("a" * 15)], at=MONDAY)
    request = next(each for each in phone.take() if isinstance(each, Request) and each.waits)
    phone.advance(100.0)
    assert phone.next_at() is None
    phone = Phone(SETTINGS, state=json.loads(json.dumps(phone.dump())))
    phone.answer(request.id, Answer())
    assert [each.at for each in phone.take() if isinstance(each, Happened) and each.what == "talk"] == [MONDAY]
    phone.advance(110.0)
    assert phone.board.leg(leg).ended == MONDAY + 1.0


@pytest.mark.parametrize(
    ("plan", "states"),
    [
        (Plan(before=1.0, after=2.0, lasts=4.0), [(0, "started"), (1, "ringing"), (2, "answered"), (3, "completed")]),
        (Plan(after=2.0, lasts=4.0, stays=True), [(0, "started"), (0, "ringing"), (2, "answered"), (6, "completed")]),
        (Plan(status="rejected", rings=True), [(0, "started"), (0, "ringing"), (3, "rejected")]),
        (Plan(status="timeout", after=2.0, rings=False), [(0, "started"), (2, "timeout")]),
        (Plan(status="timeout", before=1.0), [(0, "started"), (1, "ringing"), (21, "timeout")]),
        (Plan(status="failed", detail="number_out_of_service", sip_code=502), [(0, "started"), (3, "failed")]),
    ],
)
def test_a_plan_says_what_becomes_of_a_call(plan: Plan, states: list[tuple[float, str]]) -> None:
    phone = Phone(SETTINGS, now=5.0)
    phone.ring_out(
        {"type": "phone", "number": "31612345678"}, "1", ncco=[talk("a" * 15)], timeout=20, plan=plan, at=0.0
    )
    outputs = phone.take()
    while (at := phone.next_at()) is not None:
        phone.advance(at)
        outputs += phone.take()
    found = [(each.at, each.data["status"]) for each in outputs if isinstance(each, Happened) and each.what == "status"]
    assert found == states
    last = [each for each in outputs if isinstance(each, Request)][-1]
    assert (plan.detail is None) or (last.fields["detail"], last.fields["sip_code"]) == (plan.detail, plan.sip_code)


def test_the_keys_of_an_asynchronous_input_are_posted_one_by_one() -> None:
    keys = {"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://a.example.com/k"]}
    call = Call(
        [keys, {"action": "record", "endOnKey": "#"}], Press("12#"), answers={"input": body([talk("not played")])}
    )
    assert [posted["dtmf"]["digits"] for posted in call.posted("input")] == ["1", "2", "#"]
    assert call.heard == []
    # They are taken while the call goes on; after silence, the next action is waited for.
    wait, ask = {"action": "wait", "timeout": 5}, {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}}
    call = Call([keys, talk("a" * 15), wait, ask], Press("12"), Silence(), Press("3"))
    assert [(press["at"], press["key"]) for press in call.of("press")] == [(1.0, "1"), (1.0, "2"), (6.0, "3")]


def test_a_forgotten_call_leaves_nothing() -> None:
    phone = Phone(SETTINGS, now=0.0)
    room = {"action": "conversation", "name": "room", "record": True}
    gone = phone.ring_in("1", "2", ncco=[room])
    stays = phone.ring_in("1", "3", ncco=[room])
    taken = phone.take()
    assert phone.is_needed(gone)
    phone.forget(gone)
    for output in taken:
        if isinstance(output, Request):
            phone.answer(output.id, Answer())
    phone.take()
    phone.hang_up(stays)
    while (at := phone.next_at()) is not None:
        phone.advance(at)
    phone.forget(stays)
    state = {name: value for name, value in phone.dump().items() if name not in ("count", "now", "timers")}
    assert not any(value for name, value in state.items() if name != "files")


def test_a_recording_ends_with_the_last_call_of_its_conversation_that_is_forgotten() -> None:
    phone = Phone(SETTINGS, now=0.0)
    room = {"action": "conversation", "name": "room", "record": True}
    over, last = phone.ring_in("1", "2", ncco=[room]), phone.ring_in("1", "3", ncco=[room])
    phone.hang_up(over)
    assert phone.is_needed(over)
    phone.forget(last)
    assert not phone.is_needed(over)


def test_a_call_that_is_transferred_while_it_waits_does_not_go_back() -> None:
    phone = Phone(SETTINGS, now=0.0)
    leg = phone.ring_in("1", "2")
    asked = next(each for each in phone.take() if isinstance(each, Request) and each.kind == "answer")
    phone.transfer(leg, [connect(eventType="synchronous"), talk("transferred")])
    phone.advance(4.0)
    # An event of the connection waits for its response when the call is transferred once more.
    phone.answer(asked.id, body([talk("too late")]))
    phone.advance(20.0)
    waits = [each for each in phone.take() if isinstance(each, Request) and each.waits]
    phone.transfer(leg, [connect(eventType="synchronous"), talk("the end")])
    for request in waits:
        phone.answer(request.id, body([talk("too late")]))
    slow = Slow(phone, 0.0)
    slow.people, slow.transcripts = [Person(leg)], {leg: Transcript(0.0)}
    slow.play()
    assert [line["text"] for line in slow.transcripts[leg].events if line["what"] == "talk"] == ["the end"]
    assert phone.is_over
