"""How the servers of a test or of a played call answer its lookups."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ncco_lang.engine.events import Lookup, Result
from ncco_lang.values.data import UNDEFINED, to_json
from ncco_lang.values.expressions import evaluate
from ncco_lang.values.operators import matches

HIDDEN: Final = "••••"
"""What a lookup sends in place of a secret of the environment, and what replaces secrets wherever a value is shown."""
_FOR_GLOBS: Final = str.maketrans({"{": "{{", "}": "}}"})


@dataclass(frozen=True, slots=True)
class Server:
    """How lookups of a method and of addresses that match a glob are answered from now on.

    Attributes:
        after: the seconds that the server takes; None for as long as the lookup waits.
    """

    method: str
    glob: str
    result: Result
    after: float | None = 0.0


NEVER: Final = Result(None, is_late=True)
"""The result of a lookup that times out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A lookup that was made.

    Attributes:
        json: what was sent, with `HIDDEN` in place of secrets of the environment; `UNDEFINED` for no body.
    """

    method: str
    url: str
    json: Any

    def __str__(self) -> str:
        """Return the lookup in words: `POST https://example.com/orders`."""
        return f"{self.method.upper()} {self.url}"


def asked(lookup: Lookup) -> Asked:
    """Return a lookup as a server sees it."""
    return Asked(lookup.method, lookup.url, to_json(evaluate(lookup.json, _Hidden())))


def answer_of(servers: Sequence[Server], lookup: Lookup) -> tuple[Result, float] | None:
    """Return the result of a lookup and the seconds that it takes; None if no server answers it.

    Of several servers that match, the last one counts.
    """
    for server in reversed(servers):
        if server.method == lookup.method and matches(lookup.url, server.glob):
            if server.after is None or server.after > lookup.timeout:
                return NEVER, lookup.timeout
            return server.result, server.after
    return None


def lookup_line(made: Asked, result: Result | None) -> dict[str, Any]:
    """Return what a transcript says of a lookup; its result is None if nothing answers it."""
    found = {} if result is None else {"status": result.status, "is_late": result.is_late}
    return {"method": made.method.upper(), "url": made.url, **found}


def given_for(lookup: Lookup) -> str:
    """Return the line of a test that would answer a lookup."""
    url = json.dumps(lookup.url.translate(_FOR_GLOBS), ensure_ascii=False)
    method = "" if lookup.method == "get" else f" method: {lookup.method}"
    return f"given fetch {url}{method} returns: {{}}"


class _Hidden:
    """An environment in which every secret has the same value."""

    def look_up(self, reference: list[Any]) -> Any:
        return HIDDEN if reference[0] == "secret" else UNDEFINED
