"""Random small bundles, states and events: every index leads somewhere, and nothing else is certain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ncco_lang.bundle import (
    Again,
    Arm,
    Ask,
    Block,
    Branch,
    Bundle,
    Call,
    Dial,
    EachArms,
    End,
    Enter,
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
    Phrase,
    Question,
    Say,
    Set,
    Status,
    Step,
    Valued,
)
from ncco_lang.engine.events import (
    Connect,
    Ended,
    Event,
    Fact,
    Heard,
    Input,
    Joined,
    Moved,
    RoomLeft,
    Started,
    Whisper,
    Woken,
)

NAMES = (Name("who", "text", "call"), Name("slot", None, "frame"), Name("patient", "text", "arg"))
FAILURES = ("busy", "timeout", "unanswered", "failed", "rejected", "cancelled")
EXPRESSIONS = st.sampled_from(
    [
        "Hello.",
        "+44 20 7946 0123",
        "https://example.com/a.mp3",
        "",
        "word " * 400,
        7,
        True,
        None,
        ["slot", 0],
        ["slot", 1],
        ["slot", 2],
        ["call", "from"],
        ["text", "speech", "Hello, ", ["put", ["slot", 2]], "."],
        ["duration", "5", "s"],
        ["duration", "900", "s"],
        ["undefined"],
        ["==", ["slot", 0], "a"],
        ["tag", "nl-NL"],
        ["list", "a", 2],
        ["object", "url", "https://example.com/a"],
        ["number", "1.5"],
    ]
)
TEXTS = st.sampled_from(["Hello.", "Press 1.", ["text", "speech", "Hello, ", ["put", ["slot", 2]], "."], ["undefined"]])
OPTIONS = (
    "text level style language loop timeout limit from number end_on_key on_answer stream_url event_url payload".split()
)
VERBS = (("talk",), ("talk",), ("stream",), ("connect", "phone"), ("record",), ("wait",), ("notify",), ("raw",))


def _say(role: Any, verbs: Any = VERBS) -> Any:
    fields = st.lists(st.tuples(st.sampled_from(OPTIONS), EXPRESSIONS), max_size=3, unique_by=lambda each: each[0])
    return st.builds(
        lambda verb, text, more: Say(verb[0], verb[1:], _own(verb, text, more), role),
        st.sampled_from(verbs),
        TEXTS,
        fields,
    )


def _own(verb: tuple[str, ...], text: Any, more: list[Any]) -> tuple[Any, ...]:
    needed = {
        "talk": ("text", text),
        "stream": ("stream_url", "https://example.com/a.mp3"),
        "connect": ("number", "+44 20 7946 0123"),
        "notify": ("event_url", "https://example.com/e"),
        "raw": ("action", ["object", "action", "wait"]),
    }.get(verb[0])
    return (
        *([needed] if needed is not None else []),
        *(each for each in more if needed is None or each[0] != needed[0]),
    )


_BLOCKS, _QUESTIONS = 4, 2
_BLOCK, _QUESTION = st.integers(0, _BLOCKS - 1), st.integers(0, _QUESTIONS - 1)
_PATTERNS = st.one_of(
    st.builds(Key, st.sampled_from(["1", "2", "204", "#", "*"])),
    st.builds(Phrase, st.sampled_from(["order", "Opening hours", "pizza order", "!"])),
    st.builds(Valued, EXPRESSIONS),
    st.builds(Outcome, st.sampled_from(["silence", "otherwise", *FAILURES])),
)
_ARM = st.builds(Arm, st.lists(_PATTERNS, max_size=3).map(tuple), _BLOCK)
_INNER = st.lists(_ARM, max_size=2).map(tuple)
_ARMS = st.one_of(
    _ARM,
    _ARM,
    st.builds(IfArms, EXPRESSIONS, _INNER),
    st.builds(EachArms, st.just(0), st.just(1), EXPRESSIONS, _INNER),
)
_ASKED = st.builds(
    Question,
    kind=st.just("menu"),
    name=st.sampled_from([None, 0]),
    retries=EXPRESSIONS | st.just(2),
    arms=st.lists(_ARMS, max_size=3).map(tuple),
    start=_BLOCK,
    listen=_BLOCK,
    give_up=st.none() | _BLOCK,
    marked=st.booleans(),
)
_FORMS: list[Any] = [
    ("menu", None),
    ("menu", None),
    ("digits", 3),
    ("digits", ["range", "2", "4"]),
    ("digits", ["slot", 2]),
    ("speech", True),
    ("speech", ["tag", "nl-NL"]),
    ("one_of", ["list", "1", "order", 204, True, None, ["list", "a"]]),
    ("one_of", ["object", "1", "order", "20", ["list", "pizza", ""], "x", 1]),
    ("one_of", ["range", "1", "12"]),
    ("one_of", ["slot", 2]),
    ("one_of", ["undefined"]),
]
_LISTEN = st.builds(
    lambda form, options: Listen(form=form[0], of=form[1], options=options),
    st.sampled_from(_FORMS),
    st.sampled_from([(), (("timeout", ["duration", "5", "s"]),), (("submit_on_hash", True),)]),
)
_EXITS = st.one_of(
    st.builds(Goto, _BLOCK),
    st.builds(
        Branch,
        st.lists(st.tuples(EXPRESSIONS, _BLOCK), max_size=2).map(tuple),
        _BLOCK,
        st.sampled_from([None, "clock", "reports"]),
    ),
    st.builds(Jump, st.just(0), st.lists(EXPRESSIONS, max_size=2).map(tuple)),
    st.sampled_from([Leave(), End()]),
    st.builds(Enter, _QUESTION),
    st.builds(Again, _QUESTION, st.booleans(), st.lists(TEXTS, max_size=2).map(tuple), st.booleans(), EXPRESSIONS),
    st.builds(Ask, _QUESTION, _LISTEN, _BLOCK),
    st.builds(Ask, _QUESTION, _LISTEN, _BLOCK),
    st.builds(Dial, _QUESTION, st.tuples(_say("written", VERBS[3:4])), _BLOCK),
)
_ACTIONS = st.one_of(_say("written"), _say("prompt"), st.builds(Set, st.integers(0, 1), EXPRESSIONS))
_RUN = st.lists(_ACTIONS, max_size=2).map(tuple)


def _asked_once(graph: Graph) -> Graph:
    """Return a graph in which all blocks that ask a question ask the same, since a compiled one has one such block."""
    asks: dict[int, Ask] = {}
    blocks = [
        replace(each, exit=asks.setdefault(each.exit.question, each.exit)) if isinstance(each.exit, Ask) else each
        for each in graph.blocks
    ]
    return replace(graph, blocks=tuple(blocks))


_MADE = st.builds(Block, st.just("start.1"), _RUN, _EXITS)
_GRAPHS = st.builds(
    Graph,
    blocks=st.tuples(*[_MADE] * _BLOCKS),
    questions=st.tuples(*[_ASKED] * _QUESTIONS),
    steps=st.tuples(st.builds(Step, st.just("start"), st.just((1,)), _BLOCK)),
    names=st.just(NAMES),
    entry=_BLOCK,
)
BUNDLES = st.builds(
    Bundle,
    graph=_GRAPHS.map(_asked_once),
    voices=st.sampled_from([{}, {"en-GB": (("language", ["tag", "en-GB"]), ("style", 2)), "": ()}]),
    joins=st.sampled_from(["notify", "before"]),
    mixed_barge_in=st.booleans(),
    rescue=st.none() | _BLOCK,
)
_READ = [
    ["slot", 0],
    ["slot", 1],
    ["member", ["slot", 0], "a"],
    ["member", ["slot", 0], "b"],
    ["slot", 3],
    ["declared", "text"],
]
_SOME = st.sampled_from([*_READ, ["defined", ["slot", 0]], ["member", ["member", ["slot", 0], "a"], "c"], "x", 2])
_SPOKEN = st.builds(
    lambda value: Say("talk", (), (("text", ["text", "speech", "It is ", ["put", value], "."]),)), _SOME
)
_SET = st.builds(
    Set, st.sampled_from([0, 1, 3]), st.one_of(_SOME, st.just(["object", "a", ["object", "c", 1], "b", "x"]))
)
_GIVEN = st.lists(_SOME, min_size=1, max_size=1).map(tuple)
_CALLING_EXITS = st.one_of(
    _EXITS,
    st.builds(Enter, _QUESTION),
    st.builds(Call, st.integers(0, 1), _GIVEN, _BLOCK),
    st.builds(Jump, st.integers(0, 1), _GIVEN),
    st.builds(
        Branch, st.lists(st.tuples(st.builds(lambda it: ["==", it, "x"], _SOME), _BLOCK), max_size=1).map(tuple), _BLOCK
    ),
    st.builds(
        Fetch,
        st.just("get"),
        _SOME.map(lambda value: ["text", "url", "https://example.com/", ["put", value]]),
        st.none(),
        st.none(),
        st.none(),
        st.sampled_from([None, 0, 3]),
        st.lists(st.builds(Arm, st.sampled_from([(Status("404"),), (Outcome("otherwise"),)]), _BLOCK), max_size=2).map(
            tuple
        ),
        _BLOCK,
    ),
    st.builds(Ask, _QUESTION, st.builds(Listen, st.just("menu"), _SOME, st.just(())), _BLOCK),
)
_CALLING_BLOCK = st.builds(
    Block, st.just("start.1"), st.lists(st.one_of(_SPOKEN, _SET), max_size=3).map(tuple), _CALLING_EXITS
)
CALLING_BUNDLES = st.builds(
    Bundle,
    graph=st.builds(
        Graph,
        blocks=st.tuples(*[_CALLING_BLOCK] * (_BLOCKS + 2)),
        questions=st.tuples(*[_ASKED.map(lambda question: replace(question, marked=False))] * _QUESTIONS),
        steps=st.tuples(*(st.builds(Step, st.just(name), st.just((1,)), _BLOCK) for name in ("start", "other"))),
        names=st.just((*NAMES, Name("found", None, "call"))),
        entry=_BLOCK,
    ).map(_asked_once),
    texts=st.just({"text": {"en-GB": ["text", "speech", "So ", ["put", ["member", ["slot", 3], "b"]]]}}),
    voices=st.just({"en-GB": ()}),
    joins=st.sampled_from(["notify", "before"]),
    rescue=st.none() | _BLOCK,
)
"""Bundles with calls of steps, lookups and values that are kept from one document to another."""


TIMES = st.sampled_from([0.0, 1.0, 5.0, 90.0, 10_000.0])
HEARD = st.builds(
    Heard, st.sampled_from(["order", "a pizza order please", "", "Öpening HOURS!"]), st.sampled_from([0.0, 0.4, 0.9])
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Input,
        time=TIMES,
        digits=st.sampled_from(["", "1", "2", "20", "204", "#", "1#", "*", "x"]),
        timed_out=st.booleans(),
        heard=st.lists(HEARD, max_size=2).map(tuple),
        spoke=st.booleans(),
    ),
    st.builds(Joined, time=TIMES),
    st.builds(
        Connect, time=TIMES, status=st.sampled_from(["ringing", "answered", "completed", "machine", "x", *FAILURES])
    ),
    st.builds(
        Started,
        time=TIMES,
        leg=st.just("leg"),
        caller=st.sampled_from([None, "31612345678"]),
        arguments=st.sampled_from([{}, {"patient": "Ms <Jones>"}, {"other": [1.5]}]),
    ),
    st.sampled_from(
        [
            Whisper(time=1.0, leg="b"),
            Moved(time=1.0),
            Ended(time=1.0),
            RoomLeft(time=1.0),
            Woken(time=1.0),
            Fact(time=1.0, kind="recording"),
            Fact(time=1.0, kind="key", value="1", sent=0.5),
            Fact(time=1.0, kind="status", value="answered"),
        ]
    ),
)
