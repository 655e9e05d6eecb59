"""What a call knows: whether a condition holds, and which values an event has changed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ncco_lang.bundle import REPORTED, Bundle, Expression, Graph, Name, SlotId
from ncco_lang.engine.state import State, Values
from ncco_lang.engine.values import CallValues
from ncco_lang.simulate.state import Leg
from ncco_lang.testing.servers import HIDDEN
from ncco_lang.testing.subset import shown
from ncco_lang.values.compiling import REFERENCES
from ncco_lang.values.data import UNDEFINED, text_of, to_json
from ncco_lang.values.environment import Names
from ncco_lang.values.expressions import evaluate, references

_MOST_SHOWN = 4
_NO_NAMES = Names()


def values_of(bundle: Bundle | None, state: State | None, leg: Leg, now: float) -> CallValues:
    """Return the values that a leg's call has; a flow of one document has no bundle, and no state."""
    bundle = bundle or Bundle(Graph((), (), (), (), 0))
    return CallValues(bundle, state or State(block=0, leg=leg.id, caller=leg.from_, called=leg.to), now)


def readable(bundle: Bundle, conditions: Iterable[Expression]) -> Bundle:
    """Return a bundle whose calls know what conditions of a test may read, also if no later part of the call reads it."""
    graph = bundle.graph
    known = {name.text for name in graph.names}
    read = {f"call.{each[1]}" for condition in conditions for each in references(condition) if each[0] == "call"}
    more = tuple(Name(text, "text", "call") for text in REPORTED if text in read - known)
    return replace(bundle, graph=replace(graph, names=(*graph.names, *more)), needs=())


def failing(condition: Expression, values: CallValues) -> str | None:
    """Return why a condition does not hold, with the values that it reads, as a sentence; None if it holds."""
    found = evaluate(condition, values)
    if found is True:
        return None
    reads = dict.fromkeys(_read(condition, values))
    words = ", ".join(list(reads)[:_MOST_SHOWN])
    is_odd = found is not UNDEFINED and found is not False
    message = f"the condition is {_shown(found)}, not true or false" if is_odd else "the condition is false"
    return f"{message}: {words}" if words else message


def changes(bundle: Bundle, before: State | None, after: State) -> Iterator[tuple[str, str]]:
    """Yield the names that an event has set, each with its value in words; `HIDDEN` for a secret."""
    known = {} if before is None else _values(before)
    parameters = {slot for step in bundle.graph.steps for slot in step.parameters}
    if before is not None and after.language != before.language:
        yield "language", str(after.language)
    for slot, constant in _values(after).items():
        name = bundle.graph.names[slot]
        # A name with a dot is of the call itself, and no statement sets it; those of an `each` are left from its last item.
        is_left = name.scope == "frame" and slot not in parameters
        if constant != known.get(slot) and "." not in name.text and not is_left:
            yield name.text, HIDDEN if name.secret else _shown(evaluate(constant, _NO_NAMES))


def secrets_of(bundle: Bundle, state: State) -> Iterator[str]:
    """Yield the secret values of a call as text."""
    for slot, constant in _values(state).items():
        text = text_of(evaluate(constant, _NO_NAMES)) if bundle.graph.names[slot].secret else None
        if text:
            yield text


def _values(state: State) -> dict[SlotId, Any]:
    values: Values = state.values
    return {**values, **state.frame}


def _shown(value: Any) -> str:
    return "not set" if value is UNDEFINED else shown(to_json(value))


def _read(expression: Expression, values: CallValues) -> Iterator[str]:
    """Yield what a condition reads, each with its value in words, in the order of the text."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, list) or not part:
            continue
        name, is_secret = named(part, values.bundle)
        if name:
            yield f"{name} is {HIDDEN if is_secret else _shown(values.read(part))}"
        else:
            waiting += reversed(part[1:])


def named(expression: Any, bundle: Bundle) -> tuple[str, bool]:
    """Return a name as a flow writes it, with its members, and whether its value is secret; empty for all else."""
    match expression:
        case ["slot", int(slot)]:
            found = bundle.graph.names[slot]
            return found.text, found.secret
        case ["member", base, str() | int() as key]:
            name, is_secret = named(base, bundle)
            return (f"{name}.{key}" if isinstance(key, str) else f"{name}[{key}]") if name else "", is_secret
        case ["call", str(field)]:
            return f"call.{field}", False
        case ["declared" | "secret" as kind, str(name)]:
            return name, kind == "secret"
        case [str(name), *_] if name in REFERENCES:
            return name, False
        case _:
            return "", False
