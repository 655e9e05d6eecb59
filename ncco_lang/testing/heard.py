"""What a leg has heard, and which part of it a `hear` takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Literal

from ncco_lang.source import Span
from ncco_lang.testing.cases import Hear


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound that a leg hears.

    Attributes:
        kind: of a talk, `text`; of an audio file, `recording`; or `music`.
        words: what is said, or the address of the file.
        language: of the voice; None for what no voice says.
        place: the action in the flow.
    """

    kind: Literal["text", "recording", "music"]
    words: str
    language: str | None = None
    place: Span | None = None


def plain(text: str) -> str:
    """Return a text with one blank for each run of blanks and newlines."""
    return " ".join(text.split())


def words_of(sounds: Sequence[Sound]) -> str:
    """Return what was heard as a `hear` reads it: texts with blanks between."""
    return plain(" ".join(sound.words for sound in sounds))


def taken(hear: Hear, sounds: Sequence[Sound]) -> int:
    """Return how many of the sounds a `hear` takes, from the first on: the longest run that it matches; 0 for none."""
    if not sounds or hear.sound == "nothing":
        return 0
    first = sounds[0]
    if hear.sound != "text":
        return int(first.kind == hear.sound)
    if first.kind != "text":
        return int(first.kind == "recording" and matches(hear.glob, first.words))
    run = run_of(sounds)
    if hear.language is not None:
        run = next((at for at in range(run) if sounds[at].language != hear.language), run)
    return next((size for size in range(run, 0, -1) if matches(hear.glob, words_of(sounds[:size]))), 0)


def run_of(sounds: Sequence[Sound]) -> int:
    """Return how many talks are at the beginning."""
    return next((at for at, sound in enumerate(sounds) if sound.kind != "text"), len(sounds))


def matches(glob: str, text: str) -> bool:
    """Return whether a text has the form of a glob, in which `*` is any text and `?` any character."""
    return _pattern(glob).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(plain(glob).replace("[", "[[]")))
