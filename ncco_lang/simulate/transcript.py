"""Make the transcript of a call as JSON values.

Times are those in the call, and ids and requests are numbered in the order in which they appear. The response to a
webhook is part of its line, so that the order does not depend on how fast a server responds. What depends on where the
call is played, such as the host of recordings, is left out or is that of the platform.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import Any

from ncco_lang.simulate.types import Happened, Output, Request
from ncco_lang.values.event_urls import without_tokens

VERSION = 1
_FILES = "https://api.nexmo.com/v1/files/"
_SHORTEST = 36
"""Characters of the shortest id."""
_ID = re.compile(r"(https?://[^/\s]+/v1/files/)?(CON-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Numbering:
    """Names ids by the order in which they appear: `id-1`, `CON-2`. The URLs of recordings get the platform's host.

    The URLs of a runtime's webhooks lose their tokens and their host, so that a call has one transcript wherever it runs.
    """

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, value: Any) -> Any:
        """Return a JSON value with every id in its texts replaced by its number."""
        if isinstance(value, str):
            return value if len(value) < _SHORTEST or "-" not in value else _ID.sub(self._name, without_tokens(value))
        if isinstance(value, dict):
            return {name: self.of(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(each) for each in value]
        return value

    def _name(self, match: re.Match[str]) -> str:
        file, prefix = match[1], match[2]
        id = match[0].removeprefix(file or "")
        known = self._names.get(id)
        if known is None:
            known = self._names[id] = f"{prefix or 'id-'}{len(self._names) + 1}"
        return known if file is None else _FILES + known


class Transcript:
    """The transcript of one call, as it comes about.

    Attributes:
        started: seconds since 1970 at which the call began.
        events, problems: the lines that will not change any more: those before the first webhook without a response.
        is_finished: whether no more lines will come.
    """

    __slots__ = ("_numbering", "_open", "_requests", "_waiting", "events", "is_finished", "problems", "started")

    def __init__(self, started: float) -> None:
        self.started = started
        self._numbering = Numbering()
        self._requests = 0
        self._waiting: deque[dict[str, Any]] = deque()
        self._open: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []
        self.is_finished = False

    def add(self, output: Output) -> None:
        """Add an output of the phone."""
        if isinstance(output, Happened) and output.what == "answer":
            line = self._open.pop(output.data["request"], None)
            if line is not None:
                line |= {name: value for name, value in output.data.items() if name not in ("request", "kind")}
        else:
            line = entry(output, self.started)
            if isinstance(output, Request):
                self._requests += 1
                self._open[output.id] = line
                line["request"] = self._requests
            self._waiting.append(line)
        while self._waiting and not ("request" in self._waiting[0] and "status" not in self._waiting[0]):
            self._close(self._waiting.popleft())

    def finish(self) -> None:
        """Take all lines as they are: no response will come any more."""
        while self._waiting:
            self._close(self._waiting.popleft())
        self._open.clear()
        self.is_finished = True

    def _close(self, line: dict[str, Any]) -> None:
        shown = self._numbering.of(line)
        self.events.append(shown)
        if shown["what"] == "problem":
            self.problems.append(shown)

    def value(self) -> dict[str, Any]:
        """Return the transcript as a JSON value."""
        return {"version": VERSION, "events": self.events, "problems": self.problems}


def transcript(outputs: Iterable[Output], started: float) -> dict[str, Any]:
    """Return the transcript of a phone's outputs; times are seconds since the call began."""
    made = Transcript(started)
    for output in outputs:
        made.add(output)
    made.finish()
    return made.value()


def entry(output: Output, started: float) -> dict[str, Any]:
    """Return one line of a transcript."""
    if isinstance(output, Happened):
        return {"at": round(output.at - started, 3), "leg": output.leg, "what": output.what, **output.data}
    return _webhook(output)


def _webhook(request: Request) -> dict[str, Any]:
    """Return the line of a webhook that is sent."""
    return {
        "leg": request.leg,
        "what": "webhook",
        "request": request.id,
        "kind": request.kind,
        "method": request.hook.method,
        "url": request.hook.shown,
        "fields": {name: value for name, value in request.fields.items() if name != "region_url"},
        **({"attempt": request.attempt} if request.attempt > 1 else {}),
        **({"fallback": True} if request.is_fallback else {}),
    }
