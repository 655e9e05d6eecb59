"""Test `ncco serve --workers`: processes that are killed at any point lose no call and repeat no effect in another way."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import budget
from tests.shells.many_calls import Caller, exchange, in_parallel, joined, receiving
from tests.shells.serving import Call, Server, free_port, keys, served
from tests.shells.shell import ROOT, Process, Shell, environment

SHOP = """\
flow "Shop"
default talk en-GB style: 2
fallback sorry
step start {
    menu "Press 1 to order." {
        1 -> order("red")
        2 -> order("unknown")
        otherwise -> retry "Once more."
        give_up -> sorry
    }
}
step order(colour: text) {
    fetch "http://127.0.0.1:PORT/reserve/{colour}" method: post json: {"colour": colour, "at": now} timeout: 3s {
        404 -> none
        timeout, otherwise -> sorry
    }
    fetch "http://127.0.0.1:PORT/orders" method: put json: {"leg": call.uuid, "at": now} timeout: 3s { timeout, otherwise -> sorry }
    talk "Ordered."
    fetch "http://127.0.0.1:PORT/late" method: post json: {"colour": colour} timeout: 3s { timeout, otherwise -> sorry }
    menu "Press 1 for more." { 1 -> order(colour); otherwise -> last }
}
step none { talk "There is none."; goto start }
step last { talk "Goodbye." }
step sorry { talk "Sorry." }
"""
ALLOW = '[serve]\nallow = ["127.0.0.1"]\n'
WORKERS = 4


def workers_of(server: Server) -> list[int]:
    """Return the processes of the workers, the oldest one first."""
    found = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, check=False).stdout
    return sorted(map(int, found.split()))


@pytest.mark.search
def test_workers_that_are_killed_lose_no_call(ncco: Shell) -> None:
    # With a fallback URL an overloaded server answers 503, also when a call begins.
    profile = '[profiles.a]\nbase_url = "http://127.0.0.1:1"\n[profiles.a.applications.shop]\nflow = "shop.flow"\n'
    ncco.write("ncco.toml", f'profile = "a"\n{ALLOW}{profile}fallback_url = "/fallback"\n')
    count = budget.of(100, 3000)

    async def run() -> None:
        async with receiving(0.1) as (receiver, port):
            ncco.write("shop.flow", SHOP.replace("PORT", str(port)))
            with served(ncco, "-q", "--workers", str(WORKERS)) as server:
                caller = Caller(server.answer, random.Random(17))
                killer = asyncio.create_task(kill_workers(server, caller))
                legs = [f"leg{number:05}" for number in range(count)]
                await in_parallel(20, [partial(caller.call, leg, script_of(leg)) for leg in legs])
                killer.cancel()
                killed = await asyncio.gather(killer, return_exceptions=True)
        assert caller.wrong == []
        # No effect is missing, and none was made with two bodies.
        assert len(receiver.bodies) == sum(effects_of(leg) for leg in legs)
        assert [bodies for bodies in receiver.bodies.values() if len(set(bodies)) > 1] == []
        assert isinstance(killed[0], asyncio.CancelledError)
        # Workers were killed in the middle of lookups, and other workers made these again.
        assert caller.repeated > 0
        assert any(len(bodies) > 1 for bodies in receiver.bodies.values())

    asyncio.run(run())


def script_of(leg: str) -> list[tuple[str, Mapping[str, Any], str]]:
    """Return the script of a call: one of three, by its number."""
    ordered: list[tuple[str, Mapping[str, Any], str]] = [
        ("input", keys("1"), "Ordered."),
        ("notify", joined(leg), "Press 1 for more."),
    ]
    number = int(leg[-2:]) % 3
    if number == 0:
        return [*ordered, ("input", keys("9"), "Goodbye.")]
    if number == 1:
        return [("input", keys("2"), "There is none."), ("input", keys("5"), "Once more."), *ordered]
    return [*ordered, *ordered]


def effects_of(leg: str) -> int:
    """Return how many lookups that are not get a script makes."""
    return (3, 4, 6)[int(leg[-2:]) % 3]


async def kill_workers(server: Server, caller: Caller) -> None:
    """Kill the oldest worker again and again, each time when all workers are there.

    A webhook that is sent for the second time is not sent again, so no worker is killed while there is one.
    """
    while True:
        await asyncio.sleep(0.3)
        workers = workers_of(server)
        if len(workers) == WORKERS and caller.seconds == 0:
            os.kill(workers[0], signal.SIGKILL)


def test_a_lookup_ends_although_its_client_is_gone(ncco: Shell) -> None:
    ncco.write("ncco.toml", ALLOW)

    async def run() -> None:
        async with receiving(0.3) as (receiver, port):
            ncco.write("shop.flow", SHOP.replace("PORT", str(port)))
            with served(ncco, "shop.flow", "--workers", "2") as server:
                call = await asyncio.to_thread(Call, server.answer)
                parts = urlsplit(call.url("input"))
                body = b'{"dtmf": {"digits": "1"}}'
                _, writer = await asyncio.open_connection(parts.hostname, parts.port)
                writer.write(
                    f"POST {parts.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
                )
                while not receiver.bodies:
                    await asyncio.sleep(0.01)
                writer.close()
                answer = await exchange("POST", call.url("input"), body)
                assert b"Ordered." in answer.body
                assert [len(bodies) for bodies in receiver.bodies.values()] == [1, 1]
                code, err = await asyncio.to_thread(server.end)
            assert code == 0
            lines = [line.partition(" ")[2] for line in err.splitlines() if "127.0.0.1/" in line]
            assert [line.rpartition(" 2")[0].split()[2:] for line in lines] == [
                ["POST", "127.0.0.1/reserve/…"],
                ["PUT", "127.0.0.1/orders"],
            ]

    asyncio.run(run())


@pytest.mark.parametrize(("workers", "by"), [("2", signal.SIGTERM), ("1", signal.SIGHUP)])
def test_a_signal_lets_all_workers_end_what_they_do(ncco: Shell, workers: str, by: signal.Signals) -> None:
    ncco.write("ncco.toml", ALLOW)

    async def run() -> None:
        async with receiving(0.4) as (receiver, port):
            ncco.write("shop.flow", SHOP.replace("PORT", str(port)))
            with served(ncco, "shop.flow", "--workers", workers) as server:
                calls = [await asyncio.to_thread(Call, server.answer, leg=f"leg{number}") for number in range(4)]
                body = b'{"dtmf": {"digits": "1"}}'
                asked = [asyncio.create_task(exchange("POST", call.url("input"), body)) for call in calls]
                while len(receiver.bodies) < len(calls):
                    await asyncio.sleep(0.01)
                server.process.send_signal(by)
                answers = await asyncio.gather(*asked)
                assert [b"Ordered." in answer.body for answer in answers] == [True] * len(calls)
                assert await asyncio.to_thread(server.process.wait, 20) == 0

    asyncio.run(run())


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_workers_end_with_their_server(ncco: Shell, by: signal.Signals, code: int) -> None:
    ncco.write("shop.flow", SHOP.replace("PORT", "1"))
    port = free_port()
    with served(ncco, "shop.flow", "--workers", "3", port=port) as server:
        assert Call(server.answer).first == "Press 1 to order."
        workers = workers_of(server)
        assert len(workers) == 3
        assert server.end(by)[0] == code
        while any(map(_is_running, workers)):
            time.sleep(0.02)
    with served(ncco, "shop.flow", port=port) as server:
        assert Call(server.answer).first == "Press 1 to order."


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class _Impatient(Shell):
    """Runs `ncco` with signs of life of workers every 0.2 s."""

    def serve(self, *arguments: str) -> Process:
        script = "import ncco_lang.serve.workers as workers, ncco_lang.cli.main as cli; workers.BEAT = 0.2; cli.main()"
        env = environment({"PYTHONPATH": str(ROOT)})
        command = [sys.executable, "-c", script, "serve", *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_worker_that_hangs_is_killed_and_replaced_and_q_does_not_hide_it(ncco: Shell) -> None:
    ncco.write("ncco.toml", ALLOW)
    ncco.write("shop.flow", SHOP.replace("PORT", "1"))
    with served(_Impatient(ncco.folder), "shop.flow", "-q", "--workers", "2") as server:
        (hanging, _) = workers_of(server)
        os.kill(hanging, signal.SIGSTOP)
        assert server.process.stderr is not None
        said = [server.process.stderr.readline().decode().partition(" ")[2] for _ in range(2)]
        assert said == [
            "a worker has not responded for 1.2 s; it is killed\n",
            "a worker was ended by SIGKILL; another one is started\n",
        ]
        assert not _is_running(hanging)
        assert [Call(server.answer, leg=f"leg{number}").first for number in range(9)] == ["Press 1 to order."] * 9
        assert server.end() == (0, "")


def test_a_version_that_another_worker_has_loaded_is_found(ncco: Shell) -> None:
    ncco.write("menu.flow", SHOP.replace("PORT", "1"))
    with served(ncco, "menu.flow", "--reload", "--workers", "2") as server:
        old = Call(server.answer)
        edited = SHOP.replace("PORT", "1").replace("Press 1 to order", "Hello. Press 1")
        # At once, because a worker that reads half of it tells of errors that this test would take for those of the last edit.
        ncco.write("menu.flow.new", edited).replace(ncco.folder / "menu.flow")
        firsts = list[str]()
        while "Hello. Press 1." not in firsts:
            call = Call(server.answer, leg=f"leg{len(firsts)}")
            firsts.append(call.first)
            # Any of the workers answers, whether it has loaded the flow again or not.
            first = call.first
            call.to("input", keys("7"))
            assert [each["text"] for each in call.document[:2]] == ["Once more.", first]
        old.to("input", keys("7"))
        assert old.document[1]["text"] == "Press 1 to order."
        ncco.write("menu.flow", "step start { tlak }")
        assert server.process.stderr is not None
        told = list[bytes]()
        while not told or b"before the edit" not in told[-1]:
            told.append(server.process.stderr.readline())
    assert sum(b"loaded again" in line for line in told) == 1


SECRET = """\
flow "Shop"
default talk en-GB style: 2
fallback sorry
step start {
    ask pin "Your PIN, please." digits: 4 secret: true {
        silence, otherwise -> retry "Once more."
        give_up -> sorry
    }
    menu "Press 1." {
        1 -> go_on
        otherwise -> retry "Once more."
        give_up -> sorry
    }
    fetch "http://127.0.0.1:PORT/orders" method: post json: {"pin": pin, "token": env("SHOP_TOKEN")} headers: {"authorization": "Bearer {env("SHOP_KEY")}"} {
        otherwise -> sorry
    }
    talk "Found."
}
step sorry { talk "Sorry." }
"""


def test_secrets_come_from_the_environment_and_go_to_the_server_alone(
    ncco: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    ncco.write("ncco.toml", ALLOW)
    ncco.write("shop.flow", SECRET.replace("PORT", "1"))
    _, err = ncco("serve", "shop.flow", "--port", "0", code=2, env={"SHOP_KEY": "hunter2"})
    assert err.endswith(
        "ncco: the environment variable SHOP_TOKEN is not set, and lookups of shop need it; set it where ncco serve runs\n"
    )
    monkeypatch.setenv("SHOP_KEY", "hunter2")
    monkeypatch.setenv("SHOP_TOKEN", "correcthorse")

    async def run() -> None:
        async with receiving(0) as (receiver, port):
            ncco.write("shop.flow", SECRET.replace("PORT", str(port)))
            with served(ncco, "shop.flow", "--workers", "2") as server:
                call = await asyncio.to_thread(Call, server.answer)
                await asyncio.to_thread(call.to, "input", keys("4711"))
                assert call.first == "Press 1."
                await asyncio.to_thread(call.to, "input", keys("1"))
                assert call.first == "Found."
                assert list(receiver.bodies.values()) == [[b'/orders {"pin":"4711","token":"correcthorse"}']]
                assert receiver.authorizations == {"bearer hunter2"}
                _, err = await asyncio.to_thread(server.end)
        kept = b"".join(path.read_bytes() for path in (ncco.folder / ".ncco").rglob("calls.*"))
        for secret in ("hunter2", "correcthorse", "4711"):
            assert secret not in err
            assert secret.encode() not in kept

    asyncio.run(run())


FAILING = """\
import os, socket, sys
from ncco_lang.serve.workers import Workers, WorkersFailed

