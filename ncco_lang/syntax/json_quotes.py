"""Find where a JSON text ends that contains a quote without a backslash.

A text is on one line, so what follows its closing quote on that line decides: a comma and another entry, a closing
bracket, or the end of the line. Where something else follows, the quote belongs to the text.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from ncco_lang.syntax.lines import BLANKS
from ncco_lang.syntax.skip_patterns import JSON_TEXT

Role: TypeAlias = Literal["key", "member", "item"]
"""The role of a text: a key, the value of one, or an entry of a list."""

_LINE_END = re.compile(r"[\r\n]|\Z")
KEY = re.compile(rf"(?:{JSON_TEXT}|" r"""'(?:[^'\\\r\n]++|\\.)*+'|[“”][^“”\r\n]*[“”]|[^\W\d]\w*)\s*:""")
_ENTRY = re.compile(r"""["'`“”‘’\[{+.0-9-]|(?:true|false|null|True|False|None|undefined|nil|NaN|Infinity)\b""")
_COMMENT = re.compile(r"//|#|/\*")
_CLOSING = re.compile(r"[]} \t]*")
_ENTRY_AFTER_ALL = re.compile(r""""[\w-]+"[ \t]*:[ \t]*(?:["'\[{\r\n0-9-]|true\b|false\b|null\b)""")
_OBJECT = re.compile(r"\{\s*(?:\}|\Z|" + KEY.pattern + ")")
_OTHER_SLIP = re.compile(r"[ \t]*[+;=%&|]|[ \t]+\.[ \t]")
_CLOSERS = {'"': '"', "'": "'", "“": "“”", "”": "“”", "„": "“”", "‘": "‘’", "’": "‘’"}


class Torn(NamedTuple):
    """A text with quotes inside: where it ends, the offsets of those quotes, and whether no other reading is likely."""

    end: int
    quotes: tuple[int, ...]
    is_certain: bool


class Quotes:
    """Finds the real ends of texts; remembers lines without one, so that it is linear."""

    __slots__ = ("_barren", "_line", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._line = (0, -1)
        self._barren: dict[tuple[Role, str], int] = {}

    def torn(self, start: int, end: int, role: Role) -> Torn | None:
        """Return the whole of a text literal that seems to be `text[start:end]`; None if it does end there."""
        opening = self.text[start]
        closers = _CLOSERS.get(opening)
        if closers is None or self.is_end(end, role) or _OTHER_SLIP.match(self.text, end):
            return None
        line = self._line_end(end)
        if self._barren.get((role, opening)) == line:
            return None
        found: Torn | None = None
        quotes = [end - 1]
        for match in re.compile(rf"\\.|[{closers}]").finditer(self.text, end, line):
            if match[0][0] == "\\":
                continue
            if role != "key" and _ENTRY_AFTER_ALL.match(self.text, quotes[-1]):
                break
            if self.is_end(match.end(), role):
                if found is not None:
                    return found._replace(is_certain=False)
                found = Torn(match.end(), tuple(quotes), self._are_meant(quotes, role))
            quotes.append(match.start())
        if found is None:
            self._barren[role, opening] = line
        return found

    def _are_meant(self, quotes: list[int], role: Role) -> bool:
        """Return whether quotes belong to the text: pairs of them, or a lone one as in `5" tall`; else one more is missing."""
        if any(later - quote == 1 for quote, later in pairwise(quotes)):
            return False
        return len(quotes) % 2 == 0 or (role == "member" and self.text[quotes[0] - 1].isalnum())

    def is_end(self, end: int, role: Role) -> bool:
        """Return whether a text of that role can end at an offset, by what follows on the line."""
        text, at = self.text, self._past_blanks(end)
        char = text[at : at + 1]
        if char in ("", "\r", "\n"):
            return True
        if role == "key":
            return char == ":"
        if char == ",":
            return self._entry_follows(at + 1, role)
        if char in "]}":
            return self._closes(at)
        if _COMMENT.match(text, at):
            return self._is_comment(at) or (at > end and not text[end - 2].isspace())
        if role == "member":
            return KEY.match(text, at) is not None
        return at > end and not (text[end - 2] + text[at + 1 : at + 2]).isspace() and _ENTRY.match(text, at) is not None

    def _entry_follows(self, at: int, role: Role | None) -> bool:
        """Return whether an entry, the end of the line or a closing bracket follows a comma."""
        at = self._past_blanks(at)
        if self.text[at : at + 1] in ("", "\r", "\n", ",", "]", "}") or self._is_comment(at):
            return True
        if self.text.startswith("{", at):
            return role != "member" and _OBJECT.match(self.text, at) is not None
        is_key = role != "item" and KEY.match(self.text, at) is not None
        return is_key or (role != "member" and _ENTRY.match(self.text, at) is not None)

    def _closes(self, at: int) -> bool:
        """Return whether a closing bracket is one, and not a part of the text."""
        match = _CLOSING.match(self.text, at)
        at = at if match is None else match.end()
        char = self.text[at : at + 1]
        if char == ",":
            return self._entry_follows(at + 1, None)
        if char == "{":
            return _OBJECT.match(self.text, at) is not None
        return char in ("", "\r", "\n", "[") or self._is_comment(at) or KEY.match(self.text, at) is not None

    def _is_comment(self, at: int) -> bool:
        """Return whether a comment begins at an offset in which no text can end."""
        return _COMMENT.match(self.text, at) is not None and self.text.find('"', at, self._line_end(at)) < 0

    def _past_blanks(self, at: int) -> int:
        match = BLANKS.match(self.text, at)
        return at if match is None else match.end()

    def _line_end(self, at: int) -> int:
        start, end = self._line
        if not start <= at <= end:
            match = _LINE_END.search(self.text, at)
            end = len(self.text) if match is None else match.start()
            self._line = at, end
        return end
