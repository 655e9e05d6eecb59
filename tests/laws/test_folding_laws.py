"""For any expression in a flow: with names that the compiler knows, it has the value that a call computes."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ncco_lang.program.bind import bind_file
from ncco_lang.program.model import BoundDeclaration, BoundSet
from ncco_lang.program.values import UNFIT, Deferred, Invalid, Known
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.values.data import UNDEFINED, type_of
from ncco_lang.values.environment import Names
from ncco_lang.values.expressions import evaluate
from ncco_lang.values.operators import equal
from tests.budget import searched

NAMES = ("a", "b", "c")
LITERALS = ["1", "2", "0.50", "007", '"x"', '"4711"', '""', "true", "false", '["x", 1]', "[]", '{ "k": "x" }', "2s"]
ATOMS = st.sampled_from([*NAMES, *NAMES, "1", '"x"', "true", "2s", "null", '["x", 2]'])
TEXTS = st.sampled_from(['"{a}"', '"<{a | spell}> {b}"', '"{b | digits}{c}"', '"""{a}"""', '"{a}{1 + 1}"'])
OPERATORS = ["+", "-", "*", "/", "==", "!=", "<", ">=", "and", "or", "in", "starts_with", "matches"]


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operations = st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda parts: f"({' '.join(parts)})")
    functions = st.tuples(st.sampled_from(["length", "defined"]), inner).map(lambda call: f"{call[0]}({call[1]})")
    defaults = st.tuples(inner, inner).map(lambda parts: f"default({', '.join(parts)})")
    lists = st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
    signs = st.tuples(st.sampled_from(["not ", "-"]), inner).map(lambda parts: f"({parts[0]}({parts[1]}))")
    parts = st.tuples(st.sampled_from(NAMES), st.sampled_from([".k", "[0]", "[1]"])).map("".join)
    return st.one_of(operations, operations, functions, defaults, lists, signs, parts, TEXTS)


EXPRESSIONS = st.recursive(ATOMS, combined, max_leaves=5)


def folded(head: str, parameters: str, expression: str) -> Known | Deferred | Invalid:
    """Return the value of an expression in a step."""
    source = Source("x", f"{head}step start({parameters}) {{\n    set x = {expression}\n}}\n")
    file, syntax = parse_flow(source)
    assume(not syntax)  # `2s and 2s` looks like one duration
    step = bind_file(file, source, {}).statements[-1]
    assert isinstance(step, BoundDeclaration)
    bound = step.body[-1]
    assert isinstance(bound, BoundSet)
    value = bound.value
    return Invalid(value.node) if isinstance(value, Known) and has_gap(value.data) else value


def has_gap(data: Any) -> bool:
    """Return whether a part of a list or a table has a finding."""
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return data is UNFIT or any(map(has_gap, parts))


def data_of(literal: str) -> Any:
    value = folded("", "", literal)
    assert isinstance(value, Known)
    return value.data


@searched(300, 10_000)
@given(EXPRESSIONS, st.lists(st.sampled_from(LITERALS), min_size=3, max_size=3))
def test_a_call_computes_what_the_compiler_folds(expression: str, literals: list[str]) -> None:
    lets = "".join(f"let {name} = {literal}\n" for name, literal in zip(NAMES, literals, strict=True))
    data = [data_of(literal) for literal in literals]
    parameters = ", ".join(f"{name}: {type_of(value)}" for name, value in zip(NAMES, data, strict=True))
    known = folded(lets, "", expression)
    in_call = folded("", parameters, expression)
    assert not isinstance(known, Deferred)
    if isinstance(in_call, Invalid):
        assert isinstance(known, Invalid)  # its types are wrong, whatever the values are
        return
    slots = Names({("slot", index): value for index, value in enumerate(data)})
    value = evaluate(in_call.expression, slots) if isinstance(in_call, Deferred) else in_call.data
    if isinstance(known, Known):
        assert type_of(value) == type_of(known.data)
        assert equal(value, known.data)
    if isinstance(in_call, Deferred) and value is not UNDEFINED:
        assert in_call.type in (None, type_of(value))
