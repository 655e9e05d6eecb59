"""Faults that a client of the emulator requests."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = ("status", "drop", "latency", "effect_after", "webhooks", "clock")
PLACES = ("before", "after", "middle")
SPARED = ("/_emulator", "/documents", "/webhooks")
"""Paths to which only faults with their own path apply; none applies to `/_emulator`."""
READS = ("GET", "HEAD")
TOKENS = "/oauth"
"""The path of tokens. Requests for them and reads change nothing, so they have no effect that could be late."""
FURTHEST = 1e9
"""The largest error of the clock in seconds: thirty years."""
LONGEST = 600.0
"""The longest delay in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault.

    Attributes:
        kind: `status`: another response; `drop`: the connection is cut; `latency`: a delay of `seconds`;
            `effect_after`: the request takes effect `seconds` after it arrived, even if the client has gone;
            `webhooks`: they are sent late or twice; `clock`: the emulator's clock is `seconds` ahead, until the fault
            is removed.
        method, path: the requests it applies to; the path is a prefix. Empty: all of the provider's.
        times: how often it applies; 0: always.
        chance: its probability, from 0 to 1; a request that is spared does not count.
        status, headers, body: the response.
        effect: the request takes effect even if it gets another response, or its connection is cut `before` anything.
        when: where a connection is cut: `before` anything, `after` the effect, in the `middle` of the response.
        double: webhooks are sent twice. late: their delay in seconds.
    """

    kind: str
    method: str = ""
    path: str = ""
    times: int = 1
    chance: float = 1.0
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    effect: bool = False
    when: str = "before"
    seconds: float = 0.0
    double: bool = False
    late: float = 0.0

    def hits(self, method: str, path: str) -> bool:
        """Return whether it applies to such a request."""
        if path.startswith("/_emulator"):
            return False
        if self.kind == "effect_after" and (method in READS or path.startswith(TOKENS)):
            return False
        if self.method and self.method.upper() != method:
            return False
        if self.path:
            return path.startswith(self.path)
        return not path.startswith(SPARED)


class Faults:
    """The active faults; safe to use from any thread."""

    __slots__ = ("_active", "_lock", "_random")

    def __init__(self) -> None:
        import random

        self._lock = threading.Lock()
        self._active: list[list[Any]] = []
        self._random = random.Random()

    def add(self, *faults: Fault) -> None:
        """Add faults."""
        with self._lock:
            self._active += [[fault, fault.times] for fault in faults]

    def put(self, faults: list[Fault]) -> None:
        """Replace all faults."""
        with self._lock:
            self._active = [[fault, fault.times] for fault in faults]

    def clear(self) -> None:
        """Remove all faults."""
        self.put([])

    @property
    def left(self) -> list[Fault]:
        """Return the faults that are still active."""
        with self._lock:
            return [fault for fault, _ in self._active]

    @property
    def offset(self) -> float:
        """Return the seconds that the clock is ahead, by all faults together, within the range of a date."""
        with self._lock:
            ahead = sum(entry[0].seconds for entry in self._active if entry[0].kind == "clock")
        return float(min(max(ahead, -FURTHEST), FURTHEST))

    def take(self, method: str, path: str) -> tuple[Fault, ...]:
        """Return and count the faults for one request: at most one of each kind."""
        with self._lock:
            return self._take(("status", "drop", "latency", "effect_after"), method, path)

    def take_webhook(self) -> Fault | None:
        """Return and count the fault for the next webhook that is sent."""
        with self._lock:
            taken = self._take(("webhooks",), "", "")
        return taken[0] if taken else None

    def _take(self, kinds: tuple[str, ...], method: str, path: str) -> tuple[Fault, ...]:
        taken: dict[str, Fault] = {}
        for entry in list(self._active):
            fault, left = entry
            if fault.kind not in kinds or fault.kind in taken:
                continue
            if fault.kind != "webhooks" and not fault.hits(method, path):
                continue
            if fault.chance < 1.0 and self._random.random() >= fault.chance:
                continue
            taken[fault.kind] = fault
            if left == 1:
                self._active.remove(entry)
            elif left:
                entry[1] = left - 1
        return tuple(taken.values())


def read_faults(value: Any) -> tuple[list[Fault], str | None]:
    """Return faults from JSON, and what is wrong with it or None."""
    if not isinstance(value, list):
        return [], "faults are a JSON list"
    found = []
    for number, item in enumerate(value, 1):
        fault, reason = read_fault(item)
        if fault is None:
            return [], f"fault {number}: {reason}"
        found.append(fault)
    return found, None


_TYPES: Mapping[str, tuple[type, ...]] = {
    "kind": (str,),
    "method": (str,),
    "path": (str,),
    "times": (int,),
    "chance": (int, float),
    "status": (int,),
    "headers": (dict,),
    "effect": (bool,),
    "when": (str,),
    "seconds": (int, float),
    "double": (bool,),
    "late": (int, float),
}


def read_fault(item: Any) -> tuple[Fault | None, str]:
    """Return a fault from a JSON object; None with what is wrong if it is not a valid fault."""
    if not isinstance(item, dict):
        return None, "it is no object"
    names = {each.name for each in fields(Fault)}
    for name, value in item.items():
        if name not in names:
            return None, f'there is no "{name[:40]}"; there are {", ".join(sorted(names))}'
        types = _TYPES.get(name, (object,))
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types and name != "body"):
            return None, f'"{name}" is of the wrong type'
    fault = Fault(**{"kind": "", **item})
    if fault.kind not in KINDS:
        return None, f"kind is one of {', '.join(KINDS)}"
    if fault.when not in PLACES:
        return None, f"when is one of {', '.join(PLACES)}"
    if not 200 <= fault.status <= 599:
        return None, "status is from 200 to 599"
    if not 0 <= fault.chance <= 1:
        return None, "chance is from 0 to 1"
    if fault.times < 0 or not 0 <= fault.late <= LONGEST:
        return None, f"times and late are 0 or more, late at most {LONGEST:g}"
    least, most = (-FURTHEST, FURTHEST) if fault.kind == "clock" else (0.0, LONGEST)
    if not least <= fault.seconds <= most:
        return None, f"seconds are from {least:.0f} to {most:.0f}"
    if not all(_fits_header(name, value) for name, value in fault.headers.items()):
        return None, "headers are texts without line ends"
    return fault, ""


def _fits_header(name: Any, value: Any) -> bool:
    texts = isinstance(name, str) and isinstance(value, str)
    return texts and name.isascii() and value.isascii() and name.replace("-", "").isalnum() and value.isprintable()
