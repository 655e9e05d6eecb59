"""Expressions as JSON data: what each operator yields, what is a fault, and what never exhausts the stack."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from ncco_lang.values.compiling import compile_expression
from ncco_lang.values.data import (
    DEEPEST_DATA,
    EXACT,
    UNDEFINED,
    Duration,
    described,
    from_json,
    to_json,
    type_of,
    usual,
)
from ncco_lang.values.environment import Names
from ncco_lang.values.evaluation import LONGEST_TEXT, MOST_VALUES, Evaluation, Fault
from ncco_lang.values.expressions import (
    check_types,
    evaluate,
    fold,
    type_of_expression,
)
from ncco_lang.values.operators import matches
from tests.test_linear import steps

VALUES = Names(
    {
        ("slot", 0): "Utrecht",
        ("slot", 1): from_json({"status": "ready", "price": 4.5, "tags": ["a", "b"], "ok": True}),
        ("slot", 2): 7,
        ("call", "from"): "+31 20 123 4567",
        ("open", "office"): False,
    }
)
TYPES = Names(types={("slot", 0): "text", ("slot", 1): "table", ("slot", 2): "number", ("call", "from"): "phone"})

# An expression, and its value as JSON has it; None for null, UNDEFINED where there is no value.
CASES: list[tuple[str, Any]] = [
    ('["slot", 0]', "Utrecht"),
    ('["slot", 9]', UNDEFINED),
    ('["member", ["slot", 1], "status"]', "ready"),
    ('["member", ["member", ["slot", 1], "tags"], 1]', "b"),
    ('["member", ["member", ["slot", 1], "tags"], 2]', UNDEFINED),
    ('["member", ["slot", 0], 0]', UNDEFINED),
    ('["+", ["number", "0.1"], ["number", "0.2"]]', 0.3),
    ('["-", ["*", 3, 4], ["/", 7, 2]]', 8.5),
    ('["/", 1, 0]', UNDEFINED),
    ('["+", 1, "1"]', UNDEFINED),
    ('["+", 1, true]', UNDEFINED),
    ('["negative", ["slot", 2]]', -7),
    ('["==", ["number", "1.0"], 1]', True),
    ('["==", true, 1]', False),
    ('["==", ["list", 1, ["object", "a", 2]], ["list", 1, ["object", "a", ["number", "2.0"]]]]', True),
    ('["==", ["duration", "1", "m"], ["duration", "60", "s"]]', True),
    ('["!=", ["slot", 9], 1]', False),
    ('["not", ["!=", ["slot", 9], 1]]', True),
    ('["<", 1, ["slot", 9]]', False),
    ('["<=", ["member", ["slot", 1], "price"], ["number", "4.50"]]', True),
    ('["in", "a", ["member", ["slot", 1], "tags"]]', True),
    ('["in", "price", ["slot", 1]]', True),
    ('["in", "x", ["slot", 9]]', False),
    ('["starts_with", ["slot", 0], "Ut"]', True),
    ('["ends_with", ["slot", 0], "Ut"]', False),
    ('["matches", ["slot", 0], "U*c?t"]', True),
    ('["not", ["open", "office"]]', True),
    ('["and", true, ["slot", 9], ["/", 1, "x"]]', False),
    ('["or", ["slot", 9], true, "x"]', True),
    ('["or", false, ["slot", 9]]', False),
    ('["and", true, "x"]', False),
    ('["or", "x", true]', True),
    ('["length", ["slot", 0]]', 7),
    ('["length", ["member", ["slot", 1], "tags"]]', 2),
    ('["length", 1]', UNDEFINED),
    ('["defined", ["member", ["slot", 1], "nothing"]]', False),
    ('["defined", ["member", ["slot", 1], "ok"]]', True),
    ('["default", ["member", ["slot", 1], "nothing"], "you"]', "you"),
    ('["default", null, "you"]', None),
    ('["list", 1, ["slot", 9], null]', [1, None]),
    ('["object", "a", 1, "b", ["slot", 9], ["slot", 0], ["slot", 2]]', {"a": 1, "Utrecht": 7}),
    ('["text", "speech", "In ", ["put", ["slot", 0]], ["put", ["slot", 9]], "."]', "In Utrecht."),
    ('["text", "plain", ["put", ["member", ["slot", 1], "price"]], " ", ["put", true], ["put", null]]', "4.5 true"),
    ('["text", "plain", ["put", ["number", "007"]], " ", ["put", ["number", "1.50"]]]', "007 1.50"),
    ('["text", "speech", ["put", 4711, ["digits", "slow"]]]', "4, 7, 1, 1"),
    ('["text", "speech", ["put", ["call", "from"], ["phone"]]]', "+3 1, 2 0, 1 2 3, 4 5 6 7"),
    ('["text", "speech", "a", ["put", ["slot", 0], ["digits"]], ["put", ["slot", 1]]]', "a"),
    ('["text", "url", ["raw", "https://x/"], ["put", "a/b"]]', "https://x/a%2Fb"),
    ('["number", "1e999"]', UNDEFINED),
    ('["duration", "2", "days"]', UNDEFINED),
    ('["+", 1]', UNDEFINED),
    ('["text", "nowhere", "a"]', UNDEFINED),
    ('["nothing", 1]', UNDEFINED),
    ('{"a": 1}', UNDEFINED),
    ("[]", UNDEFINED),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_its_value(expression: str, expected: Any) -> None:
    value = evaluate(json.loads(expression), VALUES)
    assert (value if value is UNDEFINED else to_json(value)) == expected
    assert type(to_json(value)) is type(expected)


# An expression with faults: the operator at fault, its kind, and its operands in words.
FAULTS: list[tuple[str, list[tuple[str, str, list[str]]]]] = [
    ('["+", 1, ["*", 2, "x"]]', [("*", "operand", ["a number", "a text"])]),
    ('["member", ["slot", 1], "nothing"]', [("member", "part", ["an object", "a text"])]),
    ('["defined", ["member", ["slot", 1], "nothing"]]', []),
    ('["default", ["member", ["slot", 1], ["+", "a", 1]], 2]', [("+", "operand", ["a text", "a number"])]),
    ('["text", "plain", ["put", ["slot", 1]]]', [("put", "unspeakable", ["an object"])]),
    ('["text", "plain", ["put", ["slot", 0], ["phone"]]]', [("put", "unreadable", ["a list", "a text"])]),
    ('["text", "plain", ["put", 1, ["roman"]]]', [("put", "filter", ["a list"])]),
    ('["and", "x", ["slot", 1]]', [("and", "operand", ["a text", "a number"])]),
    ('["object", 1, 2]', [("object", "operand", ["a number"])]),
]


@pytest.mark.parametrize(("expression", "expected"), FAULTS, ids=[case[0] for case in FAULTS])
def test_its_faults(expression: str, expected: list[tuple[str, str, list[str]]]) -> None:
    faults: list[Fault] = []
    evaluate(json.loads(expression), VALUES, faults)
    found = [(fault.expression[0], fault.kind, [described(each) for each in fault.details]) for fault in faults]
    assert found == expected


def test_a_fault_names_the_very_part_of_the_expression() -> None:
    wrong = ["+", 1, "x"]
    faults: list[Fault] = []
    evaluate(["list", ["+", 1, 2], wrong], VALUES, faults)
    assert [fault.expression is wrong for fault in faults] == [True]


# What is left of an expression when slot 0 is "a".
FOLDED: list[tuple[Any, Any]] = [
    (["+", ["+", 1, 2], ["slot", 1]], ["+", 3, ["slot", 1]]),
    (["and", ["==", ["slot", 0], "a"], ["slot", 1]], ["and", ["slot", 1]]),
    (["and", ["==", ["slot", 0], "b"], ["slot", 1]], False),
    (["or", ["slot", 1], ["==", ["slot", 0], "a"], ["slot", 2]], ["or", ["slot", 1], True]),
    (["default", ["slot", 0], ["slot", 1]], "a"),
    (
        ["text", "url", "x/", ["put", ["slot", 0]], "/", ["put", ["slot", 1]]],
        ["text", "url", "x/a/", ["put", ["slot", 1]]],
    ),
    (["list", ["number", "0.5"], ["slot", 1], ["undefined"]], ["list", ["number", "0.5"], ["slot", 1]]),
    (["object", "k", ["list", ["slot", 0]]], ["object", "k", ["list", "a"]]),
]


@pytest.mark.parametrize(("expression", "expected"), FOLDED)
def test_what_is_left(expression: Any, expected: Any) -> None:
    assert fold(expression, Names({("slot", 0): "a"})) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["+", ["slot", 2], 1], "number"),
        (["==", ["slot", 9], 1], "bool"),
        (["text", "plain", ["put", ["slot", 0]]], "text"),
        (["member", ["slot", 1], "a"], None),
        (["default", ["slot", 0], "x"], "text"),
        (["default", ["slot", 0], 1], None),
        (["duration", "2", "s"], "duration"),
        (["+", 1, "x"], "undefined"),
    ],
)
def test_its_type(expression: Any, expected: str | None) -> None:
    assert type_of_expression(expression, TYPES) == expected


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        (["+", ["slot", 2], ["slot", 0]], ["+"]),
        (["starts_with", ["call", "from"], "+31"], []),
        (["and", False, ["<", ["slot", 0], 1]], ["<"]),
        (["and", False, ["member", ["list"], 1]], []),
        (["text", "plain", ["put", ["slot", 1]]], ["put"]),
        (["member", ["slot", 0], 1], ["member"]),
        (["in", 1, ["member", ["slot", 1], "x"]], []),
    ],
)
def test_types_are_checked_without_values(expression: Any, wrong: list[str]) -> None:
    assert [fault.expression[0] for fault in check_types(expression, TYPES)] == wrong


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "expected"),
    [(2.0, "2"), (0.1, "0.1"), (1e21, "1000000000000000000000"), (1e-9, "0.000000001"), (1e40, "1e+40"), (-0.0, "0")],
)
def test_a_number_of_json_is_read_out_without_an_exponent(value: float, expected: str) -> None:
    put = evaluate(["text", "plain", ["put", ["slot", 0]]], Names({("slot", 0): from_json(value)}))
    assert put == expected


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400, Decimal("1e999"), {"a": [object()]}, (1, 2)])
def test_what_json_does_not_have_is_undefined(value: Any) -> None:
    assert from_json(value) is UNDEFINED


def test_a_value_without_a_form_in_json_is_its_text() -> None:
    value = evaluate(["list", ["duration", "1.5", "s"], ["range", "4", "6"], ["tag", "en-GB"]], Names())
    assert to_json(value) == ["1.5s", "4..6", "en-GB"]
    assert [type_of(each) for each in value] == ["duration", "range", "language"]
    assert value[0] == Duration("1.5", "s")


# ── Globs ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("", "", True),
        ("", "*", True),
        ("", "?", False),
        ("abc", "abc", True),
        ("abc", "ab", False),
        ("abc", "a*", True),
        ("abc", "*c", True),
        ("abc", "*b*", True),
        ("abc", "a**c", True),
        ("abc", "a?c", True),
        ("ac", "a?c", False),
        ("aab", "*ab", True),
        ("abab", "*ab?", False),
        ("a\nb", "a*b", True),
        ("a.b[", "a.b[", True),
    ],
)
def test_matches(text: str, pattern: str, expected: bool) -> None:
    assert matches(text, pattern) is expected


# ── Bounds ────────────────────────────────────────────────────────────────────────────────────────────


def nested(count: int) -> Any:
    expression: Any = 1
    for _ in range(count):
        expression = ["+", expression, 1]
    return expression


def kinds(expression: Any, values: Names = VALUES) -> list[str]:
    faults: list[Fault] = []
    evaluate(expression, values, faults)
    fold(expression, values)
    return [fault.kind for fault in faults]


def test_a_deep_expression_does_not_exhaust_the_stack() -> None:
    assert evaluate(nested(5_000), VALUES) == 5_001
    lists: Any = ["slot", 0]
    for _ in range(5_000):
        lists = ["list", lists]
    assert set(kinds(lists)) == {"deep"}
    assert kinds(["not", ["and", *[["or", ["slot", 5]]] * 5_000]]) == []
    chain: Any = ["slot", 2]
    for sign in "+-*/" * 1_250:
        chain = [sign, chain, ["number", "1.0"] if sign in "*/" else 1]
    assert evaluate(chain, VALUES) == 7
    assert evaluate(fold(chain, Names()), VALUES) == 7


@pytest.mark.parametrize(
    "operator", [["not"], ["negative"], ["length"], ["and", True], ["default", ["undefined"]], ["list"], ["+", 1]]
)
def test_what_nests_deeper_than_a_flow_may_is_undefined(operator: list[Any]) -> None:
    def deep(count: int) -> Any:
        expression: Any = ["slot", 2]
        for _ in range(count):
            expression = [*operator, expression]
        return expression

    def below(frames: int, expression: Any) -> list[str]:
        return kinds(expression) if not frames else below(frames - 1, expression)

    assert "deep" not in below(300, deep(DEEPEST_DATA - 1 if operator == ["list"] else 200))
    assert set(below(300, deep(1_000))) == {"deep"}


def test_a_fault_of_a_constant_is_found_each_time() -> None:
    many = ["length", ["list", *[0] * MOST_VALUES]]
    code = compile_expression(["object", "a", many])
    assert [code(run := Evaluation()), code(run)] == [{}, {}]
    assert [fault.kind for fault in run.faults] == ["many", "many"]
    assert code(Evaluation()) is not code(Evaluation())


def test_a_constant_list_is_made_once() -> None:
    code = compile_expression(["list", 1, ["object", "a", ["number", "1.50"]]])
    assert code(Evaluation()) is code(Evaluation())


@pytest.mark.parametrize("sign", "+-*/")
def test_whole_numbers_are_calculated_like_all_others(sign: str) -> None:
    exact = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply, "/": EXACT.divide}[sign]
    ends = [1, 3, 7, 10**14 - 1, 10**14 + 1, 10**27, 10**28 - 1, 10**28, 10**28 + 1, 10**31 + 5]
    numbers = [0, *ends, *(-each for each in ends)]
    for left, right in itertools.product(numbers, numbers):
        value = evaluate([sign, left, right], Names())
        expected = UNDEFINED if sign == "/" and not right else usual(exact(Decimal(left), Decimal(right)))
        assert value == expected, (left, right)
        assert type(value) is type(expected), (left, right)


def test_long_texts_and_many_values_are_undefined() -> None:
    long = Names({("slot", 0): "x" * (LONGEST_TEXT // 2), ("slot", 1): [0] * (MOST_VALUES // 2)})
    assert kinds(["text", "plain", *[["put", ["slot", 0]]] * 2], long) == []
    assert kinds(["text", "plain", *[["put", ["slot", 0]]] * 2, "x"], long) == ["long"]
    assert kinds(["list", ["slot", 1]], long) == []
    assert kinds(["list", ["slot", 1], ["slot", 1]], long) == ["many"]
    assert kinds(["object", "a", ["slot", 1], "b", ["slot", 1]], long) == ["many"]


@pytest.mark.parametrize(
    "make",
    [
        nested,
        lambda size: ["and", *[["slot", 9]] * size],
        lambda size: ["or", *[["slot", 9]] * size],
        lambda size: ["text", "ssml", *[["put", ["slot", 0]]] * size],
        lambda size: ["list", *[["slot", 0]] * size],
        lambda size: ["matches", "a" * size, "*a" * 20 + "b"],
    ],
    ids=["operators", "and", "or", "text", "list", "matches"],
)
def test_evaluating_and_folding_are_linear(make: Callable[[int], Any]) -> None:
    runs: list[Callable[[Any], Any]] = [lambda each: evaluate(each, VALUES), lambda each: fold(each, Names())]
    for run in runs:
        run(make(10))
        small, large = (steps(partial(run, make(size))) for size in (50, 200))
        assert large < 4.4 * small + 100, (small, large)
