"""A lookup of the engine and the secrets of this process → the headers and the body of its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ncco_lang.bundle import Bundle, Fetch
from ncco_lang.engine.events import Lookup
from ncco_lang.values.data import UNDEFINED, text_of
from ncco_lang.values.expressions import evaluate
from ncco_lang.values.headers import header_value, is_header_name
from ncco_lang.vocabulary.wire import data_json

IDEMPOTENCY_KEY = "Idempotency-Key"
"""The header by which a server knows a request that it has received before."""


class Filled(NamedTuple):
    """What a lookup sends.

    Attributes:
        headers: in ASCII, by name. They may hold secrets.
        json: the body, which may hold secrets too; `UNDEFINED` for none.
    """

    headers: dict[str, str]
    json: Any


def secrets_of(bundle: Bundle) -> tuple[str, ...]:
    """Return the environment variables that the lookups of a bundle read, sorted."""
    found: set[str] = set()
    exits = (block.exit for block in bundle.graph.blocks)
    waiting = [part for exit in exits if isinstance(exit, Fetch) for part in (exit.headers, exit.json)]
    while waiting:
        match waiting.pop():
            case ["secret", str(name)]:
                found.add(name)
            case list(parts):
                waiting += parts
            case _:
                pass
    return tuple(sorted(found))


def filled(lookup: Lookup, secrets: Mapping[str, str]) -> Filled:
    """Return what a lookup sends.

    It accepts JSON, and every method but GET has the lookup's key, so that a server can tell a request that is sent
    again; a header that the author sets counts instead.

    Args:
        lookup: what the engine asks for.
        secrets: the environment variables that it may read, by name; one that is not among them is undefined.
    """
    known = _Secrets(secrets)
    json = data_json(evaluate(lookup.json, known))
    given = [("Accept", "application/json")]
    if json is not UNDEFINED:
        given.append(("Content-Type", "application/json"))
    if lookup.method != "get":
        given.append((IDEMPOTENCY_KEY, lookup.key))
    own = evaluate(lookup.headers, known)
    for name, value in own.items() if isinstance(own, dict) else ():
        text = text_of(value)
        if text is not None and is_header_name(name):
            given.append((name, header_value(text)))
    # The last one of a name counts, whatever the case of its letters.
    return Filled(dict({name.lower(): (name, text) for name, text in given}.values()), json)


class _Secrets:
    """The environment of expressions in which only secrets are left."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a secret."""
        match reference:
            case ["secret", str(name)] if name in self._secrets:
                return self._secrets[name]
            case _:
                return UNDEFINED
