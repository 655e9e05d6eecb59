"""The values that names have during a call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ncco_lang.bundle import Bundle, Expression
from ncco_lang.engine.state import State
from ncco_lang.values.data import UNDEFINED, Tag, from_json
from ncco_lang.values.environment import Names
from ncco_lang.values.expressions import evaluate

_NO_NAMES = Names()


class CallValues:
    """The environment of the expressions of a call in one state."""

    __slots__ = ("bundle", "state")

    def __init__(self, bundle: Bundle, state: State) -> None:
        self.bundle = bundle
        self.state = state

    def read(self, expression: Expression) -> Any:
        """Return the value of an expression; `UNDEFINED` if it has none."""
        return evaluate(expression, self) if isinstance(expression, list) else from_json(expression)

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference; `UNDEFINED` for one that a later version knows."""
        state = self.state
        match reference:
            case ["slot", int(slot)]:
                constant = state.frame[slot] if slot in state.frame else state.values.get(slot, ["undefined"])
                return evaluate(constant, _NO_NAMES)
            case ["call", name]:
                known = {
                    "from": state.caller,
                    "to": state.called,
                    "uuid": state.leg,
                    "conversation": state.conversation,
                }
                value = known.get(name)
                return UNDEFINED if value is None else value
            case ["language"] if state.language is not None:
                return Tag(state.language)
            case ["declared", str(name)]:
                return self._declared(name)
            case _:
                return UNDEFINED

    def _declared(self, name: str) -> Any:
        if name in self.bundle.data:
            return from_json(self.bundle.data[name])
        texts = self.bundle.texts.get(name, {})
        expression = texts.get(self.state.language or "", ["undefined"])
        # A text does not read other texts.
        return evaluate(expression, CallValues(replace(self.bundle, texts={}), self.state))
