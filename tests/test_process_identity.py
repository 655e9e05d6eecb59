"""The identity of a process on three systems: their calls are passed in, and this system's own are tried as well."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ncco_lang.deploy.process_identity import Fate, Machine, Process, fate_of, linux, macos, this_machine, windows

FIRST, CONTAINER = "pid:[4026531836]", "pid:[4026532201]"
STAT = "{pid} (a) Z 1 (b) {state} 1 1 1 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 {started} 3133440 417"


def kill_of(pids: dict[int, Any]) -> Callable[[int, int], None]:
    """Return `os.kill` for a system with only these processes."""

    def kill(pid: int, number: int) -> None:
        assert number == 0
        if pid not in pids:
            raise ProcessLookupError(pid)
        if pids[pid] is None:
            raise PermissionError(pid)

    return kill


def a_linux(
    *, machine: str = "m1", boot: str = "b1", pids: str = FIRST, host: str = "h1", **stats: tuple[str, str]
) -> Machine:
    """Return a Linux with processes: their state and start; None if another user may not see them."""
    found = {int(name.removeprefix("p")): value for name, value in stats.items()}
    files = {"/etc/machine-id": f"{machine}\n", "/proc/sys/kernel/random/boot_id": f"{boot}\n"}
    for pid, stat in found.items():
        if stat is not None:
            files[f"/proc/{pid}/stat"] = STAT.format(pid=pid, state=stat[0], started=stat[1])

    def read(path: str) -> str:
        if not files.get(path, "").strip():
            raise FileNotFoundError(path)
        return files[path]

    return linux(read, lambda _: pids, kill_of(found), host)


def a_mac(*, boot: str = "B1", uuid: str = "U1", **lines: str | None) -> Machine:
    """Return a Mac with processes: the `ps` output for each."""
    found = {int(name.removeprefix("p")): line for name, line in lines.items()}

    def run(*command: str) -> str:
        if command[0].endswith("sysctl"):
            return boot + "\n"
        if command[0].endswith("ioreg"):
            return f'+-o Root\n    "IOPlatformUUID" = "{uuid}"\n' if uuid else ""
        return (found.get(int(command[-1])) or "") + "\n"

    return macos(run, kill_of(found), "h1")


class Kernel:
    """The functions of kernel32 that are used: processes with their start, 0 if ended, None if not accessible."""

    def __init__(self, processes: dict[int, int | None]) -> None:
        self.processes = processes
        self.error = 0
        self.open: list[int] = []

    def OpenProcess(self, access: int, inherit: bool, pid: int) -> int | None:  # noqa: N802
        assert (access, inherit) == (0x00101000, False)
        self.error = 5 if pid in self.processes else 87
        if self.processes.get(pid) is None:
            return None
        self.open.append(pid)
        return pid

    def WaitForSingleObject(self, handle: int, milliseconds: int) -> int:  # noqa: N802
        return 258 if self.processes[handle] else 0

    def GetProcessTimes(self, handle: int, *times: Any) -> int:  # noqa: N802
        times[0]._obj.value = self.processes[handle]
        return 1

    def CloseHandle(self, handle: int) -> None:  # noqa: N802
        self.open.remove(handle)


def a_windows(*, guid: str = "G1", boot: str = "7", **processes: int | None) -> Machine:
    """Return a Windows with processes."""
    kernel = Kernel({int(name.removeprefix("p")): started for name, started in processes.items()})
    machine = windows(lambda _, name: {"MachineGuid": guid, "BootId": boot}[name], kernel, lambda: kernel.error, "h1")

    def started_of(pid: int) -> str:
        try:
            return machine.started_of(pid)
        finally:
            assert kernel.open == []

    return Machine(name=machine.name, boot=machine.boot, started_of=started_of)


MAC = "Ss   Sun Nov 29 15:00:00 2026"
SYSTEMS: dict[str, tuple[Callable[..., Machine], Any, Any, Any]] = {
    "linux": (a_linux, ("S", "777"), ("S", "999"), ("Z", "777")),
    "macos": (a_mac, MAC, MAC.replace("15:00", "15:01"), "Z" + MAC[1:]),
    "windows": (a_windows, 777, 999, 0),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_became_of_a_process(system: str) -> None:
    make, runs, other, dead = SYSTEMS[system]
    there = make(p5=runs).process(5)
    assert "" not in (there.machine, there.boot, there.started)
    fates = [fate_of(there, make(**now)) for now in ({"p5": runs}, {}, {"p5": other}, {"p5": dead}, {"p5": None})]
    # Another user's process cannot be distinguished from ours, so it counts as ours.
    assert fates == [Fate.ALIVE, Fate.GONE, Fate.REUSED, Fate.GONE, Fate.ALIVE]
    assert fate_of(there, make(p5=runs, boot="another")) is Fate.RESTARTED


@pytest.mark.parametrize(
    ("here", "fate"),
    [
        ({"machine": "m2", "boot": "b2"}, Fate.ELSEWHERE),
        ({"machine": "", "boot": "b2"}, Fate.ELSEWHERE),
        ({"boot": ""}, Fate.ELSEWHERE),
        ({"host": "h2"}, Fate.GONE),
        ({"host": "h2", "boot": "b2"}, Fate.ELSEWHERE),
        # A container of the same machine, with the same name and an image that has the machine's id.
        ({"pids": CONTAINER}, Fate.ELSEWHERE),
        ({"pids": CONTAINER, "boot": "b2"}, Fate.ELSEWHERE),
    ],
)
def test_another_machine_and_a_container(here: dict[str, Any], fate: Fate) -> None:
    assert fate_of(a_linux(p5=("S", "777")).process(5), a_linux(**here)) is fate


def test_two_containers_of_one_image_are_two() -> None:
    there = a_linux(pids=CONTAINER, p5=("S", "777")).process(5)
    assert there.machine == ""
    assert fate_of(there, a_linux(pids="pid:[4026532999]")) is Fate.ELSEWHERE
    assert fate_of(there, a_linux(pids=CONTAINER, boot="b2")) is Fate.ELSEWHERE
    assert fate_of(there, a_linux(pids=CONTAINER)) is Fate.GONE


def test_nothing_that_is_missing_raises() -> None:
    def nothing(*_: Any) -> str:
        raise FileNotFoundError

    bare = linux(nothing, nothing, kill_of({5: 1}), "h1")
    assert bare.process(5) == Process(machine="", boot="", pid=5, started="")
    assert a_mac(boot="", uuid="", p5="").process(5) == Process(machine="", boot="", pid=5, started="")
    assert a_windows(guid="", boot="", p5=None).process(5) == Process(machine="", boot="", pid=5, started="")
    assert fate_of(bare.process(5), bare) is Fate.ELSEWHERE


def test_a_machine_s_id_is_not_shown() -> None:
    assert "secret-id" not in a_linux(machine="secret-id").name


def test_processes_of_this_machine() -> None:
    here = this_machine()
    own = here.process(os.getpid())
    assert fate_of(own, here) is Fate.ALIVE
    assert own == here.process(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = here.process(child.pid)
        assert fate_of(process, here) is Fate.ALIVE
        child.kill()
        # It has ended, but its parent has not waited for it: Unix keeps its pid until then.
        child.stdin.close() if child.stdin else None
        while fate_of(process, here) is Fate.ALIVE:
            assert child.returncode is None
    assert fate_of(process, here) is Fate.GONE
