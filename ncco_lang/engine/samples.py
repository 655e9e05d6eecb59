"""Samples in place of the values that only a call has: the environment in which the compiler makes documents for reading.

A name that has no value yet keeps an expression, so that a text shows it in braces and both ways of a condition are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ncco_lang.bundle import Expression, Name, SlotId
from ncco_lang.engine.values import CallValues
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED, Duration, Key, Tag, Word, from_json
from ncco_lang.values.environment import Unknown
from ncco_lang.vocabulary.kinds import WEB_ADDRESSES
from ncco_lang.vocabulary.option_specs import OptionSpec

PHONE = "12025550100"
"""A number of the range that is kept for examples (North America, 555-0100 to 555-0199)."""
_ADDRESSES: Final = {
    "websocket-url": "wss://example.com/",
    "sip-uri": "sip:desk@sip.example.com",
    **dict.fromkeys(WEB_ADDRESSES, "https://example.com/"),
}
_OF_CALL: Final = {"from": "phone", "to": "phone", "uuid": "text", "conversation": "text", "time": "number"}
_MARK = "="
"""Begins the name of an unknown value in a reference, `["call", "=code", "text"]`; no field of a call begins so."""


def unknown(name: str, type: str | None) -> Expression:
    """Return the expression of a value that only a call has."""
    return ["call", _MARK + name, type or ""]


class Samples(CallValues):
    """The environment of a call whose values are not known."""

    __slots__ = ()
    has_unknowns = True

    def read(self, expression: Expression) -> Any:
        """Return the value of an expression, or a sample of its type."""
        value = self.partly(expression)
        return self._sample(value) if isinstance(value, Unknown) else value

    def read_option(self, option: OptionSpec, expression: Expression) -> Any:
        """Return the value of an option, or a sample that the option takes."""
        if option.is_block and isinstance(expression, list) and expression[:1] == ["object"]:
            inner = {each.name: each for each in option.options}
            pairs = zip(expression[1::2], expression[2::2], strict=True)
            return {key: self.read_option(inner[key], part) for key, part in pairs if key in inner}
        value = self.partly(expression)
        return self._sample_for(option, value) if isinstance(value, Unknown) else value

    def constant(self, expression: Expression, slot: SlotId) -> Expression:
        """Return the value of an expression as a constant; one that is not known gets the name that keeps it."""
        value = self.partly(expression)
        return self._kept_as(slot, value.type) if isinstance(value, Unknown) else quote(value)

    def items(self, expression: Expression, slot: SlotId) -> list[Expression]:
        """Return the items of a list as constants, or one in place of all."""
        value = self.partly(expression)
        if isinstance(value, Unknown):
            return [self._kept_as(slot, None)]
        return [quote(item) for item in value] if isinstance(value, list) else []

    def _kept_as(self, slot: SlotId, type: str | None) -> Expression:
        return unknown(self.bundle.graph.names[slot].text, type)

    def partly(self, expression: Expression) -> Any:
        """Return the value of an expression, or an `Unknown` with what is left of it."""
        if isinstance(expression, list):
            return self._codes.of(expression)(self)
        return from_json(expression)

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference, or an `Unknown`."""
        match reference:
            case ["call", str(name), str(type)] if name.startswith(_MARK):
                self.names_read.add("call")
                return Unknown(type or None, reference)
            case ["call", str(name)] if name in _OF_CALL:
                self.names_read.add("call")
                return Unknown(_OF_CALL[name], reference)
            case ["now"]:
                self.names_read.add("now")
                return Unknown("text", reference)
            case ["slot", int(slot)]:
                kept = self.kept(slot)
                self.names_read.add("slot")
                arg = self.bundle.graph.names[slot]
                if kept is None and arg.scope == "arg":
                    self.names_read.add("arg")
                    return Unknown(arg.type, unknown(arg.text, arg.type))
                return UNDEFINED if kept is None else self.partly(kept)
            case _:
                return super().look_up(reference)

    def _sample(self, value: Unknown) -> Any:
        match value.type, value.expression:
            case "number", _:
                return 1
            case "bool", _:
                return True
            case "duration", _:
                return Duration("1", "s")
            case "list", ["list", *items]:
                return [each for each in map(self.read, items) if each is not UNDEFINED]
            case "list", _:
                return []
            case "table", ["object", *pairs]:
                read = zip(pairs[::2], map(self.read, pairs[1::2]), strict=True)
                return {key: each for key, each in read if each is not UNDEFINED}
            case "table", _:
                return {}
            case _:
                return "".join(_shown_text(value.expression, self.bundle.graph.names))

    def _sample_for(self, option: OptionSpec, value: Unknown) -> Any:
        """Return a sample that an option takes; a text is shown with its names in braces."""
        option = option.written
        if option.unit is not None:
            return Duration(str(option.schema.get("minimum") or 1), option.unit)
        if option.enum:
            return Word(option.enum[0]) if isinstance(option.enum[0], str) else option.enum[0]
        if option.kind == "phone":
            return PHONE
        if option.kind in _ADDRESSES:
            address = re.sub("[{}]", "", "".join(_shown_text(value.expression, self.bundle.graph.names)))
            return address if ":" in address else _ADDRESSES[option.kind]
        if option.kind == "key":
            return Key("#")
        if option.kind is not None and "language" in option.kind:
            return Tag("en-GB")
        if option.types[:1] in (("integer",), ("number",)):
            return option.schema.get("minimum") or 1
        return self._sample(value)


def _shown_text(expression: Expression, names: Sequence[Name]) -> Iterator[str]:
    """Yield the parts of a text with `{name}` for each value in it."""
    match expression:
        case ["text", _, *parts]:
            for part in parts:
                yield from (part,) if isinstance(part, str) else _shown_text(part, names)
        case ["put" | "raw", value, *_]:
            yield f"{{{_name(value, names)}}}"
        case str():
            yield expression
        case _:
            yield f"{{{_name(expression, names)}}}"


def _name(expression: Expression, names: Sequence[Name]) -> str:
    """Return how an author writes an expression, as far as it is a name with parts."""
    match expression:
        case ["call", str(name), *_]:
            return name.removeprefix(_MARK) if name.startswith(_MARK) else f"call.{name}"
        case ["slot", int(slot)]:
            return names[slot].text
        case ["member", of, str(key)]:
            return f"{_name(of, names)}.{key}"
        case ["member", of, int(index)]:
            return f"{_name(of, names)}[{index}]"
        case ["now"]:
            return "now"
        case ["-", ["call", "time"], _]:
            return "call.duration"
        case ["length" | "default", of, *_]:
            return _name(of, names)
        case _:
            return "…"
