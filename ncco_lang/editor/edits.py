"""Turn one text into another by few, small edits, so that cursors, folds and breakpoints stay where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ncco_lang.diagnostics import Edit
from ncco_lang.source import Source, Span

_AHEAD = 30
"""How many lines are searched for the point where two texts meet again. Anything further apart becomes one edit, so
that the steps grow linearly with the text.
"""


def minimal_edits(before: Source, after: str) -> list[Edit]:
    """Return the edits that turn a text into another, in order: few and small, though not always the fewest."""
    if before.text == after:
        return []
    old, new = _lines(before), _lines(Source(before.name, after))
    edits = []
    for first, last, inner in _hunks(old, new):
        start = before.line_starts[first] if first < len(old) else len(before.text)
        edits.append(_trimmed("".join(old[first:last]), "".join(inner), start))
    return edits


def _lines(source: Source) -> list[str]:
    """Return each line with its line end; an empty list for an empty text."""
    starts = [*source.line_starts, len(source.text)]
    lines = [source.text[start:stop] for start, stop in pairwise(starts)]
    return lines if lines and lines[-1] else lines[:-1]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Yield the runs of lines that differ: the first, one past the last, and the lines that replace them."""
    end, new_end = len(old), len(new)
    while end and new_end and old[end - 1] == new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    words, new_words = [_words(line) for line in old[:end]], [_words(line) for line in new[:new_end]]
    at = new_at = 0
    while at < end or new_at < new_end:
        if at < end and new_at < new_end and old[at] == new[new_at]:
            at, new_at = at + 1, new_at + 1
            continue
        is_same_line = at < end and new_at < new_end and words[at] == new_words[new_at] != ""
        skip, new_skip = (1, 1) if is_same_line else _meeting(words, at, new_words, new_at)
        yield at, at + skip, new[new_at : new_at + new_skip]
        at, new_at = at + skip, new_at + new_skip


def _words(line: str) -> str:
    """Return a line without its blanks; empty if it has no letter or digit, because such lines match by chance."""
    return "".join(line.split()) if any(character.isalnum() for character in line) else ""


def _meeting(words: Sequence[str], at: int, new_words: Sequence[str], new_at: int) -> tuple[int, int]:
    """Return how many lines of each text to skip until both agree again: the smallest sum, or all if none is near."""
    left, new_left = len(words) - at, len(new_words) - new_at
    for both in range(1, 2 * _AHEAD):
        for skip in range(max(0, both - _AHEAD), min(both, _AHEAD) + 1):
            new_skip = both - skip
            if skip > left or new_skip > new_left:
                continue
            if skip == left and new_skip == new_left:
                return skip, new_skip
            if skip < left and new_skip < new_left and words[at + skip] == new_words[new_at + new_skip] != "":
                return skip, new_skip
    return left, new_left


def _trimmed(old: str, new: str, start: int) -> Edit:
    """Return the edit without the common beginning and end of both texts."""
    short = min(len(old), len(new))
    head = next((at for at in range(short) if old[at] != new[at]), short)
    short -= head
    tail = next((at for at in range(short) if old[-1 - at] != new[-1 - at]), short)
    return Edit(Span(start + head, start + len(old) - tail), new[head : len(new) - tail])
