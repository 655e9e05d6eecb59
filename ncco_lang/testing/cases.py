"""The tests of a bound program, as scripts of what happens and of what must happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from ncco_lang.program.model import BoundDeclaration, BoundStatement, Program
from ncco_lang.program.values import UNFIT, Known
from ncco_lang.simulate.types import Act, HangUp, Plan, Press, Say, endpoint_key
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast

MUMBLE = 2.0
"""Seconds of speech that is not recognised, if its length does not matter."""


@dataclass(frozen=True, slots=True)
class Given:
    """How an endpoint answers from now on."""

    endpoint: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Call:
    """A call begins; `times` are seconds since 1970, one run of the test for each."""

    caller: str | None = None
    called: str | None = None
    times: tuple[float, ...] = ()


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
    """The platform hangs up, or an endpoint is dialled: at some time in the call, or never if negated."""

    kind: Literal["hangup", "ring"]
    is_negated: bool = False
    endpoint: str | None = None
    caller: str | None = None


What: TypeAlias = Given | Call | Hear | Do | Quiet | Wait | Expect

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
        if waiting is not None and not isinstance(line.what, Given):
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
        case "call":
            return Call(options.get("from"), options.get("to"), tuple(map(_seconds, _list(options.get("at")))))
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
        case _:
            endpoint = options.get("endpoint")
            key = None if endpoint is None else endpoint_key(endpoint)
            return Expect("ring", is_negated="no" in words, endpoint=key, caller=options.get("from"))


def _list(times: Any) -> list[str]:
    return times if isinstance(times, list) else [] if times is None else [times]


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
