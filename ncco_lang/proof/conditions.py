"""Check conditions whose result is the same in every call: always true, always false, or a comparison that never holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ncco_lang.blocks.slot_types import Types, find_slot_types
from ncco_lang.bundle import Graph, Say
from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Rule
from ncco_lang.program.model import BoundIf
from ncco_lang.program.values import Deferred, Known
from ncco_lang.program.walk import walk
from ncco_lang.proof.subject import Subject
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.values.data import described_type
from ncco_lang.values.expressions import references, type_of_expression
from ncco_lang.values.operators import TEXT
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import fields_of
from ncco_lang.words import Spelling, Words

if TYPE_CHECKING:
    from ncco_lang.program.model import Program
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
_COMPARED = frozenset({"==", "!="})
_OF_NUMBERS = frozenset({*_COMPARED, "starts_with", "matches"})
_NUMBERS = (["call", "from"], ["call", "to"])
_PREFIX = re.compile(r"\s*(?:\+|00)(?=[\s(]*\d)")
_LAYOUT = re.compile(r"[\s().-]+")


class SameCondition(Facts):
    """A condition that is `always` true or false."""

    rule = SAME_CONDITION
    always: bool

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.always:
            return self.say(spelling, "this condition is always true", "leave out the if, or compare what a call sets")
        return self.say(
            spelling, "this condition is always false", "compare what a call sets, or leave this branch out"
        )


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
        return self.say(spelling, self.message, hint)


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
        condition
        for bound in walk(program.statements)
        if isinstance(bound, BoundIf)
        for condition, _ in bound.branches
        if condition is not None
    ]
    if not conditions:
        return
    types, hears_keys = find_slot_types(subject.graph), _hears_keys(subject.graph)
    for condition in conditions:
        facts = _facts(condition, types)
        if not hears_keys and isinstance(condition, Deferred) and ["call", "keys"] in references(condition.expression):
            facts = NoKeys()
        if facts is not None and _reads_param(program, condition):
            # Each value of a param of the type phone has a prefix.
            facts = NumberOfCall(digits="") if isinstance(facts, NumberOfCall) else None
        if facts is not None:
            fix = _fix(program.source, condition.node, facts)
            yield flow_finding(program.source, condition.node.span, facts, fix=fix)


def _fix(source: Source, condition: ast.Node, facts: Facts) -> Fix | None:
    """Return a fix that writes the only number of a condition as what it is compared with; None for several."""
    numbers: list[ast.Node] = []
    match facts:
        case NeverEqual(is_number=True):
            numbers += (each for each in nodes(condition) if isinstance(each, ast.Number))
            written = [f'"{source.text[slice(*each.span)]}"' for each in numbers]
        case NumberOfCall(digits=digits) if digits:
            numbers += (each for each in nodes(condition) if isinstance(each, ast.Text) and _PREFIX.match(each.value))
            written = [f'"{digits}"'] * len(numbers)
        case _:
            return None
    return Fix(f"write {written[0]}", (Edit(numbers[0].span, written[0]),), unsafe=True) if len(numbers) == 1 else None


def _hears_keys(graph: Graph) -> bool:
    """Return whether keys can be pressed beside the call: an input may be asynchronous and has no address of its own."""
    said = (action for block in graph.blocks for action in block.actions if isinstance(action, Say))
    inputs = (dict(action.fields) for action in said if action.verb == "input")
    return any(each.get("mode", _WAITS) != _WAITS and "event_url" not in each for each in inputs)


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
            case [str(word), one, other] if word in _OF_NUMBERS and (number := _with_prefix(one, other)):
                yield NumberOfCall(digits=_LAYOUT.sub("", _PREFIX.sub("", number)))
            case ["in", one, ["list", *items]] if number := _with_prefix(one, items[0]) if items else "":
                yield NumberOfCall(digits=_LAYOUT.sub("", _PREFIX.sub("", number)))
            case [str(word), ["call", str(name)], str(value)] | [str(word), str(value), ["call", str(name)]] if (
                word in _COMPARED and value not in (values := fields_of("call")[name].values) and values
            ):
                yield NeverReported(name=name, value=value, values=values)
            case [str(word), one, other] if word in _COMPARED:
                yield from _compared(one, other, types)
            case ["in", one, ["list", first, *more]] if len({_family(each, types) for each in (first, *more)}) == 1:
                yield from _compared(one, first, types)
            case ["and" | "or" | "not", *operands]:
                waiting += reversed(operands)
            case _:
                pass


def _with_prefix(one: Any, other: Any) -> str:
    """Return the telephone number with a prefix that a number of the call is compared with; empty if there is none."""
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


def _reads_param(program: Program, condition: Value) -> bool:
    """Return whether a condition reads a param, or a name that is made of one."""
    scope, seen = program.scopes.call, set[str]()
    waiting: list[ast.Node] = [condition.node]
    while waiting:
        for node in nodes(waiting.pop()):
            name = node.text if isinstance(node, ast.Name) else node.name.text if isinstance(node, ast.Ref) else ""
            binding = scope.find(name) if name and name not in seen else None
            seen.add(name)
            if binding is None:
                continue
            if binding.kind in ("param", "import"):
                return True
            if isinstance(binding.node, ast.Let):
                waiting.append(binding.node.value)
    return False
