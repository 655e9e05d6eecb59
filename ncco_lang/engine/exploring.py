"""A walk of the compiler, which knows no value of a call: it takes both ways of a condition that only a call decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ncco_lang.bundle import Action, Ask, BlockId, Branch, Bundle, Exit, Expression, QuestionId, SlotId
from ncco_lang.engine.events import Result
from ncco_lang.engine.samples import Samples, unknown
from ncco_lang.engine.state import State
from ncco_lang.engine.values import CallValues
from ncco_lang.engine.walk import Walk
from ncco_lang.values.environment import Unknown

_TIME = 0.0
"""The time of every event, in seconds since 1970: no document depends on it."""
_OF_FLOW = frozenset({"slot"})
"""The kinds of names that have the same value in every call: what reads them sets them itself."""


class UndecidedError(Exception):
    """The walk needs to know whether a condition holds."""


class Exploring(Walk):
    """One walk.

    Attributes:
        first_read: the first action or exit (-1) of a block that read a value that only a call has; None before.
        branches: the branches that were decided: the block, and the label of the edge.
    """

    environment_of = Samples

    def __init__(
        self, bundle: Bundle, state: State, results: Sequence[Result] = (), decisions: Sequence[bool] = ()
    ) -> None:
        """Make a walk.

        Args:
            bundle: the flow.
            state: the state after the last event.
            results: those of the lookups on the way.
            decisions: whether the conditions on the way hold that only a call decides.
        """
        super().__init__(bundle, state, _TIME, results)
        self.first_read: tuple[BlockId, int] | None = None
        self.branches: list[tuple[BlockId, str]] = []
        self._decisions = decisions
        self._decided: set[tuple[BlockId, int]] = set()

    def _partly(self, expression: Expression) -> Any:
        """Return the value of an expression, or an `Unknown` with what is left of it."""
        values = self._values()
        assert isinstance(values, Samples)
        return values.partly(expression)

    def _act(self, action: Action, origin: tuple[BlockId, int]) -> None:
        super()._act(action, origin)
        self._note_reading(origin)

    def _take(self, exit: Exit) -> tuple[BlockId, bool]:
        at = self.state.block
        try:
            return super()._take(exit)
        finally:
            self._note_reading((at, -1))

    def _note_reading(self, origin: tuple[BlockId, int]) -> None:
        if self.first_read is None and not self._environment.names_read <= _OF_FLOW:
            self.first_read = origin

    def _set(self, slot: SlotId, value: Expression) -> None:
        if isinstance(self._partly(value), Unknown):
            self._keep(slot, self._values().constant(value, slot))
        else:
            super()._set(slot, value)

    def _found(self, into: SlotId, value: Any) -> Expression:
        return unknown(self.graph.names[into].text, None)

    def _branch(self, exit: Branch) -> BlockId:
        at, count = self.state.block, len(self._decided)
        to = super()._branch(exit)
        if len(self._decided) > count:
            self.branches.append((at, self.trail[-1][1]))
        return to

    def _is_askable(self, at: QuestionId, values: CallValues) -> bool:
        """Return whether a question can be asked; one whose values only a call knows is asked."""
        exit = self.graph.blocks[self.graph.questions[at].listen].exit
        assert isinstance(values, Samples)
        is_unknown = isinstance(exit, Ask) and isinstance(values.partly(exit.listen.of), Unknown)
        return is_unknown or super()._is_askable(at, values)

    def _holds(self, values: CallValues, condition: Expression, number: int) -> bool:
        """Return whether a condition holds; one that was undecided before, in a loop, holds only once."""
        value = self._partly(condition)
        if not isinstance(value, Unknown):
            return value is True
        place = (self.state.block, number)
        if place in self._decided:
            return False
        self._decided.add(place)
        if len(self._decided) > len(self._decisions):
            raise UndecidedError
        return self._decisions[len(self._decided) - 1]


def unknown_values(bundle: Bundle) -> Iterator[tuple[SlotId, Expression]]:
    """Yield the names that are set when a call begins, each with an expression in place of its value."""
    for slot, name in enumerate(bundle.graph.names):
        if name.scope == "call" and "." in name.text:
            yield slot, unknown(name.text, name.type)
