"""Log what has happened, oldest first: one thread adds entries, others read them. Old entries are dropped."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

from ncco_lang.emulator.bounds import size_of


class Log:
    """A log of JSON objects. Readers get a copy, so entries may be added at any time."""

    __slots__ = ("_entries", "_lock", "_most", "_most_bytes", "_size", "_sizes")

    def __init__(self, most: int, most_bytes: int) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._most_bytes = most_bytes
        self._entries: deque[dict[str, Any]] = deque()
        self._sizes: deque[int] = deque()
        self._size = 0

    def append(self, entry: dict[str, Any]) -> None:
        """Add an entry. It is kept, whatever its size."""
        size = size_of(entry)
        with self._lock:
            self._entries.append(entry)
            self._sizes.append(size)
            self._size += size
            while len(self._entries) > 1 and (len(self._entries) > self._most or self._size > self._most_bytes):
                self._entries.popleft()
                self._size -= self._sizes.popleft()

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()
            self._sizes.clear()
            self._size = 0

    def copy(self) -> list[dict[str, Any]]:
        """Return all entries, as they are now."""
        with self._lock:
            return list(self._entries)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.copy()[index]