def work(lines):
    if os.path.exists("serves"):
        lines.say_alive()
    raise OSError("the disk is full")

def started():
    os.remove("serves")

def warn(line):
    os.write(1, line.encode() + b"\\n")
    if "in 0.5 s" in line and "ends" in sys.argv:
        os.kill(os.getpid(), 15)

with socket.create_server(("127.0.0.1", 0)) as listener:
    try:
        Workers(2, listener, work, started=started, warn=warn).run()
    except WorkersFailed as failed:
        warn(str(failed))
"""


@pytest.mark.parametrize("has_served", [False, True])
def test_workers_that_end_at_once_are_replaced_later_and_later(tmp_path: Path, has_served: bool) -> None:
    if has_served:
        (tmp_path / "serves").touch()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FAILING, *(["ends"] if has_served else [])],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    assert lines.count("a worker cannot serve: OSError") >= 4
    assert "a worker ended with exit code 1; another one is started" in lines
    assert "a worker ended with exit code 1 at once, again and again; another one is started in 0.25 s" in lines
    if has_served:
        assert "a worker ended with exit code 1 at once, again and again; another one is started in 0.5 s" in lines
        assert done.returncode == -signal.SIGTERM
    else:
        assert lines[-1] == "the workers end at once, again and again; the last one ended with exit code 1"
