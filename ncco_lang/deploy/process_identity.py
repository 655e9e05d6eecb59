"""Identify the process that holds something: its machine, boot, pid and start time.

Pids are reused, and a clock can be wrong. On Linux nothing here depends on the time of day, because the start time
counts from the boot of the machine. macOS and Windows store the moment at which the process started, and always return
the same value.

Every function takes its system calls as arguments; `this_machine` passes in the real ones.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_FIRST_PIDS = "pid:[4026531836]"
"""The pid namespace of a machine's own processes on every Linux (`PROC_PID_INIT_INO`). Containers have others."""
_DEAD = ("Z", "X", "x")
"""States of a process that has ended and was not waited for (proc(5), ps(1))."""
_PS = ("/bin/ps", "-o", "stat=", "-o", "lstart=", "-p")
_QUERY_AND_WAIT = 0x1000 | 0x00100000
"""PROCESS_QUERY_LIMITED_INFORMATION and SYNCHRONIZE."""
_NO_SUCH_PROCESS = 87
"""ERROR_INVALID_PARAMETER, the error of OpenProcess for a pid that is not in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The identity of one process.

    Attributes:
        machine: the same after a restart; empty if unknown, and in a container.
        boot: identifies one boot of one operating system and its pid namespace; empty if unknown.
        pid: its process id there.
        started: its start time, in the system's own unit; empty if unknown.
    """

    machine: str
    boot: str
    pid: int
    started: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine on which this process runs.

    Attributes:
        name, boot: as in `Process`.
        started_of: returns the start time of a pid; empty if the pid is in use and its start time is unknown. Raises
            ProcessLookupError if the pid is not in use.
    """

    name: str
    boot: str
    started_of: Callable[[int], str]

    def process(self, pid: int) -> Process:
        """Return a running process of this machine."""
        return Process(machine=self.name, boot=self.boot, pid=pid, started=self.started_of(pid))


class Fate(Enum):
    """The fate of a process, as far as this machine knows."""

    ALIVE = "it runs"
    GONE = "that process is gone"
    REUSED = "that process is gone, and its number belongs to another one now"
    RESTARTED = "the machine has restarted since"
    ELSEWHERE = "it is a process of another machine or container"


def fate_of(process: Process, here: Machine) -> Fate:
    """Return the fate of a process: ALIVE if its pid is in use and nothing shows that another process has it."""
    if process.boot and process.boot == here.boot:
        try:
            started = here.started_of(process.pid)
        except ProcessLookupError:
            return Fate.GONE
        return Fate.REUSED if started and process.started and started != process.started else Fate.ALIVE
    if process.machine and process.machine == here.name and process.boot and here.boot:
        return Fate.RESTARTED
    return Fate.ELSEWHERE


@cache
def this_machine() -> Machine:
    """Return the machine on which this process runs; without name and boot on any system but Linux, macOS and Windows."""
    import socket

    host, system = socket.gethostname(), sys.platform.rstrip("0123456789")
    match system:
        case "linux":
            return linux(lambda path: Path(path).read_text("utf-8", "replace"), os.readlink, os.kill, host)
        case "darwin":
            return macos(_run, os.kill, host)
        case "win":
            return _on_windows(host)
        case _:
            return Machine(name="", boot="", started_of=lambda pid: "")


def linux(
    read: Callable[[str], str], link: Callable[[str], str], kill: Callable[[int, int], object], host: str
) -> Machine:
    """Return a Linux machine, from `/proc`. Containers share the boot id of their machine but not its pid namespace."""
    pids, boot = (
        _or_empty(lambda: link("/proc/self/ns/pid")),
        _or_empty(lambda: read("/proc/sys/kernel/random/boot_id")),
    )
    # Containers get their machine id from their image, so many may share one.
    name = _or_empty(lambda: read("/etc/machine-id")) if pids == _FIRST_PIDS else ""

    def started_of(pid: int) -> str:
        _must_exist(pid, kill)
        # The text in parentheses is the program's name, and may contain any character.
        fields = _or_empty(lambda: read(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        if fields and fields[0] in _DEAD:
            raise ProcessLookupError(pid)
        return fields[19] if len(fields) > 19 else ""

    return Machine(name=_named(name, host), boot=f"{boot} {pids}" if boot and pids else "", started_of=started_of)


def macos(run: Callable[..., str], kill: Callable[[int, int], object], host: str) -> Machine:
    """Return a macOS machine, from `sysctl`, `ioreg` and `ps`."""
    boot = run("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid").strip()
    found = run("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice").partition('"IOPlatformUUID" = "')[2]

    def started_of(pid: int) -> str:
        _must_exist(pid, kill)
        state, _, started = run(*_PS, str(pid)).strip().partition(" ")
        if state[:1] in _DEAD:
            raise ProcessLookupError(pid)
        return " ".join(started.split())

    return Machine(name=_named(found.partition('"')[0], host), boot=boot, started_of=started_of)


def windows(registry: Callable[[str, str], str], kernel: Any, last_error: Callable[[], int], host: str) -> Machine:
    """Return a Windows machine, from the registry and `kernel32`.

    Args:
        registry: returns a value under HKEY_LOCAL_MACHINE, by key and name; empty if it does not exist.
        kernel: has OpenProcess, WaitForSingleObject, GetProcessTimes and CloseHandle.
        last_error: returns the error of the last call.
    """
    name = registry(r"SOFTWARE\Microsoft\Cryptography", "MachineGuid")
    manager = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
    # The boot id counts the boots of this machine, so it means nothing without the machine.
    count = registry(manager, "BootId")

    def started_of(pid: int) -> str:
        handle = kernel.OpenProcess(_QUERY_AND_WAIT, False, pid)
        if not handle:
            if last_error() == _NO_SUCH_PROCESS:
                raise ProcessLookupError(pid)
            return ""
        try:
            if kernel.WaitForSingleObject(handle, 0) == 0:
                # The process has ended, and another program still has a handle on it.
                raise ProcessLookupError(pid)
            times = [ctypes.c_uint64() for _ in range(4)]
            done = kernel.GetProcessTimes(handle, *(ctypes.byref(time) for time in times))
            return str(times[0].value) if done else ""
        finally:
            kernel.CloseHandle(handle)

    named = _named(name, host)
    return Machine(name=named, boot=f"{named} {count}" if named and count else "", started_of=started_of)


def _named(id: str, host: str) -> str:
    """Return a hash of a machine's id, which must not be disclosed (machine-id(5)); empty without an id."""
    return hashlib.sha256(f"ncco {id} {host}".encode()).hexdigest()[:32] if id else ""


def _must_exist(pid: int, kill: Callable[[int, int], object]) -> None:
    try:
        kill(pid, 0)
    except PermissionError:
        pass
    except OverflowError:
        raise ProcessLookupError(pid) from None


def _or_empty(read: Callable[[], str]) -> str:
    try:
        return read().strip()
    except (OSError, ValueError):
        return ""


def _run(*command: str) -> str:
    """Return the output of a system command; empty if it fails."""
    try:
        environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(command, capture_output=True, text=True, timeout=10, env=environment, check=False).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""


def _on_windows(host: str) -> Machine:
    # Import by name, because other systems have neither the module nor the attributes.
    winreg: Any = import_module("winreg")
    own: Any = ctypes
    kernel = own.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.OpenProcess.argtypes = (ctypes.c_uint32, ctypes.c_int, ctypes.c_uint32)
    kernel.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    kernel.GetProcessTimes.argtypes = (ctypes.c_void_p,) * 5
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)

    def registry(key: str, name: str) -> str:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                return str(winreg.QueryValueEx(opened, name)[0])
        except OSError:
            return ""

    return windows(registry, kernel, own.get_last_error, host)
