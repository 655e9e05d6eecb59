"""Reading answers that nobody has checked: each function gives what was asked for, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_ID = re.compile(r"[A-Za-z0-9._:@+~-]{1,200}")


def text_of(data: Any, key: str) -> str | None:
    """A text, or a number as text."""
    value = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole_of(data: Any, key: str) -> int | None:
    """A whole number, or one written as text."""
    value = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def id_of(data: Any, key: str) -> str | None:
    """A text that can name a thing in an address and in a terminal: neither blank nor with a slash, not too long."""
    text = text_of(data, key)
    return text if text is not None and _ID.fullmatch(text) and text.strip(".") else None


def truth_of(data: Any, key: str) -> bool | None:
    """True or false."""
    value = data.get(key) if isinstance(data, Mapping) else None
    return value if isinstance(value, bool) else None


def dict_of(data: Any, *keys: str) -> dict[str, Any]:
    """An object, however deep; an empty one where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, dict) else {}


def list_of(data: Any, *keys: str) -> list[Any]:
    """A list, however deep; an empty one where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, list) else []


def segment(name: str) -> str:
    """An id as one segment of a path.

    Raises:
        ValueError: it is empty or `..`, so that the request would mean something else.
    """
    if name.strip(". ") == "":
        raise ValueError(f"{name!r} is no id")
    return quote(name, safe="")


def has_more(page: Any, items: int, seen: int, asked: int) -> bool:
    """Whether a list goes on behind a page.

    Args:
        page: the answer, with `count` (of all) or `_links` where it has them.
        items: how many things are on the page. seen: how many came so far. asked: the size that was asked for.
    """
    if not items:
        return False
    if dict_of(page, "_links", "next"):
        return True
    count = whole_of(page, "count")
    return items >= asked if count is None else seen < count
