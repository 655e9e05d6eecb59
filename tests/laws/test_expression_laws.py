"""For any expression: evaluating never raises, folding keeps the value, and a value never changes the text around it."""

from __future__ import annotations

import json
import re
from email import message_from_string
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.values.compiling import REFERENCES
from ncco_lang.values.constants import CONSTANTS
from ncco_lang.values.data import UNDEFINED, from_json, text_of, to_json, type_of
from ncco_lang.values.environment import Names
from ncco_lang.values.escape import ESCAPES
from ncco_lang.values.evaluation import Fault
from ncco_lang.values.expressions import check_types, evaluate, fold, type_of_expression
from ncco_lang.values.operators import FILTERS, OPERATORS
from tests.budget import searched

CONSTANT = st.sampled_from(
    [
        ["number", "007"],
        ["number", "1.50"],
        ["number", "1e3"],
        ["duration", "2", "s"],
        ["duration", "2000", "ms"],
        ["tag", "en-GB"],
        ["key", "#"],
        ["word", "ab"],
        ["date", "25 december"],
        ["time", "09:00-17:30"],
        ["range", "4", "6"],
        ["undefined"],
    ]
)
WORDS = ["a", "b", "", "ab", "*b", "4711", "+31 20 123 4567", "<b>&\"'", "../"]
# Few scalars, so that values are often equal and of the type that an operator takes.
SCALARS = st.sampled_from([True, False, None, 0, 1, 2, -3, 0.1, 10**30, *WORDS])
DATA = st.one_of(
    SCALARS,
    st.booleans(),
    st.sampled_from([[], [1, "a"], [[True]], {}, {"a": 1}, {"a": {"b": [2.5]}, "b": None}]),
).map(from_json) | CONSTANT.map(lambda constant: evaluate(constant, Names()))
SLOTS = [("slot", number) for number in range(4)]
VALUES = st.lists(DATA, max_size=len(SLOTS)).map(lambda data: dict(zip(SLOTS, data, strict=False)))
OTHERS = st.lists(DATA, max_size=len(SLOTS)).map(lambda data: dict(zip(reversed(SLOTS), data, strict=False)))
REFERENCE = st.sampled_from([list(slot) for slot in SLOTS])
FILTER = st.sampled_from([list(each) for each in FILTERS])


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return expressions of every operator over other expressions."""

    def applied(names: list[str], least: int, most: int) -> st.SearchStrategy[Any]:
        return st.tuples(st.sampled_from(names), st.lists(inner, min_size=least, max_size=most)).map(
            lambda parts: [parts[0], *parts[1]]
        )

    counts = {len(each.operands) for each in OPERATORS.values()}
    operators = [applied([name for name, each in OPERATORS.items() if len(each.operands) == n], n, n) for n in counts]
    member = st.tuples(inner, st.sampled_from(["a", "b", 0, 1]) | inner).map(lambda parts: ["member", *parts])
    put = st.tuples(st.sampled_from(["put", "raw"]), inner, st.lists(FILTER, max_size=1)).map(
        lambda part: [part[0], part[1], *part[2]]
    )
    texts = st.tuples(st.sampled_from([*ESCAPES]), st.lists(st.sampled_from(WORDS) | put, min_size=1, max_size=3)).map(
        lambda text: ["text", text[0], *text[1]]
    )
    objects = st.lists(st.tuples(st.sampled_from(WORDS) | inner, inner), max_size=2).map(
        lambda pairs: ["object", *(part for pair in pairs for part in pair)]
    )
    return st.one_of(
        *operators,
        member,
        applied(["and", "or"], 1, 4),
        applied(["default"], 2, 2),
        applied(["list"], 0, 3),
        objects,
        texts,
    )


EXPRESSIONS = st.recursive(st.one_of(REFERENCE, SCALARS, REFERENCE, CONSTANT), combined, max_leaves=6)
ANYTHING = st.recursive(
    SCALARS | st.sampled_from([*OPERATORS, *CONSTANTS, *REFERENCES, "text", "put", "and", "object"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=10,
)


UNCERTAIN = frozenset({"member", "default"})
"""The operators whose result may be of any type."""


def words(expression: Any) -> list[str]:
    """Return the texts in an expression, operators included."""
    inner = expression if isinstance(expression, list) else ()
    return [word for part in inner for word in ([part] if isinstance(part, str) else words(part))]


def exactly(value: Any) -> Any:
    """Return a value so that only the same values are equal: with types, and numbers as they are written."""
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    return type_of(value), text_of(value) if text_of(value) is not None else str(value)


@searched(500, 5_000)
@given(EXPRESSIONS, VALUES, OTHERS)
def test_folding_and_writing_as_json_keep_the_value(expression: Any, known: Any, others: Any) -> None:
    expected = exactly(evaluate(expression, Names({**others, **known})))
    folded = fold(expression, Names(known))
    for each in (folded, json.loads(json.dumps(folded))):
        assert exactly(evaluate(each, Names(others))) == expected, folded
    loaded = json.loads(json.dumps(expression))
    value = evaluate(loaded, Names({**others, **known}))
    assert exactly(value) == expected
    json.dumps(to_json([value]), allow_nan=False)


@searched(500, 5_000)
@given(EXPRESSIONS, VALUES)
def test_types_are_those_of_values(expression: Any, values: Any) -> None:
    """A type that is certain is that of the value; where all types are, no operand has a type that was not found."""
    types = Names(types={key: type_of(value) for key, value in values.items()})
    faults: list[Fault] = []
    value = evaluate(expression, Names(values), faults)
    found = type_of_expression(expression, types)
    assert found is None or value is UNDEFINED or found == type_of(value)
    if check_types(expression, types) or not UNCERTAIN.isdisjoint(words(expression)):
        return
    for fault in faults:
        assert fault.kind not in ("unspeakable", "filter"), fault
        if fault.kind == "operand":
            for operand, wanted in zip(fault.details, OPERATORS[fault.expression[0]].operands, strict=True):
                assert wanted is None or type_of(operand) in wanted, fault


@searched(250, 5_000)
@given(ANYTHING, VALUES)
def test_nothing_raises(expression: Any, values: Any) -> None:
    faults: list[Fault] = []
    value = evaluate(expression, Names(values), faults)
    fold(expression, Names(values), faults)
    assert type_of(value) != "undefined" or value is UNDEFINED


# ── Escaping ──────────────────────────────────────────────────────────────────────────────────────────


def put(place: str, before: str, value: Any, after: str) -> str:
    text = evaluate(["text", place, before, ["put", ["slot", 0]], after], Names({("slot", 0): value}))
    assert isinstance(text, str)
    return text


def shape(element: ElementTree.Element) -> Any:
    return (element.tag, sorted(element.attrib), [shape(child) for child in element])


SPOKEN = st.text(max_size=6) | st.lists(
    st.sampled_from([*"<>&\"'\\;:/?#%.,*p \r\n\0\u2028\ud800]é", "</speak>", "\r\n\r\n"])
).map("".join)


@searched(200, 5_000)
@given(SPOKEN)
def test_a_value_never_changes_the_structure_around_it(value: str) -> None:
    ssml = [put("ssml", "<speak><p>", given, '</p><break time="1s"/></speak>') for given in (value, "x")]
    attribute = [put("ssml", '<speak><sub alias="', given, '">x</sub></speak>') for given in (value, "x")]
    for changed, plain in (ssml, attribute):
        assert shape(ElementTree.fromstring(changed)) == shape(ElementTree.fromstring(plain))
    segment = urlsplit(put("url", "https://example.com/a/", value, "/b?c=d#e"))
    assert (segment.netloc, segment.query, segment.fragment) == ("example.com", "c=d", "e")
    _, first, inner, last = segment.path.split("/")
    assert (first, last) == ("a", "b")
    assert inner not in (".", "..")
    assert unquote(inner, errors="surrogatepass") == value.encode("utf-8", "replace").decode()
    query = urlsplit(put("url", "https://example.com/a?b=", value, "&c=d"))
    assert dict(parse_qsl(query.query, keep_blank_values=True))["c"] == "d"
    assert (len(parse_qsl(query.query, keep_blank_values=True)), query.fragment) == (2, "")
    header = message_from_string(f"A: {put('header', 'x', value, 'y')}\nB: z\n\n")
    assert (header.keys(), header["B"], header.get_payload()) == (["A", "B"], "z", "")
    assert json.loads(put("json", '{"a": "', value, '", "b": 1}')) == {"a": value, "b": 1}
    tones = put("tones", "1p", value, "p2")
    assert re.fullmatch(r"1p[0-9*#]*p2", tones)
    assert put("plain", "a", value, "b") == put("speech", "a", value, "b") == f"a{value}b"
