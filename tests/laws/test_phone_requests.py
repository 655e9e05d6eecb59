"""The phone never raises, and every call ends, whatever requests come during calls and however late webhooks are answered."""

from __future__ import annotations

import json
from random import Random

from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import MONDAY
from ncco_lang.simulate.script import Person, next_at
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Answer, Hook, Plan, Request, Settings
from tests.laws.test_phone_laws import HOURS, STATES, URLS, act_of, answer, ncco

HOOK = Hook(url=URLS[0], method="GET")


def begin(random: Random, phone: Phone, plan: Plan) -> str:
    """Ring in or out."""
    if random.random() < 0.5:
        return phone.ring_in("1", "2", at=MONDAY)
    detection = random.choice([None, {"behavior": "continue", "beep": True, "timeout": 45.0}])
    hook, own = random.choice([(HOOK, None), (None, ncco(random))])
    endpoint = {"type": "phone", "number": "31612345678"}
    return phone.ring_out(endpoint, "2", answer=hook, ncco=own, plan=plan, detection=detection, at=MONDAY, length=900.0)


def request(random: Random, phone: Phone, leg: Leg) -> None:
    """Do to a leg what a request may do to it, or what the person on it may do."""
    kind = random.choice(["act", "hang_up", "play", "stop", "hearing", "keys", "transfer", "fetch"])
    if kind == "act":
        phone.act(leg.id, act_of(random))
    elif kind == "hang_up":
        phone.hang_up(leg.id)
    elif not leg.is_up:
        return
    elif kind == "play":
        phone.play(leg.id, {"action": "talk", "text": "x" * random.randint(1, 200), "loop": random.choice([0, 1])})
    elif kind == "stop":
        phone.stop(leg.id, random.choice(["talk", "stream"]))
    elif kind == "hearing":
        phone.hearing(leg.id, random.choice(["mute", "unmute", "earmuff", "unearmuff"]))
    elif kind == "keys":
        phone.post_keys(leg.id, random.choice([None, HOOK]))
    else:
        phone.transfer(leg.id, HOOK if kind == "fetch" else ncco(random))


def hold_calls(seed: int) -> None:
    """Play up to three calls with requests in between, and assert that they end and leave nothing."""
    random = Random(seed)
    plan = Plan(
        status=random.choice(STATES), lasts=random.choice([None, 9.0]), before=1.0, stays=random.choice([True, False])
    )
    settings = Settings(
        answer=HOOK, event=Hook(url=URLS[1]), fallback=random.choice([None, HOOK]), plan_of=lambda _: plan
    )
    phone = Phone(settings, now=12.345)
    people = [Person(begin(random, phone, plan), [act_of(random)] * 3) for _ in range(random.randint(1, 3))]
    due: list[tuple[float, Request]] = []
    requests, answers = 20, 40
    while True:
        due += [(round(phone.now + random.random() * 4, 3), each) for each in phone.take() if isinstance(each, Request)]
        if any(person.act(phone) for person in people):
            continue
        due.sort(key=lambda each: each[0])
        moments = [each[0] for each in due[:1]] + [at for at in [next_at(phone, people)] if at is not None]
        if not moments:
            break
        live = [leg for leg in phone.legs() if not leg.is_over]
        if live and requests and random.random() < 0.15:
            requests -= 1
            phone.advance(phone.now + (min(moments) - phone.now) * random.random())
            request(random, phone, random.choice(live))
            continue
        phone.advance(min(moments))
        if not phone.board.outputs and due and due[0][0] <= phone.now:
            answers -= 1
            asked = due.pop(0)[1]
            first = asked.kind == "answer" and answers > 0
            made = Answer(body=json.dumps(ncco(random)).encode()) if first else answer(random)
            phone.answer(asked.id, made if answers > 0 else Answer())
    assert phone.is_over
    assert not any(call["holds"] for call in phone.board.state.calls.values())
    for leg in phone.legs():
        assert leg.ended is not None
        assert leg.ended - (leg.answered or leg.started) <= HOURS
    for person in people:
        phone.forget(person.leg)
    left = phone.dump()
    assert not any(left[name] for name in ("calls", "legs", "requests", "rooms", "recordings", "work"))


def test_requests_during_random_calls() -> None:
    for seed in range(300):
        try:
            hold_calls(seed)
        except BaseException as raised:
            raised.add_note(f"hold_calls({seed})")
            raise
