"""For any answer of a provider, a client returns what was requested or raises ApiError, soon and without a secret."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ncco_lang.api import paging
from ncco_lang.api.calls_wire import read_played
from ncco_lang.api.errors import ApiError
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application, Endpoint, NewCall, PhoneNumber, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, TransportError
from tests.budget import searched
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, LEG, SECRETS, Time
from tests.shells.http_server import Answer, Asked, Scripts, serving

MOST_REQUESTS = 150
"""More requests than this mean an endless loop; four attempts of the longest operation are about eighty."""
SETTINGS = Settings(name="a", answer_url="https://a.test/x.json", event_url="https://a.test/e", event_method="POST")
CALL = NewCall(
    to=Endpoint(type="phone", address="31201234567"), from_number="31207654321", answer_url="https://a.test/x.json"
)
OWN_SECRETS = {"vonage": SECRETS[:1], "kpn": SECRETS[1:3]}
"""The secrets of each client; it cannot know those of the other, nor `token-2`, which the hostile server gives no client."""
RECORD = {"id": APP, "keys": 5, "capabilities": {"voice": [], "webhooks": 1}, "voice": {"webhooks": [[], 1]}, "x": [1]}
KNOWN = Application(id=APP, settings=Settings(), raw=RECORD)
NUMBER = PhoneNumber(msisdn="31201234567", country="NL", raw={"voiceCallbackType": ["app"], "moHttpUrl": 3})

ACTS: dict[str, Callable[[Provider], Any]] = {
    "create": lambda client: client.create_application(SETTINGS),
    "read": lambda client: client.read_application(APP),
    "list": lambda client: list(client.list_applications()),
    "update": lambda client: client.update_application(KNOWN, SETTINGS),
    "delete": lambda client: client.delete_application(APP),
    "numbers": lambda client: list(client.list_numbers()),
    "find": lambda client: client.find_number("31201234567"),
    "link": lambda client: client.link_number(NUMBER, APP),
    "call": lambda client: client.create_call(APP, CALL),
    "read call": lambda client: client.read_call(APP, LEG),
    "calls": lambda client: list(client.list_calls(APP)),
    "hang up": lambda client: client.hang_up(APP, LEG),
    "mute": lambda client: client.mute(APP, LEG),
    "talk": lambda client: client.play_talk(APP, LEG, "Hello"),
    "keys": lambda client: client.send_dtmf(APP, LEG, "1"),
    "jwt": lambda client: client.read_jwt(APP),
}
WORDS = (
    "id",
    "uuid",
    "name",
    "keys",
    "public_key",
    "capabilities",
    "voice",
    "webhooks",
    "answer_url",
    "address",
    "type",
)
LISTS = ("_embedded", "applications", "calls", "numbers", "count", "page_size", "total_pages", "_links", "next", "href")
OTHERS = ("msisdn", "country", "features", "voiceCallbackType", "voiceCallbackValue", "app_id", "to", "from", "number")
ERRORS = ("error-code", "error-code-label", "title", "detail", "error_title", "invalid_parameters", "reason", "fault")
TOKENS = ("access_token", "expires_in", "JWT_token", "status", "endpoint", "endpoint_type", "http_method")
NAMES = st.sampled_from((*WORDS, *LISTS, *OTHERS, *ERRORS, *TOKENS))
ODD = ("/../", "..", "", " ", "\x1b]0;x\x07", "\u202e", "\ud800", "²²²", "nan", "-5", "1e999", "9" * 500)
TEXTS = st.sampled_from(
    (*ODD, "200", "401", "420", APP, "31201234567", "app", "phone", "completed", "answer_url", *SECRETS)
)
NUMBERS = st.sampled_from((0, -1, 1, 200, 10**9, 10**4000, -(10**4000), 0.5, float("nan"), float("inf"), True, None))
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5),
    max_leaves=15,
)
ITEMS = st.dictionaries(st.sampled_from((*WORDS, *OTHERS)), VALUES, max_size=4).map(lambda item: {"id": APP, **item})
PAGES = st.builds(
    lambda items, more: {"_embedded": {"applications": items, "calls": items}, "numbers": items, **more},
    st.lists(ITEMS | VALUES, max_size=3),
    st.dictionaries(
        st.sampled_from((*LISTS[4:8], "error-code")), VALUES | st.just({"next": {"href": "/"}}), max_size=3
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(("date", "retry-after", "quota-reset-utc", "location", "set-cookie", "content-type")),
    st.sampled_from(("-5", "1e9", "9" * 400, "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "0"))
    | st.sampled_from(("//elsewhere.test/?k=1", "/\x9b31m", "/again", "http://[x", "a=1; Domain=127.0.0.1", ".", "²")),
    max_size=2,
)
STATUSES = st.sampled_from((200, 200, 200, 201, 202, 204, 206, 302, 400, 401, 404, 412, 418, 420, 429, 500, 503, 999))
ANSWERS = st.builds(
    lambda status, body, headers: Answer(status, body=written(body), headers=headers), STATUSES, PAGES | VALUES, HEADERS
)


def written(value: Any) -> bytes:
    """Return JSON as Python writes it: with NaN and with lone surrogates."""
    return b"" if value is None else json.dumps(value).encode()


class Hostile:
    """A server that answers every request with the same few answers, over and over."""

    def __init__(self, server: Scripts, wire: HttpClient) -> None:
        self.server = server
        self.http_client = wire
        self.answers: list[Answer] = []
        self.asked = 0
        self.other_hosts: set[str] = set()

    def clients(self) -> list[Provider]:
        return [make(self.server, self.http_client, Time()) for make in (fakes.vonage, fakes.kpn)]

    def start(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), 0

    def answer(self, asked: Asked) -> Answer:
        self.asked += 1
        if asked.headers["host"] not in self.server.address:
            self.other_hosts.add(asked.headers["host"])
        if asked.path.endswith("/accesstoken") and self.asked % 2:
            # Otherwise all requests would be for tokens.
            return fakes.token("token-1")
        return self.answers[self.asked % len(self.answers)]


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    with serving() as server, HttpClient(connect=5, read=5) as wire:
        hostile = Hostile(server, wire)
        setattr(server, "answer", hostile.answer)  # noqa: B010
        yield hostile


def outcome(client: Provider, act: Callable[[Provider], Any]) -> Any:
    """Return the result of an operation; None if it raises ApiError."""
    try:
        return act(client)
    except ApiError as caught:
        failed = caught
    words = str(failed)
    assert words.isprintable()
    assert not any(secret in f"{words} {failed!r} {vars(failed)}" for secret in OWN_SECRETS[client.name]), words
    return None


def check(value: Any) -> None:
    """Assert that the parts of a result can be walked, serialised, and used for another request."""
    for item in value if isinstance(value, list) else [value]:
        raw = getattr(item, "raw", None)
        if raw is not None:
            copy.deepcopy(raw)
            json.dumps(raw, allow_nan=False, ensure_ascii=False).encode()
        for name in ("id", "uuid", "msisdn"):
            id = getattr(item, name, None)
            assert id is None or (id.isprintable() and "/" not in id and id.strip(".") and " " not in id)


@pytest.mark.parametrize("name", ACTS)
@searched(25, 2_000)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=3))
def test_no_answer_breaks_a_client(hostile: Hostile, name: str, answers: list[Answer]) -> None:
    for client in hostile.clients():
        hostile.start(*answers)
        value = outcome(client, ACTS[name])
        event("given" if value is not None else "refused")
        check(value)
        assert hostile.asked <= MOST_REQUESTS
    assert hostile.other_hosts == set()


def test_a_uuid_that_is_none_is_not_given() -> None:
    assert read_played({"uuid": "/../", "message": "DTMF sent"}).uuid is None


@pytest.mark.parametrize("name", ["create", "update", "list", "calls", "numbers", "call", "read", "read call", "link"])
@pytest.mark.parametrize("levels", [99, 400, 900, 100_000])
def test_no_depth_breaks_a_client(hostile: Hostile, name: str, levels: int) -> None:
    deep = b'{"a":' * levels + b"1" + b"}" * levels
    body = b'{"id": "a", "uuid": "a", "msisdn": "1", "keys": %s, "capabilities": %s}' % (deep, deep)
    page = b'{"_embedded": {"applications": [%s], "calls": [%s]}, "numbers": [%s], "error-code": "200"}'
    for client in hostile.clients():
        for content in (body, page % (body, body, body)):
            hostile.start(Answer(body=content))
            check(outcome(client, ACTS[name]))


ROUND: dict[str, dict[str, Any]] = {
    "itself": {"_links": {"next": {"href": "?page=1"}}},
    "a number": {"total_pages": 10**9, "count": 10**9},
    "backwards": {"page_size": -100, "_links": {"next": {"href": "/"}}},
    "far": {"page_size": 10**4000, "_links": {"next": {"href": "/"}}},
}


@pytest.mark.parametrize("name", ["list", "numbers", "calls", "find"])
@pytest.mark.parametrize("kind", ROUND)
def test_a_list_that_goes_round_ends(hostile: Hostile, name: str, kind: str) -> None:
    items = [{"id": "a", "uuid": "a", "msisdn": "1"}] * 100
    page = {"_embedded": {"applications": items, "calls": items}, "numbers": items, "count": 10**9, **ROUND[kind]}
    for client in hostile.clients():
        hostile.start(Answer(json=page))
        with pytest.raises(ApiError, match="does not end"):
            ACTS[name](client)
        assert hostile.asked <= 4


@pytest.mark.parametrize("name", ["list", "numbers", "calls", "find"])
@pytest.mark.parametrize(
    ("bound", "value", "fat", "message"),
    [
        ("MOST_BYTES", 1 << 20, 1000, "has more than 1 MiB"),
        ("MOST_THINGS", 500, 1, "has more than 500 entries"),
        ("MOST_PAGES", 5, 1, "has more than 5 pages"),
    ],
)
def test_a_list_that_always_has_something_new_ends(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, name: str, bound: str, value: int, fat: int, message: str
) -> None:
    monkeypatch.setattr(paging, bound, value)
    made = iter(range(10**9))

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/accesstoken"):
            return fakes.token("token-1")
        ids = [str(next(made)) for _ in range(100)]
        items = [{"id": id, "uuid": id, "msisdn": id, "name": "x" * fat} for id in ids]
        return Answer(json={"_embedded": {"applications": items, "calls": items}, "numbers": items, "count": 10**9})

    setattr(hostile.server, "answer", answer)  # noqa: B010
    try:
        for client in hostile.clients():
            with pytest.raises(ApiError, match=message):
                ACTS[name](client)
    finally:
        setattr(hostile.server, "answer", hostile.answer)  # noqa: B010


def test_an_answer_with_a_token_is_short(hostile: Hostile) -> None:
    setattr(hostile.server, "answer", lambda _: fakes.token("x" * 70_000))  # noqa: B010
    try:
        with pytest.raises(ApiError, match="larger than 64 KiB"):
            hostile.clients()[1].read_application(APP)
    finally:
        setattr(hostile.server, "answer", hostile.answer)  # noqa: B010


def test_what_cannot_be_looked_for_is_not_made_again(hostile: Hostile) -> None:
    """A list without an end does not show what is missing from it."""
    page = {"_embedded": {"applications": [{"id": "a"}]}, "total_pages": 9}
    for client in hostile.clients():
        posts: list[str] = []

        def answer(asked: Asked, posts: list[str] = posts) -> Answer:
            if asked.path.endswith("/accesstoken"):
                return fakes.token("token-1")
            if asked.method == "POST":
                posts.append(asked.path)
                return Answer(502)
            return Answer(json=page)

        setattr(hostile.server, "answer", answer)  # noqa: B010
        try:
            with pytest.raises(ApiError, match="may have taken effect"):
                client.create_application(SETTINGS)
        finally:
            setattr(hostile.server, "answer", hostile.answer)  # noqa: B010
        assert len(posts) == 1


def test_a_token_that_says_nonsense_of_its_life_is_used(hostile: Hostile) -> None:
    for lives in ("abc", "nan", "inf", "1e999", "-5", "", "9" * 400):
        hostile.start(Answer(json={"access_token": "token-1", "expires_in": lives, "id": APP}))
        client = hostile.clients()[1]
        assert client.read_application(APP).id == APP


def test_an_answer_of_a_hundred_megabytes_is_not_read(hostile: Hostile) -> None:
    hostile.start(Answer(body=b"[" + b"0," * (50 << 20) + b"0]"))
    with pytest.raises(TransportError, match="larger than 4 MiB"):
        hostile.http_client.send(Request(method="GET", url=hostile.server.address + "/a"))
