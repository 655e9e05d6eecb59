"""The emulated phone plays NCCO by the platform's rules (`docs/design/phone.md`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.script import play
from ncco_lang.simulate.switches import Switches
from ncco_lang.simulate.transcript import transcript
from ncco_lang.simulate.types import (
    TIMED_OUT,
    Act,
    Answer,
    HangUp,
    Hook,
    Output,
    Plan,
    Press,
    Request,
    Say,
    Settings,
    Silence,
)

NOW = 1_700_000_000.0
SETTINGS = Settings(
    answer=Hook(url="https://a.example.com/answer", method="GET", read=5.0),
    event=Hook(url="https://a.example.com/event"),
)
ASK = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://a.example.com/keys"]}
SPEECH = {"action": "input", "type": ["speech"], "eventUrl": ["https://a.example.com/words"]}


def talk(text: str, **more: Any) -> dict[str, Any]:
    return {"action": "talk", "text": text, **more}


def connect(**more: Any) -> dict[str, Any]:
    return {"action": "connect", "endpoint": [{"type": "phone", "number": "31201234568"}], **more}


class Call:
    """A call that was played to its end: its transcript, and the webhooks that were sent."""

    def __init__(
        self,
        ncco: Sequence[Mapping[str, Any]],
        *script: Act,
        answers: Mapping[str, Answer] | None = None,
        settings: Settings = SETTINGS,
        switches: Switches | None = None,
        reloads: bool = False,
    ) -> None:
        phone = Phone(settings, switches=switches, now=NOW)
        given = {"answer": body(ncco), **(answers or {})}

        def respond(request: Request) -> Answer:
            self.requests.append(request)
            if reloads:
                # The state holds everything that the phone knows, at every step.
                phone.board.state = type(phone.board.state).load(json.loads(json.dumps(phone.dump())))
            key = f"{request.kind} {request.fields.get('status')}"
            return given.get(key, given.get(request.kind, Answer()))

        self.requests: list[Request] = []
        leg = phone.ring_in("31201234567", "31612345678")
        outputs: list[Output] = list(play(phone, leg, script, respond))
        self.is_over = phone.is_over
        self.begun = phone.board.leg(leg).index
        self.transcript = transcript(outputs, NOW)

    @property
    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.transcript["events"]
        return found

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["what"] in kinds]

    @property
    def heard(self) -> list[str]:
        return [event.get("text") or event["url"] for event in self.of("talk", "stream")]

    def posted(self, kind: str) -> list[Mapping[str, Any]]:
        return [request.fields for request in self.requests if request.kind == kind]

    @property
    def end(self) -> float:
        at: float = self.of("ended")[0]["at"]
        return at

    @property
    def problems(self) -> list[str]:
        return [problem["reason"] for problem in self.transcript["problems"]]


def body(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode())


def test_actions_run_in_order_and_the_last_one_ends_the_call() -> None:
    call = Call([talk("a" * 15), {"action": "wait", "timeout": 2}, talk("b" * 30)])
    assert [(event["at"], event["what"]) for event in call.of("talk", "wait", "ended")] == [
        (0.0, "talk"),
        (1.0, "wait"),
        (3.0, "talk"),
        (5.0, "ended"),
    ]
    last = call.posted("event")[-1]
    assert (last["status"], last["duration"], last["disconnected_by"]) == ("completed", "5", "platform")
    assert call.problems == []


def test_a_key_cuts_the_prompts_up_to_the_input() -> None:
    phone = Phone(SETTINGS, now=NOW)
    leg = phone.ring_in("1", "2")
    ncco = [talk("a" * 150, bargeIn=True), talk("b" * 150), ASK]
    for output in phone.take():
        if isinstance(output, Request) and output.kind == "answer":
            phone.answer(output.id, body(ncco))
    phone.advance(NOW + 4.0)
    phone.take()
    phone.advance(NOW + 4.0)
    phone.act(leg, Press("7"))
    happened = [(each.what, dict(each.data)) for each in phone.take() if not isinstance(each, Request)]
    assert ("cut", {"by": "key", "heard": 4.0, "dropped": 1, "index": 0}) in happened
    assert any(what == "input" and data["dtmf"]["digits"] == "7" for what, data in happened)


@pytest.mark.parametrize(
    ("dtmf", "keys", "digits", "timed_out", "after"),
    [
        ({"maxDigits": 2}, "12", "12", False, 0.0),
        ({"maxDigits": 4}, "12", "12", True, 3.0),
        ({"maxDigits": 4, "timeOut": 7}, "1", "1", True, 7.0),
        ({"submitOnHash": True}, "12#", "12", False, 0.0),
        ({}, "", "", True, 3.0),
    ],
)
def test_keys_end_an_input(dtmf: dict[str, Any], keys: str, digits: str, timed_out: bool, after: float) -> None:
    call = Call([{**ASK, "dtmf": dtmf}, talk("done")], *([Press(keys)] if keys else []))
    (posted,) = call.posted("input")
    assert posted["dtmf"] == {"digits": digits, "timed_out": timed_out}
    assert posted["speech"] == {"results": []}
    assert call.of("input")[0]["at"] == after
    assert call.heard == ["done"]


def test_the_answer_to_an_input_replaces_what_is_left() -> None:
    call = Call([ASK, talk("not heard")], Press("1"), answers={"input": body([talk("heard")])})
    assert call.heard == ["heard"]


def test_speech_is_posted_after_silence() -> None:
    call = Call([SPEECH], Say("sales", 2.0))
    (posted,) = call.posted("input")
    assert posted["speech"]["results"][0]["text"] == "sales"
    assert posted["speech"]["timeout_reason"] == "end_on_silence_timeout"
    assert posted["dtmf"] == {"digits": None, "timed_out": False}
    assert call.of("input")[0]["at"] == 4.0


def test_silence_runs_out_the_time_to_start() -> None:
    (posted,) = Call([SPEECH], Silence()).posted("input")
    assert posted["speech"] == {"timeout_reason": "start_timeout", "results": []}


def test_a_record_ends_with_its_key_and_posts_its_size() -> None:
    record = {"action": "record", "endOnKey": "#", "format": "wav", "eventUrl": ["https://a.example.com/r"]}
    call = Call([record, talk("thanks")], Say("", 8.0), Press("#"))
    (posted,) = call.posted("record")
    assert posted["size"] == 8 * 32000 + 44
    assert call.heard == ["thanks"]
    assert "status" not in posted


def test_a_record_without_an_end_condition_ends_with_the_call() -> None:
    call = Call([{"action": "record"}, talk("a" * 15)])
    assert [(event["at"], event["why"]) for event in call.of("recorded")] == [(1.0, "call")]


@pytest.mark.parametrize(
    ("plan", "states"),
    [
        (Plan(status="busy", after=2.0), ["started", "ringing", "busy"]),
        (Plan(status="rejected", after=1.0), ["started", "rejected"]),
        (Plan(status="timeout"), ["started", "ringing", "timeout"]),
        (Plan(status="answered", after=1.0, lasts=4.0), ["started", "ringing", "answered", "completed"]),
    ],
)
def test_a_connect_posts_the_states_of_its_leg(plan: Plan, states: list[str]) -> None:
    settings = Settings(answer=SETTINGS.answer, event=SETTINGS.event, plan_of=lambda _: plan)
    call = Call([connect(eventUrl=["https://a.example.com/leg"], timeout=20), talk("next")], settings=settings)
    leg = [request.fields["status"] for request in call.requests if request.hook.url.endswith("/leg")]
    assert leg == states
    assert call.heard == ["next"]


def test_a_synchronous_connect_takes_an_ncco_for_a_failure() -> None:
    settings = Settings(answer=SETTINGS.answer, event=SETTINGS.event, plan_of=lambda _: Plan(status="busy"))
    answers = {"event busy": body([talk("voicemail")])}
    call = Call([connect(eventType="synchronous"), talk("not heard")], settings=settings, answers=answers)
    assert call.heard == ["voicemail"]
    assert Call([connect(), talk("heard")], settings=settings, answers=answers).heard == ["heard"]


def test_on_answer_runs_on_the_callee_before_it_is_joined() -> None:
    endpoint = {"type": "phone", "number": "31201234568", "onAnswer": {"url": "https://a.example.com/whisper"}}
    ncco = [{"action": "connect", "endpoint": [endpoint]}]
    call = Call(ncco, answers={"on_answer": body([talk("a call for you")])})
    order = [event["what"] for event in call.events if event["what"] in ("talk", "connected")]
    assert order == ["talk", "connected"]


def test_the_platform_asks_again_and_then_the_fallback() -> None:
    settings = Settings(
        answer=SETTINGS.answer, event=SETTINGS.event, fallback=Hook(url="https://a.example.com/fallback")
    )
    phone = Phone(settings, now=NOW)
    sent = []

    def respond(request: Request) -> Answer:
        sent.append((request.hook.url.rpartition("/")[2], request.attempt, request.fields.get("reason")))
        return body([talk("fallback")]) if request.is_fallback else Answer(failure=TIMED_OUT)

    outputs = list(play(phone, phone.ring_in("1", "2"), (), respond))
    assert [each for each in sent if each[0] != "event"] == [
        ("answer", 1, None),
        ("answer", 2, None),
        ("fallback", 1, "Socket timeout."),
    ]
    assert transcript(outputs, NOW)["problems"] == []


def test_an_invalid_ncco_is_an_error_event_also_if_the_fallback_has_a_valid_one() -> None:
    fallback = Hook(url="https://a.example.com/fallback")
    phone = Phone(Settings(answer=SETTINGS.answer, event=SETTINGS.event, fallback=fallback), now=NOW)

    def respond(request: Request) -> Answer:
        return body([talk("fallback") if request.is_fallback else {"action": "tlak"}])

    outputs = list(play(phone, phone.ring_in("1", "2"), (), respond))
    errors = [each.fields["reason"] for each in outputs if isinstance(each, Request) and each.kind == "error"]
    assert errors == ["Syntax error in NCCO. Invalid value type or action."]
    assert transcript(outputs, NOW)["problems"] == []


def test_an_invalid_ncco_ends_the_call_with_a_problem() -> None:
    call = Call([{"action": "tlak", "text": "x"}])
    assert call.problems == ["invalid-ncco"]
    assert call.posted("error")[0]["reason"].startswith("Syntax error in NCCO")


def test_waiting_alone_in_a_conversation_is_dead_air() -> None:
    room = {"action": "conversation", "name": "support", "startOnEnter": False}
    assert Call([room]).problems == ["dead-air"]
    assert Call([{**room, "musicOnHoldUrl": ["https://a.example.com/m.mp3"]}]).problems == []


def test_two_calls_meet_in_a_conversation_and_the_moderator_ends_it() -> None:
    phone = Phone(SETTINGS, now=NOW)
    room = {"action": "conversation", "name": "support"}
    nccos = {"1": [{**room, "startOnEnter": False}, talk("bye")], "2": [{**room, "endOnExit": True}]}

    def respond(request: Request) -> Answer:
        return body(nccos[request.fields["to"]]) if request.kind == "answer" else Answer()

    guest = phone.ring_in("1", "9")
    moderator = phone.ring_in("2", "8")
    outputs = list(play(phone, moderator, [HangUp()], respond))
    events = transcript(outputs, NOW)["events"]
    assert [event["text"] for event in events if event["what"] == "talk"] == ["bye"]
    assert any(event["what"] == "webhook" and event["kind"] == "transfer" for event in events)
    assert phone.board.leg(guest).by == "platform"


def test_each_change_of_the_conversation_is_posted() -> None:
    phone = Phone(SETTINGS, now=NOW)
    room = {"action": "conversation", "name": "support"}
    nccos = {
        "1": [room, {**room, "name": "own"}],
        "2": [room, {**room, "name": "other"}],
        "3": [{**room, "endOnExit": True}],
    }
    moves: dict[str, list[str]] = {}

    def respond(request: Request) -> Answer:
        fields = request.fields
        if request.kind == "transfer":
            assert fields["conversation_uuid_from"] == moves[fields["uuid"]][-1]
            moves[fields["uuid"]].append(fields["conversation_uuid_to"])
        elif request.kind == "event":
            assert moves.setdefault(fields["uuid"], [fields["conversation_uuid"]])[-1] == fields["conversation_uuid"]
        return body(nccos[fields["to"]]) if request.kind == "answer" else Answer()

    legs = [phone.ring_in(number, "9") for number in ("1", "2", "3")]
    list(play(phone, legs[2], [HangUp()], respond))
    first, second, third = moves.values()
    # The first creates the conversation that the others join. When it is over, two others begin.
    assert first[0] == second[1] == third[1]
    assert (len(first), len(second), len(third)) == (1, 3, 2)


def test_the_times_of_a_call_differ_by_its_duration() -> None:
    fields = Call([talk("a" * 15), {"action": "wait", "timeout": 1.5}]).posted("event")[-1]
    assert (fields["start_time"][-8:], fields["end_time"][-8:]) == (":20.000Z", ":23.000Z")
    assert fields["duration"] == "3"


def test_an_ncco_may_answer_that_a_websocket_was_closed() -> None:
    socket = {"type": "websocket", "uri": "wss://a.example.com/s", "content-type": "audio/l16;rate=16000"}
    ncco = [{"action": "connect", "endpoint": [socket]}, talk("after")]
    call = Call(ncco)
    assert [fields["status"] for fields in call.posted("event")][3:-1] == [
        "started",
        "answered",
        "disconnected",
        "completed",
    ]
    assert "direction" not in call.posted("event")[5]
    assert call.heard == ["after"]
    assert Call(ncco, answers={"event disconnected": body([talk("instead")])}).heard == ["instead"]
    # The platform ends it.
    limited = Call([{**ncco[0], "limit": 5}])
    assert "disconnected" not in [fields["status"] for fields in limited.posted("event")]


def test_a_server_cannot_fill_the_memory() -> None:
    again = {"action": "notify", "payload": {"x": "y" * 2**20}, "eventUrl": ["https://a.example.com/again"]}
    call = Call([again], answers={"notify": body([again])})
    assert call.problems == ["endless"]
    assert len(call.posted("notify")) < 20


def test_the_beep_is_awaited_as_long_as_the_action_says() -> None:
    ncco = [connect(advancedMachineDetection={"mode": "detect_beep", "beep_timeout": 100})]
    plan = Plan(status="machine", beep=False, lasts=200.0)
    call = Call(ncco, settings=Settings(answer=SETTINGS.answer, event=SETTINGS.event, plan_of=lambda _: plan))
    assert [event["at"] for event in call.of("connected")] == [103.0]


@pytest.mark.parametrize(
    ("mode", "behavior", "connected", "detected"),
    [
        ("detect", "continue", [3.0], [3.0]),
        ("default", "continue", [3.0], [5.0]),
        ("detect", "hangup", [], [3.0]),
        ("default", "hangup", [3.0], [5.0]),
    ],
)
def test_a_detection_runs_before_the_call_or_beside_it(
    mode: str, behavior: str, connected: list[float], detected: list[float]
) -> None:
    ncco = [connect(advancedMachineDetection={"mode": mode, "behavior": behavior})]
    plan = Plan(status="machine", lasts=200.0)
    call = Call(ncco, settings=Settings(answer=SETTINGS.answer, event=SETTINGS.event, plan_of=lambda _: plan))
    assert [event["at"] for event in call.of("connected")] == connected
    assert [event["at"] for event in call.of("status") if event["status"] == "machine"] == detected
    lasts = 203.0 if behavior == "continue" else detected[0]
    assert next(event["at"] for event in call.of("ended")) == lasts


def test_the_state_can_be_dumped_and_loaded_at_every_step() -> None:
    ncco = [
        talk("hello", bargeIn=True),
        {**ASK, "type": ["dtmf", "speech"]},
        connect(),
        {"action": "record", "endOnKey": "#"},
    ]
    script = (Press("1"), Say("", 4.0), Press("#"))
    assert Call(ncco, *script, reloads=True).transcript == Call(ncco, *script).transcript


# Why a call may stop before its last action has begun.
STOPS = ("invalid-ncco", "unreachable-webhook", "no-ncco", "endless")
CORPUS = sorted((Path(__file__).resolve().parents[2] / "shared" / "corpus" / "dev").glob("*.json"))


@pytest.mark.skipif(not CORPUS, reason="the corpus of real NCCOs is not beside this checkout")
def test_every_real_ncco_reaches_an_end() -> None:
    from ncco_lang.checker import validate
    from ncco_lang.simulate.nccos import read_ncco

    played, stopped = 0, 0
    for path in CORPUS:
        text = path.read_text(encoding="utf-8")
        if any(finding.severity == "error" for finding in validate(text)) or not text.lstrip().startswith("["):
            continue
        call = Call(json.loads(text))
        assert call.is_over, path.name
        assert set(call.problems) <= {"dead-air", *STOPS}, (path.name, call.problems)
        played += 1
        actions = read_ncco(json.loads(text)).actions
        if actions is None or call.begun < len(actions):
            # Dead air alone does not stop a call.
            assert set(call.problems) & set(STOPS), path.name
            stopped += 1
    assert played > 200
    assert stopped <= played * 0.05


@pytest.mark.parametrize(("stays", "stops", "lasts"), [(True, True, 7200), (True, False, 7200), (False, True, 0)])
def test_what_a_request_plays_as_the_last_sound_ends_no_call_that_stays(stays: bool, stops: bool, lasts: float) -> None:
    phone = Phone(SETTINGS, now=NOW)
    plan = Plan(after=2.0, lasts=None, stays=stays)
    leg = phone.ring_out(
        {"type": "phone", "number": "31612345699"}, None, ncco=[talk("Hello.", bargeIn=True)], plan=plan
    )
    phone.advance(NOW + 2.0)
    phone.play(leg, talk("More."))
    if stops:
        phone.stop(leg, "talk")
    while (at := phone.next_at()) is not None:
        phone.advance(at)
    assert phone.board.leg(leg).status == "completed"
    assert phone.now == NOW + 2.0 + lasts
