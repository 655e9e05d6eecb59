"""The engine: which document answers which event, and that nothing makes it raise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.blocks.build import build_bundle
from ncco_lang.blocks.lower import lower_program
from ncco_lang.bundle import Bundle
from ncco_lang.compiler import bind_source
from ncco_lang.engine.events import Connect, Event, Facts, Heard, Input, Joined, Note, Reply, Started, with_addresses
from ncco_lang.engine.state import State, StateError, dump_state, load_state
from ncco_lang.engine.step import step
from ncco_lang.ncco.emit import emit_ncco, render_ncco
from ncco_lang.source import Source
from ncco_lang.vocabulary.ncco_schema import is_valid
from tests.budget import searched
from tests.bundles import BUNDLES, EVENTS
from tests.judge import judge

FIXTURES = Path(__file__).parent / "fixtures"
NO_FACTS = Facts()
STARTED = Started(time=1000.0, leg="leg", conversation="con", caller="31612345678", called="31201234567")


def bundle_of(text: str, **settings: Any) -> Bundle:
    """Return the bundle of a flow; `settings` are those of `build_bundle`."""
    program, found = bind_source(Source("x.flow", text))
    wrong = [
        each.message
        for each in found
        if each.rule.name not in ("not-in-this-version", "endless-call") and each.severity == "error"
    ]
    assert wrong == []
    return build_bundle(program, *lower_program(program), **settings)


def answer(bundle: Bundle, state: State | None, event: Event, facts: Facts = NO_FACTS) -> Reply:
    """Return the reply to an event, after checks that every reply passes."""
    reply = step(bundle, state, event, (), facts)
    assert isinstance(reply, Reply)
    # What earlier answers have left prepared changes nothing.
    assert step(replace(bundle), state, event, (), facts) == reply
    if reply.document is not None:
        assert judge(reply.document) == []
        assert is_valid(reply.document)
        assert len(reply.origins) == len(reply.document)
    for each in (*((address.state) for address in reply.addresses), *([reply.state] if reply.state else [])):
        assert load_state(dump_state(each), bundle.graph) == each
    return reply


def said(reply: Reply) -> list[str]:
    """Return a document as one word or text for each action, `b` for barge-in; the tail is left out."""
    lines = []
    for action in reply.document or []:
        hook = next((each.hook for each in reply.addresses if (reply.document or [])[int(each.path[0])] is action), "")
        name = action["text"] if action["action"] == "talk" else f"<{action['action']} {hook}>".replace(" >", ">")
        lines.append(name + (" (b)" if action.get("bargeIn") else ""))
        if hook in ("i", "j"):
            break
    return lines


def keys(digits: str, *, time: float = 1010.0, timed_out: bool = False) -> Input:
    return Input(time=time, digits=digits, timed_out=timed_out)


MUSEUM = bundle_of((FIXTURES / "engine" / "museum.flow").read_text(encoding="utf-8"))
QUESTION = "Press 1 for tickets, 2 for the way to us, or hold for the desk. (b)"
TAIL = ["Sorry, something went wrong.", "Leave a message after the beep.", "<record>"]


def test_a_call_hears_the_welcome_and_the_menu() -> None:
    reply = answer(MUSEUM, None, STARTED)
    assert said(reply) == ["Welcome to the city museum.", QUESTION, "<input i>"]
    document = reply.document or []
    assert document[2] == {
        "action": "input",
        "type": ["dtmf", "speech"],
        "dtmf": {"maxDigits": 1, "timeOut": 5},
        "speech": {"language": "en-GB", "startTimeout": 5, "context": ["ticket", "guided tour", "the way"]},
        "eventUrl": ["https://flow.invalid/i/token"],
    }
    assert [each.get("text", f"<{each['action']}>") for each in document[3:]] == TAIL
    assert with_addresses(reply, lambda address: f"https://a.example/{address.hook}")[2]["eventUrl"] == [
        "https://a.example/i"
    ]


def test_a_wrong_key_is_asked_again_and_a_right_one_goes_on() -> None:
    first = answer(MUSEUM, None, STARTED)
    again = answer(MUSEUM, first.state, keys("7"))
    assert said(again) == ["That was not one of the keys. (b)", QUESTION, "<input i>"]
    assert said(answer(MUSEUM, again.state, keys("1"))) == ["Press 1 for adults, or 12 for a group. (b)", "<input i>"]
    third = answer(MUSEUM, again.state, keys("8"))
    assert said(third) == said(again)
    assert said(answer(MUSEUM, third.state, keys("9")))[0] == "One moment."


def test_a_repeat_does_not_count() -> None:
    state = answer(MUSEUM, None, STARTED).state
    for _ in range(5):
        reply = answer(MUSEUM, state, keys("2"))
        assert said(reply) == ["We are beside the station.", QUESTION, "<input i>"]
        state = reply.state
    assert (state or State(block=0, counts={0: 1})).counts == {}


def test_a_retry_in_place_of_the_question() -> None:
    state = answer(MUSEUM, answer(MUSEUM, None, STARTED).state, keys("1")).state
    reply = answer(MUSEUM, state, keys("5", timed_out=True))
    assert said(reply) == ["One, or twelve. (b)", "<input i>"]
    assert (reply.document or [])[1]["dtmf"] == {"maxDigits": 2}


def heard(*texts: str, confidence: float = 0.9) -> Input:
    return Input(time=1010.0, heard=tuple(Heard(text, confidence) for text in texts), spoke=True)


@pytest.mark.parametrize(
    ("timeout", "keys_wait", "speech_waits"), [("15s", 10, 15), ("0s", 0, 1), ("2m", 10, 60), ("2600ms", 3, 3)]
)
def test_a_time_that_only_a_call_knows_becomes_the_nearest_that_is_allowed(
    timeout: str, keys_wait: int, speech_waits: int
) -> None:
    bundle = bundle_of(
        f"step start {{ goto ask({timeout}) }}\n"
        "step ask(patience: duration) {\n"
        '    menu "Choose." { timeout: patience; 1, "one" -> hangup; otherwise -> hangup }\n}'
    )
    (action,) = (each for each in answer(bundle, None, STARTED).document or [] if each["action"] == "input")
    assert (action["dtmf"]["timeOut"], action["speech"]["startTimeout"]) == (keys_wait, speech_waits)


FORMS = """
menu "Choose." {{
    1 -> hangup
    {arms}
    otherwise -> {{ talk "otherwise"; hangup }}
}}
"""


@pytest.mark.parametrize(
    ("arms", "event", "taken"),
    [
        ('"order" -> { talk "A"; hangup }', heard("I want to ÓRDER, please!"), "A"),
        ('"order" -> { talk "A"; hangup }', heard("reorder"), "otherwise"),
        ('"order" -> { talk "A"; hangup }; "order a pizza" -> { talk "B"; hangup }', heard("order a pizza"), "B"),
        ('"one" -> { talk "A"; hangup }; "two" -> { talk "B"; hangup }', heard("three", "two", "one"), "B"),
        ('"order" -> { talk "A"; hangup }', heard("order", confidence=0.39), "otherwise"),
        ('"order" -> { talk "A"; hangup }', heard("order", confidence=0.4), "A"),
        ('"e-mail" -> { talk "A"; hangup }', heard("By email, please."), "A"),
        ('"email" -> { talk "A"; hangup }', heard("An e-mail"), "A"),
        ('"email" -> { talk "A"; hangup }', heard("Emails"), "otherwise"),
        ('"予約" -> { talk "A"; hangup }', heard("明日の予約をお願いします。"), "A"),
        ('"かぎ" -> { talk "A"; hangup }', heard("かきをください"), "otherwise"),
        ('"จอง" -> { talk "A"; hangup }', heard("ต้องการจองโต๊ะ"), "A"),
        ('"don\'t know" -> { talk "A"; hangup }', heard("Dont know"), "A"),
        ('silence -> { talk "A"; hangup }', keys("", timed_out=True), "A"),
        ('silence -> { talk "A"; hangup }', keys("#"), "A"),
        ('silence -> { talk "A"; hangup }', Input(time=1.0, spoke=True), "otherwise"),
        ('# -> { talk "A"; hangup }', keys("#"), "A"),
        ('# -> { talk "A"; hangup }', keys(""), "A"),
        ('# -> { talk "A"; hangup }', keys("", timed_out=True), "otherwise"),
        ('2 -> { talk "A"; hangup }; 204 -> { talk "B"; hangup }', keys("2", timed_out=True), "A"),
        ('2 -> { talk "A"; hangup }; 204 -> { talk "B"; hangup }', keys("204"), "B"),
        ('2 -> { talk "A"; hangup }; 204 -> { talk "B"; hangup }', keys("20", timed_out=True), "otherwise"),
        ('2 -> { talk "A"; hangup }', keys("2#"), "A"),
        ("", keys("", timed_out=True), "otherwise"),
    ],
)
def test_the_arm_that_an_answer_takes(arms: str, event: Input, taken: str) -> None:
    bundle = bundle_of(FORMS.format(arms=arms))
    reply = answer(bundle, answer(bundle, None, STARTED).state, event)
    assert said(reply) == [taken]


def at_the_desk(bundle: Bundle = MUSEUM) -> Reply:
    return answer(bundle, answer(bundle, None, STARTED).state, keys("0"))


def test_a_connect_that_is_busy() -> None:
    dialled = at_the_desk()
    assert said(dialled) == ["One moment.", "<connect c>", "<notify j>"]
    assert (dialled.document or [])[1]["eventType"] == "synchronous"
    for status in ("ringing", "completed", "started", "no such status"):
        assert answer(MUSEUM, dialled.state, Connect(time=1020.0, status=status)).document is None
    busy = answer(MUSEUM, dialled.state, Connect(time=1020.0, status="busy"))
    assert said(busy) == ["Leave a message after the beep.", "<record>"]
    assert [note.value for note in busy.notes] == ["busy"]
    # The event was lost on its way, and the notify comes: the same document.
    joined = answer(MUSEUM, dialled.state, Joined(time=1021.0), Facts(busy.notes))
    assert joined.document == busy.document
    # The event comes late, after the document of another one.
    late = answer(MUSEUM, dialled.state, Connect(time=1050.0, status="busy"), Facts(serial=9))
    assert (late.document, [note.value for note in late.notes]) == (None, ["busy"])


def test_a_connect_that_is_answered() -> None:
    dialled = at_the_desk()
    answered = answer(MUSEUM, dialled.state, Connect(time=1020.0, status="answered"))
    assert answered.document is None
    facts = Facts(answered.notes)
    assert said(answer(MUSEUM, dialled.state, Joined(time=1021.0), facts)) == ["Thank you for calling."]
    assert answer(MUSEUM, dialled.state, Connect(time=1030.0, status="timeout"), facts).document is None


def test_a_connect_whose_events_are_lost() -> None:
    dialled = at_the_desk()
    early = answer(MUSEUM, dialled.state, Joined(time=1040.5))  # 25 s of ringing, 5 s more, and the speech before
    assert said(early) == ["The desk does not answer.", "Leave a message after the beep.", "<record>"]
    assert said(answer(MUSEUM, dialled.state, Joined(time=1045.0))) == ["Thank you for calling."]


def test_a_note_about_another_connect_does_not_count() -> None:
    dialled = at_the_desk()
    facts = Facts((Note("connect", 1, "answered", 900.0),))
    assert said(answer(MUSEUM, dialled.state, Joined(time=1030.0), facts))[0] == "The desk does not answer."


def test_a_provider_without_notify() -> None:
    bundle = bundle_of((FIXTURES / "engine" / "museum.flow").read_text(encoding="utf-8"), joins="before")
    dialled = at_the_desk(bundle)
    assert said(dialled) == ["One moment.", "<connect c>", "Thank you for calling."]
    (address,) = dialled.addresses
    busy = answer(bundle, address.state, Connect(time=1020.0, status="busy"))
    assert said(busy) == ["Leave a message after the beep.", "<record>"]
    ends = bundle_of('menu "A." { 1 -> hangup; otherwise -> retry after: 2s; give_up -> hangup }', joins="before")
    begun = answer(ends, None, STARTED)
    assert answer(ends, begun.state, keys("1")).document == [
        {"action": "talk", "text": '<speak><break time="100ms"/></speak>'}
    ]
    assert said(answer(ends, begun.state, keys("2")))[0] == '<speak><break time="2000ms"/></speak>'


def test_only_the_last_prompts_of_one_kind_have_barge_in() -> None:
    text = 'talk "A."\nmenu "B." { stream "https://example.com/a.mp3"; talk "C."; talk "D."; 1 -> hangup; otherwise -> hangup }'
    reply = answer(bundle_of(text), None, STARTED)
    assert said(reply) == ["A.", "B.", "<stream>", "C. (b)", "D. (b)", "<input i>"]
    mixed = answer(bundle_of(text, mixed_barge_in=True), None, STARTED)
    assert said(mixed) == ["A.", "B. (b)", "<stream> (b)", "C. (b)", "D. (b)", "<input i>"]


def test_an_answer_is_never_empty_and_long_speech_is_split() -> None:
    bundle = bundle_of(
        f'menu "A." {{ 1 -> hangup; 2 -> more("{"A sentence of words. " * 200}"); otherwise -> retry after: 500ms; give_up -> hangup }}'
        '\nstep more(text: text) { talk "{text}" }'
    )
    state = answer(bundle, None, STARTED).state
    assert answer(bundle, state, keys("1")).document == [{"action": "wait", "timeout": 0.1}]
    assert said(answer(bundle, state, keys("3"))) == ["<wait>", "A. (b)", "<input i>"]
    parts = answer(bundle, state, keys("2")).document or []
    assert len(parts) == 3
    assert " ".join(part["text"] for part in parts) == "A sentence of words. " * 199 + "A sentence of words. "
    assert all(len(part["text"]) <= 1500 and part["text"].rstrip().endswith(".") for part in parts)


def test_the_tail_connects_where_a_flow_has_no_fallback() -> None:
    bundle = bundle_of(
        'menu "A." { 1 -> hangup; silence -> desk; otherwise -> retry; give_up -> hangup }\n'
        'step desk { talk "Hold on."; connect phone "+44 20 7946 0123" { otherwise -> hangup } }'
    )
    document = answer(bundle, None, STARTED).document or []
    assert [each["action"] for each in document] == ["talk", "input", "talk", "connect"]
    assert "eventUrl" not in document[-1]


def test_an_endless_walk_answers_the_tail() -> None:
    bundle = bundle_of("step start { goto next }\nstep next { goto start }")
    assert said(answer(bundle, None, STARTED)) == ["Sorry, something went wrong."]


@pytest.mark.parametrize("path", sorted((FIXTURES / "compile").glob("*.flow")), ids=lambda path: path.stem)
def test_a_flow_without_questions_is_what_compile_gives(path: Path) -> None:
    program, _ = bind_source(Source(path.name, path.read_bytes().decode("utf-8")))
    reply = step(build_bundle(program, *lower_program(program)), None, STARTED)
    assert isinstance(reply, Reply)
    assert render_ncco(reply.document) == render_ncco(emit_ncco(program).ncco)
    assert reply.addresses == ()


# ── Laws ───────────────────────────────────────────────────────────────────────────────────────────────


@searched(120, 20_000)
@given(BUNDLES, st.lists(st.tuples(EVENTS, st.integers(0, 5), st.booleans()), max_size=5))
def test_no_event_raises_and_every_answer_is_valid(bundle: Bundle, events: list[tuple[Event, int, bool]]) -> None:
    first = answer(bundle, None, STARTED)
    replies = [first]
    notes: tuple[Note, ...] = ()
    for event, which, knows in events:
        reply_before = replies[which % len(replies)]
        states = [address.state for address in reply_before.addresses] or [reply_before.state or State(block=0)]
        facts = Facts(notes, serial=None if not knows else max(each.state.serial for each in replies if each.state))
        reply = answer(bundle, states[which % len(states)], event, facts)
        assert reply == answer(bundle, states[which % len(states)], event, facts)
        if isinstance(event, (Input, Joined, Started)):
            assert reply.document
        notes += reply.notes
        replies.append(reply)


@searched(100, 10_000)
@given(st.recursive(st.none() | st.integers(-2, 9) | st.sampled_from(["", "x", 1.5, True]), st.lists, max_leaves=12))
def test_damaged_text_is_no_state(value: Any) -> None:
    try:
        load_state(json.dumps(value), MUSEUM.graph)
    except StateError:
        return
    assert type(value) is list


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "[]", "[NaN]", "[" * 100_000, "[99]", "[true]", "[0,0,3]", '[0,0,0,"","",1]']
)
def test_text_that_is_no_state(text: str) -> None:
    with pytest.raises(StateError):
        load_state(text, MUSEUM.graph)


def test_a_state_is_small() -> None:
    assert dump_state(answer(MUSEUM, None, STARTED).state or State(block=0)).count(",") <= 8
