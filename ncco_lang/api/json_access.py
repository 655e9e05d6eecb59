"""Read unchecked responses: each function returns the value with the requested type, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_ID = re.compile(r"[A-Za-z0-9._:@+~-]{1,200}")


def text_of(data: Any, key: str) -> str | None:
    """Return a text, or a number as text."""
    value = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole_of(data: Any, key: str) -> int | None:
    """Return a whole number, or one written as text."""
    value = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def id_of(data: Any, key: str) -> str | None:
    """Return a text that can name a thing in a URL and in a terminal: not blank, without a slash, not too long."""
    text = text_of(data, key)
    return text if text is not None and _ID.fullmatch(text) and text.strip(".") else None


def truth_of(data: Any, key: str) -> bool | None:
    """Return True or False; None for any other value."""
    value = data.get(key) if isinstance(data, Mapping) else None
    return value if isinstance(value, bool) else None


def dict_of(data: Any, *keys: str) -> dict[str, Any]:
    """Return a nested object; an empty one if it is absent."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, dict) else {}


def list_of(data: Any, *keys: str) -> list[Any]:
    """Return a nested list; an empty one if it is absent."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, list) else []


def segment(name: str) -> str:
    """Return an id as one segment of a path.

    Raises:
        ValueError: it is empty or `..`, which would change the meaning of the request.
    """
    if name.strip(". ") == "":
        raise ValueError(f"{name!r} is no id")
    return quote(name, safe="")


def has_more(page: Any, items: int, seen: int, asked: int) -> bool:
    """Return whether a list continues after a page.

    Args:
        page: the response, with `count` (of all) or `_links` if it has them.
        items: how many things are on the page. seen: how many were read so far. asked: the requested size.
    """
    if not items:
        return False
    if dict_of(page, "_links", "next"):
        return True
    count = whole_of(page, "count")
    return items >= asked if count is None else seen < count
