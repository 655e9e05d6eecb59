"""A value inside a step becomes an expression of what only the call knows; all else is folded into it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ncco_lang.program.bind import bind_file
from ncco_lang.program.model import BoundDeclaration, BoundSet
from ncco_lang.program.values import Deferred, Invalid, Known
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.values.data import number, number_text

HEAD = """
let server = "https://example.com"
let tax = 0.21
let towns = ["Utrecht", "Zwolle"]
let prices = { "small": 5 }
arg who: text = "you"
param key: secret = env("CRM_KEY")
hours office "Europe/Amsterdam" { mon-fri 09:00-17:30 }
text hello { nl-NL: "Dag."; en-GB: "Hello." }
step start(slot: text, count: number) {
    ask code "Code?" digits: 4 { otherwise -> retry; give_up -> hangup }
    set x = """


def folded(value: str) -> Any:
    """Return the value of `set x = …` in a step; slots 0 to 3 are `who`, `slot`, `count` and `code`."""
    source = Source("x", f"{HEAD}{value}\n}}\n")
    file, _ = parse_flow(source)
    step = bind_file(file, source, {}).statements[-1]
    assert isinstance(step, BoundDeclaration)
    bound = step.body[-1]
    assert isinstance(bound, BoundSet)
    return bound.value


@pytest.mark.parametrize(
    ("value", "expression", "kind"),
    [
        ("slot", ["slot", 1], "text"),
        ("count * 1 + 2 * 3", ["+", ["*", ["slot", 2], 1], 6], "number"),
        ("count * tax", ["*", ["slot", 2], ["number", "0.21"]], "number"),
        ('"a{server}b{slot}{tax}"', ["text", "plain", "ahttps://example.comb", ["put", ["slot", 1]], "0.21"], "text"),
        ('"{code | digits(slow)}"', ["text", "plain", ["put", ["slot", 3], ["digits", "slow"]]], "text"),
        ('"{code | digits | date}"', ["text", "plain", ["put", ["slot", 3], ["digits"], ["date"]]], "text"),
        ('"{tax | digits | date}"', ["text", "plain", ["put", "0 2 1", ["date"]]], "text"),
        ("[1, who]", ["list", 1, ["slot", 0]], "list"),
        ('{ "a": towns, "b": who }', ["object", "a", ["list", "Utrecht", "Zwolle"], "b", ["slot", 0]], "table"),
        ('call.sip["X-Name"]', ["member", ["call", "sip"], "X-Name"], None),
        ('default(prices.large, code) == "4"', ["==", ["slot", 3], "4"], "bool"),
        (
            "defined(code) and true and not open(office)",
            ["and", ["defined", ["slot", 3]], ["not", ["open", "office"]]],
            "bool",
        ),
        ("language == nl-NL", ["==", ["language"], ["tag", "nl-NL"]], "bool"),
        ("key", ["secret", "CRM_KEY"], "secret"),
        ('env("KEY")', ["secret", "KEY"], "secret"),
        ("hello", ["declared", "hello"], "text"),
        ("code in towns", ["in", ["slot", 3], ["declared", "towns"]], "bool"),
    ],
)
def test_what_only_a_call_knows_stays_an_expression(value: str, expression: Any, kind: str | None) -> None:
    found = folded(value)
    assert isinstance(found, Deferred)
    assert (found.expression, found.type) == (expression, kind)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ("length(towns) > 3 or false", False),
        ('"Utrecht" in towns', True),
        ('server starts_with "https"', True),
        ("defined(prices.large)", False),
        ("false and slot == 1", False),
        ("default(prices.large, 4)", 4),
    ],
)
def test_what_is_known_is_folded(value: str, data: Any) -> None:
    found = folded(value)
    assert isinstance(found, Known)
    assert found.data == data


def test_an_expression_of_a_call_can_be_written_as_json() -> None:
    """JSON nests no deeper than a reader's stack, so what nests deeper has a finding."""
    for operators, kind in ((90, Deferred), (5_000, Invalid)):
        found = folded(" + ".join(["count"] * operators))
        assert isinstance(found, kind)
    found = folded(" and ".join(["slot == count"] * 5_000))
    assert isinstance(found, Deferred)
    json.dumps(found.expression)


@pytest.mark.parametrize("value", ["nothing", "slot + 1", '"{nothing}{slot}"', "[nothing, slot]", "start"])
def test_what_has_a_finding_is_invalid(value: str) -> None:
    assert isinstance(folded(value), Invalid)


def test_a_number_of_thousands_of_digits_is_read() -> None:
    assert number_text(number("2" + "9" * 5000)) == "2" + "9" * 5000
