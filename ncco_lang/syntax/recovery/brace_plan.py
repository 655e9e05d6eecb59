"""Compare the braces of a file with the indent of its lines, to find those that are missing and those that are extra.

An author who forgets a brace still indents. Recovery makes this comparison at the first token that does not fit, and the
file is then read again with the corrections.

A region is a declaration that begins a line, with all lines up to the next one. Its corrections are used only if there
are as many as braces without a partner; otherwise its indent is not a guide. A block without both braces counts for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from ncco_lang.syntax.brackets import CLOSED_BY, CLOSING_SIGNS
from ncco_lang.syntax.recovery.unclosed_brackets import opens_block, parts
from ncco_lang.syntax.skip_patterns import TEXT_TO_QUOTE

_DECLARATION = re.compile(
    r"(?:(?:step|text|on|hours|let|param|arg|use)[ \t]+[a-z_]|(?:flow|test)[ \t]+\"|anywhere\b"
    r"|default[ \t]+[a-z_]\w*[ \t]+[a-z])"
)
_NEEDS_BLOCK = re.compile(r"\}?[ \t]*(?:step|text|on|hours|test|anywhere|if|else|each|for|foreach|while|unless)\b")
_OPENS_TWICE = re.compile(r"\{\s*[{\[]")
_CLOSES = re.compile(r"[^{]*\}")
_ELSE = re.compile(r"else\b")
_KEY = re.compile(rf"\s*{TEXT_TO_QUOTE}\s*:")
_DEEPEST = 200


class Fault(Enum):
    """What is wrong with a brace."""

    OPENING_MISSING = auto()
    CLOSING_MISSING = auto()
    OPENING_EXTRA = auto()
    CLOSING_EXTRA = auto()


class Correction(NamedTuple):
    """A brace to insert or to skip.

    Attributes:
        place: where the brace is inserted, or where the extra one is.
        opening: the brace that is not closed, or that the extra brace would close; -1 if there is none.
        before: where the line begins that shows it.
        closing: where the closing brace is inserted, if both are missing; -1 otherwise.
    """

    fault: Fault
    place: int
    opening: int
    before: int
    closing: int = -1


class _Line:
    """A line with code. A text over several lines is part of the line on which it begins.

    Attributes:
        start, end: of its code, without a comment.
        depth: its indent.
        brackets: the places of its brackets.
    """

    __slots__ = ("brackets", "depth", "end", "start")

    def __init__(self, start: int, depth: int) -> None:
        self.start = self.end = start
        self.depth = depth
        self.brackets: list[int] = []


class _Frame:
    """An open bracket, or a block whose opening brace is missing.

    Attributes:
        opening: the place of the bracket; None if it is missing.
        header: the line on which it opens.
        is_data: it holds values.
        inner: the indent of the first line in it; None before that line.
        begin: where the first line of a block begins whose opening brace is missing.
    """

    __slots__ = ("begin", "header", "inner", "is_data", "opening")

    def __init__(
        self, opening: int | None, header: _Line, is_data: bool, inner: int | None = None, begin: int = -1
    ) -> None:
        self.opening, self.header, self.is_data, self.inner, self.begin = opening, header, is_data, inner, begin


def plan_braces(text: str) -> list[Correction]:
    """Return the corrections of a file, in the order of their places."""
    found: list[Correction] = []
    for lines, stop in _regions(text):
        corrections = _Region(text).compare(lines, stop)
        if sum(each.closing < 0 for each in corrections) == _count_unmatched(text, lines):
            found += corrections
    return sorted(found, key=lambda each: each.place)


def _lines(text: str) -> Iterator[_Line]:
    line: _Line | None = None
    for place, part, depth, is_first in parts(text, 0, len(text)):
        if line is None or is_first:
            if line is not None:
                yield line
            line = _Line(place, depth)
        line.end = place + len(part.rstrip())
        if part in CLOSED_BY or part in CLOSING_SIGNS:
            line.brackets.append(place)
    if line is not None:
        yield line


def _regions(text: str) -> Iterator[tuple[list[_Line], int]]:
    """Yield the lines of each region, and where the next region begins."""
    region: list[_Line] = []
    for line in _lines(text):
        if region and line.depth <= region[0].depth and _DECLARATION.match(text, line.start):
            yield region, line.start
            region = []
        region.append(line)
    if region:
        yield region, len(text)


def _count_unmatched(text: str, lines: list[_Line]) -> int:
    """Return how many braces have no partner, whatever the indent."""
    opened = unmatched = 0
    for place in (place for line in lines for place in line.brackets):
        if text[place] == "{":
            opened += 1
        elif text[place] == "}" and opened:
            opened -= 1
        elif text[place] == "}":
            unmatched += 1
    return unmatched + opened


class _Region:
    """The comparison of one region."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.frames: list[_Frame] = []
        self.found: list[Correction] = []
        self.previous: _Line | None = None
        # A brace that closes a block within a line, by the indent of the block. It may be an extra one.
        self.within: dict[int, tuple[_Line, int, int]] = {}

    def compare(self, lines: list[_Line], stop: int) -> list[Correction]:
        """Return the corrections of the region; none if it nests too deep."""
        root = lines[0].depth
        for line in lines:
            if not self._is_in_data(line):
                self._begin(line, root)
            for place in line.brackets:
                if self.text[place] in CLOSED_BY:
                    self._open(line, place)
                else:
                    self._close(line, place)
            if len(self.frames) > _DEEPEST:
                return []
            if self.previous is not None:
                self.previous.end = max(self.previous.end, line.end)
        while self.frames:
            self._end(self.frames.pop(), stop)
        return self.found

    def _correct(self, fault: Fault, place: int, opening: int = -1, before: int = -1, closing: int = -1) -> None:
        self.found.append(Correction(fault, place, opening, before, closing))

    def _is_in_data(self, line: _Line) -> bool:
        """Return whether a line is inside a list or an object; forget one that should have ended before the line."""
        first = self.text[line.start]
        while self.frames and self.frames[-1].is_data:
            depth = self.frames[-1].header.depth
            if not (first.isalpha() and line.depth <= depth) and not (first == "}" and line.depth < depth):
                return True
            self.frames.pop()
        return False

    def _begin(self, line: _Line, root: int) -> None:
        """End the blocks that should have ended before a line, and find one without an opening brace."""
        frames, closes = self.frames, self.text[line.start] == "}"
        if frames and line.depth < (frames[-1].inner or 0) and _ELSE.match(self.text, line.start):
            line.depth = frames[-1].header.depth
        while frames and (line.depth, closes) <= (frames[-1].header.depth, False):
            self._end(frames.pop(), line.start)
        previous, self.previous = self.previous, line
        if closes:
            return
        if frames and frames[-1].inner is None:
            frames[-1].inner = line.depth
            return
        inner = (frames[-1].inner or 0) if frames else root
        if (
            previous is not None
            and line.depth > max(previous.depth, inner)
            and not _CLOSES.fullmatch(self.text, previous.start, previous.end)
        ):
            frames.append(_Frame(None, previous, False, line.depth, line.start))

    def _open(self, line: _Line, place: int) -> None:
        text, frames = self.text, self.frames
        is_block = text[place] == "{" and opens_block(text, place)
        while is_block and frames and frames[-1].is_data and frames[-1].header is line:
            frames.pop()
        before = text[line.start : place].rstrip()
        if text[place] == "{" and _OPENS_TWICE.match(text, place):
            self._correct(Fault.OPENING_EXTRA, place)
            return
        is_data = not is_block and (
            text[place] != "{"
            or (bool(frames) and frames[-1].is_data)
            or before.endswith((":", ",", "=", "[", "("))
            or _KEY.match(text, place + 1) is not None
        )
        frames.append(_Frame(place, line, is_data))

    def _close(self, line: _Line, place: int) -> None:
        text, frames = self.text, self.frames
        at = len(frames)
        while at and frames[at - 1].is_data:
            at -= 1
            if CLOSED_BY[text[frames[at].opening or 0]] == text[place]:
                del frames[at:]
                return
        if text[place] != "}":
            return
        if at < len(frames) and frames[at].header is not line:
            self._correct(Fault.CLOSING_EXTRA, place)  # in a list over several lines
            return
        del frames[at:]
        is_first = place == line.start
        top = frames[-1] if frames else None
        is_outside = top is not None and (top.header.depth < line.depth if is_first else top.opening is None)
        if top is None or is_outside:
            self._extra(line, place, is_first)
            return
        frames.pop()
        if top.opening is None and text[top.header.end - 1] == "}":
            self._correct(Fault.CLOSING_EXTRA, top.header.end - 1, top.header.start)
        elif top.opening is None:
            self._correct(Fault.OPENING_MISSING, top.header.end, before=top.begin)
        elif not is_first and top.header is not line:
            self.within[top.header.depth] = (line, place, top.opening)

    def _extra(self, line: _Line, place: int, is_first: bool) -> None:
        """Correct a brace that closes nothing: it is the extra one, or one that closed its block earlier is."""
        opening = -1
        if is_first and line.depth in self.within:
            line, place, opening = self.within.pop(line.depth)
        arrow = self.text.rfind("->", line.start, place)
        rest = self.text[arrow + 2 : place]
        if arrow >= 0 and ";" in rest and not rest.lstrip().startswith("{"):
            self._correct(Fault.OPENING_MISSING, arrow + 2)
        else:
            self._correct(Fault.CLOSING_EXTRA, place, opening)

    def _end(self, frame: _Frame, before: int) -> None:
        """Correct a block that has no closing brace before a line."""
        text, opening, header = self.text, frame.opening, frame.header
        if frame.is_data:
            return
        last = header.end if self.previous is None else max(header.end, self.previous.end)
        if opening is None:
            if _NEEDS_BLOCK.match(text, header.start) and text[header.end - 1] not in "{};":
                self._correct(Fault.OPENING_MISSING, header.end, before=frame.begin, closing=last)
            return
        is_empty = frame.inner is None and opening == header.end - 1
        written = text[header.start : opening].rstrip()
        needs_block = (_NEEDS_BLOCK.match(written) and not written.endswith("}")) or written.endswith("->")
        if is_empty and not needs_block:
            self._correct(Fault.OPENING_EXTRA, opening)
            return
        self._correct(Fault.CLOSING_MISSING, last, opening, before)
