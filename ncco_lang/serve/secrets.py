"""The secrets that the lookups of a flow have: variables of the environment, which only the server reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from ncco_lang.bundle import Bundle, Expression, Fetch
from ncco_lang.engine.events import Lookup
from ncco_lang.net.types import Request
from ncco_lang.values.data import UNDEFINED, Undefined, text_of, to_json
from ncco_lang.values.expressions import evaluate

_KEY = "idempotency-key"


def secrets_of(bundle: Bundle) -> frozenset[str]:
    """Return the names of the secrets that the lookups of a bundle have."""
    exits = (block.exit for block in bundle.graph.blocks)
    return frozenset(_names(part for exit in exits if isinstance(exit, Fetch) for part in (exit.headers, exit.json)))


def secret(name: str) -> str | None:
    """Return the value of a secret, without line ends at its end; None if it is missing or empty."""
    return os.environ.get(name, "").rstrip("\r\n") or None


def filled(lookup: Lookup) -> Request | None:
    """Return the request of a lookup with its secrets; None if one of them is missing."""
    if any(secret(name) is None for name in _names((lookup.headers, lookup.json))):
        return None
    headers, json = evaluate(lookup.headers, _Environment()), evaluate(lookup.json, _Environment())
    texts = {name: text_of(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    sent = {name: text for name, text in texts.items() if text is not None}
    if lookup.method != "get" and _KEY not in map(str.lower, sent):
        sent[_KEY] = lookup.key
    body = None if isinstance(json, Undefined) else to_json(json)
    return Request(method=lookup.method.upper(), url=lookup.url, headers=sent, json=body)


class _Environment:
    """The values of secrets; a lookup has no other references."""

    __slots__ = ()

    def look_up(self, reference: list[Any]) -> Any:
        match reference:
            case ["secret", str(name)]:
                return secret(name) or UNDEFINED
            case _:
                return UNDEFINED


def _names(expressions: Iterable[Expression]) -> Iterator[str]:
    """Yield the names of the secrets in expressions."""
    waiting = list(expressions)
    while waiting:
        match waiting.pop():
            case ["secret", str(name)]:
                yield name
            case list(parts):
                waiting += parts
            case _:
                pass
