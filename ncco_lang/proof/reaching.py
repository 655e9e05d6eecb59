"""Find what a name can be where a call reads it: forward data flow over the graph, one bit for each way a name gets a value.

A way is a `set`, an answer to a question, or a lookup. A parameter of a step can have any value, since each caller of the step
gives its own. The analysis finds for all names at once which ways reach a block; they give the values that a name can have there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, assert_never

from ncco_lang.blocks.edges import owners
from ncco_lang.bundle import (
    Again,
    Arm,
    Arms,
    Ask,
    BlockId,
    Branch,
    Call,
    Dial,
    EachArms,
    End,
    Enter,
    Fetch,
    Goto,
    Graph,
    Jump,
    Leave,
    Outcome,
    QuestionId,
    Set,
    SlotId,
    StepId,
)
from ncco_lang.values.data import UNDEFINED

if TYPE_CHECKING:
    from ncco_lang.bundle import Expression

_MOST_CHOICES = 32
Bits: TypeAlias = int
_Node: TypeAlias = "tuple[BlockId, bool]"
"""The start of a block, or its exit."""
_Way: TypeAlias = "tuple[SlotId, Bits]"
_OTHERWISE = Outcome("otherwise")


@dataclass(frozen=True, slots=True)
class Digits:
    """Any text of so many digits."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Whole:
    """Any whole number from one to another."""

    low: int
    high: int


Choices: TypeAlias = "tuple[Any, ...] | None"
"""What a value can be: constants, `UNDEFINED` for none, `Digits` and `Whole`; None for anything."""


class Values(Protocol):
    """What the parts of a flow give to names."""

    def of_set(self, at: BlockId, index: int, value: Expression) -> Choices:
        """Return what an action of a block sets its name to."""

    def of_answer(self, at: BlockId) -> Choices:
        """Return what a good answer is to the question that waits in a block."""


