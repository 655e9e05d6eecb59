"""Find the word at a position of a flow."""

from __future__ import annotations

import re

from ncco_lang.source import Span
from ncco_lang.values.language_tags import TAG_BEFORE, TAG_BEGUN, TAG_REST

_WORD_SIGN = re.compile(r"[A-Za-z0-9_]*\Z")
_REST = re.compile(r"[A-Za-z0-9_]*")
_TAG_BEFORE = re.compile(TAG_BEFORE)
_NUMBER_BEFORE = re.compile(r"(?<![A-Za-z0-9_.-])[0-9]+\.\Z")
_TAG_REST = re.compile(TAG_REST)
_LONGEST_WORD = 200


def word_at(text: str, offset: int) -> Span:
    """Return the span of the word around an offset. A language tag, with its dashes, is one word."""
    low = max(0, offset - _LONGEST_WORD)
    before = _WORD_SIGN.search(text, low, offset)
    start = offset if before is None else before.start()
    rest = _REST.match(text, offset)
    end = offset if rest is None else rest.end()
    number = _NUMBER_BEFORE.search(text, max(0, start - 12), start)
    if number is not None:
        return Span(number.start(), end)
    tag = _TAG_BEFORE.search(text, max(0, start - 12), start)
    if tag is not None:
        start = tag.start()
    if re.fullmatch(TAG_BEGUN, text[start:end]):
        more = _TAG_REST.match(text, end)
        end = end if more is None else more.end()
    return Span(start, end)
