"""Check that each path sets the names that it reads, and asks the questions that it retries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.blocks.set_names import SetNames, given_names
from ncco_lang.bundle import Again, BlockId, Graph, QuestionId, SlotId
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.program.uses import find_uses
from ncco_lang.proof.searching import Act, search
from ncco_lang.proof.subject import Subject
from ncco_lang.source import Span
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

if TYPE_CHECKING:
    from ncco_lang.program.model import Program

UNSET_NAME = Rule(
    code="P107",
    name="unset-name",
    severity="error",
    why="A path of the call gets here without setting the name, so it has no value: an empty word in a text, false in every "
    "comparison, and an option that its action may need. A question unsets its name when it starts, give_up keeps the last "
    "value, and a lookup sets its name only if it is good. defined(x) in a condition is a proof; default(x, …) and a member of "
    "a JSON object may read a name that is not set.",
    bad='step start {\n    menu "Press 1 to key in your code, or 2 to go on." {\n        1 -> {\n'
    '            ask code "Key in your code." digits: 4 { give_up -> hangup }\n        }\n        2 -> go_on\n'
    '        give_up -> hangup\n    }\n    talk "Your code is {code | digits}."\n}',
    good='step start {\n    ask code "Key in your code." digits: 4 { give_up -> hangup }\n'
    '    talk "Your code is {code | digits}."\n}',
    language="flow",
)

RETRY_BEFORE_QUESTION = Rule(
    code="P108",
    name="retry-before-question",
    severity="error",
    why="retry NAME goes back to the question that fills the name, with the parameters and return addresses that it had when it "
    "was asked. A path of the call gets here without asking it, so there is nothing to go back to.",
    bad='step start {\n    menu "Press 1 to key in your code, or 2 for help." {\n        1 -> order\n        2 -> help\n'
    '        give_up -> hangup\n    }\n}\n\nstep order {\n    ask code "Key in your code." digits: 4 { give_up -> hangup }\n'
    '    talk "Your code is {code | digits}."\n    goto help\n}\n\nstep help {\n    menu "Press 1 to try another code." {\n'
    "        1 -> { retry code }\n        otherwise -> hangup\n    }\n}",
    good='step start {\n    menu "Press 1 to key in your code." {\n        1 -> order\n        give_up -> hangup\n    }\n}\n\n'
    'step order {\n    ask code "Key in your code." digits: 4 { give_up -> hangup }\n'
    '    talk "Your code is {code | digits}."\n    goto help\n}\n\nstep help {\n    menu "Press 1 to try another code." {\n'
    "        1 -> { retry code }\n        otherwise -> hangup\n    }\n}",
    language="flow",
)

RULES = (UNSET_NAME, RETRY_BEFORE_QUESTION)
_MOST_PATHS = 10
"""For how many names the path is reported: finding it takes one search for each name."""


class UnsetName(Facts):
    """A name that is read where some path has not set it.

    Attributes:
        path: the shortest path that has not set it; empty if no answer comes before.
        is_fallback: only the fallback route has not set it.
        is_arg: it is an arg without a default.
        is_sometimes: another path without an answer has set it, so a condition decides.
    """

    rule = UNSET_NAME
    message = "{name} is not set on every path to here"
    name: str
    path: str
    is_fallback: bool
    is_arg: bool = False
    is_sometimes: bool = False

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        message, end = self.message, "set it before, or check defined({name:s})"
        if self.is_arg:
            hint = "an inbound call has no args: give it a default, or check defined({name:s})"
            return self.say(spelling, "{name} is not set in every call", hint)
        if self.is_fallback:
            return self.say(spelling, message, f"for callers of the fallback, which can begin before: {end}")
        if self.path:
            return self.say(spelling, message, f"for callers who {{path:s}}: {end}")
        if self.is_sometimes:
            return self.say(spelling, message, f"a branch before it leaves it unset: {end}")
        return self.say(spelling, "{name} is not set here", end)


class RetryBeforeQuestion(Facts):
    """A retry of a question that some path has not asked; `path` is the shortest one, empty without an answer before."""

    rule = RETRY_BEFORE_QUESTION
    message = "{name} is not asked on every path to here"
    labels = ("this asks it",)
    name: str
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "ask it before, or lead to the step that asks it"
        return self.say(spelling, self.message, f"for callers who {{path:s}}: {hint}" if self.path else hint)


class _OfName(NamedTuple):
    """Tells a search whether one name is set, or one question asked."""

    names: SetNames
    bit: int

    def at_exit(self, at: BlockId, *, is_set: bool) -> bool:
        """Return whether the name is set after the actions of a block."""
        return bool(self.names.exit_of(at, self.bit if is_set else 0) & self.bit)

    def after(self, at: BlockId, *, is_set: bool) -> list[bool]:
        """Return whether the name is set after each of the edges of a block."""
        known = self.names.exit_of(at, self.bit if is_set else 0)
        return [bool(after & self.bit) for after in self.names.after(at, known)]


class _Ways(NamedTuple):
    """The last answer of the shortest path to each block that does not set a name, and the blocks that others reach."""

    without: dict[BlockId, Act | None]
    having: set[BlockId]


_NO_WAYS = _Ways({}, set())


def check_unset_names(subject: Subject) -> Iterator[Diagnostic]:
    """Yield each place that reads a name first on a path that has not set it."""
    graph, program = subject.graph, subject.program
    names = SetNames(graph, (*given_names(program.scopes), *_of_call(graph)))
    yield from _check_retries(subject, names)
    found = [(slot, at, index) for at in range(len(graph.blocks)) for index, slot in names.unset_reads(at)]
    if not found:
        return
    places = _reads(program)
    paths: dict[SlotId, _Ways] = {}
    for slot, at, index in found:
        if slot not in paths and len(paths) < _MOST_PATHS:
            paths[slot] = _paths_without(subject, names, 1 << slot)
        ways = paths.get(slot, _NO_WAYS)
        facts = UnsetName(
            name=graph.names[slot].text,
            path=subject.paths.words(ways.without.get(at)),
            is_fallback=slot in paths and at not in ways.without,
            is_sometimes=at in ways.having,
            is_arg=graph.names[slot].scope == "arg",
        )
        span = subject.places[at, index]
        place = next((each for each in places.get(slot, ()) if span.start <= each.start and each.end <= span.end), span)
        yield flow_finding(program.source, place, facts)


def _of_call(graph: Graph) -> Iterator[SlotId]:
    """Yield the names of the call itself, which have a dot and are set when it begins."""
    return (slot for slot, name in enumerate(graph.names) if "." in name.text)


def _check_retries(subject: Subject, names: SetNames) -> Iterator[Diagnostic]:
    """Yield each retry of another question that some path to it has not asked."""
    paths: dict[QuestionId, _Ways] = {}
    for at, block in enumerate(subject.graph.blocks):
        if not isinstance(block.exit, Again) or names.at(at, is_exit=True) & names.asked(block.exit.question):
            continue
        number = block.exit.question
        question = subject.graph.questions[number]
        if question.name is None:
            continue  # a retry names the question by its name
        if number not in paths and len(paths) < _MOST_PATHS:
            paths[number] = _paths_without(subject, names, names.asked(number))
        facts = RetryBeforeQuestion(
            name=subject.graph.names[question.name].text,
            path=subject.paths.words(paths.get(number, _NO_WAYS).without.get(at)),
        )
        asks = (subject.verb_of(question.listen),)
        yield flow_finding(subject.program.source, subject.places[at, -1], facts, also=asks)


def _paths_without(subject: Subject, names: SetNames, bit: int) -> _Ways:
    """Return the ways to each block with and without a bit of `SetNames`; none that begins with the fallback."""
    ways = _Ways({}, set())
    for node, act in search(replace(subject.graph, fallback=None), _OfName(names, bit)).items():
        if node.is_set:
            ways.having.add(node.at)
        else:
            ways.without.setdefault(node.at, act)
    return ways


def _reads(program: Program) -> dict[SlotId, list[Span]]:
    """Return where each name is read, in the order of the text."""
    assigned = {word.span for word, _ in program.scopes.assignments}
    places: dict[SlotId, list[Span]] = {}
    for use in find_uses(program):
        if use.binding.slot is not None and use.span not in assigned:
            places.setdefault(use.binding.slot, []).append(use.span)
    return {slot: sorted(spans) for slot, spans in places.items()}
