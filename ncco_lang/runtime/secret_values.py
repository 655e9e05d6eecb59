"""The values of secret names: taken out of the state of a call before it is sealed into a token, and put back."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeAlias

from ncco_lang.bundle import Bundle, Expression, SlotId
from ncco_lang.engine.state import Return, State, Values
from ncco_lang.values.compact_json import compact_json

Secrets: TypeAlias = tuple[tuple[int, SlotId, Expression], ...]
"""Each value with its name, and the number of the values in the state that it belongs to: those of the call, of the step,
of the return addresses, then of the marks."""


class Open(NamedTuple):
    """A state without its secrets, and these."""

    state: State
    secrets: Secrets


def secret_slots(bundle: Bundle) -> Collection[SlotId]:
    """Return the names of a bundle whose values stay out of tokens."""
    slots: Collection[SlotId] | None = bundle.prepared.get("secret_slots")
    if slots is None:
        slots = frozenset(SlotId(slot) for slot, name in enumerate(bundle.graph.names) if name.secret)
        bundle.prepared["secret_slots"] = slots
    return slots


def without_secrets(state: State, slots: Collection[SlotId]) -> Open:
    """Return a state without the values of some names, and these values."""
    found: list[tuple[int, SlotId, Expression]] = []

    def change(number: int, values: Values) -> Values:
        secret = [slot for slot in values if slot in slots]
        found.extend((number, slot, values[slot]) for slot in secret)
        return {slot: value for slot, value in values.items() if slot not in slots} if secret else values

    changed = _changed(state, change)
    return Open(changed, tuple(found))


def with_secrets(state: State, secrets: Secrets) -> State:
    """Return a state with the values that `without_secrets` has taken out of it."""

    def change(number: int, values: Values) -> Values:
        more = {slot: value for at, slot, value in secrets if at == number}
        return {**values, **more} if more else values

    return _changed(state, change)


def dump_secrets(secrets: Secrets) -> bytes:
    """Return secrets as JSON."""
    return compact_json(secrets).encode("utf-8", "surrogatepass")


def load_secrets(data: bytes) -> Secrets:
    """Return the secrets that `dump_secrets` has written."""
    rows: list[Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    return tuple((at, slot, value) for at, slot, value in rows)


def _changed(state: State, change: Callable[[int, Values], Values]) -> State:
    """Return a state with each of its values changed; `change` gets their number too."""
    count = 0

    def each(values: Values) -> Values:
        nonlocal count
        count += 1
        return change(count - 1, values)

    def every(stack: tuple[Return, ...]) -> tuple[Return, ...]:
        return tuple((back, each(frame)) for back, frame in stack)

    return state._replace(
        values=each(state.values),
        frame=each(state.frame),
        stack=every(state.stack),
        marks={question: (each(frame), every(stack)) for question, (frame, stack) in state.marks.items()},
    )
