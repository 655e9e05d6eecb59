"""What tokens carry: the values that a later part of the call reads, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.blocks.live import LiveValues, find_needs
from ncco_lang.bundle import (
    Again,
    Arm,
    Ask,
    Block,
    Bundle,
    Call,
    End,
    Enter,
    Exit,
    Fetch,
    Graph,
    Jump,
    Key,
    Leave,
    Listen,
    Name,
    Outcome,
    Question,
    Say,
    Set,
    Step,
)
from ncco_lang.bundle_json import dump_bundle, load_bundle, with_version
from ncco_lang.engine.events import Event, Reply, Result, Started
from ncco_lang.engine.live import live_state
from ncco_lang.engine.samples import unknown
from ncco_lang.engine.state import State, dump_state
from ncco_lang.engine.step import step
from ncco_lang.runtime.tokens import pack
from tests.budget import searched
from tests.bundles import CALLING_BUNDLES, EVENTS

CODE, FOUND, SECRET, ABOUT, OTHER = range(5)
NAMES = (
    Name("code", "text", "call"),
    Name("found", None, "call"),
    Name("pin", "text", "call", secret=True),
    Name("about", "text", "frame"),
    Name("other", None, "frame"),
)
MENU = Listen("menu", None, ())
DIGITS = Listen("digits", 6, ())
ORDER = ["object", "status", "ready", "lines", ["list", *range(100)], "who", ["object", "name", "Ann", "age", 7]]


def talk(value: Any) -> Say:
    return Say("talk", (), (("text", ["text", "speech", ["put", value]]),))


def bundle_of(
    *blocks: tuple[Sequence[Say | Set], Exit], questions: Sequence[Question] = (), steps: Sequence[Step] = ()
) -> Bundle:
    made = tuple(Block(f"start.{at}", tuple(actions), exit) for at, (actions, exit) in enumerate(blocks))
    graph = Graph(made, tuple(questions), tuple(steps), NAMES, entry=0)
    bundle = Bundle(graph)
    return replace(bundle, needs=find_needs(LiveValues(bundle)))


def asked(target: int, name: int | None = None, **more: Any) -> Question:
    return Question("menu", name, 2, (Arm((Key("1"), Outcome("otherwise")), target),), 0, 0, target, **more)


def kept(bundle: Bundle, block: int, **state: Any) -> State:
    return live_state(bundle, State(block, **state))


def test_values_that_no_path_reads_are_dropped() -> None:
    bundle = bundle_of(([], Ask(0, MENU, 1)), ([talk(["slot", CODE])], End()), questions=[asked(1)])
    assert kept(bundle, 0, values={CODE: "123456", SECRET: "0000"}).values == {CODE: "123456"}
    assert find_needs(LiveValues(bundle))[0].slots == (CODE,)


def test_a_value_that_is_set_again_before_it_is_read_is_dropped() -> None:
    bundle = bundle_of(([], Ask(0, MENU, 1)), ([Set(CODE, "new"), talk(["slot", CODE])], End()), questions=[asked(1)])
    assert kept(bundle, 0, values={CODE: "old"}).values == {}


def test_a_value_that_the_compiler_does_not_know_stays() -> None:
    bundle = bundle_of(
        ([], Ask(0, MENU, 1)), ([talk(["member", ["slot", FOUND], "status"])], End()), questions=[asked(1)]
    )
    of_call = unknown("found", "table")
    assert kept(bundle, 0, values={FOUND: of_call}).values == {FOUND: of_call}


def test_only_the_members_that_are_read_stay() -> None:
    read = [["member", ["slot", FOUND], "status"], ["member", ["member", ["slot", FOUND], "who"], "name"]]
    bundle = bundle_of(([], Ask(0, MENU, 1)), ([talk(each) for each in read], End()), questions=[asked(1)])
    state = kept(bundle, 0, values={FOUND: ORDER})
    assert state.values == {FOUND: ["object", "status", "ready", "who", ["object", "name", "Ann"]]}
    assert len(pack(state)) < 100 < len(pack(State(0, values={FOUND: ORDER})))
    assert kept(bundle, 0, values={FOUND: ["list", 1, 2]}).values == {FOUND: ["object"]}


def test_a_table_that_is_read_whole_or_by_a_name_stays_whole() -> None:
    for read in (["length", ["slot", FOUND]], ["member", ["slot", FOUND], ["slot", CODE]], ["slot", FOUND]):
        more = talk(["member", ["slot", FOUND], "status"])
        bundle = bundle_of(([], Ask(0, MENU, 1)), ([talk(read), more], End()), questions=[asked(1)])
        assert kept(bundle, 0, values={FOUND: ORDER}).values == {FOUND: ORDER}


def test_of_a_name_that_is_only_asked_for_nothing_but_its_presence_stays() -> None:
    bundle = bundle_of(([], Ask(0, MENU, 1)), ([talk(["defined", ["slot", FOUND]])], End()), questions=[asked(1)])
    assert kept(bundle, 0, values={FOUND: ORDER}).values == {FOUND: ["object"]}
    assert kept(bundle, 0).values == {}


def test_a_lookup_needs_its_request_and_replaces_its_name() -> None:
    url = ["text", "url", "https://example.com/", ["put", ["slot", CODE]]]
    body = ["object", "pin", ["slot", SECRET]]
    good, failed = ([talk(["slot", FOUND])], End()), ([talk("No.")], End())
    fetch = Fetch("post", url, None, body, None, FOUND, (Arm((Outcome("otherwise"),), 2),), 1)
    bundle = bundle_of(([talk("Wait.")], fetch), good, failed)
    values = {CODE: "1", SECRET: "2", FOUND: ORDER}
    assert kept(bundle, 0, values=values).values == {CODE: "1", SECRET: "2"}


def test_each_return_address_keeps_what_is_read_after_it() -> None:
    bundle = bundle_of(
        ([], Call(0, (["slot", CODE],), 1)),
        ([talk(["slot", ABOUT]), talk(["slot", SECRET])], End()),
        ([], Ask(0, MENU, 3)),
        ([talk(["slot", OTHER])], Leave()),
        questions=[asked(3)],
        steps=[Step("inner", (OTHER,), 2)],
    )
    values, frame = {CODE: "1", SECRET: "2"}, {ABOUT: "a", CODE: "no"}
    state = kept(bundle, 2, values=values, frame={OTHER: "1", ABOUT: "b"}, stack=((1, frame),))
    assert state.values == {SECRET: "2"}
    assert (state.frame, state.stack) == ({OTHER: "1"}, ((1, {ABOUT: "a"}),))


def test_an_argument_of_a_parameter_that_is_not_read_is_not_needed() -> None:
    bundle = bundle_of(
        ([], Ask(0, MENU, 1)),
        ([], Jump(0, (["slot", CODE], ["slot", SECRET]))),
        ([talk(["slot", OTHER])], End()),
        questions=[asked(1)],
        steps=[Step("next", (ABOUT, OTHER), 2)],
    )
    assert kept(bundle, 0, values={CODE: "1", SECRET: "2"}).values == {SECRET: "2"}


def test_a_mark_and_a_count_stay_while_the_question_can_be_asked_again() -> None:
    bundle = bundle_of(
        ([], Enter(0)),
        ([], Ask(0, DIGITS, 2)),
        ([], Ask(1, MENU, 3)),
        ([], Again(0, counts=True)),
        ([talk(["slot", ABOUT])], End()),
        questions=[
            replace(asked(4, CODE, marked=True), start=1, listen=1, give_up=4),
            replace(asked(3), start=2, listen=2),
        ],
        steps=[Step("first", (ABOUT, OTHER), 0)],
    )
    frame = {ABOUT: "a", OTHER: "b"}
    marked: dict[str, Any] = {"marks": {0: (frame, ())}, "counts": {0: 1, 1: 2}}
    assert kept(bundle, 2, **marked).marks == {0: ({ABOUT: "a"}, ())}
    assert kept(bundle, 2, **marked).counts == {0: 1, 1: 2}
    ended = bundle_of(([], Ask(0, MENU, 1)), ([], End()), questions=[asked(1), asked(1)])
    assert (kept(ended, 0, **marked).marks, kept(ended, 0, **marked).counts) == ({0: (frame, ())}, {0: 1})


def test_a_bundle_without_needs_keeps_all() -> None:
    bundle = replace(bundle_of(([], Ask(0, MENU, 1)), ([], End()), questions=[asked(1)]), needs=())
    state = State(0, values={CODE: "1"}, counts={0: 1})
    assert live_state(bundle, state) is state


@searched(quick=20, soak=2_000)
@given(CALLING_BUNDLES)
def test_needs_are_part_of_a_bundle(bundle: Bundle) -> None:
    made = with_version(replace(bundle, needs=find_needs(LiveValues(bundle))))
    assert load_bundle(dump_bundle(made)) == made


RESULTS = st.sampled_from(
    [Result(200, {"a": {"c": "x"}, "b": "x", "d": [1]}), Result(404), Result(None), Result(200, "x")]
)


def answered(bundle: Bundle, state: State | None, event: Event, results: Sequence[Result]) -> Reply:
    for most in range(len(results) + 1):
        reply = step(bundle, state, event, results[:most])
        if isinstance(reply, Reply):
            return reply
    return Reply()


@searched(quick=60, soak=20_000)
@given(
    CALLING_BUNDLES, st.lists(st.tuples(EVENTS, st.integers(0, 5), st.lists(RESULTS, max_size=3)), max_size=6), RESULTS
)
def test_a_call_hears_the_same_whatever_its_tokens_leave_out(
    bundle: Bundle, events: list[tuple[Event, int, list[Result]]], first: Result
) -> None:
    pruning, whole = replace(bundle, needs=find_needs(LiveValues(bundle))), replace(bundle)
    begun = Started(time=1.0, leg="leg", caller="31612345678", arguments={"patient": "Ann"})
    small: State | None = None
    large: State | None = None
    for event, which, results in [(begun, 0, [first]), *events]:
        one, other = answered(pruning, small, event, results), answered(whole, large, event, results)
        if _is_endless(one):  # noticed when a state comes again, so one with fewer values comes again sooner
            assert _is_endless(other)
            return
        assert (one.document, one.trail, one.notes) == (other.document, other.trail, other.notes)
        assert [(each.path, each.hook) for each in one.addresses] == [
            (each.path, each.hook) for each in other.addresses
        ]
        if one.addresses:
            which %= len(one.addresses)
            small, large = one.addresses[which].state, other.addresses[which].state
            assert len(dump_state(small)) <= len(dump_state(large)) + 9 * len(small.values)


def _is_endless(reply: Reply) -> bool:
    return any(label == "endless" for _, label in reply.trail)
