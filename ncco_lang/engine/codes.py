"""The expressions of a bundle as functions: each is compiled when it is first read, and kept with the bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ncco_lang.bundle import Bundle, Expression
from ncco_lang.values.compiling import Code, compile_expression


class Codes:
    """The codes of the expressions of one bundle. Another expression is compiled each time, since it may change.

    Attributes:
        made: the codes so far, by the `id`s of the expressions.
        args: the names that are args.
    """

    __slots__ = ("_known", "args", "made")

    def __init__(self, bundle: Bundle) -> None:
        # They live as long as the bundle, and it keeps this object, so no other list has one of these ids.
        self._known = frozenset(map(id, _lists(bundle)))
        self.made: dict[int, Code] = {}
        self.args = frozenset(slot for slot, name in enumerate(bundle.graph.names) if name.scope == "arg")

    def of(self, expression: list[Any]) -> Code:
        """Return the code of an expression."""
        code = self.made.get(id(expression))
        if code is None:
            code = compile_expression(expression)
            if id(expression) in self._known:
                self.made[id(expression)] = code
        return code


def codes_of(bundle: Bundle) -> Codes:
    """Return the codes of the expressions of a bundle."""
    codes: Codes | None = bundle.prepared.get("codes")
    if codes is None:
        codes = bundle.prepared["codes"] = Codes(bundle)
    return codes


def _lists(bundle: Bundle) -> Iterator[Expression]:
    """Yield the expressions of a bundle that are lists, without those in other expressions."""
    waiting: list[Any] = [bundle.graph, bundle.data, bundle.texts, bundle.hours, bundle.voices]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            yield part
        elif isinstance(part, tuple):
            waiting += part
        elif isinstance(part, Mapping):
            waiting += part.values()
        elif is_dataclass(part):
            waiting += [getattr(part, each.name) for each in fields(part)]
