"""What exits and expressions read: names, whole or by members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ncco_lang.bundle import (
    Again,
    Arm,
    Arms,
    Ask,
    Branch,
    Call,
    Dial,
    Exit,
    Expression,
    Fetch,
    IfArms,
    Jump,
    SlotId,
    Valued,
)


class Part(NamedTuple):
    """A name that is read.

    Attributes:
        members: those that lead to the part that is read, `("order", "status")`; None for the whole value. With no
            members only whether the name has a value matters.
    """

    slot: SlotId
    members: tuple[str, ...] | None = None


def read_at(exit: Exit, arms: Sequence[Arms]) -> Iterator[Expression]:
    """Yield what an exit reads when an event has come; the arguments of a step are read only if it reads them."""
    match exit:
        case Branch(cases):
            yield from (condition for condition, _ in cases)
        case Again():
            yield from (*exit.texts, exit.after)
        case Ask():
            yield exit.listen.of
            yield from (value for _, value in exit.listen.options)
        case Dial():
            yield from (value for say in exit.endpoints[1:] for _, value in say.fields)
        case Fetch():
            yield from (exit.url, exit.headers, exit.json, exit.timeout)
        case _:
            pass
    yield from read_by(arms)


def read_before(exit: Exit) -> Iterator[Expression]:
    """Yield what an exit reads only before it waits."""
    if isinstance(exit, Dial):
        yield from (value for say in exit.endpoints[:1] for _, value in say.fields)


def read_by(arms: Sequence[Arms]) -> Iterator[Expression]:
    """Yield what arms read to know which of them count, and what they match."""
    for each in arms:
        if isinstance(each, Arm):
            yield from (pattern.value for pattern in each.patterns if isinstance(pattern, Valued))
        else:
            yield each.condition if isinstance(each, IfArms) else each.values
            yield from read_by(each.arms)


def arguments_of(exit: Exit) -> tuple[Expression, ...]:
    """Return the arguments that an exit gives to a step."""
    if isinstance(exit, (Jump, Call)):
        return exit.arguments
    return exit.on_answer[1] if isinstance(exit, Dial) and exit.on_answer is not None else ()


def read_parts(expressions: Iterable[Expression], texts: Mapping[str, Mapping[str, Expression]]) -> Iterator[Part]:
    """Yield the names that expressions read, whole or by members.

    Args:
        texts: the texts of the bundle, which an expression may read.
    """
    waiting, said = [each for each in expressions if isinstance(each, list)], set[str]()
    while waiting:
        expression = waiting.pop()
        path = path_of(expression)
        match expression:
            case _ if path is not None:
                yield path
            case ["defined", ["slot", int(slot)]]:
                yield Part(slot, ())
            case ["declared", str(text)] if text not in said:
                said.add(text)
                waiting += (each for each in texts.get(text, {}).values() if isinstance(each, list))
            case _:
                waiting += (each for each in expression[1:] if isinstance(each, list))


def path_of(expression: list[Expression]) -> Part | None:
    """Return the name and the members of `found.order.status`; None for any other expression."""
    members: list[str] = []
    while True:
        match expression:
            case ["slot", int(slot)]:
                return Part(slot, tuple(reversed(members)) or None)
            case ["member", list(inner), str(member)]:
                members.append(member)
                expression = inner
            case _:
                return None
