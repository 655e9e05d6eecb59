"""Read what people in a call do, how dialled numbers behave and when the call begins, from JSON; and write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ncco_lang.simulate.bodies import iso
from ncco_lang.simulate.types import LONGEST_DURATION, STATES, Act, HangUp, Plan, Press, Say, Silence

MOST_ACTS = 1_000
MOST_PLANS = 1_000
_LATEST = datetime(9001, 1, 1, tzinfo=UTC).timestamp()
_KEYS = re.compile(r"[0-9*#]{1,1000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What surrounds a call.

    Attributes:
        script: what the person on its first leg does. plans: how numbers that it dials behave; `*` for all others.
        at: seconds since 1970 at which it begins; None for now.
    """

    script: tuple[Act, ...] = ()
    plans: Mapping[str, Plan] = field(default_factory=dict)
    at: float | None = None


def read_scenario(value: Mapping[str, Any]) -> Scenario:
    """Return the scenario in a JSON object with `script`, `rings` and `at`, all optional.

    Raises:
        ValueError: a value is wrong; the message names it.
    """
    script, rings = value.get("script", []), value.get("rings", {})
    if not isinstance(script, list) or len(script) > MOST_ACTS:
        raise ValueError(f"script must be a list of at most {MOST_ACTS} items")
    if not isinstance(rings, dict) or len(rings) > MOST_PLANS:
        raise ValueError(f"rings must be an object with at most {MOST_PLANS} numbers")
    return Scenario(
        script=tuple(read_act(each, f"script[{index}]") for index, each in enumerate(script)),
        plans={to.removeprefix("+"): _read_plan(each, f"rings[{to[:40]!r}]") for to, each in rings.items()},
        at=None if value.get("at") is None else read_time(value["at"]),
    )


def write_scenario(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as the JSON object that `read_scenario` reads."""
    return {
        "script": [write_act(each) for each in scenario.script],
        "rings": {
            to: {"status": plan.status, "after": plan.after, "lasts": plan.lasts, "beep": plan.beep}
            for to, plan in scenario.plans.items()
        },
        "at": None if scenario.at is None else iso(scenario.at),
    }


def write_act(act: Act) -> dict[str, Any]:
    """Return an item of a script as a JSON object."""
    match act:
        case Press(keys):
            return {"press": keys}
        case Say(words, seconds):
            return {"say": words} if words else {"speak": seconds or 0.0}
        case Silence():
            return {"silence": True}
        case HangUp():
            return {"hang_up": True}


def read_act(value: Any, name: str = "the item") -> Act:
    """Return an item of a script from a JSON object with one member.

    Raises:
        ValueError: it is not one; the message begins with `name`.
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"{name} must be an object with one of: {', '.join(_ACTS)}")
    ((kind, given),) = value.items()
    read = _ACTS.get(kind)
    if read is None:
        raise ValueError(f"{name} must be an object with one of: {', '.join(_ACTS)}")
    return read(given, f"{name}.{kind}")


def _read_press(given: Any, name: str) -> Act:
    if not isinstance(given, str) or not _KEYS.fullmatch(given):
        raise ValueError(f"{name} must be keys: 0-9, * and #")
    return Press(given)


def _read_say(given: Any, name: str) -> Act:
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"{name} must be words")
    return Say(given)


def _read_speak(given: Any, name: str) -> Act:
    return Say("", _read_seconds(given, name))


def _read_true(act: Act) -> Callable[[Any, str], Act]:
    def read(given: Any, name: str) -> Act:
        if given is not True:
            raise ValueError(f"{name} must be true")
        return act

    return read


_ACTS: Mapping[str, Callable[[Any, str], Act]] = {
    "press": _read_press,
    "say": _read_say,
    "speak": _read_speak,
    "silence": _read_true(Silence()),
    "hang_up": _read_true(HangUp()),
}


def _read_plan(given: Any, name: str) -> Plan:
    if not isinstance(given, dict):
        raise ValueError(f"{name} must be an object")
    for unknown in given.keys() - {"status", "after", "lasts", "beep"}:
        raise ValueError(f"{name}.{unknown[:40]} is unknown; known are status, after, lasts and beep")
    plan = Plan()
    status, after, lasts = given.get("status", plan.status), given.get("after"), given.get("lasts", plan.lasts)
    if status not in STATES:
        raise ValueError(f"{name}.status must be one of: {', '.join(STATES)}")
    if not isinstance(given.get("beep", plan.beep), bool):
        raise ValueError(f"{name}.beep must be true or false")
    return Plan(
        status=status,
        after=None if after is None else _read_seconds(after, f"{name}.after"),
        lasts=None if lasts is None else _read_seconds(lasts, f"{name}.lasts"),
        beep=given.get("beep", plan.beep),
    )


def _read_seconds(given: Any, name: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= LONGEST_DURATION:
        raise ValueError(f"{name} must be seconds from 0 to {LONGEST_DURATION:g}")
    return float(given)


def read_time(text: Any) -> float:
    """Return a time in ISO 8601, by default in UTC, as seconds since 1970.

    Raises:
        ValueError: it is not one, or not one between 1970 and 9000.
    """
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise ValueError("at must be a time such as 2026-01-05T10:00Z") from None
    if not 0 <= seconds < _LATEST:
        raise ValueError("at must be a time from the year 1970 to 9000")
    return seconds
