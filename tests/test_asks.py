"""The engine: which answers to an `ask` are good, what its name holds, and what the platform is asked to listen for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Heard, Input, Reply
from ncco_lang.engine.state import State
from ncco_lang.values.data import UNDEFINED, from_json
from ncco_lang.values.environment import Names
from ncco_lang.values.expressions import evaluate
from tests.test_engine import STARTED, answer, bundle_of, said

ASK = """
let towns = ["Utrecht", "Den Haag", "New York"]
let floors = [1, 2, 13]
let desks = {{ "1": "Sales", "2": ["Service", "Repairs"], "x": "The post room" }}

step start {{
    ask reply "Which one?" {form} {{
        {arms}
        otherwise -> {{ talk "otherwise {{default(reply, \"\")}}"; hangup }}
    }}
    talk "good"
}}
"""
ARMS = '0 -> { talk "zero"; hangup }; "help" -> { talk "help"; hangup }; silence -> { talk "silence"; hangup }'


def asking(form: str, arms: str = ARMS) -> Bundle:
    return bundle_of(ASK.format(form=form, arms=arms))


def outcome(bundle: Bundle, event: Input) -> tuple[str, Any]:
    """Return what is said after an answer, and what the name holds then."""
    reply = answer(bundle, answer(bundle, None, STARTED).state, event)
    slot = next(at for at, name in enumerate(bundle.graph.names) if name.text == "reply")
    state = reply.state or State(block=0)
    held = state.values.get(slot, ["undefined"])
    return said(reply)[0], evaluate(held, Names())


def keys(digits: str, *, timed_out: bool = False) -> Input:
    return Input(time=1.0, digits=digits, timed_out=timed_out)


def heard(*texts: str, confidence: float = 0.9) -> Input:
    return Input(time=1.0, heard=tuple(Heard(text, confidence) for text in texts), spoke=True)


NOTHING = Input(time=1.0)
UNCLEAR = Input(time=1.0, spoke=True)


@pytest.mark.parametrize(
    ("form", "event", "words", "held"),
    [
        ("digits: 6", keys("123456"), "good", "123456"),
        ("digits: 6", keys("012345"), "good", "012345"),
        ("digits: 6", keys("12345", timed_out=True), "otherwise 12345", "12345"),
        ("digits: 6", keys("12345#"), "otherwise 12345", "12345"),
        ("digits: 6", keys("12*456"), "otherwise 12*456", "12*456"),
        ("digits: 6", keys("0", timed_out=True), "zero", UNDEFINED),
        ("digits: 1", keys("0"), "zero", UNDEFINED),
        ("digits: 6", keys("", timed_out=True), "silence", UNDEFINED),
        ("digits: 6", keys("#"), "silence", UNDEFINED),
        ("digits: 6", NOTHING, "silence", UNDEFINED),
        ("digits: 6", heard("I need help"), "help", UNDEFINED),
        ("digits: 6", heard("four"), "otherwise four", "four"),
        ("digits: 6", heard("help", confidence=0.3), "otherwise help", "help"),
        ("digits: 6", UNCLEAR, "otherwise ", UNDEFINED),
        ("digits: 4..6", keys("1234"), "good", "1234"),
        ("digits: 4..6", keys("123456", timed_out=True), "good", "123456"),
        ("digits: 4..6", keys("123"), "otherwise 123", "123"),
        ("digits: 4..6", keys("12345678"), "otherwise 12345678", "12345678"),
        ("digits: 4 submit_on_hash: true", keys("1234"), "good", "1234"),
        ("digits: 4 submit_on_hash: true", keys("12345"), "otherwise 12345", "12345"),
        ("digits: 4 submit_on_hash: false", keys("0#"), "zero", UNDEFINED),
        ("speech", heard("Twelve apples."), "good", "Twelve apples."),
        ("speech", heard(" apples ", "pears"), "good", "apples"),
        ("speech", heard("Help!"), "help", UNDEFINED),
        ("speech", heard("please help"), "good", "please help"),
        ("speech", heard("apples", confidence=0.3), "otherwise apples", "apples"),
        ("speech min_confidence: 0.2", heard("apples", confidence=0.3), "good", "apples"),
        ("speech", keys("0"), "zero", UNDEFINED),
        ("speech", keys("12"), "otherwise 12", "12"),
        ("speech", UNCLEAR, "otherwise ", UNDEFINED),
        ("speech", NOTHING, "silence", UNDEFINED),
        ("speech: nl-NL", heard("appels"), "good", "appels"),
        ("one_of: towns", heard("utrecht please"), "good", "Utrecht"),
        ("one_of: towns", heard("denhaag"), "good", "Den Haag"),
        ("one_of: towns", heard("Rome"), "otherwise Rome", "Rome"),
        ("one_of: towns", heard("Rome", "Newyork"), "good", "New York"),
        ("one_of: towns", heard("help me to get to New York"), "good", "New York"),
        ("one_of: towns", NOTHING, "silence", UNDEFINED),
        ("one_of: floors", keys("13"), "good", 13),
        ("one_of: floors", keys("3", timed_out=True), "otherwise 3", "3"),
        ("one_of: 1..12", keys("12"), "good", 12),
        ("one_of: 1..12", keys("7", timed_out=True), "good", 7),
        ("one_of: 1..12", keys("07"), "otherwise 07", "07"),
        ("one_of: 1..12", keys("13"), "otherwise 13", "13"),
        ("one_of: 1..12", keys("0", timed_out=True), "zero", UNDEFINED),
        ("one_of: desks", keys("2"), "good", "2"),
        ("one_of: desks", heard("sales"), "good", "1"),
        ("one_of: desks", heard("my repairs"), "good", "2"),
        ("one_of: desks", heard("the post room"), "good", "x"),
        ("one_of: desks", heard("x"), "otherwise x", "x"),
        ("one_of: desks", keys("3"), "otherwise 3", "3"),
    ],
)
def test_what_an_answer_means(form: str, event: Input, words: str, held: Any) -> None:
    assert outcome(asking(form), event) == (words, held)


def test_without_an_arm_for_silence_otherwise_takes_it_and_the_name_holds_nothing() -> None:
    assert outcome(asking("digits: 4", ""), NOTHING) == ("otherwise ", UNDEFINED)


@pytest.mark.parametrize(
    ("form", "arms", "wanted"),
    [
        ("digits: 6 timeout: 8s", "", {"type": ["dtmf"], "dtmf": {"maxDigits": 6, "timeOut": 8}}),
        ("digits: 4..6", "", {"type": ["dtmf"], "dtmf": {"maxDigits": 20, "submitOnHash": True}}),
        ("digits: 4..6 submit_on_hash: false", "", {"type": ["dtmf"], "dtmf": {"maxDigits": 20}}),
        ("digits: 4 submit_on_hash: true", "", {"type": ["dtmf"], "dtmf": {"maxDigits": 20, "submitOnHash": True}}),
        ("digits: 4", "# -> hangup", {"type": ["dtmf"], "dtmf": {"maxDigits": 4, "submitOnHash": True}}),
        (
            "digits: 4",
            '"help" -> hangup',
            {"type": ["dtmf", "speech"], "dtmf": {"maxDigits": 4}, "speech": {"context": ["help"]}},
        ),
        ("speech", "", {"type": ["speech"]}),
        ("speech: nl-NL timeout: 5s", "", {"type": ["speech"], "speech": {"language": "nl-NL", "startTimeout": 5}}),
        ("speech end_on_silence: 1s", "", {"type": ["speech"], "speech": {"endOnSilence": 1}}),
        (
            "speech",
            "0 -> hangup",
            {"type": ["dtmf", "speech"], "dtmf": {"maxDigits": 1}},
        ),
        (
            "one_of: towns",
            '"help" -> hangup',
            {"type": ["speech"], "speech": {"context": ["help", "Utrecht", "Den Haag", "New York"]}},
        ),
        ("one_of: floors", "", {"type": ["dtmf"], "dtmf": {"maxDigits": 2}}),
        ("one_of: 1..120", "", {"type": ["dtmf"], "dtmf": {"maxDigits": 3}}),
        (
            "one_of: desks language: en-AU",
            "",
            {
                "type": ["dtmf", "speech"],
                "dtmf": {"maxDigits": 1},
                "speech": {"language": "en-AU", "context": ["Sales", "Service", "Repairs", "The post room"]},
            },
        ),
    ],
)
def test_what_the_platform_listens_for(form: str, arms: str, wanted: dict[str, Any]) -> None:
    document = answer(asking(form, arms), None, STARTED).document or []
    action = next(each for each in document if each["action"] == "input")
    made = {key: value for key, value in action.items() if key not in ("action", "eventUrl")}
    assert made == wanted


RETRYING = """
step start {
    ask code "Key in four digits." digits: 4 retries: 1 {
        otherwise -> retry "Not {default(code, \"it\")}."
        give_up   -> { talk "give up {default(code, \"\")}"; hangup }
    }
    talk "good"
}
"""


def test_the_name_is_unset_when_the_question_is_asked_again_and_kept_when_it_gives_up() -> None:
    bundle = bundle_of(RETRYING)
    first = answer(bundle, None, STARTED)
    again = answer(bundle, first.state, keys("12", timed_out=True))
    assert said(again) == ["Not 12. (b)", "Key in four digits. (b)", "<input i>"]
    assert _held(again) == {}
    assert said(answer(bundle, again.state, keys("34", timed_out=True))) == ["give up 34"]
    assert said(answer(bundle, again.state, NOTHING)) == ["give up "]


def _held(reply: Reply) -> dict[int, Any]:
    return dict((reply.state or State(block=0)).values)


ELSEWHERE = """
step start {
    goto order("your order")
}

