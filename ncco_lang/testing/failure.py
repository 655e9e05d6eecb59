"""Why a test fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ncco_lang.source import Span


class Taken(NamedTuple):
    """A `hear` and what it took."""

    span: Span
    words: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test fails.

    Attributes:
        message: what is wrong.
        span: the line of the test; None for what no line is about.
        is_after: the line is the last thing that the person did, and not what is wrong.
        heard: what the leg heard in its place; empty for nothing, and None if the line is not about that.
        place: the action in the flow that was heard, or the lookup.
        write: a line for the test that would answer the lookup.
        before: the `hear` before a failed one and what it took, if that were several talks.
    """

    message: str
    span: Span | None = None
    heard: str | None = None
    place: Span | None = None
    is_after: bool = False
    write: str | None = None
    before: Taken | None = None


class Failed(Exception):
    """The test has failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
