"""Serve by several processes that share a socket: start them, replace one that ends, and end them all.

The processes are forked from one that has loaded the flows and has no threads, no event loop and no open store, so a new one
serves at once. They see the end of that process, however it comes, and end too.
"""

from __future__ import annotations

import gc
import os
import re
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from ncco_lang.serve.server import DRAIN_SECONDS, Lines, signals_kept, signals_to_stop
from ncco_lang.workspace.errors import WorkspaceError

BEAT = 5.0
"""Seconds between two signs of life of a worker, and between two looks at them."""
_MOST_SILENT = 6
"""Looks without a sign of life, after which a worker is killed."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
"""Seconds before a worker that ended too soon is replaced: twice as many each time."""
_SOON = 1.0
"""A worker that serves for less counts as one that ends at once."""
_MOST_FAILED = 5
"""Workers that end before one has served; then nothing is served."""
_PATIENCE = DRAIN_SECONDS + 5.0


class WorkersFailed(WorkspaceError):
    """No worker serves; the message says how they ended."""


class _Worker:
    """A process that serves."""

    __slots__ = ("alive", "is_first", "is_ready", "silent", "since")

    def __init__(self, alive: int, since: float, *, is_first: bool) -> None:
        self.alive, self.since, self.is_first = alive, since, is_first
        self.is_ready = False
        self.silent = 0


class Workers:
    """The workers of a server.

    Args:
        listener: what the workers share; it is closed at a signal, so that no more requests come.
        work: serves in a worker until a signal or the end of its lifeline.
        started: called when so many workers serve for the first time.
        warn: called with each line of the log; each is about a problem.
    """

    def __init__(
        self,
        count: int,
        listener: socket.socket,
        work: Callable[[Lines], None],
        *,
        started: Callable[[], None],
        warn: Callable[[str], None],
    ) -> None:
        self._count, self._listener, self._work, self._started, self._warn = count, listener, work, started, warn
        self._workers: dict[int, _Worker] = {}
        self._selector = selectors.DefaultSelector()
        self._lifeline = os.pipe()
        self._serving = self._failed = 0
        self._pause, self._next = 0.0, 0.0
        self._beat, self._look = BEAT, time.monotonic() + BEAT

    def run(self) -> None:
        """Serve until a signal to stop, which is raised again when all workers have ended.

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
                    self._watch()
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
        alive, says_alive = os.pipe()
        os.set_blocking(alive, False)
        os.set_blocking(says_alive, False)
        is_first = not any(worker.is_first for worker in self._workers.values())
        process = os.fork()
        if process == 0:
            self._become_worker(alive, Lines(says_alive, self._lifeline[0], self._beat, is_first))
        os.close(says_alive)
        self._workers[process] = _Worker(alive, time.monotonic(), is_first=is_first)
        self._selector.register(alive, selectors.EVENT_READ, process)

    def _become_worker(self, alive: int, lines: Lines) -> NoReturn:
        """Serve, and end the process: nothing of the first one may run in it."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (*signals_to_stop(), signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            self._selector.close()
            os.close(self._lifeline[1])
            for each in (alive, *(worker.alive for worker in self._workers.values())):
                os.close(each)
            self._work(lines)
            code = 0
        except WorkspaceError as failed:
            self._warn(f"a worker cannot serve: {failed}")
        except BaseException as failed:
            self._warn(f"a worker cannot serve: {type(failed).__name__}")
        finally:
            os._exit(code)

    # ── Watching ──────────────────────────────────────────────────────────────────────────────────────

    def _wait(self, waker: int) -> None:
        """Wait for a signal, for a sign of life, until one may be started, or until the next look."""
        until = self._look if len(self._workers) >= self._count else min(self._look, self._next)
        for key, _ in self._selector.select(max(0.0, until - time.monotonic())):
            if key.fd == waker:
                with suppress(BlockingIOError):
                    os.read(waker, 4096)
            else:
                self._hear(self._workers[key.data])

    def _hear(self, worker: _Worker) -> None:
        """Take note of a sign of life; the first one says that the worker serves."""
        try:
            is_alive = os.read(worker.alive, 4096) != b""
        except BlockingIOError:
            return
        if not is_alive:
            # The worker ends.
            with suppress(KeyError):
                self._selector.unregister(worker.alive)
            return
        worker.silent = 0
        if not worker.is_ready:
            worker.is_ready, worker.since = True, time.monotonic()
            self._serving += 1
            if self._serving == self._count:
                self._started()

    def _watch(self) -> None:
        """Kill the workers that have been silent for too long.

        Looks are counted, not seconds: workers are not to blame for the time in which this process was stopped as well.
        """
        if time.monotonic() < self._look:
            return
        self._look = time.monotonic() + self._beat
        for process, worker in self._workers.items():
            worker.silent += 1
            if worker.silent > _MOST_SILENT and not _is_debugged(process):
                worker.silent = 0
                self._warn(f"a worker has not responded for {_MOST_SILENT * self._beat:g} s; it is killed")
                _send(process, signal.SIGKILL)

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
                self._warn(f"a worker {how}; another one is started")
                continue
            self._failed += 1
            if not self._serving and self._failed >= _MOST_FAILED:
                raise WorkersFailed(f"the workers end at once, again and again; the last one {how}")
            self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause)) if self._failed > self._count else 0.0
            self._next = time.monotonic() + self._pause
            again = " at once, again and again" if self._pause else ""
            wait = f" in {self._pause:g} s" if self._pause else ""
            self._warn(f"a worker {how}{again}; another one is started{wait}")

    def _forget(self, process: int) -> _Worker:
        worker = self._workers.pop(process)
        self._hear(worker)
        with suppress(KeyError):
            self._selector.unregister(worker.alive)
        os.close(worker.alive)
        return worker

    # ── Ending ────────────────────────────────────────────────────────────────────────────────────────

    def _end(self) -> None:
        """End all workers: they answer the requests that have begun; those that take too long are killed."""
        self._listener.close()
        for process in self._workers:
            _send(process, signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        while self._workers and time.monotonic() < until:
            self._selector.select(0.1)
            for process, _ in _ended(self._workers):
                self._forget(process)
        for process in list(self._workers):
            _send(process, signal.SIGKILL)
            os.waitpid(process, 0)
            self._forget(process)
        os.close(self._lifeline[0])
        os.close(self._lifeline[1])
        self._selector.close()


def _send(process: int, number: int) -> None:
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


def _is_debugged(process: int) -> bool:
    """Return whether a debugger has stopped a process, or may; False where the system does not say."""
    try:
        return re.search(rb"(?m)^TracerPid:\t[1-9]", Path(f"/proc/{process}/status").read_bytes()) is not None
    except OSError:
        return False


@contextmanager
def _signals_heard() -> Iterator[tuple[list[int], int]]:
    """Collect signals to stop in a list; each of them, and the end of a worker, makes a file descriptor readable."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = signal.signal(signal.SIGCHLD, lambda *_: None)
    waker = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        with signals_kept() as found:
            yield found, reader
    finally:
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, before)
        os.close(reader)
        os.close(writer)