step order(what: text) {
    ask code "The code of {what}?" digits: 4 retries: 1 {
        otherwise -> retry "Not {default(code, \"it\")}."
        give_up   -> { talk "No more tries for {what}."; hangup }
    }
    goto confirm("sure")
}

step confirm(word: text) {
    menu "Are you {word}?" {
        1       -> { talk "Done with {code}."; hangup }
        2       -> retry code "Again, as you are not {word}."
        3       -> retry code with "Another code, please." after: 2s
        give_up -> hangup
    }
}
""".replace('    order("your order")', '    goto order("your order")')


def test_another_step_asks_again_with_the_parameters_of_the_question_and_counts_against_it() -> None:
    bundle = bundle_of(ELSEWHERE)
    first = answer(bundle, None, STARTED)
    sure = answer(bundle, waiting(first), keys("1234"))
    assert said(sure) == ["Are you sure? (b)", "<input i>"]
    assert _held(sure) == {_slot(bundle, "code"): "1234"}
    again = answer(bundle, waiting(sure), keys("2"))
    assert said(again) == ["Again, as you are not sure. (b)", "The code of your order? (b)", "<input i>"]
    assert _held(again) == {}
    # The retry of the other step was the only one.
    assert said(answer(bundle, waiting(again), keys("12"))) == ["No more tries for your order."]
    right = answer(bundle, waiting(again), keys("4321"))
    assert said(answer(bundle, waiting(right), keys("1"))) == ["Done with 4321."]
    assert said(answer(bundle, waiting(right), keys("2"))) == ["No more tries for your order."]
    instead = answer(bundle, waiting(sure), keys("3"))
    assert said(instead) == ["Another code, please.", "<wait>", "<input i>"]


def waiting(reply: Reply) -> State:
    """Return the state that the event URL of a question carries."""
    return next(address.state for address in reply.addresses if address.hook == "i")


def _slot(bundle: Bundle, name: str) -> int:
    return next(at for at, each in enumerate(bundle.graph.names) if each.text == name)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("step start {{ ask a {ask} {{ otherwise -> retry a; {end} }} }}", False),
        ("step start {{ ask a {ask} {{ otherwise -> {{ menu {menu} {{ 1 -> retry a; {end} }} }}; {end} }} }}", False),
        ("step start {{ ask a {ask} {{ {end} }}; menu {menu} {{ 1 -> retry a; {end} }} }}", True),
        (
            "step start {{ ask a {ask} {{ {end} }}; goto b }}\nstep b {{ menu {menu} {{ 1 -> retry a; {end} }} }}",
            True,
        ),
    ],
)
def test_which_questions_keep_the_frame_they_were_entered_with(text: str, marked: bool) -> None:
    bundle = bundle_of(text.format(ask='"Code?" digits: 4', menu='"Sure?"', end="give_up -> hangup"))
    assert [each.marked for each in bundle.graph.questions if each.kind == "ask"] == [marked]


def test_a_question_of_anywhere_is_asked_again_where_it_was_asked() -> None:
    bundle = bundle_of(
        'anywhere { 9 -> { ask pin "Your PIN?" digits: 2 { give_up -> hangup }\n menu "Sure?" { 2 -> retry pin "Again."; give_up -> hangup } } }\n'
        'step start { menu "First." { 1 -> other; give_up -> hangup } }\n'
        'step other { menu "Second." { 1 -> start; give_up -> hangup } }'
    )
    for way in ((), ("1",)):
        state = waiting(answer(bundle, None, STARTED))
        for digits in (*way, "9", "12", "2"):
            reply = answer(bundle, state, keys(digits))
            state = waiting(reply)
        assert said(reply) == ["Again. (b)", "Your PIN? (b)", "<input i>"]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("step start {{ ask pin {ask} secret {{ {end} }} }}", {"pin"}),
        ("step start {{ ask pin {ask} {{ secret: true; {end} }} }}", {"pin"}),
        ("step start {{ ask pin {ask} secret: false {{ {end} }} }}", set()),
        ("default ask secret: true\nstep start {{ ask pin {ask} {{ {end} }} }}", {"pin"}),
        (
            "step start {{ ask pin {ask} secret {{ {end} }}; set a = [default(b, 1)]; set b = pin; set c = 1 }}",
            {"pin", "a", "b"},
        ),
        (
            "step start {{ ask pin {ask} secret {{ {end} }}; goto to(1, pin) }}\nstep to(a: number, b: text) {{}}",
            {"pin", "b"},
        ),
        (
            "step start {{ ask pin {ask} secret {{ 1 -> to(default(pin, 1)); {end} }} }}\nstep to(a: text) {{ set b = a }}",
            {"pin", "a", "b"},
        ),
        (
            'step start {{ ask pin {ask} secret {{ {end} }}; set a = "{{pin}}"; if a == "1" {{ set b = 2 }} }}',
            {"pin", "a"},
        ),
        ('step start {{ set secret = 1; ask pin {ask} {{ {end} }}; talk "{{pin}}" }}', set()),
    ],
)
def test_which_names_are_secret(text: str, secret: set[str]) -> None:
    bundle = bundle_of(text.format(ask='"Your PIN?" digits: 4', end="give_up -> hangup"))
    assert {name.text for name in bundle.graph.names if name.secret} == secret


GIVEN = """
arg given: {type} = {default}
step start {{
    talk "Hello."
    ask reply "Which one?" {form} {{ {arms} }}
    talk "good"
}}
"""
OTHERWISE = 'otherwise -> { talk "otherwise"; hangup }; give_up -> { talk "give up"; hangup }'
RETRY = 'otherwise -> retry "Once more."; give_up -> { talk "give up"; hangup }'
ASKED = ["Hello.", "Which one? (b)", "<input i>"]


@pytest.mark.parametrize(
    ("form", "arms", "given", "words"),
    [
        ("one_of: given", OTHERWISE, ["Leeds"], ASKED),
        ("one_of: given", OTHERWISE, [], ["Hello.", "otherwise"]),
        ("one_of: given", OTHERWISE, [{"a": 1}, None], ["Hello.", "otherwise"]),
        ("one_of: given[0]", OTHERWISE, [], ["Hello.", "otherwise"]),
        ("one_of: given[0]", OTHERWISE, [{}], ["Hello.", "otherwise"]),
        ("one_of: given[0]", OTHERWISE, [{"1": "Sales"}], ASKED),
        ("one_of: given[0]", OTHERWISE, ["Leeds"], ["Hello.", "otherwise"]),
        ("one_of: given", RETRY, [], ["Hello.", "give up"]),
        ("one_of: given", 'give_up -> { talk "give up"; hangup }', [], ["Hello.", "give up"]),
        ("one_of: given", 'otherwise -> { set given = ["York"]; retry "Once more." }; give_up -> hangup', [], None),
        ("digits: given[0]", OTHERWISE, [4], ASKED),
        ("digits: given[0]", OTHERWISE, [], ["Hello.", "otherwise"]),
        ("digits: given[0]", OTHERWISE, ["4"], ["Hello.", "otherwise"]),
        ("digits: given[0]", OTHERWISE, [21], ["Hello.", "otherwise"]),
        ("digits: given[0]", OTHERWISE, [0], ["Hello.", "otherwise"]),
        ("digits: given[0]", OTHERWISE, [1.5], ["Hello.", "otherwise"]),
        ("speech: true language: (given[0])", OTHERWISE, [], ASKED),
    ],
)
def test_a_question_that_cannot_be_answered_is_not_asked(
    form: str, arms: str, given: list[Any], words: list[str] | None
) -> None:
    bundle = bundle_of(GIVEN.format(type="list", default="[]", form=form, arms=arms))
    reply = answer(bundle, None, replace(STARTED, arguments={"given": from_json(given)}))
    assert said(reply) == (words or ["Hello.", "Once more. (b)", "Which one? (b)", "<input i>"])


def test_a_question_asked_again_from_elsewhere_gives_up_without_its_list() -> None:
    text = """
step start {
    set towns = ["Leeds"]
    ask town "Which town?" one_of: towns { give_up -> { talk "give up {default(town, "")}"; hangup } }
    set towns = []
    menu "Press 1." { 1 -> retry town "Not there."; give_up -> hangup }
}"""
    bundle = bundle_of(text)
    state = waiting(answer(bundle, waiting(answer(bundle, None, STARTED)), heard("leeds")))
    assert said(answer(bundle, state, keys("1"))) == ["give up Leeds"]
