"""Read what others send to a server: JSON and queries, decoded and of limited depth."""

from __future__ import annotations

import json
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
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        return None, "is not UTF-8"
    except (ValueError, RecursionError):
        return None, "is not valid JSON"
    return value, _unfit(value)


def _refuse(_: str) -> None:
    raise ValueError


def _unfit(value: Any) -> str | None:
    """Return why a value from Python's parser is refused: depth, infinite numbers, lone surrogates."""
    here: list[Any] = [value]
    for _ in range(MOST_DEEP):
        below: list[Any] = []
        for item in here:
            if isinstance(item, dict):
                below += item.values()
                below += item
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                if not is_text(item):
                    return "has a character that is none"
            elif isinstance(item, float) and (item != item or item in (float("inf"), float("-inf"))):
                return "has a number that is too large"
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
