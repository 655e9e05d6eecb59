"""The state of a call while a walk changes it."""

from __future__ import annotations

from ncco_lang.bundle import Bundle, Expression, SlotId
from ncco_lang.engine.live import live_state
from ncco_lang.engine.state import State
from ncco_lang.engine.values import LANGUAGE, CallValues, with_constant, with_value
from ncco_lang.values.constants import quote


class Position:
    """Where a walk is.

    Attributes:
        state: the state after the blocks so far.
        changes: how often a name of the call has got another value.
        environment_of: the class of the values that expressions read.
    """

    environment_of: type[CallValues] = CallValues

    def __init__(self, bundle: Bundle, state: State, time: float) -> None:
        """Args: `state` is that of the document before."""
        self.bundle, self.graph, self.time = bundle, bundle.graph, time
        self._own = dict(state.values)
        """Values that no other state has, so that they can change in place."""
        self.state = state.for_document(self._own)
        self.changes = 0
        self._environment = self.environment_of(bundle, self.state, time)

    def _values(self) -> CallValues:
        """Return the values in the state, until it changes."""
        self._environment.state = self.state
        return self._environment

    def _live(self) -> State:
        """Return what a token keeps of the state; its values change no more."""
        self._own = {}
        return live_state(self.bundle, self.state)

    def _clear(self, slot: SlotId | None) -> None:
        if slot is not None:
            self._keep(slot, ["undefined"])

    def _set(self, slot: SlotId, expression: Expression) -> None:
        name, value = self.graph.names[slot], self._values().read(expression)
        if name.text == LANGUAGE:
            self.state = with_value(self.state, name, slot, value)
        else:
            self._keep(slot, quote(value))

    def _keep(self, slot: SlotId, constant: Expression) -> None:
        """Put a constant into a slot; the undefined one clears it."""
        name = self.graph.names[slot]
        if name.scope == "frame":
            self.state = with_constant(self.state, name, slot, constant)
            return
        values = self._own
        if self.state.values is not values:
            values = self._own = dict(self.state.values)
            self.state = self.state.with_values(values)
        if constant == ["undefined"]:
            changes = values.pop(slot, constant) != constant
        else:
            changes = values.pop(slot, None) != constant
            values[slot] = constant
        self.changes += changes
