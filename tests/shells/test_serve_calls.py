"""Test that calls of `ncco serve` go on whatever happens to the server: it is killed, restarted, edited, ended."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from urllib.parse import urlsplit

from tests.shells.serving import CALL, LEG, MENU, NOTIFY, Call, free_port, keys, query, send, served, status
from tests.shells.shell import Shell


def test_a_whole_call_by_hand(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow") as server:
        call = Call(server.answer)
        assert call.first == "Press 1 for the desk."
        call.to("input", keys("7"))
        assert call.first == "Once more."
        call.to("input", keys("1"))
        assert call.first == "One moment."
        assert call.to("connect", status("ringing")).content == b""
        assert call.to("connect", status("answered")).content == b""
        call.to("notify", NOTIFY)
        assert call.first == "Thank you for calling."
        event = server.answer.replace("/answer", "/event")
        assert send(event, {"status": "completed", "uuid": LEG}).content == b""
        code, err = server.end()
    assert code == 0
    lines = [line[len("10:00:00 ") :] for line in err.splitlines() if re.match(r"\d\d:\d\d:\d\d ", line)]
    assert lines == [
        "menu aaaaaaaa call from 316•••78 to 312•••67 → start menu.flow:5",
        "menu aaaaaaaa keys 7 → start menu.flow:5",
        "menu aaaaaaaa keys 1 → desk menu.flow:14",
        "menu aaaaaaaa connect ringing at desk menu.flow:14",
        "menu aaaaaaaa connect answered at desk menu.flow:14",
        "menu aaaaaaaa document played → desk menu.flow:19",
        "menu aaaaaaaa call ended",
    ]


def test_webhooks_may_come_by_get(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow") as server:
        call = Call(server.answer)
        fields = {name: each if isinstance(each, str) else json.dumps(each) for name, each in keys("1").items()}
        call.take(send(query(call.url("input"), fields)))
        assert call.first == "One moment."
        call.take(send(query(call.url("connect"), status("busy"))))
        assert call.first == "The desk is busy."
        fallback = server.answer.replace("/answer", "/fallback")
        call.take(send(query(fallback, {**CALL, "uuid": "new", "reason": "Connection closed."})))
        assert call.first == "Leave a message."
        assert send(query(server.answer.replace("/answer", "/event"), status("ringing"))).content == b""


def test_a_server_that_is_killed_after_each_event_loses_no_call(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    port = free_port()
    events = [
        ("input", keys("1"), "One moment."),
        ("connect", status("started"), "One moment."),
        ("connect", status("answered"), "One moment."),
        ("notify", NOTIFY, "Thank you for calling."),
    ]
    with served(ncco, "menu.flow", port=port) as server:
        answered, busy = Call(server.answer), Call(server.answer, leg="busy")
        assert server.end(signal.SIGKILL)[0] == -signal.SIGKILL
    for action, fields, said in events:
        with served(ncco, "menu.flow", port=port) as server:
            answered.to(action, fields)
            assert answered.first == said
            if action == "input":
                busy.to(action, fields)
                url = busy.url("notify")
            elif fields.get("status") == "answered":
                busy.to(action, status("busy"))
                assert busy.first == "The desk is busy."
            elif action == "notify":
                # The platform has not got the answer to the event, so it reaches the notify.
                assert json.loads(send(url, NOTIFY).content)[0]["text"] == "The desk is busy."
            server.end(signal.SIGKILL)


def test_a_call_goes_on_with_its_version_after_an_edit_and_a_restart(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    port = free_port()
    with served(ncco, "menu.flow", port=port) as server:
        call = Call(server.answer)
    ncco.write("menu.flow", MENU.replace("One moment.", "Hold on.").replace("step start", "\n\nstep start"))
    with served(ncco, "menu.flow", port=port) as server:
        call.to("input", keys("1"))
        assert call.first == "One moment."
        new = Call(server.answer, leg="new")
        new.to("input", keys("1"))
        assert new.first == "Hold on."


def test_reload_follows_edits_and_keeps_calls_in_their_versions(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow", "--reload") as server:
        call = Call(server.answer)
        ncco.write("menu.flow", MENU.replace("Press 1 for the desk.", "Press 1."))
        number = 0
        while Call(server.answer, leg=f"leg{number}").first != "Press 1.":
            number += 1
            time.sleep(0.1)
        call.to("input", keys("7"))
        assert [each["text"] for each in call.document[:2]] == ["Once more.", "Press 1 for the desk."]
        ncco.write("menu.flow", "step start { tlak }")
        assert server.process.stderr is not None
        while b"before the edit" not in server.process.stderr.readline():
            pass
        assert Call(server.answer, leg="last").first == "Press 1."


def test_sigterm_lets_requests_end(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow") as server:
        parts = urlsplit(server.answer)
        body = json.dumps(CALL).encode()
        head = f"POST {parts.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=20) as slow:
            slow.sendall(head.encode() + body[:10])
            # A second request is answered when the first one is known.
            assert send(query(server.answer, CALL)).status == 200
            server.process.send_signal(signal.SIGTERM)
            while _listens(server.address):
                time.sleep(0.02)
            slow.sendall(body[10:])
            assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")
        server.process.wait(20)
        assert server.process.returncode == 0


def _listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5).close()
    except OSError:
        return False
    return True
