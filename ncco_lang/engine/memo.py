"""Results that are the same in every call: made once for an object of a bundle, and found by its identity."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from ncco_lang.bundle import Expression
from ncco_lang.values.expressions import REFERENCES

_T = TypeVar("_T")
_MOST = 20_000


class Memo(Generic[_T]):
    """Results by an object and a key; None where the result depends on more than these."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        # The object is kept, so that no other one gets its `id`.
        self._known: dict[tuple[int, Hashable], tuple[Any, _T | None]] = {}

    def of(self, owner: object, key: Hashable, make: Callable[[], _T | None]) -> _T | None:
        """Return the result for an object and a key; `make` makes it the first time. It must not be changed."""
        found = self._known.get((id(owner), key))
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = self._known[id(owner), key] = owner, make()
        return found[1]


def is_constant(expression: Expression) -> bool:
    """Return whether an expression reads nothing of the call."""
    waiting = [expression]
    for each in waiting:
        if isinstance(each, list) and each:
            if each[0] in REFERENCES:
                return False
            waiting += each[1:]
    return True
