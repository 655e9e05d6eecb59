"""Serve by several processes that share a socket: start them, replace one that ends, and end them all.

The processes are forked from one that has loaded the flows and has no threads, no event loop and no open store, so a new one
serves at once. They see the end of that process, however it comes, and end too.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple, NoReturn

from ncco_lang.serve.server import DRAIN_SECONDS
from ncco_lang.workspace.errors import WorkspaceError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
"""Seconds before a worker that ended too soon is replaced: twice as many each time."""
_SOON = 1.0
"""A worker that serves for less counts as one that ends at once."""
_MOST_FAILED = 5
"""Workers that end before one has served; then nothing is served."""
_PATIENCE = DRAIN_SECONDS + 5.0


class WorkersFailed(WorkspaceError):
    """No worker serves; the message says how they ended."""


class Lines(NamedTuple):
    """What a worker knows of itself: its file descriptors, and its place among the others.

    Attributes:
        ready: it writes a byte there when it serves.
        lifeline: the end of the first process ends it.
        is_first: it tells about what all workers do alike.
    """

    ready: int
    lifeline: int
    is_first: bool

    def say_ready(self) -> None:
        """Let the first process know that this one serves. If that is gone, the lifeline ends as well."""
        with suppress(BrokenPipeError):
            os.write(self.ready, b"1")


class _Worker:
    """A process that serves."""

    __slots__ = ("is_first", "is_ready", "ready", "since")

    def __init__(self, ready: int, since: float, *, is_first: bool) -> None:
        self.ready, self.since, self.is_first = ready, since, is_first
        self.is_ready = False


class Workers:
    """The workers of a server.

    Args:
        listener: what the workers share; it is closed at a signal, so that no more requests come.
        work: serves in a worker until a signal or the end of its lifeline.
        started: called when so many workers serve for the first time.
        tell: called with each line of the log.
    """

    def __init__(
        self,
        count: int,
        listener: socket.socket,
        work: Callable[[Lines], None],
        *,
        started: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        self._count, self._listener, self._work, self._started, self._tell = count, listener, work, started, tell
        self._workers: dict[int, _Worker] = {}
        self._selector = selectors.DefaultSelector()
        self._lifeline = os.pipe()
        self._serving = self._failed = 0
        self._pause, self._next = 0.0, 0.0

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, which is raised again when all workers have ended.

        Raises:
            WorkersFailed: workers end at once, again and again, before one has served.
        """
        gc.collect()
        gc.freeze()
        with _signals_heard() as (signals, waker):
            self._selector.register(waker, selectors.EVENT_READ)
            try:
                while not signals:
                    self._fill()
                    self._wait(waker)
                    self._bury()
            finally:
                self._end()
        signal.raise_signal(signals[0])

    # ── Starting ──────────────────────────────────────────────────────────────────────────────────────

    def _fill(self) -> None:
        """Start the workers that are missing, unless they have to wait."""
        while len(self._workers) < self._count and time.monotonic() >= self._next:
            self._start()
            if self._pause:
                self._next = time.monotonic() + self._pause
                break

    def _start(self) -> None:
        ready, says_ready = os.pipe()
        is_first = not any(worker.is_first for worker in self._workers.values())
        process = os.fork()
        if process == 0:
            self._become_worker(ready, Lines(says_ready, self._lifeline[0], is_first))
        os.close(says_ready)
        os.set_blocking(ready, False)
        self._workers[process] = _Worker(ready, time.monotonic(), is_first=is_first)
        self._selector.register(ready, selectors.EVENT_READ, process)

    def _become_worker(self, ready: int, lines: Lines) -> NoReturn:
        """Serve, and end the process: nothing of the first one may run in it."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (*_SIGNALS, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            self._selector.close()
            os.close(self._lifeline[1])
            for each in (ready, *(worker.ready for worker in self._workers.values())):
                os.close(each)
            self._work(lines)
            code = 0
        except WorkspaceError as failed:
            self._tell(f"a worker cannot serve: {failed}")
        except BaseException as failed:
            self._tell(f"a worker cannot serve: {type(failed).__name__}")
        finally:
            os._exit(code)

    # ── Watching ──────────────────────────────────────────────────────────────────────────────────────

    def _wait(self, waker: int) -> None:
        """Wait for a signal, for a worker that serves, or until one may be started."""
        is_full = len(self._workers) >= self._count
        left = None if is_full else max(0.0, self._next - time.monotonic())
        for key, _ in self._selector.select(left):
            if key.fd == waker:
                with suppress(BlockingIOError):
                    os.read(waker, 4096)
                continue
            self._selector.unregister(key.fd)
            self._look(self._workers[key.data])

    def _look(self, worker: _Worker) -> None:
        """Take note of whether a worker serves."""
        try:
            serves = not worker.is_ready and os.read(worker.ready, 1) != b""
        except BlockingIOError:
            return
        if serves:
            worker.is_ready, worker.since = True, time.monotonic()
            self._serving += 1
            if self._serving == self._count:
                self._started()

    def _bury(self) -> None:
        """Take note of workers that have ended; after one that ended too soon the next one waits.

        Raises:
            WorkersFailed: none has served, and too many have ended.
        """
        for process, status in _ended(self._workers):
            worker = self._forget(process)
            how = _how(status)
            lived = time.monotonic() - worker.since if worker.is_ready else 0.0
            if lived >= _SOON:
                self._pause = self._failed = 0
                self._tell(f"a worker {how}; another one is started")
                continue
            self._failed += 1
            if not self._serving and self._failed >= _MOST_FAILED:
                raise WorkersFailed(f"the workers end at once, again and again; the last one {how}")
            self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause)) if self._failed > self._count else 0.0
            self._next = time.monotonic() + self._pause
            again = " at once, again and again" if self._pause else ""
            wait = f" in {self._pause:g} s" if self._pause else ""
            self._tell(f"a worker {how}{again}; another one is started{wait}")

    def _forget(self, process: int) -> _Worker:
        worker = self._workers.pop(process)
        self._look(worker)
        with suppress(KeyError):
            self._selector.unregister(worker.ready)
        os.close(worker.ready)
        return worker

    # ── Ending ────────────────────────────────────────────────────────────────────────────────────────

    def _end(self) -> None:
        """End all workers: they answer the requests that have begun; those that take too long are killed."""
        self._listener.close()
        self._send(signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        while self._workers and time.monotonic() < until:
            self._selector.select(0.1)
            for process, _ in _ended(self._workers):
                self._forget(process)
        self._send(signal.SIGKILL)
        for process in list(self._workers):
            os.waitpid(process, 0)
            self._forget(process)
        os.close(self._lifeline[0])
        os.close(self._lifeline[1])
        self._selector.close()

    def _send(self, number: int) -> None:
        for process in self._workers:
            with suppress(ProcessLookupError):
                os.kill(process, number)


def _ended(workers: dict[int, _Worker]) -> Iterator[tuple[int, int]]:
    """Yield the workers that have ended, with the status of their end."""
    for process in list(workers):
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            yield process, status


def _how(status: int) -> str:
    """Return how a process ended."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        return f"was ended by {name}"
    return f"ended with exit code {os.waitstatus_to_exitcode(status)}"


@contextmanager
def _signals_heard() -> Iterator[tuple[list[int], int]]:
    """Collect signals to stop in a list; each of them, and the end of a worker, makes a file descriptor readable."""
    found: list[int] = []
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = {each: signal.signal(each, lambda number, _: found.append(number)) for each in _SIGNALS}
    before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
    waker = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield found, reader
    finally:
        signal.set_wakeup_fd(waker)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
