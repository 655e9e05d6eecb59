"""Estimate how long a voice takes for a text: characters per second by language, plus the breaks in SSML."""

from __future__ import annotations

import re
from typing import Any

from ncco_lang.resources import load_json_resource
from ncco_lang.values.ssml import is_ssml, spoken_text

_BREAK = re.compile(r"<break\b([^<>]*)>")
_ATTRIBUTE = re.compile(r"""\b(time|strength)\s*=\s*["']([^"']*)["']""")
_TIME = re.compile(r"([0-9]*\.?[0-9]+)\s*(ms|s)")
_LONGEST_BREAK = 60.0
SHORTEST = 0.1
"""The seconds of the shortest speech."""


def speaking_seconds(text: str, language: str) -> float:
    """Return the seconds that a voice of a language takes for a text or SSML."""
    data: dict[str, Any] = load_json_resource("schemas/speaking-rates.json")
    rate = data["languages"].get(language.partition("-")[0].lower(), data["default"])
    breaks = 0.0
    if is_ssml(text):
        breaks = sum(_break_seconds(match[1], data["breaks"]) for match in _BREAK.finditer(text))
        text = spoken_text(text)
    characters = len(" ".join(text.split()))
    return round(max(SHORTEST, characters / float(rate) + breaks), 3)


def _break_seconds(attributes: str, strengths: dict[str, float]) -> float:
    """Return the seconds of one `<break>`: its time, or else its strength, by default `medium`."""
    given = dict(_ATTRIBUTE.findall(attributes))
    time = _TIME.fullmatch(given.get("time", "").strip())
    if time is not None:
        return min(float(time[1]) / (1000 if time[2] == "ms" else 1), _LONGEST_BREAK)
    return float(strengths.get(given.get("strength", "medium"), strengths["medium"]))
