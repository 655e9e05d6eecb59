"""What the engine makes once for a bundle: the same as it would make each time, and no state that was given away changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ncco_lang.bundle import Arm, Block, Bundle, Dial, End, Graph, Name, Outcome, Question, Say, Set
from ncco_lang.engine.actions import UnusableError, actions_of, filled, template_of
from ncco_lang.engine.codes import Codes
from ncco_lang.engine.events import Reply
from ncco_lang.engine.state import State
from ncco_lang.engine.values import CallValues
from ncco_lang.engine.walk import Walk

SLOT = ["slot", 0]
NAMES = (Name("x", None, "call"), Name("y", None, "call"))


def bundle_of(*actions: Say | Set, exit: Any = None, **more: Any) -> Bundle:
    blocks = (Block("start.0", actions, exit or End()), Block("start.1", (Set(0, "after"),), End()))
    questions = (Question("connect", None, 2, (Arm((Outcome("otherwise"),), 1),), 0, 0, None),)
    return Bundle(Graph(blocks, questions, (), NAMES, entry=0), **more)


def talk(**fields: Any) -> Say:
    return Say("talk", (), tuple(fields.items()))


def made(say: Say, bundle: Bundle, value: Any, *, whole: bool) -> Any:
    """Return the NCCO of an action, of its template or, if `whole`, without one; None for an action that cannot be sent."""
    values = CallValues(bundle, State(0, language="en-GB", values={} if value is None else {0: value}))
    try:
        if whole:
            return actions_of(say, values)
        return filled(values.prepared(("test", id(say)), lambda values: template_of(say, values)), values)
    except UnusableError:
        return None


@pytest.mark.parametrize(
    "say",
    [
        talk(text=["text", "speech", "It is ", ["put", SLOT], "."]),
        talk(text=SLOT, level=-1),
        talk(text="Always the same.", loop=2),
        talk(text="Hello.", level=SLOT),
        talk(text="Hello.", language=SLOT),
        talk(text="Hello.", level=5),
        talk(text=["undefined"], level=SLOT),
        Say("stream", (), (("stream_url", ["undefined"]), ("level", SLOT))),
        talk(text=SLOT, raw=["object", "premium", True]),
        talk(text="Hello.", raw=["object", "premium", SLOT]),
        Say("stream", (), (("url", SLOT), ("level", ["undefined"]))),
        Say("connect", ("phone",), (("number", SLOT), ("from", "31201234567"))),
        Say("raw", (), (("action", ["object", "action", "talk", "text", SLOT]),)),
        Say("fax", (), (("text", SLOT),)),
    ],
    ids=lambda say: f"{say.verb} {[name for name, _ in say.fields]}",
)
def test_a_template_gives_what_the_whole_action_gives(say: Say) -> None:
    voices = {
        "en-GB": (("language", ["tag", "en-GB"]), ("style", 2)),
        "nl-NL": (("style", 3),),
        "": (("premium", True),),
    }
    bundle = bundle_of(say, voices=voices)
    for value in ("https://example.com/a", "Hi.", 0, 7, True, None, ["tag", "nl-NL"], "word. " * 400, "31612345678"):
        assert made(say, bundle, value, whole=False) == made(say, bundle, value, whole=True), value


def test_an_action_that_is_the_same_in_every_call_is_made_once() -> None:
    say = talk(text="Hello.", style=2)
    bundle = bundle_of(say)
    assert made(say, bundle, "a", whole=False)[0] is made(say, bundle, "b", whole=False)[0]


def test_only_the_expressions_of_a_bundle_are_kept_compiled() -> None:
    own = ["text", "speech", ["put", SLOT]]
    bundle = bundle_of(talk(text=own), Set(1, ["+", 1, 2]), data={"towns": ["list", "a"]})
    codes = Codes(bundle)
    assert codes.of(own) is codes.of(own)
    other = ["+", 1, 2]
    assert codes.of(other) is not codes.of(other)
    assert list(codes.made) == [id(own)]


def test_values_are_read_anew_when_they_change() -> None:
    values = CallValues(bundle_of(), State(0, values={0: ["number", "1.50"]}))
    assert str(values.read(SLOT)) == "1.50"
    values.state = State(0, values={0: ["number", "2.50"]})
    assert str(values.read(SLOT)) == "2.50"
    assert CallValues(bundle_of(), State(0, values={0: ["list", 1]}, frame={0: "step"})).read(SLOT) == "step"


def walked(bundle: Bundle, values: dict[int, Any]) -> Reply:
    reply = Walk(bundle, State(0, values=values), 0.0).run(0)
    assert isinstance(reply, Reply)
    return reply


@pytest.mark.parametrize("values", [{}, {0: "before"}])
def test_what_a_call_sets_after_a_connect_does_not_change_the_state_of_its_token(values: dict[int, Any]) -> None:
    ring = Say("connect", ("phone",), (("number", "31201234567"),))
    bundle = bundle_of(exit=Dial(0, (ring,), 1), joins="before")
    reply = walked(bundle, values)
    assert [dict(each.state.values) for each in reply.addresses] == [values]
    assert reply.state is not None
    assert reply.state.values == {0: "after"}


def test_a_walk_leaves_the_state_that_it_began_with() -> None:
    before: dict[int, Any] = {0: "a", 1: "b"}
    reply = walked(bundle_of(Set(0, ["undefined"]), Set(1, None)), before)
    assert reply.state is not None
    assert (reply.state.values, before) == ({1: None}, {0: "a", 1: "b"})


def changed(sets: Sequence[Set]) -> int:
    walk = Walk(bundle_of(*sets), State(0, values={0: "a"}), 0.0)
    walk.run(0)
    return walk.changes


def test_only_another_value_counts_as_a_change() -> None:
    assert changed([Set(0, "a"), Set(1, ["undefined"])]) == 0
    assert changed([Set(0, "b"), Set(0, "a"), Set(1, 0), Set(0, ["undefined"])]) == 4
