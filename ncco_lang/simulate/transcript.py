"""Make the transcript of a call as JSON values: virtual times, and ids numbered in the order in which they appear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ncco_lang.simulate.types import Happened, Output, Request

VERSION = 1
_UUID = re.compile(r"(CON-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Numbering:
    """Names ids by the order in which they appear: `id-1`, `CON-2`."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, value: Any) -> Any:
        """Return a JSON value with every id in its texts replaced by its number."""
        if isinstance(value, str):
            return _UUID.sub(lambda match: self._name(match[0]), value)
        if isinstance(value, dict):
            return {name: self.of(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(each) for each in value]
        return value

    def _name(self, id: str) -> str:
        known = self._names.get(id)
        if known is None:
            prefix = "CON-" if id.startswith("CON-") else "id-"
            known = self._names[id] = f"{prefix}{len(self._names) + 1}"
        return known


def transcript(outputs: Iterable[Output], started: float) -> dict[str, Any]:
    """Return the transcript of a phone's outputs; times are seconds since the call began."""
    numbering = Numbering()
    events = [numbering.of(entry(output, started)) for output in outputs]
    problems = [event for event in events if event["what"] == "problem"]
    return {"version": VERSION, "events": events, "problems": problems}


def entry(output: Output, started: float) -> dict[str, Any]:
    """Return one line of a transcript."""
    if isinstance(output, Happened):
        return {"at": round(output.at - started, 3), "leg": output.leg, "what": output.what, **output.data}
    return webhook_entry(output)


def webhook_entry(request: Request) -> dict[str, Any]:
    """Return the line of a webhook that is sent."""
    return {
        "leg": request.leg,
        "what": "webhook",
        "request": request.id,
        "kind": request.kind,
        "method": request.hook.method,
        "url": request.hook.url,
        "fields": dict(request.fields),
        **({"attempt": request.attempt} if request.attempt > 1 else {}),
        **({"fallback": True} if request.is_fallback else {}),
    }
