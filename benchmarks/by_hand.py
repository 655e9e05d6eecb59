"""A plain state machine that plays the calls of `calls.py`, as a developer would write it for these actions only.

It sends the webhooks of the phone for the same NCCO, script and answers, byte for byte. It checks no NCCO, has one caller
and at most one callee, and its state cannot be saved.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from benchmarks.calls import ANSWER, CALLER, EVENT, NUMBER, SampleCall
from ncco_lang.simulate.types import Press, Say, Silence

Sent: TypeAlias = tuple[str, str, bytes]
"""A webhook: its method, its URL, and its fields as JSON."""

_FILES = "https://api.nexmo.com/v1/files/"
_BYTES_A_SECOND = {"mp3": 4000, "wav": 32000}
_CODES = {"busy": 486, "timeout": 487}
_RATE = 0.012


def play_by_hand(call: SampleCall, at: float) -> list[Sent]:
    """Play a call that begins at a time in seconds since 1970; return its webhooks."""
    return Machine(call, at).run()


class Machine:
    """One call: a clock, the actions that are left, and what is left of the script."""

    def __init__(self, call: SampleCall, at: float) -> None:
        self.answers: Mapping[str, bytes] = call.answers
        self.script = list(call.script)
        self.plans = call.plans
        self.now = at
        self.sent: list[Sent] = []
        self.ids = 0
        self.leg: dict[str, Any] = self.new_leg(NUMBER, CALLER, "inbound", conversation=None)
        self.actions: list[dict[str, Any]] = []

    def run(self) -> list[Sent]:
        """Play the call."""
        leg = self.leg
        self.post_status(leg, "started")
        self.post_status(leg, "ringing")
        self.pick_up(leg)
        fields = {"to": NUMBER, "from": CALLER, "conversation_uuid": leg["conversation"], "uuid": leg["id"]}
        more = {"endpoint_type": "phone", "region_url": "https://api.nexmo.com"}
        self.actions = json.loads(self.send("GET", ANSWER, {**fields, **more}))
        while self.actions:
            action = self.actions.pop(0)
            match action["action"]:
                case "talk":
                    self.wait(speaking_seconds(action["text"]))
                case "stream":
                    self.wait(5.0)
                case "input":
                    self.listen(action)
                case "record":
                    self.record(action)
                case "notify":
                    self.notify(action)
                case "connect":
                    self.connect(action)
                case other:
                    raise ValueError(other)
        self.hang_up(leg, "platform")
        return self.sent

    # ── Actions ────────────────────────────────────────────────────────────────────────────────────────

    def listen(self, action: dict[str, Any]) -> None:
        """Run an input: the next of the script, or silence."""
        dtmf: dict[str, Any] = {"digits": None, "timed_out": False}
        speech: dict[str, Any] = {"results": []}
        if "speech" in action["type"]:
            said = self.script.pop(0)
            assert isinstance(said, Say)
            self.wait(speaking_seconds(said.words) + float(action["speech"].get("endOnSilence", 2.0)))
            results = [{"confidence": "0.9", "text": said.words}]
            speech = {"timeout_reason": "end_on_silence_timeout", "results": results}
        else:
            settings = action["dtmf"]
            digits = ""
            if self.script and isinstance(pressed := self.script[0], Press):
                self.script.pop(0)
                digits = pressed.keys
            is_late = len(digits) < settings["maxDigits"]
            if is_late:
                if self.script and isinstance(self.script[0], Silence):
                    self.script.pop(0)
                self.wait(float(settings["timeOut"]))
            dtmf = {"digits": digits, "timed_out": is_late}
        body = {
            "speech": speech,
            "dtmf": dtmf,
            "from": CALLER,
            "to": NUMBER,
            "uuid": self.leg["id"],
            "conversation_uuid": self.leg["conversation"],
            "timestamp": iso(self.now),
        }
        self.replace(self.send("POST", action["eventUrl"][0], body))

    def record(self, action: dict[str, Any]) -> None:
        """Run a record that a key ends; what the caller says before it is recorded."""
        id, file, begun = self.new_id(), self.new_id(), self.now
        while isinstance(act := self.script.pop(0), Say):
            self.wait(act.seconds or 0.0)
        seconds = self.now - begun
        kind = action.get("format", "mp3")
        body = {
            "start_time": iso_seconds(begun),
            "recording_url": f"{_FILES}{file}",
            "size": round(seconds * _BYTES_A_SECOND[kind]) + (44 if kind == "wav" else 0),
            "recording_uuid": id,
            "end_time": iso_seconds(self.now),
            "conversation_uuid": self.leg["conversation"],
            "timestamp": iso(self.now),
        }
        self.send("POST", action["eventUrl"][0], body)

    def notify(self, action: dict[str, Any]) -> None:
        """Run a notify."""
        body = {
            "payload": action["payload"],
            "conversation_uuid": self.leg["conversation"],
            "timestamp": iso(self.now),
        }
        self.replace(self.send("POST", action["eventUrl"][0], body))

    def connect(self, action: dict[str, Any]) -> None:
        """Run a connect to a telephone: dial it, talk, and go on when it hangs up."""
        number = action["endpoint"][0]["number"]
        callee = self.new_leg(number, action["from"], "outbound", conversation=self.leg["conversation"])
        plan = self.plans[number]
        self.post_status(callee, "started")
        self.post_status(callee, "ringing")
        longest = float(action.get("timeout", 60))
        after = plan.after
        if after is None:
            after = longest if plan.status == "timeout" else 3.0
        self.wait(min(after, longest))
        status = plan.status if after <= longest else "timeout"
        if status != "answered":
            self.post_status(callee, status, {"sip_code": _CODES[status]})
            return
        self.pick_up(callee)
        limit = float(action.get("limit", 7200))
        lasts = limit if plan.lasts is None else plan.lasts
        self.wait(min(lasts, limit))
        self.hang_up(callee, "user" if lasts <= limit else "platform")

    # ── Legs, the clock, and webhooks ──────────────────────────────────────────────────────────────────

    def new_id(self) -> str:
        """Return a uuid."""
        self.ids += 1
        return str(UUID(int=self.ids, version=4))

    def new_leg(self, to: str, from_: str, direction: str, *, conversation: str | None) -> dict[str, Any]:
        """Return a new leg."""
        id = self.new_id()
        conversation = conversation or f"CON-{self.new_id()}"
        return {"id": id, "to": to, "from": from_, "direction": direction, "conversation": conversation}

    def pick_up(self, leg: dict[str, Any]) -> None:
        """Answer a leg."""
        leg["answered"] = self.now
        self.post_status(leg, "answered", {"start_time": None, "rate": "0.01200000", "network": None})

    def hang_up(self, leg: dict[str, Any], by: str) -> None:
        """End an answered leg."""
        seconds = max(1, math.ceil(round(self.now - leg["answered"], 3)))
        charges = {
            "start_time": iso_seconds(leg["answered"]),
            "end_time": iso_seconds(int(leg["answered"]) + seconds),
            "duration": str(seconds),
            "rate": "0.01200000",
            "price": f"{_RATE * seconds / 60:.8f}",
            "network": "NL-FIXED",
        }
        self.post_status(leg, "completed", {**charges, "sip_code": 200, "disconnected_by": by})

    def post_status(self, leg: dict[str, Any], status: str, more: Mapping[str, Any] | None = None) -> None:
        """Post a status event."""
        body = {
            "headers": {},
            "from": leg["from"],
            "to": leg["to"],
            "uuid": leg["id"],
            "conversation_uuid": leg["conversation"],
            "status": status,
            "direction": leg["direction"],
            "timestamp": iso(self.now),
        }
        self.send("POST", EVENT, body if more is None else {**body, **more})

    def send(self, method: str, url: str, fields: Mapping[str, Any]) -> bytes:
        """Send a webhook and return the body of its response."""
        self.sent.append((method, url, json.dumps(fields).encode()))
        return self.answers.get(url, b"")

    def replace(self, body: bytes) -> None:
        """Take the NCCO of a response, if it has one."""
        if body:
            self.actions = json.loads(body)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now = round(self.now + round(seconds, 3), 3)


def speaking_seconds(text: str) -> float:
    """Return the seconds that an English voice takes for a text without markup."""
    return round(max(0.1, len(" ".join(text.split())) / 15.0), 3)


def iso(seconds: float) -> str:
    """Return a time with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_seconds(seconds: float) -> str:
    """Return a time in whole seconds, as the platform writes it where it has no milliseconds."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
