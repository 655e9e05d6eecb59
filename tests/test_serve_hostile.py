"""Webhooks that no platform sends: whatever comes, the answer is one that is documented, and never another call's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.serve.app import MOST_BYTES
from ncco_lang.serve.applications import Sources
from ncco_lang.serve.service import Service, open_service
from ncco_lang.workspace.projects import Choices
from tests.budget import searched
from tests.test_serve_app import BASE, sender

FLOW = """\
flow "Names"
default talk en-GB style: 2
fallback sorry
step start {
    menu "Press 1 or 2." {
        1 -> told("amber")
        2 -> told("birch")
        otherwise -> retry "Once more."
        give_up -> sorry
    }
}
step told(name: text) {
    talk "You are {name}."
    connect phone "+31 20 765 4321" from: "+31 20 123 4567" timeout: 25s {
        busy -> told(name)
        otherwise -> asked(name)
    }
    goto asked(name)
}
step asked(name: text) { menu "{name}, press 3." { 3 -> told(name); otherwise -> repeat } }
step sorry { talk "Sorry." }
"""
NAMES = ("amber", "birch")
CODES = (200, 400, 404, 405, 413)


class Calls:
    """Two calls, each of which has been told its name, and the URLs that they have been given.

    Attributes:
        urls: paths, with the number of the call.
    """

    def __init__(self, service: Service) -> None:
        self.send = sender(service)
        (served,) = service.applications
        self.base = served.flow.base.removeprefix(BASE)
        self.urls: list[tuple[int, str]] = []
        for call in range(2):
            _, body = self.send("GET", f"{self.base}/answer", urlencode(fields_of(call)).encode())
            self.take(call, body)
            menu = self.urls[-1][1]
            keys = {**fields_of(call), "dtmf": {"digits": str(call + 1), "timed_out": False}}
            _, body = self.send("POST", menu, body=json.dumps(keys).encode())
            assert NAMES[call].encode() in body
            self.take(call, body)

    def take(self, call: int, body: bytes) -> None:
        """Take the event URLs of a document."""
        for action in json.loads(body or b"[]"):
            self.urls += [(call, urlsplit(url).path) for url in action.get("eventUrl", [])]


def fields_of(call: int) -> dict[str, Any]:
    """Return the fields by which a webhook says of which call it is."""
    return {"uuid": f"{call}" * 32, "conversation_uuid": f"CON-{call}", "from": "31612345678", "to": "31201234567"}


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    folder = tmp_path_factory.mktemp("serve")
    (folder / "names.flow").write_text(FLOW)
    (folder / "ncco.toml").write_text("")
    service = open_service(Sources((str(folder / "names.flow"),), Choices(base_url=BASE)), tell=lambda _: None)
    yield Calls(service)
    service.close()


EVENTS: list[dict[str, Any]] = [
    {"dtmf": {"digits": "3", "timed_out": False}},
    {"dtmf": {"digits": None, "timed_out": True}, "speech": {"results": [{"text": "three", "confidence": "0.9"}]}},
    {"payload": {}, "timestamp": "2026-01-05T10:00:30.000Z"},
    *({"status": status} for status in ("answered", "busy", "timeout", "completed", "machine")),
]


def altered(path: str, data: st.DataObject) -> str:
    """Return a path as it is, of another kind, or with another character or length."""
    head, _, token = path.rpartition("/")
    match data.draw(st.sampled_from("as it is/as it is/as it is/kind/character/shorter/longer/upper".split("/"))):
        case "kind":
            return f"{head[:-1]}{data.draw(st.sampled_from('icwrjx'))}/{token}"
        case "character":
            at = data.draw(st.integers(0, len(token) - 1))
            return f"{head}/{token[:at]}{data.draw(st.sampled_from('Ab0-_=é%'))}{token[at + 1 :]}"
        case "shorter":
            return path[: -data.draw(st.integers(1, 40))]
        case "longer":
            return path + data.draw(st.sampled_from(["A", "AAAA", "/", "/answer", "?a=1"]))
        case "upper":
            return f"{head}/{token.swapcase()}"
        case _:
            return path


@searched(60, 4000)
@given(data=st.data())
def test_no_webhook_gets_the_data_of_another_call(calls: Calls, data: st.DataObject) -> None:
    sent = list[tuple[int, str, bytes]]()
    for _ in range(data.draw(st.integers(1, 5))):
        is_again = data.draw(st.booleans())
        if sent and is_again:
            # The same again, or the event of one call at the URL of another one.
            call, path, body = data.draw(st.sampled_from(sent))
            path = data.draw(st.sampled_from([path, data.draw(st.sampled_from(calls.urls))[1]]))
        else:
            call = data.draw(st.integers(0, 1))
            path = altered(data.draw(st.sampled_from(calls.urls))[1], data)
            event = {**fields_of(call), **data.draw(st.sampled_from(EVENTS))}
            for name in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
                event[name] = data.draw(st.none() | st.integers() | st.text(max_size=5) | st.just([{}]))
            body = json.dumps(event).encode()
            if data.draw(st.integers(0, 9)) == 0:
                body = data.draw(st.sampled_from([body[:-1], b"[" * 9000, b"x" * (MOST_BYTES + 1), b"\xff" + body]))
        sent.append((call, path, body))
        status, answer = calls.send(data.draw(st.sampled_from(["POST", "POST", "POST", "PUT"])), path, body=body)
        assert status in CODES
        fields = json.loads(body) if status == 200 else {}
        if {"uuid": fields.get("uuid"), "conversation_uuid": fields.get("conversation_uuid")} == {
            name: fields_of(call)[name] for name in ("uuid", "conversation_uuid")
        }:
            assert NAMES[1 - call].encode() not in answer
        if answer and status == 200:
            assert json.loads(answer)[0]["action"] in ("talk", "connect")


def test_a_swapped_token_is_refused_and_changes_nothing(calls: Calls) -> None:
    before = list(calls.urls)
    for call, path in before:
        kind = path.split("/")[-2]
        event = EVENTS[{"i": 0, "j": 2, "c": 4}[kind]]
        other = json.dumps({**fields_of(1 - call), **event}).encode()
        assert calls.send("POST", path, body=other) == (404, b"")
        own = json.dumps({**fields_of(call), **event}).encode()
        assert calls.send("POST", path, body=own)[0] == 200
