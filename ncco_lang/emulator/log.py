"""What has happened, oldest first: a list that one thread adds to and others read, whose oldest entries go at some size."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any


class Log:
    """Entries are JSON objects. Reading takes a copy, so nobody minds what is added meanwhile."""

    __slots__ = ("_entries", "_lock")

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=most)

    def append(self, entry: dict[str, Any]) -> None:
        """Add one."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()

    def copy(self) -> list[dict[str, Any]]:
        """All of them, as they are now."""
        with self._lock:
            return list(self._entries)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.copy()[index]
