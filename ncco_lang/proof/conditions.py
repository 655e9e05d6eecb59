"""Check conditions whose result is the same in every call: always true, always false, or a comparison that never holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ncco_lang.blocks.slot_types import Types, find_slot_types
from ncco_lang.bundle import Branch, Graph, Say
from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Rule
from ncco_lang.program.model import BoundIf
from ncco_lang.program.translate import LITERALS, plain_text
from ncco_lang.program.values import Deferred, Known
from ncco_lang.program.walk import walk
from ncco_lang.proof.reaching import Choices, Digits, Reaching, Whole
from ncco_lang.proof.subject import Subject
from ncco_lang.proof.verdicts import Never, can_be, never_equal, verdict
from ncco_lang.proof.written_values import WrittenValues, reads_param
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.values.data import UNDEFINED, described_type
from ncco_lang.values.expressions import references, type_of_expression
from ncco_lang.values.operators import TEXT
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import fields_of
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.words import Spelling, Words, listed, shown

if TYPE_CHECKING:
    from ncco_lang.bundle import BlockId, Expression, SlotId
    from ncco_lang.program.values import Value

SAME_CONDITION = Rule(
    code="P109",
    name="constant-condition",
    severity="warning",
    why="The condition has the same result in every call, so one of its branches never happens. What a caller keys in or says is a "
    "text, which is never equal to a number. The numbers of a call are digits only, such as 31612345678; call.answered_by is human "
    "or machine, call.status started, ringing or answered, and call.keys is set only by an asynchronous input. A condition that "
    "reads a param of another type than phone is not reported: another profile may give another value.",
    bad='step start {\n    ask code "Key in your code." digits: 4 { give_up -> hangup }\n    if code == 1234 {\n'
    '        talk "That is right."\n    } else {\n        talk "That is wrong."\n    }\n}',
    good='step start {\n    ask code "Key in your code." digits: 4 { give_up -> hangup }\n    if code == "1234" {\n'
    '        talk "That is right."\n    } else {\n        talk "That is wrong."\n    }\n}',
    language="flow",
)

RULES = (SAME_CONDITION,)
_WAITS = ["word", "synchronous"]
_MOST_LISTED = 6
_COMPARED = frozenset({"==", "!="})
_OF_NUMBERS = frozenset({*_COMPARED, "starts_with", "matches"})
_NUMBERS = (["call", "from"], ["call", "to"])
_PREFIX = re.compile(r"\s*(?:\+|00)(?=[\s(]*\d)")
_LAYOUT = re.compile(r"[\s().-]+")


class SameCondition(Facts):
    """A condition that is `always` true or false; `name` decides it, whose `choices` are in words."""

    rule = SAME_CONDITION
    always: bool
    name: str = ""
    choices: str = ""

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.always:
            hint = "leave out the if, or compare what a call sets"
        else:
            hint = "compare what a call sets, or leave this branch out"
        message = f"this condition is always {'true' if self.always else 'false'}"
        return self.say(spelling, message, f"{{name:s}} is {{choices:s}} here: {hint}" if self.name else hint)


class NeverEqual(Facts):
    """A comparison of values of two types, `one` and `other` in words; `is_number` if one of them is a written number."""

    rule = SAME_CONDITION
    message = "{one:s} is never equal to {other:s}"
    one: str
    other: str
    is_number: bool

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "write the number in quotes" if self.is_number else "compare values of one type"
        if "null" in (self.one, self.other):
            hint = "not defined(…) asks whether there is no value"
        return self.say(spelling, self.message, hint)


class EmptyNumber(Facts):
    """A number of the call is compared with an empty text."""

    rule = SAME_CONDITION
    message = "a number of a call is never empty"
    hint = "not defined(call.from) asks whether the number is withheld"


class NeverValue(Facts):
    """A comparison of `name` with a `value` that it never has.

    Attributes:
        choices: what it can be, in words.
        near: the one of them that is meant, as it is written; empty if there is none.
        is_only: its condition has no other such comparison.
    """

    rule = SAME_CONDITION
    message = "{name:s} is never {value} here"
    name: str
    value: Any
    choices: str
    near: str
    is_only: bool

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message, "write {near:s}" if self.near else "it is {choices:s}")


class NumberOfCall(Facts):
    """A number of the call is compared with one that has a prefix; `digits` are what the call has, empty for a param."""

    rule = SAME_CONDITION
    message = "numbers of a call are digits only, without + or 00"
    digits: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "write {digits}" if self.digits else "compare with a param of the type text that has the digits only"
        return self.say(spelling, self.message, hint)


class NeverReported(Facts):
    """A value of the call is compared with a text that it never is; `values` are all that it can be."""

    rule = SAME_CONDITION
    message = "call.{name:s} is never {value}"
    name: str
    value: str
    values: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message, "it is {values}")


class NoKeys(Facts):
    """A condition reads `call.keys` in a flow that lets no key be pressed beside the call."""

    rule = SAME_CONDITION
    message = "call.keys is never set: no asynchronous input posts to this flow"

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(
            spelling, self.message, "write input dtmf mode: asynchronous before, without event_url, or ask with a menu"
        )


def check_conditions(subject: Subject) -> Iterator[Diagnostic]:
    """Yield one finding for each condition of an `if` that has the same result in every call."""
    program = subject.program
    conditions = [
        (bound.node.span, index, condition)
        for bound in walk(program.statements)
        if isinstance(bound, BoundIf)
        for index, (condition, _) in enumerate(bound.branches)
        if condition is not None
    ]
    if not conditions:
        return
    types, flow = find_slot_types(subject.graph), _Flow(subject)
    hears_keys = _hears_keys(subject.graph)
    for span, index, condition in conditions:
        facts, place = _facts(condition, types), condition.node.span
        if not hears_keys and isinstance(condition, Deferred) and ["call", "keys"] in references(condition.expression):
            facts = NoKeys()
        if isinstance(condition, Deferred) and (facts is None or isinstance(facts, NeverEqual)):
            by_flow, at = flow.facts(span, index, condition)
            # A number in quotes is what the author means only where the name can be that.
            if facts is None or (isinstance(by_flow, NeverValue) and not by_flow.near):
                facts, place = by_flow, at
        if facts is not None and reads_param(program, condition):
            # Each value of a param of the type phone has a prefix.
            facts = NumberOfCall(digits="") if isinstance(facts, NumberOfCall) else None
        if facts is not None:
            fix = _fix(program.source, condition.node, place, facts)
            yield flow_finding(program.source, place, facts, fix=fix)


def _fix(source: Source, condition: ast.Node, place: Span, facts: Facts) -> Fix | None:
    """Return a fix that writes the only number of a condition as what it is compared with; None for several."""
    numbers: list[ast.Node] = []
    match facts:
        case NeverEqual(is_number=True):
            numbers += (each for each in nodes(condition) if isinstance(each, ast.Number))
            written = [f'"{source.text[slice(*each.span)]}"' for each in numbers]
        case NumberOfCall(digits=digits) if digits:
            numbers += (each for each in nodes(condition) if isinstance(each, ast.Text) and _PREFIX.match(each.value))
            written = [f'"{digits}"'] * len(numbers)
        case NeverValue(near=near, is_only=True) if near and place != condition.span:
            return Fix(f"write {near}", (Edit(place, near),), unsafe=True)
        case _:
            return None
    return Fix(f"write {written[0]}", (Edit(numbers[0].span, written[0]),), unsafe=True) if len(numbers) == 1 else None


def _hears_keys(graph: Graph) -> bool:
    """Return whether keys can be pressed beside the call: an input may be asynchronous and has no address of its own."""
    said = (action for block in graph.blocks for action in block.actions if isinstance(action, Say))
    inputs = (dict(action.fields) for action in said if action.verb == "input")
    return any(each.get("mode", _WAITS) != _WAITS and "event_url" not in each for each in inputs)


class _Flow:
    """What the conditions of a flow are with what names can be there."""

    def __init__(self, subject: Subject) -> None:
        self.subject, graph = subject, subject.graph
        self._branches: dict[Span, list[tuple[BlockId, list[Expression]]]] = {}
        slots: set[SlotId] = set()
        for at, block in enumerate(graph.blocks):
            if isinstance(block.exit, Branch):
                conditions = [condition for condition, _ in block.exit.cases]
                self._branches.setdefault(subject.places[at, -1], []).append((at, conditions))
                read = (reference for condition in conditions for reference in references(condition))
                slots.update(reference[1] for reference in read if reference[0] == "slot")
        self._reaching = Reaching(graph, sorted(slots), WrittenValues(subject)) if slots else None

    def facts(self, span: Span, index: int, condition: Value) -> tuple[Facts | None, Span]:
        """Return what is wrong with a condition of the `if` at a span, and where: the same in all of its blocks."""
        found = [self._of_block(at, conditions[index]) for at, conditions in self._branches.get(span, ())]
        facts = found[0] if found and all(each == found[0] for each in found) else None
        if not isinstance(facts, NeverValue):
            return facts, condition.node.span
        places = (
            node.span
            for node in nodes(condition.node)
            if isinstance(node, (ast.Text, ast.Number, ast.Constant)) and _literal(node) == facts.value
        )
        return facts, next(places, condition.node.span)

    def _of_block(self, at: BlockId, condition: Expression) -> Facts | None:
        if self._reaching is None:
            return None
        reaching, names = self._reaching, self.subject.graph.names

        def choices_of(slot: SlotId) -> Choices:
            return reaching.at_exit(at, slot)

        found = list(never_equal(condition, choices_of))
        if found:
            return _never_value(names[found[0].slot].text, found[0], is_only=len(found) == 1)
        always = verdict(condition, choices_of)
        if always is None:
            return None
        for slot in (each[1] for each in references(condition) if each[0] == "slot"):
            choices = choices_of(slot)
            if choices is not None:
                return SameCondition(always=always, name=names[slot].text, choices=_listed(choices))
        return SameCondition(always=always)


def _never_value(name: str, never: Never, *, is_only: bool) -> NeverValue:
    """Return the facts about a comparison with a value that a name never has; `is_only` if its condition has no other."""
    near = ""
    if isinstance(never.value, int) and can_be(never.choices, str(never.value)):
        near = f'"{never.value}"'
    for choice in never.choices:
        if isinstance(choice, Whole) and isinstance(never.value, str) and never.value.isdecimal():
            near = str(int(never.value)) if choice.low <= int(never.value) <= choice.high else near
    texts = [each for each in never.choices if isinstance(each, str)]
    if isinstance(never.value, str) and not near and (meant := did_you_mean(never.value, texts)) is not None:
        near = shown(meant)
    choices = _listed(never.choices)
    return NeverValue(name=name, value=never.value, choices=choices, near=near, is_only=is_only)


def _listed(choices: tuple[Any, ...]) -> str:
    words = [_in_words(each) for each in choices[:_MOST_LISTED]]
    return listed([*words, "…"] if len(choices) > _MOST_LISTED else words)


def _in_words(choice: Any) -> str:
    match choice:
        case Digits(least, most):
            return f"a text of {most} digits" if least == most else f"a text of {least} to {most} digits"
        case Whole(low, high):
            return f"a whole number from {low} to {high}"
        case _:
            return "without a value" if choice is UNDEFINED else shown(choice)


def _literal(node: ast.Node) -> Any:
    """Return the value of a text or a number that is written; None for another node."""
    if isinstance(node, ast.Text):
        return plain_text(node)
    literal = LITERALS.get(type(node))
    return None if literal is None else literal(node)


def _facts(condition: Value, types: Types) -> Facts | None:
    match condition:
        case Known(data=bool(always)):
            return SameCondition(always=always)
        case Deferred(expression=["or", *operands]) if any(each is True for each in operands):
            return SameCondition(always=True)
        case Deferred(expression=["and", *operands]) if any(each is False for each in operands):
            return SameCondition(always=False)
        case Deferred(expression=expression):
            return next(_never_equal(expression, types), None)
        case _:
            return None


def _never_equal(expression: Any, types: Types) -> Iterator[Facts]:
    waiting = [expression]
    while waiting:
        match waiting.pop():
            case ["==" | "!=", one, other] if "" in (one, other) and (one in _NUMBERS or other in _NUMBERS):
                yield EmptyNumber()
            case [str(word), one, other] if word in _OF_NUMBERS and (number := _with_prefix(one, other)):
                yield NumberOfCall(digits=_LAYOUT.sub("", _PREFIX.sub("", number)))
            case ["in", one, ["list", *items]] if number := next(
                filter(None, (_with_prefix(one, each) for each in items)), ""
            ):
                yield NumberOfCall(digits=_LAYOUT.sub("", _PREFIX.sub("", number)))
            case [str(word), ["call", str(name)], str(value)] | [str(word), str(value), ["call", str(name)]] if (
                word in _COMPARED and value not in (values := fields_of("call")[name].values) and values
            ):
                yield NeverReported(name=name, value=value, values=values)
            case [str(word), one, other] if word in _COMPARED:
                yield from _compared(one, other, types)
            case ["in", one, ["list", *items]]:
                yield from (facts for each in items for facts in _compared(one, each, types))
            case ["and" | "or" | "not", *operands]:
                waiting += reversed(operands)
            case _:
                pass


def _with_prefix(one: Any, other: Any) -> str:
    """Return the number with a plus or zeros before it to which a flow compares a number of the call; otherwise an empty text."""
    written = other if one in _NUMBERS else one if other in _NUMBERS else None
    return written if isinstance(written, str) and _PREFIX.match(written) else ""


def _compared(one: Any, other: Any, types: Types) -> Iterator[Facts]:
    found = _family(one, types), _family(other, types)
    if None not in found and "undefined" not in found and found[0] != found[1]:
        is_number = "text" in found and any(type(each) is int for each in (one, other))
        yield NeverEqual(one=described_type(found[0]), other=described_type(found[1]), is_number=is_number)


def _family(expression: Any, types: Types) -> str | None:
    """Return the type of an expression; `text` for all that are compared as texts, None for one that is not certain."""
    found = type_of_expression(expression, types)
    return "text" if found in TEXT else found
