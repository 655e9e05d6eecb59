"""Turn what is typed into acts of a person in a call, and read a terminal's keys without waiting for them."""

from __future__ import annotations

import codecs
import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ncco_lang.cli.console import emit
from ncco_lang.cli.render import columns_of
from ncco_lang.simulate.types import Act, HangUp, Press, Say, Silence

HELP = "keys 0-9 * # · words and Enter · Enter alone: silence · Ctrl-D: hang up"
_KEYS = "0123456789*#"
END = "\x04"
"""Ctrl-D, as a terminal without line editing sends it."""


class Typing:
    """What is typed: keys at once, and a line of words that ends with Enter.

    Attributes:
        words: the line so far.
    """

    __slots__ = ("words",)

    def __init__(self) -> None:
        self.words = ""

    def feed(self, char: str) -> Act | None:
        """Take one character, show it, and return the act that it completes."""
        before, act = self.words, self._take(char)
        if act is not None:
            emit(f"{char if isinstance(act, Press) else ''}\n")
        elif len(self.words) < len(before):
            emit("\b \b")
        else:
            emit(self.words[len(before) :])
        return act

    def _take(self, char: str) -> Act | None:
        if not self.words and char in _KEYS:
            return Press(char)
        if char in "\r\n":
            words, self.words = self.words.strip(), ""
            return Say(words) if words else Silence()
        if char == END:
            return None if self.words else HangUp()
        if char in "\x7f\b":
            self.words = self.words[:-1]
        elif char.isprintable():
            self.words += char
        return None


class Keyboard:
    """The keys of a terminal, read while other things happen.

    Args:
        descriptor: of the terminal; None for a person who does nothing.
    """

    __slots__ = ("_decoder", "_descriptor", "_is_open", "_typing")

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_open = descriptor is not None
        self._typing = Typing()
        if self._is_open:
            self.print_line(HELP)

    def acts(self, seconds: float) -> Iterator[Act]:
        """Yield what is typed in a number of seconds; return earlier if anything is."""
        if not self._is_open or self._descriptor is None:
            time.sleep(seconds)
            return
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return
        try:
            data = os.read(self._descriptor, 1024)
        except OSError:
            data = b""
        if not data:
            # The terminal is gone.
            self._is_open = False
            yield HangUp()
            return
        text = self._decoder.decode(data)
        if text.startswith("\x1b"):
            # An arrow or another key without a character.
            return
        for char in text:
            act = self._typing.feed(char)
            if act is not None:
                yield act

    def print_line(self, line: str) -> None:
        """Print a line above the words that are being typed."""
        words = self._typing.words
        emit(f"\r{' ' * columns_of(words)}\r{line}\n{words}" if words else f"{line}\n")

    def leave(self) -> None:
        """End the line that is being typed, so that what follows begins a new one."""
        if self._typing.words:
            emit("\n")


@contextmanager
def keyboard() -> Iterator[Keyboard]:
    """Yield the keys of standard input, which sends each at once and does not show it, until the block ends."""
    try:
        import termios
        import tty
    except ImportError:
        yield Keyboard(None)
        return
    if sys.stdin is None or not sys.stdin.isatty():
        yield Keyboard(None)
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    keys = Keyboard(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield keys
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        keys.leave()
