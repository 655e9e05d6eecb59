"""Literals: their kind in words, their text, and literals made from Python values."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, assert_never

from ncco_lang.source import Span
from ncco_lang.syntax import ast


def kind_of(value: ast.Value) -> str:
    """Return in words what kind of value it is, with an article."""
    match value:
        case ast.Text():
            return "a text"
        case ast.Number():
            return "a number"
        case ast.Duration():
            return "a duration"
        case ast.Tag():
            return "a language tag"
        case ast.Constant():
            return "null" if value.value is None else "true" if value.value else "false"
        case ast.Key():
            return "a telephone key"
        case ast.Date():
            return "a date"
        case ast.TimeRange():
            return "a time of day"
        case ast.Range():
            return "a range"
        case ast.Name():
            return f'the word "{value.text}"'
        case ast.List():
            return "a list"
        case ast.Object():
            return "an object"
        case ast.Ref() | ast.Group() | ast.Unary() | ast.Chain():
            return "an expression"
        case ast.Missing():
            return "nothing"
        case _:
            assert_never(value)


def with_span(value: ast.Value, span: Span) -> ast.Value:
    """Return a literal with another span; items of a list or an object keep their own."""
    match value:
        case ast.Text():
            return text_node(value.value, span)
        case ast.Number():
            return ast.Number(span, value.text)
        case ast.Duration():
            return ast.Duration(span, value.amount, value.unit)
        case ast.Tag():
            return ast.Tag(span, value.text)
        case ast.Constant():
            return ast.Constant(span, value.value)
        case ast.Key():
            return ast.Key(span, value.text)
        case ast.Date():
            return ast.Date(span, value.text)
        case ast.TimeRange():
            return ast.TimeRange(span, value.text)
        case ast.Name():
            return ast.Name(span, value.text)
        case ast.Range():
            return ast.Range(span, value.low, value.high)
        case ast.List():
            return ast.List(span, value.items)
        case ast.Object():
            return ast.Object(span, value.pairs)
        case ast.Missing():
            return ast.Missing(span)
        case ast.Ref() | ast.Group() | ast.Unary() | ast.Chain():
            raise AssertionError("only literals are moved")
        case _:
            assert_never(value)


def text_node(value: str, span: Span) -> ast.Text:
    """Return a text node of one piece."""
    return ast.Text(span, (ast.Piece(span, value, value),) if value else ())


def number_node(value: Decimal | float, span: Span) -> ast.Number | None:
    """Return a number node; None if a double cannot hold the value, or for NaN."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or not math.isfinite(float(number)):
        return None
    text = f"{number.normalize():f}" if abs(number.adjusted()) < 30 else f"{number:e}"
    return ast.Number(span, "0" if text == "-0" else text)


def literal_of(value: Any, span: Span) -> ast.Value | None:
    """Return a JSON or TOML value as a literal; None for other values, such as a date of TOML."""
    match value:
        case None | bool():
            return ast.Constant(span, value)
        case int():
            return ast.Number(span, str(value)) if abs(value) < 10**300 else None
        case float():
            return number_node(value, span) if math.isfinite(value) else None
        case str():
            return text_node(value, span)
        case list():
            items = [literal_of(item, span) for item in value]
            return None if None in items else ast.List(span, tuple(item for item in items if item is not None))
        case dict():
            values = {key: literal_of(item, span) for key, item in value.items()}
            pairs = [ast.Pair(span, text_node(key, span), item) for key, item in values.items() if item is not None]
            return ast.Object(span, tuple(pairs)) if len(pairs) == len(values) else None
        case _:
            return None


def said(value: ast.Value) -> str | None:
    """Return the characters of a literal that can be inserted into a text; None for other literals."""
    match value:
        case ast.Text():
            return value.value
        case ast.Number() | ast.Tag() | ast.Key() | ast.Name():
            return value.text
        case ast.Constant():
            return "" if value.value is None else str(value.value).lower()
        case _:
            return None
