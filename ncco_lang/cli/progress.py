"""Show the progress of a call: one line that is rewritten on a terminal, separate lines elsewhere."""

from __future__ import annotations

import os
import sys
import time

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.render import columns_of, visible
from ncco_lang.cli.text_table import cut, terminal_width

_TICK = 1.0


class Progress:
    """A line on standard error with the current state and the elapsed time, rewritten every second.

    If standard error is not a terminal, or one that cannot rewrite a line, each state is a line of its own.
    """

    __slots__ = ("_begun", "_is_live", "_is_on", "_width", "_words")

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._is_live = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._begun = time.monotonic()
        self._width = 0
        self._words = ""

    def tell(self, words: str, *, at_once: bool = True) -> None:
        """Show a new state. Without `at_once`, a rewritten line shows it at the next `sleep`."""
        if not self._is_on:
            return
        self._words = words
        if not self._is_live:
            _write(visible(words) + "\n")
        elif at_once:
            self._draw()

    def sleep(self, seconds: float) -> None:
        """Wait, and keep the elapsed time on the line up to date."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _TICK))
            if self._is_on and self._is_live:
                self._draw()

    def clear(self) -> None:
        """Erase the line."""
        if self._is_on and self._is_live and self._width:
            _write("\r" + " " * self._width + "\r")
            self._width = 0

    def _draw(self) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        line = cut(f"{minutes}:{seconds:02d}  {visible(self._words)}", (terminal_width(err=True) or 80) - 1)
        width = columns_of(line)
        _write("\r" + line + " " * (self._width - width))
        self._width = width


def _write(text: str) -> None:
    """Write progress; a failed write does not stop following the call."""
    try:
        emit(text, err=True)
    except Refused:
        pass
