"""Test the meaning of each status, at both providers, and how often each request is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import formatdate
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from ncco_lang.api import errors
from ncco_lang.api.poll_call import follow_call
from ncco_lang.api.provider import Provider
from ncco_lang.api.session import Session
from ncco_lang.api.types import Endpoint, NewCall, PhoneNumber, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, APPS, CALLS, KPN, LEG, Time, page, raised
from tests.shells.http_server import Answer, Asked, Scripts, serving

SETTINGS = Settings(
    name="Spoke", answer_url="https://a.test/0123/x.json", event_url="https://a.test/events", event_method="POST"
)
CALL = NewCall(
    to=Endpoint(type="phone", address="31201234567"), from_number="31207654321", answer_url="https://a.test/x.json"
)
NUMBER = PhoneNumber(msisdn="31201234567", country="NL", raw={"moHttpUrl": "https://a.test/sms"})


class Place:
    """A provider with a scripted server, and its paths there."""

    def __init__(self, client: Provider, server: Scripts, time: Time) -> None:
        self.client = client
        self.server = server
        self.time = time
        vonage = client.name == "vonage"
        self.vonage = vonage
        self.apps = APPS if vonage else f"{KPN}/applications"
        self.app = f"{self.apps}/{APP}"
        self.calls = CALLS if vonage else f"{KPN}/voice/calls"
        self.call = f"{self.calls}/{LEG}"
        self.numbers = "/rest/account/numbers" if vonage else f"{KPN}/phone-numbers/account/numbers"
        self.update = "/rest/number/update" if vonage else f"{KPN}/phone-numbers/number/update"

    def application(self, url: str = "https://a.test/0123/x.json", id: str = APP) -> dict[str, Any]:
        make = fakes.application if self.vonage else fakes.kpn_application
        return make(id, answer_url=url, event_url="https://a.test/events")

    def number(self, application_id: str | None) -> Answer:
        more = {} if application_id is None else {"voiceCallbackType": "app", "voiceCallbackValue": application_id}
        number = {"country": "NL", "msisdn": "31201234567", "type": "landline", "features": ["VOICE"], **more}
        return Answer(json={"count": 1, "numbers": [number]})

    def count(self, method: str, path: str) -> int:
        return len(self.server.of(method, path))

    def read(self) -> object:
        return self.client.read_application(APP)


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
    assert scripts.unexpected == []


@pytest.fixture(scope="module")
def wire() -> Iterator[HttpClient]:
    """An HTTP client for all tests, because loading the certificates is slow."""
    with HttpClient() as wire:
        yield wire


@pytest.fixture(params=["vonage", "kpn"])
def place(request: pytest.FixtureRequest, server: Scripts, wire: HttpClient) -> Place:
    time = Time()
    make: Callable[..., Provider] = fakes.vonage if request.param == "vonage" else fakes.kpn
    return Place(make(server, wire, time), server, time)


# ── 2xx ──


def test_200_and_201_give_the_result(place: Place) -> None:
    place.server.on("POST", place.apps, Answer(201, json=place.application()))
    place.server.on("GET", place.app, Answer(json=place.application()))
    made = place.client.create_application(SETTINGS)
    assert made == place.client.read_application(APP)
    assert (made.id, made.settings.answer_url) == (APP, SETTINGS.answer_url)
    assert place.time.slept == []


@pytest.mark.parametrize("answer", [Answer(202), Answer(200), Answer(201, body=b"<html>"), Answer(200, json={})])
def test_an_answer_without_the_application_is_not_confirmed(place: Place, answer: Answer) -> None:
    place.server.on("POST", place.apps, answer)
    failed = raised(errors.Unconfirmed, lambda: place.client.create_application(SETTINGS))
    assert "without the application that it may have made" in str(failed)
    assert failed.status == answer.status
    assert place.count("POST", place.apps) == 1


def test_an_accepted_change_is_read_back(place: Place) -> None:
    place.server.on("GET", place.app, Answer(json=place.application("https://a.test/old")))
    current = place.client.read_application(APP)
    place.server.on(
        "GET",
        place.app,
        Answer(json=place.application("https://a.test/old")),
        Answer(json=place.application("https://a.test/new")),
    )
    place.server.on("PUT", place.app, Answer(202))
    changed = place.client.update_application(current, Settings(answer_url="https://a.test/new"))
    assert changed.settings.answer_url == "https://a.test/new"
    assert place.count("PUT", place.app) == 1


def test_an_accepted_deletion_is_read_until_it_is_gone(place: Place) -> None:
    place.server.on("DELETE", place.app, Answer(202))
    place.server.on("GET", place.app, Answer(json=place.application()), Answer(404))
    place.client.delete_application(APP)
    assert place.count("GET", place.app) == 2
    place.server.on("GET", place.app, Answer(json=place.application()))
    raised(errors.Unconfirmed, lambda: place.client.delete_application(APP))


def test_an_accepted_link_is_read_back(place: Place) -> None:
    place.server.on("POST", place.update, Answer(202))
    place.server.on("GET", place.numbers, place.number(None), place.number(APP))
    place.client.link_number(NUMBER, APP)
    assert (place.count("POST", place.update), place.count("GET", place.numbers)) == (1, 2)


def test_an_accepted_call_is_found_in_the_list(place: Place) -> None:
    place.server.on("POST", place.calls, Answer(202))
    place.server.on("GET", place.calls, page("calls", []), page("calls", [fakes.call()]))
    assert place.client.create_call(APP, CALL).uuid == LEG


def test_an_accepted_end_of_a_call_is_read_back_and_a_muted_one_cannot_be(place: Place) -> None:
    place.server.on("PUT", place.call, Answer(202))
    answered = {"status": "answered"}
    place.server.on(
        "GET",
        place.call,
        Answer(json={**fakes.call(), **answered}),
        Answer(json={**fakes.call(), "status": "completed"}),
    )
    place.client.hang_up(APP, LEG)
    assert place.count("GET", place.call) == 2
    raised(errors.Unconfirmed, lambda: place.client.mute(APP, LEG))


def test_an_answer_that_is_not_there_yet_is_asked_for_again(place: Place) -> None:
    place.server.on("GET", place.app, Answer(202), Answer(json=place.application()))
    assert place.client.read_application(APP).id == APP
    place.server.on("GET", place.app, Answer(202))
    raised(errors.Unconfirmed, place.read)


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b"[1]", b"{}", b'{"id": {}}', b"[" * 5000])
def test_an_answer_that_makes_no_sense_is_an_error(place: Place, body: bytes) -> None:
    place.server.on("GET", place.app, Answer(body=body))
    assert "is the address in the profile right?" in str(raised(errors.ApiError, place.read))


# ── Redirects ──


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_for_get(place: Place, status: int) -> None:
    place.server.on("GET", place.app, Answer(status, headers={"location": "/new/place?a=1"}))
    place.server.on("GET", "/new/place", Answer(json=place.application()))
    assert place.client.read_application(APP).id == APP
    (asked,) = place.server.of("GET", "/new/place")
    assert asked.query == (("a", "1"),)
    assert "authorization" in asked.headers


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("https://a.test", "https://a.test:443/x", True),
        ("https://a.test:443", "https://A.test/x", True),
        ("http://a.test", "http://a.test:80/x", True),
        ("https://a.test", "https://a.test:80/x", False),
        ("https://a.test", "http://a.test:443/x", False),
        ("https://a.test", "https://user@a.test/x", False),
        ("https://a.test:8443", "https://a.test:443/x", False),
        ("https://a.test:8443", "https://a.test/x", False),
    ],
)
def test_the_usual_port_is_the_same_host(here: str, there: str, same: bool) -> None:
    session = Session(sleep=lambda _: None, http_client=HttpClient())

    def put(request: Request) -> Response:
        if request.url.endswith("/x"):
            return Response(status=200)
        return Response(status=302, headers={"location": there})

    def ask() -> int:
        return session.exchange(Request(method="GET", url=here + "/"), None, send=put).status

    if same:
        assert ask() == 200
    else:
        raised(errors.Redirected, ask)


def test_five_redirects_are_followed_and_no_more(place: Place) -> None:
    for number in range(6):
        place.server.on("GET", f"/{number}", Answer(302, headers={"location": f"/{number + 1}"}))
    place.server.on("GET", "/4", Answer(json=place.application()))
    place.server.on("GET", place.app, Answer(302, headers={"location": "/0"}))
    assert place.client.read_application(APP).id == APP
    place.server.on("GET", "/4", Answer(302, headers={"location": "/5"}))
    failed = raised(errors.Redirected, place.read)
    assert "/5" in str(failed)
    assert place.count("GET", "/5") == 0


@pytest.mark.parametrize(
    "location", ["https://elsewhere.test/a?token=1", "http://user:pass@127.0.0.1/", "http://127.0.0.1:1/", "http://[x"]
)
def test_a_redirect_to_another_host_is_not_followed(place: Place, location: str) -> None:
    place.server.on("GET", place.app, Answer(302, headers={"location": location}))
    failed = raised(errors.Redirected, place.read)
    assert failed.status == 302
    assert "token=1" not in str(failed)
    assert "pass" not in str(failed)
    if "elsewhere" in location:
        assert "https://elsewhere.test/a" in str(failed)


def test_what_changes_something_is_not_redirected(place: Place) -> None:
    place.server.on("POST", place.apps, Answer(307, headers={"location": "/new"}))
    assert "/new" in str(raised(errors.Redirected, lambda: place.client.create_application(SETTINGS)))
    place.server.on("DELETE", place.app, Answer(302))
    assert "without saying" in str(raised(errors.Redirected, lambda: place.client.delete_application(APP)))


# ── 4xx ──

PARAMETERS = [{"name": "capabilities.voice.webhooks.answer_url.http_method", "reason": "must be one of: GET, POST"}]
BODIES = {
    "seven-eight-oh-seven": (
        {"type": "https://e.test/#v", "title": "Bad Request", "detail": "It failed.", "invalid_parameters": PARAMETERS},
        ("Bad Request: It failed", "http_method: must be one of"),
        (("capabilities.voice.webhooks.answer_url.http_method", "must be one of: GET, POST"),),
    ),
    "number-as-type": (
        {"type": 400, "title": "Bad Request", "invalid_parameters": [{"reason": "up to 15 digits", "name": "number"}]},
        ("Bad Request", "number: up to 15 digits"),
        (("number", "up to 15 digits"),),
    ),
    "error-title": ({"type": "BAD_REQUEST", "error_title": "Bad Request"}, ("(Bad Request)",), ()),
    "gateway": (
        {"transactionId": "1", "status": "400", "name": "BadRequest", "message": "No name.", "info": "x"},
        ("BadRequest: No name", "; transaction 1)"),
        (),
    ),
    "gateway-code": (
        {"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "oauth.v2.InvalidApiKey"}}},
        ("(Invalid ApiKey; code oauth.v2.InvalidApiKey)",),
        (),
    ),
    "token-code": ({"ErrorCode": "invalid_client", "Error": "ClientId is Invalid"}, ("; code invalid_client)",), ()),
    "own-status": ({"status": "40012", "name": "BadRequest"}, ("(BadRequest; code 40012)",), ()),
    "object": (
        {"title": "No", "invalid_parameters": {"name": "is empty"}},
        ("name: is empty",),
        (("name", "is empty"),),
    ),
    "odd": ({"title": ["?"], "invalid_parameters": [1, {}, {"reason": 5}]}, ("?: 5",), (("?", "5"),)),
    "list": ([1], ("was answered with 400",), ()),
}


@pytest.mark.parametrize("kind", list(BODIES))
def test_400_names_the_parameters(place: Place, kind: str) -> None:
    body, words, parameters = BODIES[kind]
    place.server.on("POST", place.apps, Answer(400, json=body))
    failed = raised(errors.Invalid, lambda: place.client.create_application(SETTINGS))
    assert (failed.status, failed.parameters) == (400, parameters)
    assert all(word in str(failed) for word in (*words, f"POST {place.server.address}{place.apps}"))
    assert place.count("POST", place.apps) == 1


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"\xff\xfe"])
def test_400_without_json_is_said_too(place: Place, body: bytes) -> None:
    place.server.on("GET", place.app, Answer(400, body=body))
    assert str(raised(errors.Invalid, place.read)).endswith(f"{place.app} was answered with 400")


def test_what_the_other_side_says_holds_no_secret_and_no_control_characters(place: Place) -> None:
    sent = fakes.SECRETS[:1] if place.vonage else fakes.SECRETS[1:3]
    said = "you sent \x1b[31m" + " ".join(sent) + "\r\nand\u202e " + "x" * 1000
    place.server.on("GET", place.app, Answer(403, json={"title": said}))
    words = str(raised(errors.Forbidden, place.read))
    assert words.isprintable()
    assert len(words) < 700
    assert "you sent [31m… " in words


def test_401_names_the_profile(place: Place) -> None:
    place.server.on("GET", place.app, Answer(401, json={"type": "UNAUTHORIZED", "error_title": "Unauthorized"}))
    failed = raised(errors.Unauthorized, place.read)
    assert 'credentials of profile "live"' in str(failed)
    # KPN's token is renewed once; key and secret at Vonage cannot be.
    assert place.count("GET", place.app) == (1 if place.vonage else 2)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (403, errors.Forbidden, "this account may not"),
        (404, errors.NotFound, f"there is no application {APP}"),
        (405, errors.WrongMethod, "there is no GET at this address"),
        (402, errors.LowBalance, "the balance of the account is too low"),
        (412, errors.Unmet, "a condition of the provider is not met"),
        (418, errors.ApiError, "which nobody expects"),
        (422, errors.Invalid, "does not take"),
    ],
)
def test_other_refusals_are_told_apart(place: Place, status: int, error: type[errors.ApiError], words: str) -> None:
    place.server.on("GET", place.app, Answer(status))
    failed = raised(error, place.read)
    assert words in str(failed)
    assert (failed.status, failed.request) == (status, f"GET {place.server.address}{place.app}")
    assert f"GET {place.server.address}{place.app}" in str(failed)
    assert place.count("GET", place.app) == 1


def test_412_means_something_else_where_nothing_was_read(place: Place) -> None:
    place.server.on("GET", place.app, Answer(json=place.application()))
    current = place.client.read_application(APP)
    place.server.on("PUT", place.app, Answer(412))
    assert "read it again" in str(raised(errors.Stale, lambda: place.client.update_application(current, SETTINGS)))
    for path, make in (
        (place.apps, lambda: place.client.create_application(SETTINGS)),
        (place.calls, lambda: place.client.create_call(APP, CALL)),
    ):
        place.server.on("POST", path, Answer(412))
        assert "has this product" in str(raised(errors.Unmet, make))
        assert place.count("POST", path) == 1


def test_a_404_says_when_the_application_is_gone(place: Place) -> None:
    place.server.on("POST", place.calls, Answer(404))
    place.server.on("GET", place.call, Answer(404))
    place.server.on("GET", place.app, Answer(json=place.application()))
    assert "no call can be placed" in str(raised(errors.NotFound, lambda: place.client.create_call(APP, CALL)))
    assert "there is no such call" in str(raised(errors.NotFound, lambda: place.client.read_call(APP, LEG)))
    place.server.on("GET", place.app, Answer(404))
    for ask in (lambda: place.client.create_call(APP, CALL), lambda: place.client.read_call(APP, LEG)):
        words = str(raised(errors.NotFound, ask))
        assert f"there is no application {APP} any more" in words
        assert "no such call" not in words


def test_a_body_that_says_429_is_tried_again(place: Place) -> None:
    limited = Answer(json={"error-code": "429", "error-code-label": "Slow down"})
    done = Answer(json={"error-code": "200", "error-code-label": "success"})
    place.server.on("POST", place.update, limited, limited, done)
    place.client.link_number(NUMBER, APP)
    assert place.count("POST", place.update) == 3
    place.server.on("POST", place.update, limited)
    failed = raised(errors.Limited, lambda: place.client.link_number(NUMBER, APP))
    assert "too many requests" in str(failed)
    assert "Slow down" in str(failed)
    place.server.on("POST", place.update, Answer(json={"error-code": "402", "error-code-label": "No money"}))
    assert "balance" in str(raised(errors.LowBalance, lambda: place.client.link_number(NUMBER, APP)))


def test_a_deleted_application_that_is_not_there_is_done(place: Place) -> None:
    place.server.on("DELETE", place.app, Answer(404))
    place.client.delete_application(APP)
    place.server.on("DELETE", place.app, Answer(204))
    place.client.delete_application(APP)


def test_a_call_that_is_not_there_names_the_region(place: Place) -> None:
    place.server.on("GET", place.app, Answer(json=place.application()))
    place.server.on("GET", place.call, Answer(404))
    words = str(raised(errors.NotFound, lambda: place.client.read_call(APP, LEG)))
    assert ("region eu-west, at api-eu-3.vonage.com" if place.vonage else "region") in words
    place.server.on("PUT", place.call, Answer(404))
    assert "region" in str(raised(errors.NotFound, lambda: place.client.hang_up(APP, LEG)))


# ── 429 ──


def limits(place: Place, **headers: str) -> list[float]:
    place.server.on("GET", place.app, Answer(429, headers=headers), Answer(json=place.application()))
    place.time.slept.clear()
    assert place.client.read_application(APP).id == APP
    return place.time.slept


def test_429_waits_as_long_as_it_is_told(place: Place) -> None:
    if not place.vonage:
        place.server.on("GET", place.app, Answer(json=place.application()))
        place.read()
    assert limits(place, **{"retry-after": "7"}) == [pytest.approx(7.05)]
    now = place.time.now
    assert limits(place, **{"retry-after": formatdate(now + 30, usegmt=True)}) == [pytest.approx(30, abs=1.1)]
    # By the provider's clock, if it differs.
    then = {"date": formatdate(5_000, usegmt=True), "retry-after": formatdate(5_009, usegmt=True)}
    assert limits(place, **then) == [pytest.approx(9.05)]
    assert limits(place, **{"quota-reset-UTC": str(int((place.time.now + 20) * 1000))}) == [pytest.approx(20, abs=0.1)]
    assert limits(place, **{"quota-reset-UTC": str(int(place.time.now + 20))}) == [pytest.approx(20, abs=1.1)]
    assert limits(place, **{"retry-after": "soon"}) == [pytest.approx(0.5)]
    assert limits(place) == [pytest.approx(0.5)]


QUOTA = {"quota-limit": "1000", "quota-interval": "1", "quota-time-unit": "day"}


def test_a_quota_counts_when_it_is_used_up_and_not_for_what_else_goes_wrong(place: Place) -> None:
    if not place.vonage:
        place.server.on("GET", place.app, Answer(json=place.application()))
        place.read()
    # KPN's gateway sends these with every response; a day is longer than the longest wait.
    tomorrow = {**QUOTA, "quota-reset-UTC": str(int((place.time.now + 86400) * 1000))}
    assert limits(place, **tomorrow, **{"quota-used": "7"}) == [pytest.approx(0.5)]
    for status in (500, 502, 503):
        trouble = Answer(status, headers={**tomorrow, "quota-used": "1000"})
        place.server.on("GET", place.app, trouble, trouble, trouble, Answer(json=place.application()))
        place.time.slept.clear()
        assert place.client.read_application(APP).id == APP
        assert place.time.slept == [0.5, 1.0, 2.0]
    place.server.on("GET", place.app, Answer(429, headers={**tomorrow, "quota-used": "1000"}))
    assert ", in 863" in str(raised(errors.Limited, place.read))


def test_503_waits_as_long_as_it_is_told(place: Place) -> None:
    if not place.vonage:
        place.server.on("GET", place.app, Answer(json=place.application()))
        place.read()
    place.time.slept.clear()
    place.server.on("GET", place.app, Answer(503, headers={"retry-after": "7"}), Answer(json=place.application()))
    assert place.client.read_application(APP).id == APP
    assert place.time.slept == [pytest.approx(7.05)]


def test_a_call_is_followed_by_one_request_a_second_also_when_they_fail(place: Place) -> None:
    times: list[float] = []

    def scripted(answer: Answer) -> Callable[[Asked], Answer]:
        def give(_: Asked) -> Answer:
            times.append(place.time.now)
            return answer

        return give

    failing = [Answer(503), Answer(503), Answer(429, headers={"retry-after": "0"}), Answer(401)]
    if place.vonage:
        # No token is renewed there.
        failing.pop()
    going, over = ({"uuid": LEG, "status": status} for status in ("ringing", "busy"))
    answers = [Answer(json=going), *failing, Answer(json=going), Answer(json=over)]
    place.server.on("GET", place.call, *map(scripted, answers))
    followed = follow_call(place.client, APP, LEG, sleep=place.time.sleep, clock=place.time)
    assert [call.status for call in followed] == ["ringing", "busy"]
    assert len(times) == len(answers)
    assert all(later - earlier > 0.999 for earlier, later in pairwise(times))


def test_429_four_times_is_limited(place: Place) -> None:
    place.server.on("POST", place.apps, Answer(429, json={"title": "Rate Limit Hit"}))
    failed = raised(errors.Limited, lambda: place.client.create_application(SETTINGS))
    assert "Rate Limit Hit" in str(failed)
    assert place.count("POST", place.apps) == 4
    assert len(set(place.time.slept)) == 3


def test_429_for_a_long_time_is_said_at_once(place: Place) -> None:
    place.server.on("GET", place.app, Answer(429, headers={"retry-after": "86400"}))
    assert "in 86400 s" in str(raised(errors.Limited, place.read))
    assert place.count("GET", place.app) == 1


# ── 5xx and cuts ──

TROUBLE = [
    Answer(500),
    Answer(502, body=b"<html>"),
    Answer(503),
    Answer(504),
    Answer(cut="before"),
    Answer(cut="middle", json="x" * 99),
]
trouble = pytest.mark.parametrize("trouble", TROUBLE, ids=lambda answer: answer.cut or str(answer.status))


@trouble
def test_what_may_be_repeated_is_tried_four_times(place: Place, trouble: Answer) -> None:
    fine = Answer(json=place.application())
    place.server.on("GET", place.app, trouble, trouble, trouble, fine)
    current = place.client.read_application(APP)
    assert place.time.slept == [0.5, 1.0, 2.0]
    place.server.on("PUT", place.app, trouble, trouble, trouble, fine)
    assert place.client.update_application(current, Settings(name="B")).id == APP
    place.server.on("DELETE", place.app, trouble)
    error = errors.Unreachable if trouble.cut else errors.Down
    raised(error, lambda: place.client.delete_application(APP))
    assert [place.count(method, place.app) for method in ("GET", "PUT", "DELETE")] == [4, 4, 4]


LOST = [*TROUBLE, Answer(408), Answer(303, headers={"location": "/x"}), Answer(520), Answer(524), Answer(599)]


@pytest.mark.parametrize("lost", LOST, ids=lambda answer: answer.cut or str(answer.status))
def test_an_application_whose_answer_is_lost_is_not_created_twice(place: Place, lost: Answer) -> None:
    place.server.on("POST", place.apps, lost)
    failed = raised(errors.Unconfirmed, lambda: place.client.create_application(SETTINGS))
    assert "may have taken effect" in str(failed)
    assert place.count("POST", place.apps) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 501])
def test_an_application_that_is_refused_was_not_created_for_certain(place: Place, status: int) -> None:
    place.server.on("POST", place.apps, Answer(status))
    failed = raised(errors.ApiError, lambda: place.client.create_application(SETTINGS))
    assert not isinstance(failed, errors.Unconfirmed)


def test_the_clock_of_the_provider_is_its_last_date(place: Place) -> None:
    def dated(seconds: float) -> Answer:
        return Answer(json={}, headers={"date": formatdate(place.time.now + seconds, usegmt=True)})

    place.server.on("GET", place.apps, dated(-3600.0))
    begun = place.time.now - 3600
    assert place.client.server_time() == pytest.approx(begun, abs=1)
    place.time.now += 10
    assert place.client.server_time() == pytest.approx(begun + 10, abs=1)
    assert place.count("GET", place.apps) == 1
    # It is read again after a while, and if our clock is set.
    for ours in (20, 86_400, 20):
        place.time.now += ours
        place.server.on("GET", place.apps, dated(0.0))
        assert place.client.server_time() == pytest.approx(place.time.now, abs=1)
    assert place.count("GET", place.apps) == 4


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_provider_without_a_clock_has_no_time(place: Place, date: str) -> None:
    place.server.on("GET", place.apps, Answer(json={}, headers={"date": date}))
    place.time.now += 20
    assert place.client.server_time() is None


@trouble
def test_a_call_is_looked_for_and_not_placed_again(place: Place, trouble: Answer) -> None:
    others = [fakes.call("1", "31209999999"), fakes.call("2", direction="inbound")]
    place.server.on("POST", place.calls, trouble)
    place.server.on("GET", place.calls, page("calls", others), page("calls", [*others, fakes.call()]))
    assert place.client.create_call(APP, CALL).uuid == LEG
    assert place.count("POST", place.calls) == 1
    asked = dict(place.server.of("GET", place.calls)[0].query)
    assert asked["date_start"] == "2023-11-14T22:13:18Z"


@trouble
def test_a_lost_call_that_is_not_found_rings_nobody_twice(place: Place, trouble: Answer) -> None:
    place.server.on("POST", place.calls, Answer(201, json=fakes.call("first")), trouble)
    place.server.on("GET", place.calls, page("calls", [fakes.call("first")]))
    assert place.client.create_call(APP, CALL).uuid == "first"
    failed = raised(errors.Unconfirmed, lambda: place.client.create_call(APP, CALL))
    assert "may have taken effect" in str(failed)
    assert place.count("POST", place.calls) == 2
    assert sum(place.time.slept) > 25


@pytest.mark.parametrize("refusal", [403, 405, 500])
def test_a_lost_call_that_cannot_be_looked_for_is_unconfirmed(place: Place, refusal: int) -> None:
    place.server.on("POST", place.calls, Answer(502))
    place.server.on("GET", place.calls, Answer(refusal))
    failed = raised(errors.Unconfirmed, lambda: place.client.create_call(APP, CALL))
    assert "cannot be looked up" in str(failed)
    assert place.count("POST", place.calls) == 1


def test_a_lost_call_is_looked_for_by_the_clock_over_there(place: Place) -> None:
    place.server.on("POST", place.calls, Answer(cut="before"))
    date = {"date": formatdate(place.time.now - 3600, usegmt=True)}
    empty = Answer(json={"count": 0, "_embedded": {"calls": []}}, headers=date)
    place.server.on("GET", place.calls, empty, page("calls", [fakes.call()]))
    assert place.client.create_call(APP, CALL).uuid == LEG
    starts = [dict(asked.query)["date_start"] for asked in place.server.of("GET", place.calls)]
    # `Date` is truncated to seconds.
    assert starts == ["2023-11-14T22:13:18Z", "2023-11-14T21:13:17Z"]
    assert place.count("POST", place.calls) == 1


@trouble
def test_a_number_is_linked_again_because_twice_is_the_same(place: Place, trouble: Answer) -> None:
    done = Answer(json={"error-code": "200", "error-code-label": "success"})
    place.server.on("POST", place.update, trouble, done)
    place.client.link_number(NUMBER, APP)
    assert place.count("POST", place.update) == 2


def test_keys_are_not_pressed_twice(place: Place) -> None:
    place.server.on("PUT", f"{place.call}/dtmf", Answer(cut="before"))
    raised(errors.Unconfirmed, lambda: place.client.send_dtmf(APP, LEG, "1#"))
    assert place.count("PUT", f"{place.call}/dtmf") == 1


def test_a_refused_connection_changes_nothing_and_is_said_soon(place: Place) -> None:
    time = Time()
    make: Callable[..., Provider] = fakes.vonage if place.vonage else fakes.kpn
    with serving() as gone:
        pass
    with HttpClient() as wire:
        client = make(gone, wire, time)
        failed = raised(errors.Unreachable, partial(client.create_application, SETTINGS))
    assert "nothing listens at" in str(failed)
    assert time.slept == [0.5, 1.0]


def test_three_calls_and_fifteen_other_requests_go_in_a_second(place: Place) -> None:
    place.server.on("GET", place.app, Answer(json=place.application()))
    place.read()
    place.time.now += 10
    starts = []
    for _ in range(31):
        place.read()
        starts.append(place.time.now)
    assert all(late - early >= 1 for early, late in zip(starts, starts[15:], strict=False))
    assert starts[14] == starts[0]
    place.time.now += 10
    uuids = iter(range(100))
    place.server.on("POST", place.calls, lambda asked: Answer(201, json=fakes.call(str(next(uuids)))))
    starts = []
    for _ in range(7):
        place.client.create_call(APP, CALL)
        starts.append(place.time.now)
    assert all(late - early >= 1 for early, late in zip(starts, starts[3:], strict=False))
    assert starts[2] == starts[0]
