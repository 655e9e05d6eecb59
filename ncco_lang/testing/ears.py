"""What each leg has heard, and how much of it the test has taken."""

from __future__ import annotations

from typing import Final

from ncco_lang.simulate.types import Happened
from ncco_lang.source import Span
from ncco_lang.testing.failure import Taken
from ncco_lang.testing.heard import Sound, plain, words_of
from ncco_lang.values.ssml import spoken_text

_MUSIC_COUNTS: Final = 1.0
"""Seconds after which music counts as heard."""


class Ears:
    """The sounds of the legs of one test."""

    __slots__ = ("_music", "_runs", "_sounds", "_taken")

    def __init__(self) -> None:
        self._sounds: dict[str, list[Sound]] = {}
        self._taken: dict[str, int] = {}
        self._music: dict[str, tuple[float, Sound]] = {}
        self._runs: dict[str, Taken] = {}

    def left(self, leg: str) -> list[Sound]:
        """Return what a leg has heard and the test has not taken, oldest first."""
        sounds = self._sounds.get(leg, [])
        return sounds[self._taken.get(leg, 0) :]

    def take(self, leg: str, count: int, span: Span) -> None:
        """Take the next sounds of a leg for the `hear` at `span`."""
        self._runs.pop(leg, None)
        if count > 1:
            self._runs[leg] = Taken(span, words_of(self.left(leg)[:count]))
        self._taken[leg] = self._taken.get(leg, 0) + count

    def run_before(self, leg: str) -> Taken | None:
        """Return the last `hear` of a leg and what it took; None if that was at most one sound."""
        return self._runs.get(leg)

    def note(self, output: Happened, place: Span | None, now: float) -> None:
        """Note that a sound begins, or that music ends; `now` is on the phone's clock."""
        if output.data.get("earmuffed"):
            return
        match output.what:
            case "talk":
                words = plain(spoken_text(output.data["text"]))
                # A talk of a pause alone is not heard.
                if words:
                    self._add(output.leg, Sound("text", words, output.data["language"], place))
            case "stream":
                self._add(output.leg, Sound("recording", output.data["url"], None, place))
            case "music":
                self._music[output.leg] = round(now + _MUSIC_COUNTS, 3), Sound("music", output.data["url"])
            case _:
                self._music.pop(output.leg, None)

    def next_at(self) -> float | None:
        """Return when music counts next, on the phone's clock; None if none plays."""
        return min((at for at, _ in self._music.values()), default=None)

    def tick(self, now: float) -> None:
        """Count the music that has played for long enough."""
        for leg in [leg for leg, (at, _) in self._music.items() if at <= now]:
            self._add(leg, self._music.pop(leg)[1])

    def _add(self, leg: str, sound: Sound) -> None:
        self._sounds.setdefault(leg, []).append(sound)
