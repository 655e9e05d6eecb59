"""The values that names have during a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from ncco_lang.bundle import BEGUN, Bundle, Call, Expression, Jump, Name, SlotId
from ncco_lang.engine.codes import codes_of
from ncco_lang.engine.state import State, Values
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED, Tag, from_json
from ncco_lang.values.environment import Names, Unknown
from ncco_lang.values.evaluation import Evaluation
from ncco_lang.values.expressions import evaluate
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.speech import written_tag

_T = TypeVar("_T")
_NO_NAMES = Names()
LANGUAGE = "language"
"""The name of the call whose value is the language of voices and recognisers."""


def with_value(state: State, name: Name, slot: SlotId, value: Any) -> State:
    """Return a state in which a name has a value; `UNDEFINED` for none. What is no language leaves the language as it is."""
    if name.text == LANGUAGE and name.scope != "frame":
        return state._replace(language=_tag_of(value) or state.language)
    return with_constant(state, name, slot, quote(value))


def _tag_of(value: Any) -> str | None:
    """Return the language tag that a value is, or a text in any case; None if it is no language."""
    return str(value) if isinstance(value, Tag) else written_tag(value, "voice") if isinstance(value, str) else None


def with_constant(state: State, name: Name, slot: SlotId, constant: Expression) -> State:
    """Return a state in which a name has the value of a constant; the undefined one clears it."""
    kept = dict(state.frame if name.scope == "frame" else state.values)
    kept.pop(slot, None)
    if constant != ["undefined"]:
        kept[slot] = constant
    return state.with_frame(kept) if name.scope == "frame" else state.with_values(kept)


class CallValues(Evaluation):
    """The environment of the expressions of a call in one state, and their evaluation in it.

    Attributes:
        names_read: the kinds of names whose values were read, if those can differ in two calls with the same language: `slot`,
            `arg`, `call`, `now` …
        state: another one may take its place, as a walk goes on.
        has_unknowns: of the class: values that are not known are left in the values of expressions.
    """

    has_unknowns: ClassVar[bool] = False

    __slots__ = ("_codes", "_evaluated", "_made", "bundle", "has_texts", "names_read", "state", "time")

    def __init__(
        self,
        bundle: Bundle,
        state: State,
        time: float = 0.0,
        names_read: set[str] | None = None,
        *,
        has_texts: bool = True,
    ) -> None:
        """Make the environment.

        Args:
            bundle: the flow.
            state: the state of the call.
            time: that of the event, in seconds since 1970.
            names_read: gets the kinds of names that are read.
            has_texts: the `text`s of the flow have values; inside of one they have none.
        """
        super().__init__(is_partial=self.has_unknowns)
        self.bundle = bundle
        self.state = state
        self.time = time
        self.names_read = set() if names_read is None else names_read
        self.has_texts = has_texts
        self._codes = codes_of(bundle)
        self._made = self._codes.made
        self._evaluated: dict[SlotId, tuple[Expression, Any]] = {}

    def apart(self) -> CallValues:
        """Return the same environment, of which what it reads does not count as read here."""
        return type(self)(self.bundle, self.state, self.time)

    def beside(self, frame: Values) -> CallValues:
        """Return the environment with other values of the step's names; what it reads counts as read here."""
        return type(self)(self.bundle, self.state._replace(frame=frame), self.time, self.names_read)

    def after(self, slot: SlotId, value: Any) -> CallValues:
        """Return the environment after a name has got a value; what it reads counts as read here."""
        state = with_value(self.state, self.bundle.graph.names[slot], slot, value)
        return type(self)(self.bundle, state, self.time, self.names_read)

    def frame_of(self, jump: Jump | Call) -> Values:
        """Return the values of a step's parameters after a jump or a call to it."""
        step = self.bundle.graph.steps[jump.step]
        given = [
            (slot, self.constant(value, slot)) for slot, value in zip(step.parameters, jump.arguments, strict=False)
        ]
        return {slot: constant for slot, constant in given if constant != ["undefined"]}

    def prepared(self, part: tuple[Any, ...], make: Callable[[CallValues], _T]) -> _T:
        """Return what a function makes of a part of the bundle; made once for each language if it reads no names.

        Args:
            part: names the part and the function.
            make: gets the environment.
        """
        prepared, key = self.bundle.prepared, (self.state.language, *part)
        if key in prepared:
            return prepared[key]  # type: ignore[no-any-return]
        values = self.apart()
        made = make(values)
        if values.names_read:
            self.names_read |= values.names_read
        else:
            prepared[key] = made
        return made

    def read(self, expression: Expression) -> Any:
        """Return the value of an expression; `UNDEFINED` if it has none."""
        code = self._made.get(id(expression))
        if code is not None:
            return code(self)
        return self._codes.of(expression)(self) if isinstance(expression, list) else from_json(expression)

    def read_option(self, option: OptionSpec, expression: Expression) -> Any:
        """Return the value that an expression has for an option."""
        del option
        return self.read(expression)

    def constant(self, expression: Expression, slot: SlotId) -> Expression:
        """Return the value of an expression as the constant that a name keeps."""
        del slot
        return quote(self.read(expression))

    def items(self, expression: Expression, slot: SlotId) -> list[Expression]:
        """Return the items of a list as constants that a name keeps, one after the other; none of what is no list."""
        del slot
        items = self.read(expression)
        return [quote(item) for item in items] if isinstance(items, list) else []

    def kept(self, slot: SlotId) -> Expression | None:
        """Return the constant that a name has; None for a name without a value."""
        return self.state.frame.get(slot, self.state.values.get(slot))

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference; `UNDEFINED` for one that a later version knows."""
        state = self.state
        if reference[0] == "slot":
            slot = reference[1]
            self.names_read.add("arg" if slot in self._codes.args else "slot")
            constant = state.frame[slot] if slot in state.frame else state.values.get(slot)
            if type(constant) is not list:
                return UNDEFINED if constant is None else constant
            return self._evaluated_once(slot, constant)
        if reference[0] not in ("language", "declared"):
            self.names_read.add(str(reference[0]))
        match reference:
            case ["call", name]:
                known = {
                    "from": state.caller,
                    "to": state.called,
                    "uuid": state.leg,
                    "conversation": state.conversation,
                    "time": int(self.time),
                }
                value = known.get(name)
                return self._of_names(name) if value is None else value
            case ["now"]:
                return datetime.fromtimestamp(int(self.time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            case ["language"] if state.language is not None:
                return Tag(state.language)
            case ["secret", _]:
                return Unknown("secret")
            case ["declared", str(name)]:
                return self._declared(name)
            case _:
                return UNDEFINED

    def _evaluated_once(self, slot: SlotId, constant: Expression) -> Any:
        """Return the value of the constant that a name has; as long as it has that, it is evaluated once."""
        evaluated = self._evaluated.get(slot)
        if evaluated is None or evaluated[0] is not constant:
            evaluated = self._evaluated[slot] = constant, evaluate(constant, _NO_NAMES)
        return evaluated[1]

    def _of_names(self, field: str) -> Any:
        """Return a value of the call that a name keeps because the flow reads it; a test can read it as well."""
        kept = {name.text: slot for slot, name in enumerate(self.bundle.graph.names) if "." in name.text}
        if field == "duration" and BEGUN in kept:
            return self.read(["-", ["call", "time"], ["slot", kept[BEGUN]]])
        slot = kept.get(f"call.{field}")
        return UNDEFINED if slot is None else self.read(["slot", slot])

    def _declared(self, name: str) -> Any:
        if name in self.bundle.data:
            return self.prepared(("data", name), lambda values: values.read(self.bundle.data[name]))
        expression = self.bundle.texts.get(name, {}).get(self.state.language or "") if self.has_texts else None
        if expression is None:
            return UNDEFINED
        # A text does not read other texts.
        return CallValues(self.bundle, self.state, self.time, self.names_read, has_texts=False).read(expression)
