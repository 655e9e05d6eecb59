"""Match JSON with what a test expects of it: a part, in whose texts `*` is any text."""

from __future__ import annotations

import json
from typing import Any

from ncco_lang.values.data import UNDEFINED
from ncco_lang.values.operators import equal, matches

_LONGEST = 60


def difference(expected: Any, found: Any, path: str = "json") -> str | None:
    """Return the first difference between JSON and what is expected of it, as a sentence; None if it matches.

    An object may have more members than are expected; a list has as many items. A text matches as a glob.

    Args:
        found: the value; `UNDEFINED` for none.
    """
    waiting = [(expected, found, path)]
    while waiting:
        wanted, value, at = waiting.pop()
        if value is UNDEFINED:
            return f"{at} is not sent"
        if isinstance(wanted, dict) and isinstance(value, dict):
            pairs = [(item, value.get(key, UNDEFINED), f"{at}{_member(key)}") for key, item in wanted.items()]
            waiting += reversed(pairs)
        elif isinstance(wanted, list) and isinstance(value, list):
            if len(wanted) != len(value):
                return f"{at} has {len(value)} items, not {len(wanted)}"
            items = zip(wanted, value, strict=True)
            waiting += reversed([(item, part, f"{at}[{index}]") for index, (item, part) in enumerate(items)])
        elif not _fits(wanted, value):
            return f"{at} is {shown(value)}, not {shown(wanted)}"
    return None


def shown(value: Any, longest: int = _LONGEST) -> str:
    """Return a JSON value as one line, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _member(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"[{json.dumps(key, ensure_ascii=False)}]"


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str) and isinstance(value, str):
        return matches(value, wanted)
    return equal(wanted, value)
