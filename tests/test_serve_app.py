"""The ASGI application of `ncco serve`: no request makes it fail, and none is answered with 500."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.net.async_client import AsyncHttpClient
from ncco_lang.runtime.answers import Answered, Pending
from ncco_lang.serve.app import make_app
from ncco_lang.serve.applications import Sources
from ncco_lang.serve.lookups import Lookups
from ncco_lang.serve.service import PINNED_SECONDS, Service, open_service
from ncco_lang.values.event_urls import Address
from ncco_lang.workspace.projects import Choices
from tests.budget import searched
from tests.test_engine import FIXTURES

BASE = "http://127.0.0.1:1"
CALL = "uuid=leg&conversation_uuid=con&from=31612345678&to=31201234567"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("serve")
    (folder / "museum.flow").write_bytes((FIXTURES / "engine" / "museum.flow").read_bytes())
    opened = open_service(Sources((str(folder / "museum.flow"),), Choices(base_url=BASE)), tell=lambda _: None)
    yield opened
    opened.close()


def sender(service: Service) -> Callable[..., tuple[int, bytes]]:
    """Return a function that sends one request to the application, without a socket."""
    app = make_app(service)

    async def send(method: str, path: str, query: bytes, headers: Any, body: bytes) -> tuple[int, bytes]:
        sent: list[Any] = []
        scope = {"type": "http", "method": method, "path": path, "raw_path": b"", "query_string": query}
        scope |= {"headers": headers, "http_version": "1.1", "scheme": "http", "root_path": "", "server": ("x", 1)}
        pieces = [
            {"type": "http.request", "body": body[:7], "more_body": True},
            {"type": "http.request", "body": body[7:]},
        ]

        async def receive() -> Any:
            return pieces.pop(0) if pieces else {"type": "http.disconnect"}

        async def take(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, take)
        return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])

    return lambda method, path, query=b"", headers=(), body=b"": asyncio.run(send(method, path, query, headers, body))


def paths(service: Service) -> list[str]:
    """Return the paths of the application, with those of a call's first document."""
    (answer,) = [each.flow.base.removeprefix(BASE) + "/answer" for each in service.applications]
    status, body = sender(service)("GET", answer, CALL.encode())
    assert status == 200
    (url,) = [each["eventUrl"][0] for each in json.loads(body) if each["action"] == "input"]
    token = url.rsplit("/", 1)[1]
    base = answer.removesuffix("answer")
    kinds = [f"{base}{kind}/{token}" for kind in "icwrj"]
    return [answer, f"{base}event", f"{base}fallback", *kinds, f"{base}i/{token[:-3]}", base, "/healthz", "/", "/ncco-"]


FIELDS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from("uuid conversation_uuid from to status dtmf speech payload digits results".split()),
    st.none() | st.integers() | st.text(max_size=9) | st.just({"digits": "1", "timed_out": False}) | st.just([{}]),
)
BODIES = FIELDS.map(lambda each: json.dumps(each).encode()) | st.binary(max_size=40) | st.just(b"[" * 3000)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"content-length", b"content-type", b"authorization", b"transfer-encoding", b"x"]),
        st.binary(max_size=9) | st.sampled_from([b"7", b"-1", b"999999999", b"application/json", b"\xb2"]),
    ),
    max_size=3,
)


@searched(80, 5000)
@given(data=st.data())
def test_no_request_is_answered_with_500(service: Service, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths(service))) + data.draw(st.sampled_from(["", "", "", "/", "%00", "/é\n"]))
    method = data.draw(st.sampled_from(["GET", "POST", "HEAD", "PUT", "X"]))
    query = data.draw(st.binary(max_size=30) | st.just(CALL.encode()) | st.just(b"&a=1" * 900))
    status, body = sender(service)(method, path, query, data.draw(HEADERS), data.draw(BODIES))
    assert status in (200, 400, 404, 405, 408, 413), (status, method, path)
    if body and status == 200 and "healthz" not in path:
        assert json.loads(body)[0]["action"] == "talk"


def test_a_version_that_an_answer_url_names_is_kept_for_long(tmp_path: Path) -> None:
    flow, folder = tmp_path / "menu.flow", tmp_path / ".ncco" / "serve" / "bundles" / "menu"
    text = 'step start { menu "Press 1." { 1 -> a; silence, otherwise -> retry; give_up -> a } }\nstep a { hangup }\n'
    versions = []
    (tmp_path / "ncco.toml").write_text("")
    for words in ("Press 1.", "Press one."):
        flow.write_text(text.replace("Press 1.", words))
        service = open_service(Sources((str(flow),), Choices(base_url=BASE)), tell=lambda _: None)
        (served,) = service.applications
        assert served.application.bundle is not None
        versions.append(served.application.bundle.version[:12])
        old = Address(service.keys[0].part("menu"), "answer", version=versions[0])
        answered = service.answer(served, old, {"uuid": words}, 0.0)
        assert answered.bundle is not None
        assert answered.bundle.version[:12] == versions[0]
        now = time.time()
        service.touch_versions(now)
        service.close()
    ages = {path.stem: path.stat().st_mtime - now for path in folder.iterdir()}
    assert ages == {versions[0]: pytest.approx(PINNED_SECONDS, abs=1), versions[1]: pytest.approx(0, abs=1)}


LOOKUP = """\
fallback sorry
step start {
    fetch "http://127.0.0.1:1/a" method: post { otherwise -> sorry }
    talk "Found."
}
step sorry { talk "Sorry." }
"""


def test_an_event_goes_on_whoever_has_held_it(tmp_path: Path) -> None:
    (tmp_path / "ncco.toml").write_text("")
    (tmp_path / "look.flow").write_text(LOOKUP)
    lines = list[str]()
    service = open_service(Sources((str(tmp_path / "look.flow"),), Choices(base_url=BASE)), tell=lines.append)
    (served,) = service.applications
    lookups = Lookups(AsyncHttpClient(), service)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    def answered(leg: str, before: Callable[[Pending], object]) -> bytes:
        fields = {"uuid": leg, "conversation_uuid": f"CON-{leg}"}
        address = Address(service.keys[0].part("look"), "answer")

        def ask() -> Answered | Pending:
            return service.answer(served, address, fields, time.time())

        pending = ask()
        assert isinstance(pending, Pending)
        before(pending)
        return asyncio.run(lookups.answer("look", ask)).body

    now = time.time()
    store = service.store
    for number, before in enumerate(
        [
            lambda pending: None,
            # Another process held it, and was killed.
            lambda pending: store.hold(pending.key, 0, f"{gone.pid}.7", now, now + 600),
            # Another request holds it for too long.
            lambda pending: store.hold(pending.key, 0, f"{os.getpid()}.7", now, now + 0.2),
            # A result was sealed with a key that is gone.
            lambda pending: store.keep_result(pending.key, 0, b"damaged", now),
        ]
    ):
        assert b"Sorry." in answered(f"leg{number}", before), number
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in lines if "POST" in line] == [
        f"look leg{number} POST 127.0.0.1/a not sent: 127.0.0.1 is addressed by http; write https, or `allow ="
        ' ["127.0.0.1"]` below [serve] in ncco.toml permits it'
        for number in range(4)
    ]
    service.close()
