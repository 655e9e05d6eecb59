"""Which names are surely set at each block, and the paths on which they are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ncco_lang.blocks.set_names import SetNames
from ncco_lang.bundle import (
    Again,
    Arm,
    Ask,
    Block,
    Branch,
    Call,
    End,
    Enter,
    Exit,
    Fetch,
    Goto,
    Graph,
    IfArms,
    Jump,
    Key,
    Leave,
    Listen,
    Name,
    Outcome,
    Question,
    Say,
    Set,
    Status,
    Step,
)
from ncco_lang.proof.paths import find_paths

X, Y, P = range(3)
NAMES = (Name("x", "text", "call"), Name("y", None, "call"), Name("p", None, "frame"))
READ_X, READ_Y = ["slot", X], ["slot", Y]
DIGITS = Listen("digits", 4, ())
FAILED = (Outcome("otherwise"),)


def talk(value: Any) -> Say:
    return Say("talk", (), (("text", ["text", "speech", ["put", value]]),))


def graph_of(
    *blocks: tuple[Sequence[Say | Set], Exit],
    questions: Sequence[Question] = (),
    steps: Sequence[Step] = (),
    fallback: int | None = None,
) -> Graph:
    made = tuple(Block(f"start.{at}", tuple(actions), exit) for at, (actions, exit) in enumerate(blocks))
    return Graph(made, tuple(questions), tuple(steps), NAMES, 0, fallback)


def unset(graph: Graph, given: Sequence[int] = ()) -> list[tuple[int, int, int]]:
    """Return each read of a name that some path has not set: the block, the index of the action, and the slot."""
    names = SetNames(graph, given)
    return [(at, index, slot) for at in range(len(graph.blocks)) for index, slot in names.unset_reads(at)]


def if_x(condition: Any, *others: Any) -> Graph:
    """Return a graph that reads x where a condition holds, in block 1, and where it does not, in block 2."""
    cases = ((condition, 1), *((other, 2) for other in others))
    return graph_of(([], Branch(cases, 2)), ([talk(READ_X)], End()), ([talk(READ_X)], End()))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (["defined", READ_X], [2]),
        (["not", ["defined", READ_X]], [1]),
        (["defined", ["member", READ_X, "status"]], [2]),
        (["and", ["defined", READ_X], ["==", READ_X, "a"]], [2]),
        (["and", ["==", ["call", "from"], "1"], ["defined", READ_X]], [2]),
        (["or", ["defined", READ_X], ["==", ["call", "from"], "1"]], [1, 2]),
        (["or", ["not", ["defined", READ_X]], ["==", READ_X, "a"]], [1]),
        (["not", ["or", ["not", ["defined", READ_X]], ["==", ["call", "from"], "1"]]], [2]),
        (["not", ["and", ["defined", READ_X], ["==", ["call", "from"], "1"]]], [1]),
        (["defined", READ_Y], [1, 2]),
        (["==", ["default", READ_X, ""], "a"], [1, 2]),
        # What is read is reported there, and not once more.
        (["==", READ_X, "a"], [0]),
        (["or", ["defined", READ_X], ["==", READ_X, "a"]], [0]),
        (["and", ["==", READ_X, "a"], ["defined", READ_X]], [0]),
    ],
)
def test_conditions_are_proofs(condition: Any, found: list[int]) -> None:
    assert [at for at, _, _ in unset(if_x(condition))] == found


def test_an_else_if_knows_that_the_conditions_before_it_do_not_hold() -> None:
    assert unset(if_x(["not", ["defined", READ_X]], ["==", READ_X, "a"])) == [(1, 0, X)]


@pytest.mark.parametrize(
    ("value", "is_reported"),
    [
        (["object", "a", READ_X], False),
        (["object", "a", ["member", READ_X, "b"]], False),
        (["object", "a", ["list", READ_X]], False),
        (["object", "a", ["text", "json", ["put", READ_X]]], True),
        (["list", READ_X], True),
        (["default", READ_X, "a"], False),
        (["default", "a", READ_X], True),
        (["length", READ_X], True),
    ],
)
def test_members_of_objects_and_defaults_may_read_a_name(value: Any, is_reported: bool) -> None:
    fetch = Fetch("post", "https://example.com", None, value, None, None, (), 1)
    assert unset(graph_of(([], fetch), ([], End()))) == ([(0, -1, X)] if is_reported else [])


def test_set_makes_a_name_set_and_undefined_clears_it() -> None:
    actions: list[Say | Set] = [Set(X, 1), talk(READ_X), Set(X, ["undefined"]), talk(READ_X), talk(READ_X)]
    assert unset(graph_of((actions, End()))) == [(0, 3, X)]
    assert unset(graph_of(([talk(READ_X)], End())), given=[X]) == []


def test_a_lookup_sets_its_name_only_if_it_is_good() -> None:
    arms = (Arm((Status("404"),), 2), Arm(FAILED, 3))
    graph = graph_of(
        ([], Fetch("get", "https://example.com", None, None, None, X, arms, 1)),
        *[([talk(READ_X)], End())] * 3,
    )
    assert unset(graph) == [(2, 0, X), (3, 0, X)]


def asked(*patterns: str, arms: Sequence[Any] = ()) -> Graph:
    """Return an ask whose outcomes lead to block 3, `give_up` to 4 and a good answer to 5; each reads x."""
    question = Question(
        "ask",
        X,
        2,
        (Arm(tuple(map(Outcome, patterns)), 3), Arm((Key("1"),), 2), *arms),
        start=1,
        listen=1,
        give_up=4,
    )
    read = ([talk(READ_X)], End())
    return graph_of(
        ([Set(X, "old")], Enter(0)),
        ([], Ask(0, DIGITS, 5)),
        ([], Again(0, counts=True)),
        read,
        read,
        read,
        questions=[question],
    )


def test_a_question_unsets_its_name_until_an_answer() -> None:
    assert unset(asked("otherwise")) == [(3, 0, X), (4, 0, X)]
    assert unset(asked("silence")) == [(3, 0, X), (4, 0, X)]


def test_otherwise_has_what_the_caller_entered_if_silence_has_an_arm() -> None:
    read = Arm((Outcome("otherwise"),), 3)
    graph = asked(arms=[Arm((Outcome("silence"),), 2), read])
    assert unset(graph) == [(4, 0, X)]


def test_arms_of_a_condition_know_that_it_holds() -> None:
    graph = asked("otherwise", arms=[IfArms(["defined", READ_Y], (Arm((Key("2"),), 3),))])
    assert unset(graph) == [(3, 0, X), (4, 0, X)]


def called(*inner: tuple[Sequence[Say | Set], Exit], **more: Any) -> Graph:
    """Return a graph that runs a step, whose first block is 2, and reads x after it."""
    return graph_of(([], Call(0, (), 1)), ([talk(READ_X)], End()), *inner, steps=[Step("inner", (), 2)], **more)


def test_what_a_step_sets_counts_after_it() -> None:
    assert unset(called(([Set(X, 1)], Leave()))) == []
    assert unset(called(([], Leave()))) == [(1, 0, X)]
    sometimes = called(([], Branch(((["defined", ["call", "from"]], 3),), 4)), ([Set(X, 1)], Leave()), ([], Leave()))
    assert unset(sometimes) == [(1, 0, X)]
    assert unset(called(([Set(X, 1)], Goto(3)), ([Set(X, ["undefined"])], Leave()))) == [(1, 0, X)]


def test_a_step_that_never_comes_back_has_nothing_after_it() -> None:
    assert unset(called(([], Jump(0)))) == []
    assert unset(called(([], Call(0, (), 3)), ([], Leave()))) == []


def test_one_call_of_a_step_does_not_matter_to_what_follows_another() -> None:
    graph = graph_of(
        ([], Branch(((["defined", ["call", "from"]], 1),), 3)),
        ([Set(X, 1)], Call(0, (), 2)),
        ([talk(READ_X)], End()),
        ([], Call(0, (), 4)),
        ([], End()),
        ([talk(READ_Y)], Leave()),
        steps=[Step("inner", (), 5)],
    )
    assert unset(graph, given=[Y]) == []
    assert unset(graph) == [(5, 0, Y)]


def test_the_fallback_begins_with_nothing() -> None:
    graph = graph_of(([Set(X, 1)], Jump(0)), ([talk(READ_X)], End()), steps=[Step("desk", (), 1)], fallback=0)
    assert unset(graph) == [(1, 0, X)]


def test_a_question_is_asked_from_its_beginning_on() -> None:
    graph = asked("otherwise")
    names = SetNames(graph)
    bit = names.asked(0)
    assert [bool(names.at(at) & bit) for at in range(len(graph.blocks))] == [False, True, True, True, True, True]


# ── Paths through steps that come back ────────────────────────────────────────────────────────────────


def test_a_path_goes_through_the_step_that_was_called() -> None:
    menu = Question("menu", None, 2, (Arm((Key("1"),), 4), Arm((Key("2"), Outcome("otherwise")), 5)), 3, 3, 5)
    graph = graph_of(
        ([talk("Hello.")], Call(0, (), 1)),
        ([], Call(0, (), 2)),
        ([], End()),
        ([talk("Press 1.")], Ask(0, Listen("menu", None, ()), 4)),
        ([], Leave()),
        ([], Again(0, counts=True)),
        questions=[menu],
        steps=[Step("inner", (), 3)],
    )
    paths = find_paths(graph)
    assert [paths.words(paths.to(at)) for at in (0, 3, 1, 2, 5)] == ["", "", "press 1", "press 1, press 1", "press 2"]
    assert 4 not in paths.ending
    assert (0 in paths.quiet, 1 in paths.quiet, 2 in paths.quiet) == (True, True, True)


def test_a_path_says_what_a_server_answers() -> None:
    arms = (Arm((Status("404"),), 1), Arm((Outcome("timeout"),), 2), Arm((Outcome("otherwise"),), 3))
    graph = graph_of(([], Fetch("get", "https://example.com", None, None, None, X, arms, 4)), *[([], End())] * 4)
    paths = find_paths(graph)
    assert [paths.words(paths.to(at)) for at in range(1, 5)] == [
        "get 404 from the server",
        "get no answer from the server",
        "get a failed lookup",
        "",
    ]