class Reaching:
    """What some names can be at the exits of blocks."""

    def __init__(self, graph: Graph, slots: Collection[SlotId], values: Values) -> None:
        """Args: `slots` are the names that are looked for."""
        self.graph = graph
        self._choices: list[Choices] = []
        self._of: dict[SlotId, Bits] = dict.fromkeys(slots, 0)
        self._owners = owners(graph)
        self._backs: dict[StepId, list[BlockId]] = {}
        self._good: dict[BlockId, _Way] = {}
        self._anything = {slot: self._way(slot, None) for slot in slots}
        self._unset = {slot: self._way(slot, (UNDEFINED,)) for slot in slots}
        sets = [self._sets(at, values) for at in range(len(graph.blocks))]
        for at, block in enumerate(graph.blocks):
            exit = block.exit
            name = graph.questions[exit.question].name if isinstance(exit, Ask) else None
            if name is not None and name in self._of:
                self._good[at] = self._way(name, values.of_answer(at))
            if isinstance(exit, Call):
                self._backs.setdefault(exit.step, []).append(exit.back)
        self._acts = [self._joined(each) for each in sets]
        self._frame = self._all(slot for slot in slots if graph.names[slot].scope == "frame")
        self._exits: dict[BlockId, Bits] = {}
        self._solve()

    def at_exit(self, at: BlockId, slot: SlotId) -> Choices:
        """Return what a name can be after the actions of a block."""
        ways = self._exits.get(at, 0) & self._of.get(slot, 0)
        found: dict[Any, None] = {}
        while ways:
            low = ways & -ways
            ways ^= low
            choices = self._choices[low.bit_length() - 1]
            if choices is None or len(found) > _MOST_CHOICES:
                return None
            found.update(dict.fromkeys(map(_Same, choices)))
        return tuple(each.value for each in found) or None

    # ── The ways ──────────────────────────────────────────────────────────────────────────────────────

    def _way(self, slot: SlotId, choices: Choices) -> _Way:
        bit = 1 << len(self._choices)
        self._choices.append(choices)
        self._of[slot] |= bit
        return slot, bit

    def _sets(self, at: BlockId, values: Values) -> list[_Way]:
        return [
            self._way(action.slot, values.of_set(at, index, action.value))
            for index, action in enumerate(self.graph.blocks[at].actions)
            if isinstance(action, Set) and action.slot in self._of
        ]

    def _joined(self, ways: Iterable[_Way]) -> tuple[Bits, Bits]:
        """Return the ways that others replace, and those that replace them."""
        last = dict(ways)
        return self._all(last), sum(last.values())

    def _all(self, slots: Iterable[SlotId]) -> Bits:
        found = 0
        for slot in slots:
            found |= self._of[slot]
        return found

    def _with(self, known: Bits, ways: Iterable[_Way]) -> Bits:
        for slot, bit in ways:
            known = known & ~self._of[slot] | bit
        return known

    def _some(self, slot: SlotId | None, ways: dict[SlotId, _Way]) -> list[_Way]:
        return [ways[slot]] if slot is not None and slot in ways else []

    # ── The flow ──────────────────────────────────────────────────────────────────────────────────────

    def _solve(self) -> None:
        graph, everything = self.graph, (1 << len(self._choices)) - 1
        anywhere = [*graph.handlers.values()]
        if graph.fallback is not None:
            anywhere.append(graph.steps[graph.fallback].entry)
        found: dict[_Node, Bits] = {(at, False): everything for at in anywhere}
        first = (graph.entry, False)
        found[first] = found.get(first, 0) | self._begun()
        # In the order of the blocks, most of which lead on to later ones.
        waiting = sorted(found)
        while waiting:
            node = heappop(waiting)
            while waiting and waiting[0] == node:
                heappop(waiting)
            at, is_exit = node
            known = found[node]
            if not is_exit:
                taken, given = self._acts[at]
                known = known & ~taken | given
            self._exits[at] = self._exits.get(at, 0) | known
            for to, following in self._following(at, known):
                if found.get(to, -1) | following != found.get(to):
                    found[to] = found.get(to, 0) | following
                    heappush(waiting, to)

    def _begun(self) -> Bits:
        """Return the ways at the start of a call: an arg or a name of the call itself can be anything."""
        names = self.graph.names
        given = {slot for slot in self._of if names[slot].scope == "arg" or "." in names[slot].text}
        return sum((self._anything if slot in given else self._unset)[slot][1] for slot in self._of)

    def _following(self, at: BlockId, known: Bits) -> Iterator[tuple[_Node, Bits]]:
        """Yield where the exit of a block leads, with the ways that reach it."""
        graph, exit = self.graph, self.graph.blocks[at].exit
        match exit:
            case Goto(to):
                yield (to, False), known
            case Branch(cases, other):
                yield from (((to, False), known) for condition, to in cases if condition is not False)
                yield (other, False), known
            case Jump(step):
                yield self._stepped(step, known)
            case Call(step, _, back):
                yield self._stepped(step, known)
                yield (back, False), known & self._frame
            case Leave():
                for step in self._owners[at]:
                    yield from (((back, False), known & ~self._frame) for back in self._backs.get(step, ()))
            case End():
                pass
            case Enter(question):
                yield from self._entered(question, known)
            case Again():
                yield from self._asked_again(exit, known)
            case Ask(question):
                name = graph.questions[question].name
                entered = sum(bit for _, bit in self._some(name, self._anything))
                yield from self._armed(graph.questions[question].arms, known, entered)
                if exit.listen.form != "menu":
                    answer = [self._good[at]] if at in self._good else []
                    yield (exit.good, False), self._with(known, answer)
            case Dial(question):
                yield from self._armed(graph.questions[question].arms, known, 0)
                into = self._some(graph.questions[question].name, self._anything)
                yield (exit.good, False), self._with(known, into)
                if exit.on_answer is not None:
                    yield self._stepped(exit.on_answer[0], known)
            case Fetch():
                yield from (((arm.target, False), known) for arm in exit.arms)
                yield (exit.good, False), self._with(known, self._some(exit.into, self._anything))
            case _:
                assert_never(exit)

    def _stepped(self, number: StepId, known: Bits) -> tuple[_Node, Bits]:
        step = self.graph.steps[number]
        parameters = (way for slot in step.parameters for way in self._some(slot, self._anything))
        return (step.entry, False), self._with(known, parameters)

    def _entered(self, number: QuestionId, known: Bits) -> Iterator[tuple[_Node, Bits]]:
        question = self.graph.questions[number]
        yield (question.start, False), self._with(known, self._some(question.name, self._unset))
        if question.marked:  # it is asked again with the frame that it was entered with
            yield (question.listen, True), known & self._frame
            if question.give_up is not None:
                yield (question.give_up, False), known & self._frame

    def _asked_again(self, exit: Again, known: Bits) -> Iterator[tuple[_Node, Bits]]:
        question = self.graph.questions[exit.question]
        known = known & ~self._frame if question.marked else known
        to = (question.listen, True) if exit.instead else (question.start, False)
        yield to, self._with(known, self._some(question.name, self._unset))
        if exit.counts and question.give_up is not None:
            yield (question.give_up, False), known

    def _armed(self, arms: Sequence[Arms], known: Bits, entered: Bits) -> Iterator[tuple[_Node, Bits]]:
        """Yield where arms lead; in `otherwise` the name can be what was `entered`."""
        for each in arms:
            if isinstance(each, Arm):
                yield (each.target, False), known | (entered if _OTHERWISE in each.patterns else 0)
            elif isinstance(each, EachArms):
                ways = [way for slot in (each.slot, each.key) for way in self._some(slot, self._anything)]
                yield from self._armed(each.arms, self._with(known, ways), entered)
            else:
                yield from self._armed(each.arms, known, entered)


class _Same:
    """A constant that is equal only to one of the same type: `1` is not `true`."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and type(self.value) is type(other.value) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(type(self.value))
