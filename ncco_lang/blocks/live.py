"""Find the values that later parts of a call read: backward data flow over the graph, one bit for each thing to keep.

A thing to keep is a name, a member of a table that a name has, or how often a question was asked. A name that is read by
members only, as in `found.status`, needs these members and not the rest of the table.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias, assert_never

from ncco_lang.blocks.edges import owners, targets
from ncco_lang.blocks.reads import Part, arguments_of, read_at, read_before, read_parts
from ncco_lang.bundle import (
    REPORTED,
    Again,
    Arm,
    Arms,
    Ask,
    BlockId,
    Branch,
    Bundle,
    Call,
    Dial,
    EachArms,
    End,
    Enter,
    Exit,
    Expression,
    Fetch,
    Goto,
    Jump,
    Leave,
    Needs,
    Outcome,
    QuestionId,
    Say,
    SlotId,
    StepId,
)

_LANGUAGE = "language"


class Asked(NamedTuple):
    """How often a question was asked, and where it was entered."""

    question: QuestionId


Thing: TypeAlias = Part | Asked


def find_needs(live: LiveValues) -> tuple[Needs, ...]:
    """Return what each block that can wait, or that `do` comes back to, has to know; each distinct need once."""
    found: dict[int, tuple[list[BlockId], list[BlockId]]] = {}
    for at in live.waiting():
        found.setdefault(live.at_wait(at), ([], []))[0].append(at)
    for at in sorted(set(live.returns())):
        found.setdefault(live.at_start(at), ([], []))[1].append(at)
    return tuple(_needs(live.things(bits), *blocks) for bits, blocks in found.items())


def _needs(things: Sequence[Thing], waits: Sequence[BlockId], starts: Sequence[BlockId]) -> Needs:
    whole = {each.slot for each in things if isinstance(each, Part) and each.members is None}
    parts = {each for each in things if isinstance(each, Part) and each.slot not in whole}
    return Needs(
        waits=tuple(waits),
        starts=tuple(starts),
        slots=tuple(sorted(whole)),
        parts=tuple(sorted((each.slot, each.members or ()) for each in parts)),
        questions=tuple(sorted(each.question for each in things if isinstance(each, Asked))),
    )


class LiveValues:
    """The things that are live, as bits, at the start of each block and at its exit."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self.graph = bundle, bundle.graph
        self._numbers: dict[Thing, int] = {}
        self._things: list[Thing] = []
        self._slots: dict[SlotId, int] = {}
        self._frame = 0
        graph = self.graph
        self._backs: dict[StepId, list[BlockId]] = {}
        for block in graph.blocks:
            if isinstance(block.exit, Call):
                self._backs.setdefault(block.exit.step, []).append(block.exit.back)
        self._owners = owners(self.graph)
        self._exit_reads = [self._reads(read_at(block.exit, self._arms_of(block.exit))) for block in graph.blocks]
        self._retries = [self._reads([question.retries]) for question in graph.questions]
        self._said = [self._reads(read_before(block.exit)) for block in graph.blocks]
        self._acts = [list(self._actions(at)) for at in range(len(graph.blocks))]
        self._arguments = {
            at: [self._reads([value]) for value in arguments]
            for at, block in enumerate(graph.blocks)
            if (arguments := arguments_of(block.exit))
        }
        for slot in range(len(graph.names)):
            self._slots.setdefault(slot, 0)
        self._starts = [0] * len(graph.blocks)
        self._exits = [0] * len(graph.blocks)
        self._solve()
        # The route without a runtime, and handlers, can begin anywhere.
        begun = [] if bundle.rescue is None else [bundle.rescue]
        self._everywhere = self._union([*begun, *graph.handlers.values()]) & ~self._frame

    # ── What is asked of it ───────────────────────────────────────────────────────────────────────────

    def waiting(self) -> Iterator[BlockId]:
        """Yield the blocks whose exits can wait for an event, so that a token has what they need."""
        for at, block in enumerate(self.graph.blocks):
            if isinstance(block.exit, (Ask, Dial, Fetch)) or (
                isinstance(block.exit, Branch) and block.exit.volatile is not None
            ):
                yield at

    def returns(self) -> Iterator[BlockId]:
        """Yield the blocks at which a kept frame is used: those after a `do`, and the first of a question with a mark."""
        for backs in self._backs.values():
            yield from backs
        yield from (question.start for question in self.graph.questions if question.marked)

    def at_wait(self, at: BlockId) -> int:
        """Return what is live while the exit of a block waits."""
        return self._leaving(at, is_waiting=True) | self._everywhere

    def at_start(self, at: BlockId) -> int:
        """Return what is live before the actions of a block."""
        questions = enumerate(self.graph.questions)
        marked = [self._marking(number) for number, question in questions if question.start == at]
        return _all(marked) | self._starts[at] | self._everywhere

    def things(self, bits: int) -> list[Thing]:
        """Return the things that bits mean, in the order of their numbers."""
        found: list[Thing] = []
        while bits:
            low = bits & -bits
            found.append(self._things[low.bit_length() - 1])
            bits ^= low
        return found

    # ── What is read ──────────────────────────────────────────────────────────────────────────────────

    def _bit(self, thing: Thing) -> int:
        if thing not in self._numbers:
            self._numbers[thing] = len(self._things)
            self._things.append(thing)
        bit = 1 << self._numbers[thing]
        if isinstance(thing, Part):
            self._slots[thing.slot] = self._slots.get(thing.slot, 0) | bit
            if self.graph.names[thing.slot].scope == "frame":
                self._frame |= bit
        return bit

    def _reads(self, expressions: Iterable[Expression]) -> int:
        names = self.graph.names
        parts = read_parts(expressions, self.bundle.texts)
        # What the platform reports is read from the call store at every event, and in no token.
        return _all(self._bit(part) for part in parts if names[part.slot].text not in REPORTED)

    def _again(self, question: QuestionId) -> int:
        return self._bit(Asked(question))

    def _slot(self, slot: SlotId | None) -> int:
        return 0 if slot is None else self._slots.get(slot, 0)

    def _actions(self, at: BlockId) -> Iterator[tuple[SlotId | None, int]]:
        """Yield what the actions of a block read, the last one first, each with the slot that it sets."""
        for action in reversed(self.graph.blocks[at].actions):
            if isinstance(action, Say):
                yield None, self._reads(value for _, value in action.fields)
            else:
                yield action.slot, self._reads([action.value])

    def _arms_of(self, exit: Exit) -> Sequence[Arms]:
        return self.graph.questions[exit.question].arms if isinstance(exit, (Ask, Dial)) else ()

    # ── The flow ──────────────────────────────────────────────────────────────────────────────────────

    def _solve(self) -> None:
        graph = self.graph
        for question in range(len(graph.questions)):
            self._again(question)
        users: list[list[BlockId]] = [[] for _ in graph.blocks]
        for at in range(len(graph.blocks)):
            for used in self._used(at):
                users[used].append(at)
        waiting, queued = deque(reversed(range(len(graph.blocks)))), [True] * len(graph.blocks)
        while waiting:
            at = waiting.popleft()
            queued[at] = False
            exit = self._leaving(at, is_waiting=False)
            start = self._before(at, exit)
            if (exit, start) != (self._exits[at], self._starts[at]):
                self._exits[at], self._starts[at] = exit, start
                for user in users[at]:
                    if not queued[user]:
                        queued[user] = True
                        waiting.append(user)

    def _used(self, at: BlockId) -> Iterator[BlockId]:
        exit = self.graph.blocks[at].exit
        yield from targets(exit, self.graph.questions, self.graph.steps)
        if isinstance(exit, Leave):
            yield from self._left_to(at)
        if isinstance(exit, Ask):
            yield self.graph.questions[exit.question].start  # an answer that no arm takes is a retry
        if isinstance(exit, Enter) and (question := self.graph.questions[exit.question]).marked:
            yield from (question.listen, *(() if question.give_up is None else (question.give_up,)))
        if isinstance(exit, Dial) and exit.on_answer is not None:
            yield self.graph.steps[exit.on_answer[0]].entry

    def _left_to(self, at: BlockId) -> Iterator[BlockId]:
        for step in self._owners[at]:
            yield from self._backs.get(step, ())

    def _before(self, at: BlockId, live: int) -> int:
        """Return what is live before the actions of a block, from what is live after them."""
        names = self.graph.names
        for slot, reads in self._acts[at]:
            if slot is None:
                live |= reads
                continue
            needed = live & self._slots[slot]
            live &= ~self._slots[slot]
            live |= reads if needed or names[slot].text == _LANGUAGE else 0
        return live

    def _union(self, blocks: Iterable[BlockId]) -> int:
        return _all(self._starts[at] for at in blocks)

    def _leaving(self, at: BlockId, *, is_waiting: bool) -> int:
        """Return what is live at the exit of a block; `is_waiting` for after what the exit says at once."""
        exit, starts, graph = self.graph.blocks[at].exit, self._starts, self.graph
        reads = self._exit_reads[at] | (0 if is_waiting else self._said[at])
        match exit:
            case Goto(to):
                return starts[to]
            case Branch(cases, other):
                return reads | starts[other] | self._union(block for _, block in cases)
            case Jump(step):
                return self._entering(at, step)
            case Call(step, _, back):
                return self._entering(at, step) | (starts[back] & self._frame)
            case Leave():
                return self._union(self._left_to(at)) & ~self._frame
            case End():
                return 0
            case Enter(question):
                asked = graph.questions[question]
                live = starts[asked.start] | (self._marking(question) & self._frame)
                return live & ~self._slot(asked.name) & ~self._again(question)
            case Again():
                return reads | self._asked_again(exit)
            case Ask(question):
                asked = graph.questions[question]
                good = 0 if exit.listen.form == "menu" else starts[exit.good] & ~self._slot(asked.name)
                unnamed = 0 if _takes_all(asked.arms) else self._asked_again(Again(question, counts=True))
                return reads | self._again(question) | good | unnamed | self._armed(asked.arms)
            case Dial(question):
                answering = 0 if exit.on_answer is None else self._entering(at, exit.on_answer[0])
                return reads | answering | starts[exit.good] | self._armed(graph.questions[question].arms)
            case Fetch():
                return reads | (starts[exit.good] & ~self._slot(exit.into)) | self._armed(exit.arms)
            case _:
                assert_never(exit)

    def _entering(self, at: BlockId, step: StepId) -> int:
        """Return what a step reads, and the arguments of those parameters that it reads."""
        entered = self.graph.steps[step]
        live = self._starts[entered.entry]
        given = zip(entered.parameters, self._arguments.get(at, ()), strict=False)
        return live & ~self._frame | _all(reads for slot, reads in given if live & self._slots[slot])

    def _asked_again(self, exit: Again) -> int:
        question = self.graph.questions[exit.question]
        live = self._exits[question.listen] if exit.instead else self._starts[question.start]
        live &= ~self._slot(question.name)
        if exit.counts:
            live |= self._given_up(exit.question)
        if question.marked:
            live &= ~self._frame
        return live | self._again(exit.question)

    def _marking(self, at: QuestionId) -> int:
        """Return what is read with the frame that the mark of a question keeps; nothing for one without a mark."""
        question = self.graph.questions[at]
        if not question.marked:
            return 0
        return self._starts[question.start] | self._exits[question.listen] | self._given_up(at)

    def _given_up(self, at: QuestionId) -> int:
        give_up = self.graph.questions[at].give_up
        return self._retries[at] | (0 if give_up is None else self._starts[give_up])

    def _armed(self, arms: Sequence[Arms]) -> int:
        live = 0
        for each in arms:
            if isinstance(each, Arm):
                live |= self._starts[each.target]
            else:
                inside = self._armed(each.arms)
                live |= (
                    inside & ~self._slot(each.slot) & ~self._slot(each.key) if isinstance(each, EachArms) else inside
                )
        return live


def _takes_all(arms: Sequence[Arms]) -> bool:
    """Return whether some arm takes every answer that no other one takes."""
    return any(isinstance(arm, Arm) and Outcome("otherwise") in arm.patterns for arm in arms)


def _all(bits: Iterable[int]) -> int:
    live = 0
    for each in bits:
        live |= each
    return live
