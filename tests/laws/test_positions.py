"""Positions as clients count them: converted there and back, in every encoding, for any text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st
from lsprotocol import types

from ncco_lang.lsp.documents import Snapshot, change_text
from ncco_lang.lsp.positions import Encoding, Positions
from ncco_lang.source import Source, Span

ENCODINGS: Sequence[Encoding] = ("utf-8", "utf-16", "utf-32")
PIECES = ["a", "é", "€", "😀", "\n", "\r", "\r\n", "\u2028", "\x0c", "\x85", "\ud83d", "\t"]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)
NUMBERS = st.integers(0, 30)


def units(text: str, encoding: Encoding) -> int:
    """Return the length of a text in an encoding, by encoding it."""
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode(encoding if encoding == "utf-8" else f"{encoding}-le", "surrogatepass")) // width


@given(TEXTS, st.sampled_from(ENCODINGS))
@example("\r\n", "utf-16")
@example("😀\r\n😀é", "utf-8")
def test_a_place_is_its_line_and_the_length_of_what_stands_before_it(text: str, encoding: Encoding) -> None:
    source = Source("a", text)
    positions = Positions(source, encoding)
    for offset in range(len(text) + 1):
        line = bisect_right(source.line_starts, offset) - 1
        place = positions.position(offset)
        within = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
        seen = offset - 1 if within else offset
        assert place == types.Position(line, units(text[source.line_starts[line] : seen], encoding))
        assert positions.offset(place) == seen


@given(TEXTS, st.sampled_from(ENCODINGS), st.integers(-3, 12), st.integers(-3, 40))
def test_every_place_lies_in_the_text_and_before_the_end_of_its_line(
    text: str, encoding: Encoding, line: int, character: int
) -> None:
    source = Source("a", text)
    place = types.Position(0, 0)
    # A client may send what the classes of the protocol refuse.
    object.__setattr__(place, "line", line)
    object.__setattr__(place, "character", character)
    offset = Positions(source, encoding).offset(place)
    if line < 0:
        assert offset == 0
    elif line >= len(source.line_starts):
        assert offset == len(text)
    else:
        start, end = source.line_span(line + 1)
        assert start <= offset <= end
        assert units(text[start:offset], encoding) <= max(character, 0)
        if offset < end:
            assert units(text[start : offset + 1], encoding) > character


@given(TEXTS, st.sampled_from(ENCODINGS), st.lists(st.integers(0, 60)))
def test_many_places_in_order_are_the_same_as_each_by_itself(text: str, encoding: Encoding, cuts: list[int]) -> None:
    source = Source("a", text)
    positions = Positions(source, encoding)
    spans = []
    for start in sorted({cut for cut in cuts if cut < len(text)}):
        end = source.line_span(source.position(start).line).end
        if start < end:
            spans.append(Span(start, min(start + 2, end)))
    ranges = [positions.range(span) for span in spans]
    expected = [(each.start.line, each.start.character, each.end.character) for each in ranges]
    assert list(positions.rows(spans)) == expected


@given(TEXTS, st.sampled_from(ENCODINGS), st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS, TEXTS), max_size=4))
@example("a\r\na", "utf-16", [(1, 0, 1, 0, "\n"), (0, 1, 0, 1, "b")])
@example("a\ra", "utf-16", [(1, 0, 1, 0, "\n"), (1, 0, 1, 0, "b")])
def test_gathered_changes_are_the_same_as_one_after_another(
    text: str, encoding: Encoding, wanted: list[tuple[int, int, int, int, str]]
) -> None:
    changes = [
        types.TextDocumentContentChangePartial(
            types.Range(types.Position(line, character), types.Position(last, end)), new
        )
        for line, character, last, end, new in wanted
    ]
    expected = text
    for change in changes:
        span = Positions(Source("a", expected), encoding).span(change.range)
        expected = expected[: span.start] + change.text + expected[span.end :]
    # Also from the last to the first, the order in which they are collected.
    document = Snapshot("file:///a.flow", "flow", 1, text, encoding)
    assert change_text(document, changes) == expected
