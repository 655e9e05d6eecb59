"""Find the context of a position in a JSON text from its tokens, so that half-typed text has a context too.

Takes a text and an offset and returns a `JsonContext`. Nothing is parsed: the brackets before the position give its
containers, whatever is missing, and the rest of its action gives the other keys.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ncco_lang.source import Span
from ncco_lang.syntax.brackets import JSON_CLOSED_BY
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.skip_patterns import IN_JSON_TEXT

Role: TypeAlias = Literal["key", "value", "after"]

_SIGN = re.compile(rf'"{IN_JSON_TEXT}(?P<closed>")?' r'|[][{}:,]|[^\s"\][{}:,]+')
_BLANKS = re.compile(r"\s*")
_PUNCTUATION = frozenset("[]{}:,")
# After an unclosed quote, one word is being written, not the rest of the line.
_KEY_REST = re.compile(r'[\w-]*"?')
_VALUE_REST = re.compile(r'[^"\\\r\n,:{}\][]*"?')


class OpenContainer:
    """A list or an object around a position.

    Attributes:
        closer: the bracket that ends it.
        step: its key or index in its container.
        words: its keys, each with the text that it is set to; empty if that is not a text.
        key: the last key; count: the number of commas; state: what comes next.
        last: the text of the last value, which a colon after it turns into a key.
    """

    __slots__ = ("closer", "count", "key", "last", "state", "step", "words")

    def __init__(self, closer: str, step: str | int) -> None:
        self.closer = closer
        self.step = step
        self.words: dict[str, str] = {}
        self.key = ""
        self.count = 0
        self.state: Role = "key"
        self.last: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return self.closer == "]"

    @property
    def at(self) -> str | int:
        """The key or index of what comes next in it."""
        return self.count if self.is_list else self.key


@dataclass(frozen=True, slots=True)
class JsonContext:
    """The context of a position in a JSON text.

    Attributes:
        containers: the lists and objects around it, outermost first; their `words` have all of their keys.
        role: what is or may be there: a key, a value, or `after` a value only a comma.
        key: the key, or the key of the value; empty in a list.
        word: the text at the position, without quotes; empty between words.
        place: the word with its quotes.
        is_quoted: the position is after an opening quote.
        next: the sign that follows.
    """

    containers: tuple[OpenContainer, ...]
    role: Role
    key: str
    word: str
    place: Span
    is_quoted: bool
    next: str


def find_json_context(text: str, offset: int) -> JsonContext | None:
    """Return the context of an offset; None outside all brackets."""
    containers: list[OpenContainer] = []
    context: JsonContext | None = None
    for found in _SIGN.finditer(text):
        if context is None and _holds(found, offset):
            context = _context_at(text, offset, containers, found)
            if context is None:
                return None
        _follow(containers, found[0])
        # The key that determines the shape of an object may follow the position.
        if context is not None and (len(containers) < 2 or len(context.containers) < 2):
            break
    return context or _context_at(text, offset, containers, None)


def _holds(found: re.Match[str], offset: int) -> bool:
    """Return whether an offset lies in a token or before it. The end of a bare word or of an unclosed text lies in it."""
    end = found.end()
    is_open = found[0] not in _PUNCTUATION and found["closed"] is None
    return offset < end or (is_open and offset == end)


def _context_at(
    text: str, offset: int, containers: list[OpenContainer], found: re.Match[str] | None
) -> JsonContext | None:
    if not containers:
        return None
    container = containers[-1]
    role: Role = ("value" if container.state == "key" else container.state) if container.is_list else container.state
    place, word, is_quoted = Span(offset, offset), "", False
    if found is not None and found.start() <= offset and found[0] not in _PUNCTUATION:
        is_quoted = found[0][0] == '"' and offset > found.start()
        rest = (_KEY_REST if role == "key" else _VALUE_REST).match(text, offset)
        end = found.end() if rest is None or offset == found.start() or not is_quoted else rest.end()
        place = Span(found.start(), end)
        word = text[place.start : place.end].strip('"')
    blanks = _BLANKS.match(text, place.end)
    following = place.end if blanks is None else blanks.end()
    key = "" if container.is_list else (word if role == "key" else container.key)
    return JsonContext(tuple(containers), role, key, word, place, is_quoted, text[following : following + 1])


def _follow(containers: list[OpenContainer], sign: str) -> None:
    """Process the next token."""
    container = containers[-1] if containers else None
    if sign in JSON_CLOSED_BY:
        step = 0 if container is None else container.at
        if container is not None:
            container.state, container.last = "after", None
        containers.append(OpenContainer(JSON_CLOSED_BY[sign], step))
    elif container is None:
        return
    elif sign in "]}":
        # A bracket that closes an outer container closes all inside it, because one bracket is missing. The search goes
        # no further out than an NCCO may nest; otherwise a text of only brackets would take quadratic time.
        if any(each.closer == sign for each in containers[-DEEPEST_DATA:]):
            while containers.pop().closer != sign:
                pass
    elif sign == ",":
        container.count += 1
        container.state, container.key, container.last = "key", "", None
    elif sign == ":":
        _colon(container)
    else:
        _word(container, sign)


def _colon(container: OpenContainer) -> None:
    if container.is_list:
        return
    if container.last is not None:
        # What looked like a value is the next key: the value is not written yet.
        container.words[container.key] = ""
        container.key, container.last = container.last, None
        container.words[container.key] = ""
    container.state = "value"


def _word(container: OpenContainer, sign: str) -> None:
    content = _content(sign)
    if not container.is_list and container.state != "value":
        container.key = content
        container.words.setdefault(content, "")
        return
    if not container.is_list:
        container.words[container.key] = content if sign.startswith('"') else ""
        container.last = content
    container.state = "after"


def _content(sign: str) -> str:
    if "\\" not in sign:
        return sign.removeprefix('"').removesuffix('"')
    try:
        content = json.loads(sign)
    except ValueError:
        return sign
    return content if isinstance(content, str) else sign
