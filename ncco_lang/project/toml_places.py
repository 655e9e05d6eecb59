"""Find the span of every key of a TOML text that `tomllib` has read.

TOML parsers give no positions, so this scans the text again. The text is known to be valid, which keeps this short; in
an invalid text some keys are not found, and nothing else happens.
"""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Path
from ncco_lang.source import Span

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:\s|,|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")

_Keys = list[tuple[str, Span]]


def find_places(text: str) -> dict[Path, Span]:
    """Return the span of the key of every setting; indexes of lists are steps of a path as they are in JSON."""
    scanner = _Scanner(text)
    try:
        scanner.document()
    except (ValueError, IndexError, RecursionError):
        pass
    return scanner.places


class _Scanner:
    """Scans a TOML text once; `places` holds the result."""

    __slots__ = ("_at", "_text", "places")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.places: dict[Path, Span] = {}

    def document(self) -> None:
        table: Path = ()
        sizes: dict[Path, int] = {}
        while self._skip(_SPACE) < len(self._text):
            if self._text[self._at] != "[":
                self._entry(table)
                continue
            is_list = self._text.startswith("[[", self._at)
            self._at += 1 + is_list
            keys = self._keys()
            if not keys or self._text[self._at] != "]":
                raise IndexError
            self._at += 1 + is_list
            table = self._table(keys, sizes, is_list)

    def _table(self, keys: _Keys, sizes: dict[Path, int], is_list: bool) -> Path:
        """Return the path of a header; `[[x]]` starts a new item of its list, and later headers mean the last item."""
        path: Path = ()
        for number, (name, span) in enumerate(keys, 1):
            path = (*path, name)
            if number < len(keys):
                self.places.setdefault(path, span)
            else:
                self.places[path] = Span(keys[0][1].start, span.end)
                if is_list:
                    sizes[path] = sizes.get(path, 0) + 1
            if path in sizes:
                path = (*path, sizes[path] - 1)
        return path

    def _entry(self, table: Path) -> None:
        """`key = value`."""
        keys = self._keys()
        if not keys or self._text[self._at] != "=":
            raise IndexError
        self._at += 1
        path = table
        for name, span in keys:
            path = (*path, name)
            self.places.setdefault(path, span)
        self.places[path] = Span(keys[0][1].start, keys[-1][1].end)
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        opened = self._text[self._at]
        if opened == "[":
            self._at += 1
            index = 0
            while self._next_item("]"):
                self._value((*path, index))
                index += 1
        elif opened == "{":
            self._at += 1
            while self._next_item("}"):
                self._entry(path)
        else:
            start = self._at
            if self._skip(_STRING) == start and self._skip(_SCALAR) == start:
                raise IndexError

    def _next_item(self, end: str) -> bool:
        """Go to the next item of a list or an inline table; return False after its end."""
        self._skip(_SPACE)
        if self._text[self._at] != end:
            return True
        self._at += 1
        return False

    def _keys(self) -> _Keys:
        """Scan a dotted key, and return its parts with their spans."""
        keys: _Keys = []
        while True:
            self._skip(_BLANK)
            start = self._at
            found = _STRING.match(self._text, start) or _BARE_KEY.match(self._text, start)
            if found is None:
                return keys
            self._at = found.end()
            keys.append((_name(found[0]), Span(start, found.end())))
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self._text, self._at)
        self._at = self._at if found is None else found.end()
        return self._at


def _name(written: str) -> str:
    """Return a key without its quotes."""
    if written[0] not in "\"'":
        return written
    import tomllib

    name: str = tomllib.loads(f"key = {written}")["key"]
    return name
