"""A walk from block to block: it adds actions to a document until the call ends, or waits for the caller or a leg."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NoReturn, assert_never

from ncco_lang.bundle import (
    Action,
    Again,
    Ask,
    BlockId,
    Branch,
    Bundle,
    Call,
    Dial,
    End,
    Enter,
    Exit,
    Expression,
    Fetch,
    Goto,
    Jump,
    Leave,
    Question,
    QuestionId,
    Say,
    SlotId,
)
from ncco_lang.engine.actions import UnusableError, actions_of
from ncco_lang.engine.choices import Choice, choices_at, has_more_items, outcome
from ncco_lang.engine.document import SHORTEST_WAIT, Document
from ncco_lang.engine.events import Event, Lookup, Reply, Result
from ncco_lang.engine.listening import input_action, is_askable
from ncco_lang.engine.lookups import Lookups, NeededError, way_of
from ncco_lang.engine.position import Position
from ncco_lang.engine.reports import without_reports
from ncco_lang.engine.state import State
from ncco_lang.engine.values import CallValues
from ncco_lang.values.constants import quote
from ncco_lang.vocabulary.ncco_schema import definition

MOST_BLOCKS = 1000
"""A walk through more blocks than this, or with more actions, counts as endless; so does one that comes to a block again
in the same state."""


class _End(Exception):
    """The document is complete."""


class Walk(Position):
    """One walk.

    Attributes:
        document: the actions so far.
        trail: the edges so far.
    """

    def __init__(
        self,
        bundle: Bundle,
        state: State,
        time: float,
        results: Sequence[Result] | None = None,
        event: Event | None = None,
    ) -> None:
        """Args: `results` are those of the lookups of the event, in their order; without them every lookup fails."""
        super().__init__(bundle, state, time)
        self._lookups = Lookups(without_reports(bundle, state), event, results)
        self.document = Document()
        self.trail: list[tuple[BlockId, str]] = []
        self._is_rescued = False

    # ── Where it begins ───────────────────────────────────────────────────────────────────────────────

    def run(self, at: BlockId) -> Reply | Lookup:
        """Walk from a block on."""
        return self._run(at, is_exit=False)

    def resume(self) -> Reply | Lookup:
        """Take the exit that waits."""
        return self._run(self.state.block, is_exit=True)

    def lead(self, to: BlockId, label: str) -> Reply | Lookup:
        """Follow an edge of the exit that waits."""
        self.trail.append((self.state.block, label))
        return self.run(to)

    def follow(self, choice: Choice) -> Reply | Lookup:
        """Follow an answer, with the names that it sets."""
        for slot, constant in choice.names.items():
            self._keep(slot, constant)
        return self.lead(choice.target, choice.label)

    def ask_again(self, question: QuestionId) -> Reply | Lookup:
        """Retry a question whose arms do not take the answer."""
        self.trail.append((self.state.block, "otherwise"))
        try:
            at, is_exit = self._again(Again(question, counts=True))
        except _End:
            return self._reply()
        return self._run(at, is_exit=is_exit)

    def rescue(self) -> Reply:
        """Go the route that needs nothing: lookups on it fail."""
        self._lookups = Lookups(self.state, None, None)
        try:
            reply = self._run(self._rescue(), is_exit=False)
        except _End:
            return self._reply()
        assert isinstance(reply, Reply)
        return reply

    # ── The walk ──────────────────────────────────────────────────────────────────────────────────────

    def _run(self, at: BlockId, *, is_exit: bool) -> Reply | Lookup:
        seen: dict[tuple[BlockId, bool], tuple[Any, ...]] = {}
        try:
            for _ in range(MOST_BLOCKS):
                state = self.state
                known = (self.changes, state.frame, state.stack, state.counts, state.language, self._lookups.made)
                if seen.get((at, is_exit)) == known or len(self.document.actions) > MOST_BLOCKS:
                    break
                seen[at, is_exit] = known
                at, is_exit = self._block(at, is_exit=is_exit)
        except _End:
            return self._reply()
        except NeededError as needed:
            return needed.lookup
        self.document = Document()
        self.trail.append((at, "endless"))
        self.document.tail(self._values())
        self._end()
        return self._reply()

    def _block(self, at: BlockId, *, is_exit: bool) -> tuple[BlockId, bool]:
        """Take a block, or its exit alone; return the next one."""
        block = self.graph.blocks[at]
        if at != self.state.block:
            self.state = self.state.at(at)
        try:
            if not is_exit:
                for index, action in enumerate(block.actions):
                    self._act(action, (at, index))
            return self._take(block.exit)
        except UnusableError:
            return self._rescue(), False

    def _act(self, action: Action, origin: tuple[BlockId, int]) -> None:
        if isinstance(action, Say):
            self.document.say(action, self._values(), origin)
        else:
            self._set(action.slot, action.value)

    def _take(self, exit: Exit) -> tuple[BlockId, bool]:
        """Return the block that an exit leads to, and whether only its exit counts.

        Raises:
            _End: the document is complete.
            NeededError: the exit needs the result of a lookup.
            UnusableError: an action of the exit cannot be sent.
        """
        match exit:
            case Goto(to):
                return to, False
            case Branch():
                return self._branch(exit), False
            case Jump():
                return self._jump(exit), False
            case Call():
                return self._call(exit), False
            case Leave():
                return self._leave(), False
            case End():
                self._end()
                raise _End
            case Enter(question):
                return self._enter(question), False
            case Again():
                return self._again(exit)
            case Ask():
                self._ask(exit)
                raise _End
            case Dial():
                return self._dial(exit), False
            case Fetch():
                return self._fetch(exit), False
            case _:
                assert_never(exit)

    # ── Exits that go on ──────────────────────────────────────────────────────────────────────────────

    def _branch(self, exit: Branch) -> BlockId:
        if exit.volatile and self.bundle.joins == "notify" and self.document.ends_before(exit.volatile):
            self._join()
        values = self._values()
        for number, (condition, to) in enumerate(exit.cases):
            if self._holds(values, condition, number):
                self.trail.append((self.state.block, f"case {number}"))
                return to
        self.trail.append((self.state.block, "else"))
        return exit.other

    def _holds(self, values: CallValues, condition: Expression, number: int) -> bool:
        """Return whether a condition holds; `number` is its index in the branch."""
        del number
        return values.read(condition) is True

    def _jump(self, exit: Jump) -> BlockId:
        self.state = self.state._replace(frame=self._values().frame_of(exit), stack=())
        return self.graph.steps[exit.step].entry

    def _call(self, exit: Call) -> BlockId:
        stack = (*self.state.stack, (exit.back, self.state.frame))
        self.state = self.state._replace(frame=self._values().frame_of(exit), stack=stack)
        return self.graph.steps[exit.step].entry

    def _leave(self) -> BlockId:
        if not self.state.stack:
            self._end()
            raise _End
        back, frame = self.state.stack[-1]
        self.state = self.state._replace(frame=frame, stack=self.state.stack[:-1])
        return back

    def _enter(self, at: QuestionId) -> BlockId:
        question, state = self.graph.questions[at], self.state
        if at in state.counts or at in state.marks or question.marked or state.endpoint or state.round:
            counts = {key: count for key, count in state.counts.items() if key != at}
            marks = {key: mark for key, mark in state.marks.items() if key != at}
            if question.marked and (state.frame or state.stack):
                marks[at] = (state.frame, state.stack)
            self.state = state._replace(counts=counts, marks=marks, endpoint=0, round=0)
        self._clear(question.name)
        return question.start if self._is_askable(at, self._values()) else self._unasked(at)

    def _is_askable(self, at: QuestionId, values: CallValues) -> bool:
        """Return whether the values of a question make it one that can be answered."""
        exit = self.graph.blocks[self.graph.questions[at].listen].exit
        return not isinstance(exit, Ask) or is_askable(exit, values)

    def _unasked(self, at: QuestionId) -> BlockId:
        """Take `otherwise` in place of a question that cannot be asked; without that arm it gives up."""
        question, choice = self.graph.questions[at], outcome(choices_at(at, self._values()), "otherwise")
        self.trail.append((question.listen, "otherwise"))
        return choice.target if choice is not None else self._given_up(question)

    def _given_up(self, question: Question) -> BlockId:
        return self._rescue() if question.give_up is None else question.give_up

    def _again(self, exit: Again) -> tuple[BlockId, bool]:
        """Ask again: the text, the pause, then the question, or only its exit where the text is in its place.

        A question that cannot be asked gives up.
        """
        question, count = self.graph.questions[exit.question], self.state.counts.get(exit.question, 0)
        block, entered = self.state.block, self._entered(exit.question)
        retries = CallValues(self.bundle, entered).read(question.retries)
        is_over = exit.counts and (not isinstance(retries, (int, Decimal)) or count >= retries)
        if is_over or not self._is_askable(exit.question, self._values().beside(entered.frame)):
            self.trail.append((block, "give_up"))
            self.state = entered
            return self._given_up(question), False
        if exit.counts:
            count += 1
            self.state = self.state._replace(counts={**self.state.counts, exit.question: count})
        self.trail.append((block, "retry" if exit.counts else "repeat"))
        self.document.say_again(exit, count, self._values(), self.bundle.joins)
        self.state = self._entered(exit.question)._replace(endpoint=0, round=0)
        self._clear(question.name)
        return (question.listen, True) if exit.instead else (question.start, False)

    def _entered(self, question: QuestionId) -> State:
        """Return the state with the frame and the return addresses with which a question was entered."""
        if not self.graph.questions[question].marked:
            return self.state
        frame, stack = self.state.marks.get(question, ({}, ()))
        return self.state._replace(frame=frame, stack=stack)

    def _rescue(self) -> BlockId:
        """Return the first block of the route that needs nothing; the second time the call ends with a sentence."""
        self.trail.append((self.state.block, "rescue"))
        if self.bundle.rescue is None or self._is_rescued:
            self.document.tail(self._values())
            self._end()
            raise _End
        self._is_rescued = True
        self.state = self.state._replace(frame={}, stack=())
        return self.bundle.rescue

    # ── Exits that wait ───────────────────────────────────────────────────────────────────────────────

    def _ask(self, exit: Ask) -> None:
        values = self._values()
        action = values.prepared(("input", self.state.block), lambda values: input_action(exit, values))
        if has_more_items(self.graph.questions[exit.question].arms, values):
            self.trail.append((self.state.block, "cut"))
        self.document.let_barge_in(mixed=self.bundle.mixed_barge_in)
        self.document.call(action, "i", self._live())
        self.document.tail(values)

    def _dial(self, exit: Dial) -> BlockId:
        """Ring the endpoint; return the next block if it follows in the same document.

        Raises:
            _End: the document ends with the join.
        """
        values = self._values()
        try:
            (action,) = values.prepared(
                ("dial", self.state.block), lambda values: actions_of(exit.endpoints[0], values)
            )
        except UnusableError:
            choice = outcome(choices_at(exit.question, values), "otherwise")
            if choice is None:
                raise
            self.trail.append((self.state.block, choice.label))
            return choice.target
        ringing = action.get("timeout", definition("connect")["properties"]["timeout"]["default"])
        rung_out = self.time + self.document.seconds + ringing
        self.state = self.state._replace(wait=(self.state.serial, rung_out))
        kept = self._live()
        self.document.call({**action, "eventType": "synchronous"}, "c", kept)
        if self.bundle.joins == "notify":
            self._join(kept)
        self.trail.append((self.state.block, "good"))
        return exit.good

    def _fetch(self, exit: Fetch) -> BlockId:
        """Look up, after the caller has heard what comes before; return the block that the result leads to.

        The document ends before a lookup for which the webhook cannot wait; the webhook of its join can.

        Raises:
            _End: the document ends with a join.
            NeededError: there is no result yet.
            UnusableError: the lookup cannot be made, and has no arm for that.
        """
        values, lookups = self._values(), self._lookups
        can_join = self.bundle.joins == "notify" and lookups.are_made
        if can_join and (self.document.actions or not lookups.fits(exit, values)):
            self._join()
        found = way_of(exit, lookups.result(exit, values))
        if found is None:
            raise UnusableError
        if found.is_good and exit.into is not None:
            self._keep(exit.into, self._found(exit.into, found.value))
        self.trail.append((self.state.block, found.label))
        return found.to

    def _found(self, into: SlotId, value: Any) -> Expression:
        """Return what a name keeps of the answer to a lookup."""
        del into
        return quote(value)

    def _join(self, kept: State | None = None) -> NoReturn:
        """End the document with a join; `kept` is the state for its token, if it is made already."""
        self.document.join(self._live() if kept is None else kept)
        self.document.tail(self._values())
        raise _End

    def _end(self) -> None:
        """End the call: an empty answer would let the platform play the tail of the document before."""
        if not self.document.actions:
            self.document.pause(SHORTEST_WAIT, self.bundle.joins, (self.state.block, -1))

    # ── Helpers ───────────────────────────────────────────────────────────────────────────────────────

    def _reply(self) -> Reply:
        return Reply(
            document=self.document.actions,
            addresses=tuple(self.document.addresses),
            state=self.state,
            trail=tuple(self.trail),
            origins=tuple(self.document.origins),
        )
