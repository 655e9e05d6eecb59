"""The tests of a bound program, as scripts of what happens and of what must happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from ncco_lang.bundle import Expression
from ncco_lang.engine.events import Result
from ncco_lang.program.model import BoundDeclaration, BoundStatement, Program
from ncco_lang.program.values import UNFIT, Deferred, Known
from ncco_lang.simulate.types import Act, HangUp, Plan, Press, Say, endpoint_key
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.testing.servers import NEVER, Server
from ncco_lang.values.data import UNDEFINED

MUMBLE = 2.0
"""Seconds of speech that is not recognised, if its length does not matter."""


@dataclass(frozen=True, slots=True)
class Given:
    """How an endpoint answers from now on."""

    endpoint: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Call:
    """A call begins.

    Attributes:
        times: seconds since 1970, one run of the test for each.
        arguments: its args as JSON by name.
        answered_by: who answers an outbound call; None for an inbound one.
    """

    caller: str | None = None
    called: str | None = None
    times: tuple[float, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    is_withheld: bool = False
    answered_by: Literal["human", "machine"] | None = None


@dataclass(frozen=True, slots=True)
class Hear:
    """What the leg hears next: a text, or an audio file, that matches a glob; any audio file; music; or nothing."""

    sound: Literal["text", "music", "recording", "nothing"]
    glob: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """The person on the leg acts, when the platform listens; `language` is that of the words."""

    act: Act
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """The person does nothing: for some seconds, or until the platform stops listening."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Expect:
    """The platform hangs up, an endpoint is dialled, or something is looked up: at some time in the call, or never.

    Attributes:
        is_negated: it must not happen.
        endpoint, caller: of what is dialled; None for any.
        method, url, json: of what is looked up, `url` a glob and `json` a part of what is sent; None for any, and for
            `json` that is `UNDEFINED`.
    """

    kind: Literal["hangup", "ring", "fetch"]
    is_negated: bool = False
    endpoint: str | None = None
    caller: str | None = None
    method: str | None = None
    url: str | None = None
    json: Any = UNDEFINED


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition is true, with the values of the call at that line."""

    condition: Expression


What: TypeAlias = Given | Server | Call | Hear | Do | Quiet | Wait | Expect | Holds

LAST = ""
"""The leg that was rung last."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a test.

    Attributes:
        leg: the endpoint of another leg, `LAST`, or None for the leg under test.
    """

    span: Span
    what: What
    leg: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        source: the file that has it.
        span: its name.
    """

    name: str
    source: Source
    span: Span
    lines: tuple[Line, ...]

    @property
    def calls(self) -> Iterator[tuple[Line, ...]]:
        """The lines of each call: those that give how others behave in it, `call` itself, and what follows it."""
        begun = -1
        starts = [0]
        for at, line in enumerate(self.lines):
            if isinstance(line.what, Call):
                if begun >= 0:
                    first = at
                    while isinstance(self.lines[first - 1].what, (Given, Server)):
                        first -= 1
                    starts.append(first)
                begun = at
        for start, end in pairwise([*starts, len(self.lines)]):
            yield self.lines[start:end]

    @property
    def times(self) -> tuple[float | None, ...]:
        """When its first call begins, for each run; None for the usual time."""
        first = next((line.what for line in self.lines if isinstance(line.what, Call)), Call())
        return first.times or (None,)


def cases_of(program: Program) -> Iterator[Case]:
    """Yield the tests of a program without errors, in the order of the text."""
    for test in program.tests:
        assert isinstance(test.node, ast.Test)
        name = test.node.name
        yield Case(name.value, program.source, name.span, tuple(_in_order(list(_lines(test, None)))))


def _in_order(lines: list[Line]) -> Iterator[Line]:
    """Yield the lines with each `given` that follows a `call` before it, because the call begins after them."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None and not isinstance(line.what, (Given, Server)):
            yield waiting
            waiting = None
        if isinstance(line.what, Call):
            waiting = line
        else:
            yield line
    if waiting is not None:
        yield waiting


def _lines(block: BoundDeclaration | BoundStatement, leg: str | None) -> Iterator[Line]:
    for each in block.body:
        assert isinstance(each, BoundStatement)
        options = _options(each)
        if each.spec is not None and each.spec.name == "other":
            endpoint = options.get("endpoint")
            yield from _lines(each, LAST if endpoint is None else endpoint_key(endpoint))
        else:
            yield Line(each.node.span, _what(each, options), leg)


def _options(statement: BoundStatement) -> Mapping[str, Any]:
    return {slot.option.name: slot.wire for slot in statement.slots if slot.wire is not UNFIT}


def _what(statement: BoundStatement, options: Mapping[str, Any]) -> What:
    words = {role: str(value.data) for role, value in statement.operands if isinstance(value, Known)}
    assert statement.spec is not None
    match statement.spec.name:
        case "given ring":
            after = options.get("after")
            plan = Plan(status=words["state"], after=None if after is None else float(after))
            return Given(endpoint_key(options["endpoint"]), plan)
        case "given fetch":
            return _server(options, words.get("outcome"))
        case "call":
            times = tuple(map(_seconds, _list(options.get("at"))))
            numbers = options.get("from"), options.get("to")
            answered_by = options.get("answered_by")
            return Call(*numbers, times, options.get("args", {}), "caller" in words, answered_by)
        case "hear":
            sound: Any = words.get("sound", "text")
            return Hear(sound, str(options.get("text", "")), options.get("language"))
        case "press":
            return Do(Press(options["keys"]))
        case "say":
            return Do(Say(options["words"]), options.get("language"))
        case "mumble":
            return Do(Say("", MUMBLE))
        case "speak":
            return Do(Say("", float(options["time"])))
        case "hangup":
            return Do(HangUp())
        case "silence":
            return Quiet(None if "time" not in options else float(options["time"]))
        case "wait":
            return Wait(float(options["time"]))
        case "expect hangup":
            return Expect("hangup", is_negated="no" in words)
        case "expect fetch":
            method, url = options.get("method"), options.get("url")
            return Expect("fetch", "no" in words, method=method, url=url, json=options.get("json", UNDEFINED))
        case "expect that":
            return Holds(_condition(statement))
        case _:
            endpoint = options.get("endpoint")
            key = None if endpoint is None else endpoint_key(endpoint)
            return Expect("ring", is_negated="no" in words, endpoint=key, caller=options.get("from"))


def _server(options: Mapping[str, Any], outcome: str | None) -> Server:
    """Return how a server answers: with a status and JSON, not in time, or not at all."""
    method, glob = options.get("method", "get"), options["url"]
    match outcome:
        case "times_out":
            return Server(method, glob, NEVER, after=None)
        case "fails":
            return Server(method, glob, Result(None))
        case _:
            value = options.get("returns", UNDEFINED)
            result = Result(options.get("status", 200), value)
            return Server(method, glob, result, float(options.get("after", 0.0)))


def _condition(statement: BoundStatement) -> Expression:
    value = statement.slots[0].value
    return value.expression if isinstance(value, Deferred) else value.data if isinstance(value, Known) else False


def _list(times: Any) -> list[str]:
    return times if isinstance(times, list) else [] if times is None else [times]


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
