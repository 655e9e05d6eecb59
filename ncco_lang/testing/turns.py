"""When the person on a leg is at rest, and what a recogniser hears of what the person says."""

from __future__ import annotations

from ncco_lang.simulate import listening
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Say
from ncco_lang.vocabulary.speaking import speaking_seconds

_STEADY = frozenset({"record", "connect", "conversation", "joined", "stays"})
"""What a leg does when it hears no more by itself; so it is while the platform listens."""


def action_of(leg: Leg) -> str:
    """Return the action that a leg is in; empty for none."""
    return "" if leg.doing is None or "posting" in leg.doing else str(leg.doing["action"])


def is_steady(leg: Leg) -> bool:
    """Return whether a leg hears no more by itself, but what is repeated without end; or may press a key while it waits."""
    presses = leg.keys is not None and action_of(leg) == "wait"
    is_at_rest = listening.is_listening(leg) or presses or action_of(leg) in _STEADY
    return leg.is_up and is_at_rest and all(int(sound.get("loop", 1)) == 0 for sound in leg.sounds)


def in_language(leg: Leg, act: Say, language: str) -> Say:
    """Return what a recogniser hears of words in a language: without meaning, if it listens for another one."""
    doing = leg.doing or {}
    listens = str(doing.get("speech", {}).get("language", language)) if listening.is_listening(leg) else language
    if listens.partition("-")[0] == language.partition("-")[0]:
        return act
    return Say("", speaking_seconds(act.words, language))
