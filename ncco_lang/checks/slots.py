"""Check the values of a bound program against the limits of their options: range, choices, form, length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Path
from ncco_lang.program.model import BoundStatement, Program, Slot
from ncco_lang.program.values import UNFIT, Deferred, Known
from ncco_lang.program.walk import bound_statements
from ncco_lang.source import Span
from ncco_lang.values.data import Range, Tag, Word, number_text
from ncco_lang.vocabulary.flow_spelling import FLOW, flow_finding
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.limits import NotAChoice, WrongType, check_limits
from ncco_lang.vocabulary.option_rules import InRaw
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.raw_options import RAW, clashes
from ncco_lang.vocabulary.wire import OWN_KINDS
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound

_KEYS = {"hash": "#", "pound": "#", "number_sign": "#", "star": "*", "asterisk": "*"}


def check_slots(program: Program, statements: Sequence[Bound]) -> Iterator[Diagnostic]:
    """Yield a finding for each value in these statements of a program that is outside the limits of its option."""
    for statement in bound_statements(statements):
        for slot in statement.slots:
            if slot.option.kind == RAW:
                yield from _check_raw(program, statement, slot)
            if slot.wire is not UNFIT and type(slot.value) is Known:
                yield from _check(program, slot, slot.option, slot.value.data, slot.wire, ())


def _check(program: Program, slot: Slot, option: OptionSpec, data: Any, wire: Any, path: Path) -> Iterator[Diagnostic]:
    if type(data) is Range and option.kind == "number-or-range":
        for bound, number in zip(data, wire, strict=True):
            yield from _check(program, slot, option, bound, number, path)
        return
    if option.is_block or option.data or (option.kind in OWN_KINDS and option.kind != "number-or-range"):
        return
    if option.single and option.item is not None:
        yield from _check(program, slot, option.item, data, wire[0], path)
    elif "array" in option.types:
        if option.item is not None and "object" not in option.item.types:
            for index, item in enumerate(wire):
                yield from _check(program, slot, option.item, data[index], item, (*path, index))
    elif not (option.kind in LANGUAGES and isinstance(data, (Tag, Word))):
        # The author of `wait 50ms` knows the duration by its verb.
        is_unnamed = slot.name is None and option.unit is not None
        named = program.source.text[slice(*slot.key)] if is_unnamed else option.key
        for limit in check_limits(option.schema, wire, Wire(named)):
            yield _finding(program, program.positions.span(slot.value.node, path), limit.facts, data)


def _check_raw(program: Program, statement: BoundStatement, slot: Slot) -> Iterator[Diagnostic]:
    """Yield a finding for each part of `raw` that the statement itself writes."""
    data = slot.value.data if type(slot.value) is Known else None
    if type(slot.value) is Deferred:
        data = _objects(slot.value.expression)
    if statement.form is None or not isinstance(data, dict):
        return
    for path, option, inside in clashes(statement.form, data):
        clash = InRaw(
            part=".".join(map(str, path)),
            option=None if option is None else Wire(option.key),
            owner=statement.form.title,
            inside=inside,
            is_block=option is not None and option.is_block,
            is_given=any(each.option is option for each in statement.slots),
        )
        yield flow_finding(program.source, program.positions.key_span(slot.value.node, path), clash)


def _objects(expression: Any) -> Any:
    """Return an expression that makes an object as an object of expressions; any other as None."""
    if not isinstance(expression, list) or expression[:1] != ["object"]:
        return None
    return dict(zip(expression[1::2], map(_objects, expression[2::2]), strict=True))


def _finding(program: Program, span: Span, facts: Facts, data: Any) -> Diagnostic:
    fix = None
    if isinstance(facts, WrongType):
        facts = WrongType(option=facts.option, wanted=facts.wanted, given=number_text(data))
    if isinstance(facts, NotAChoice):
        near = facts.near
        if (key := _KEYS.get(str(facts.value).lower())) in facts.choices:
            near = (str(key),)
            facts = NotAChoice(option=facts.option, value=facts.value, choices=facts.choices, near=near)
        if len(near) == 1:
            written = FLOW.choice(near[0])
            fix = Fix(f"write {written}", (Edit(span, written),), unsafe=True)
    return flow_finding(program.source, span, facts, fix=fix)
