"""Read what others send to a server: JSON and queries, decoded and of limited depth."""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qsl

MOST_DEEP = 64
MOST_FIELDS = 500


def read_pairs(data: bytes) -> tuple[tuple[str, str], ...] | None:
    """Return a query or a form as names and values; None if it is invalid. Bytes that are not UTF-8 become U+FFFD."""
    try:
        return tuple(parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None


def read_json(data: bytes) -> tuple[Any, str | None]:
    """Return a JSON value, and what is wrong with it or None."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None, "is not UTF-8"
    try:
        value = _DECODER.decode(text)
    except _InfiniteError:
        return None, "has a number that is too large"
    except (ValueError, RecursionError):
        return None, "is not valid JSON"
    # Nearly every text is flat and without escapes, and then there is nothing to look for.
    is_flat = text.count("[") + text.count("{") < MOST_DEEP
    return value, None if is_flat and "\\u" not in text else _unfit(value)


class _InfiniteError(ValueError):
    """A number of the text is larger than any of Python's."""


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _InfiniteError
    return number


def _refuse(_: str) -> None:
    raise ValueError


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)


def _unfit(value: Any) -> str | None:
    """Return why a value from Python's parser is refused: depth, lone surrogates."""
    here: list[Any] = [value]
    for _ in range(MOST_DEEP):
        below: list[Any] = []
        for item in here:
            if isinstance(item, dict):
                below += item.values()
                below += item
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and not is_text(item):
                return "has a character that is none"
        if not below:
            return None
        here = below
    return f"is nested deeper than {MOST_DEEP} levels"


def is_text(text: str) -> bool:
    """Return whether a text can be encoded as UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
