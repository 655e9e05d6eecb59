"""Test Vonage's client, request by request, each checked against the published descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.api import errors
from ncco_lang.api.regions import REGIONS, region_of
from ncco_lang.api.types import CallFilter, Endpoint, NewCall, PhoneNumber, Played, Settings
from ncco_lang.api.vonage import VonageClient
from ncco_lang.net.http_client import HttpClient
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, APPS, CALLS, LEG, Time, page, raised
from tests.shells.http_server import Answer, Asked, Scripts, serving

ONE = f"{APPS}/{APP}"
CALL = f"{CALLS}/{LEG}"
NUMBERS = "/rest/account/numbers"
UPDATE = "/rest/number/update"
DONE = Answer(json={"error-code": "200", "error-code-label": "success"})
PHONE = Endpoint(type="phone", address="31201234567")
NCCO = [{"action": "talk", "text": "Hello."}]


@pytest.fixture(scope="module")
def wire() -> Iterator[HttpClient]:
    with HttpClient() as wire:
        yield wire


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
    assert scripts.unexpected == []


@pytest.fixture
def client(server: Scripts, wire: HttpClient) -> Iterator[VonageClient]:
    yield fakes.vonage(server, wire, Time())
    fakes.check_contracts(server)


# ── Applications ──


def test_an_application_is_made_of_what_is_said(server: Scripts, client: VonageClient) -> None:
    server.on("POST", APPS, Answer(201, json=fakes.application()))
    client.create_application(
        Settings(
            name="Spoke",
            public_key="PEM",
            answer_url="https://a.test/x.json",
            answer_connect_timeout=500,
            answer_socket_timeout=3000,
            event_url="https://a.test/events",
            region="eu-west",
        )
    )
    assert server.asked[0].json == {
        "name": "Spoke",
        "keys": {"public_key": "PEM"},
        "capabilities": {
            "voice": {
                "region": "eu-west",
                "webhooks": {
                    "answer_url": {
                        "address": "https://a.test/x.json",
                        "http_method": "GET",
                        "connect_timeout": 500,
                        "socket_timeout": 3000,
                    },
                    "event_url": {"address": "https://a.test/events", "http_method": "POST"},
                },
            }
        },
    }
    with pytest.raises(ValueError, match="wants a name"):
        client.create_application(Settings(answer_url="https://a.test"))


REAL: dict[str, Any] = {
    "id": APP,
    "name": "Spoke",
    "keys": {"public_key": "PEM", "private_key": "SECRET"},
    "privacy": {"improve_ai": False},
    "capabilities": {
        "voice": {
            "webhooks": {
                "answer_url": {"address": "https://a.test/1", "http_method": "POST", "connection_timeout": 400},
                "event_url": {"address": "https://a.test/2", "http_method": "GET", "connect_timeout": 300, "new": 1},
                "fallback_answer_url": {"address": "https://a.test/3", "http_method": "GET", "socket_timeout": 1000},
            },
            "signed_callbacks": True,
            "conversations_ttl": 8000,
            "leg_persistence_time": 14,
            "region": "na-east",
            "unheard_of": [1],
        },
        "vbc": {},
    },
    "_links": {"self": {"href": ONE}},
}


def test_an_application_is_read_with_both_names_of_a_timeout(server: Scripts, client: VonageClient) -> None:
    server.on("GET", ONE, Answer(json=REAL))
    read = client.read_application(APP)
    assert read.settings == Settings(
        name="Spoke",
        public_key="PEM",
        answer_url="https://a.test/1",
        answer_method="POST",
        answer_connect_timeout=400,
        event_url="https://a.test/2",
        event_method="GET",
        event_connect_timeout=300,
        fallback_url="https://a.test/3",
        fallback_method="GET",
        fallback_socket_timeout=1000,
        signed_callbacks=True,
        region="na-east",
        conversations_ttl=8000,
        leg_persistence_time=14,
    )
    assert "SECRET" not in repr(read)


def test_a_change_writes_the_whole_back_and_keeps_what_nobody_knows(server: Scripts, wire: HttpClient) -> None:
    client = fakes.vonage(server, wire, Time())
    server.on("GET", ONE, Answer(json=REAL))
    server.on("PUT", ONE, lambda asked: Answer(json={**asked.json, "id": APP}))
    current = client.read_application(APP)
    changed = client.update_application(current, Settings(answer_url="https://a.test/new", event_connect_timeout=900))
    (asked,) = server.of("PUT", ONE)
    voice = REAL["capabilities"]["voice"]
    hooks = voice["webhooks"]
    assert asked.json == {
        "name": "Spoke",
        "keys": {"public_key": "PEM"},
        "privacy": {"improve_ai": False},
        "capabilities": {
            "vbc": {},
            "voice": {
                **voice,
                "webhooks": {
                    "answer_url": {"address": "https://a.test/new", "http_method": "POST", "connect_timeout": 400},
                    "event_url": {**hooks["event_url"], "connect_timeout": 900},
                    "fallback_answer_url": hooks["fallback_answer_url"],
                },
            },
        },
    }
    assert changed.settings.answer_url == "https://a.test/new"
    # The object that was read is unchanged.
    assert current.raw == REAL


def test_a_change_of_an_application_without_voice_gives_it_voice(server: Scripts, client: VonageClient) -> None:
    server.on("GET", ONE, Answer(json={"id": APP, "name": "Old", "capabilities": {"messages": {}}}))
    server.on("PUT", ONE, Answer(204))
    client.update_application(client.read_application(APP), Settings(event_url="https://a.test/e"))
    sent = server.of("PUT", ONE)[0].json["capabilities"]
    assert sent == {
        "messages": {},
        "voice": {"webhooks": {"event_url": {"address": "https://a.test/e", "http_method": "POST"}}},
    }


@pytest.mark.parametrize("capabilities", [{"capabilities": {"messages": {}}}, {"capabilities": {}}, {}])
def test_a_change_of_a_name_makes_nobody_answer_calls(
    server: Scripts, client: VonageClient, capabilities: dict[str, Any]
) -> None:
    server.on("GET", ONE, Answer(json={"id": APP, "name": "Old", **capabilities}))
    server.on("PUT", ONE, Answer(204))
    client.update_application(client.read_application(APP), Settings(name="New"))
    assert server.of("PUT", ONE)[0].json == {"name": "New", **capabilities}


def test_applications_come_page_by_page_as_they_are_asked_for(server: Scripts, client: VonageClient) -> None:
    def answer(asked: Asked) -> Answer:
        number = int(dict(asked.query)["page"])
        items = [fakes.application(f"{number}-{item}") for item in range(2)]
        return page("applications", items, page=number, total_pages=3, count=6)

    server.on("GET", APPS, answer)
    listed = client.list_applications()
    assert server.asked == []
    assert next(listed).id == "1-0"
    assert len(server.asked) == 1
    assert [item.id for item in listed] == ["1-1", "2-0", "2-1", "3-0", "3-1"]
    assert server.asked[0].query == (("page_size", "100"), ("page", "1"))
    assert len(server.asked) == 3


@pytest.mark.parametrize("body", [{}, {"_embedded": []}, {"_embedded": {"applications": [1, {}, {"id": []}]}}])
def test_a_list_without_sense_is_empty(server: Scripts, client: VonageClient, body: dict[str, Any]) -> None:
    server.on("GET", APPS, Answer(json=body))
    assert list(client.list_applications()) == []


@pytest.mark.parametrize("id", ["", ".", "..", " "])
def test_an_id_cannot_mean_another_address(client: VonageClient, server: Scripts, id: str) -> None:
    with pytest.raises(ValueError, match="is no id"):
        client.delete_application(id)
    server.on("DELETE", f"{APPS}/..%2Fx%3Fa", Answer(204))
    client.delete_application("../x?a")


# ── Numbers ──


def number(msisdn: str = "31201234567", **more: Any) -> dict[str, Any]:
    return {"country": "NL", "msisdn": msisdn, "type": "landline", "features": ["VOICE"], **more}


def test_numbers_come_page_by_page(server: Scripts, client: VonageClient) -> None:
    pages = [[number(f"{index}{item:03}") for item in range(100)] for index in (1, 2)]
    server.on(
        "GET",
        NUMBERS,
        *(Answer(json={"count": 201, "numbers": numbers}) for numbers in (*pages, [number("3", app_id=APP)])),
    )
    listed = list(client.list_numbers(application_id=APP))
    assert len(listed) == 201
    assert listed[-1].application_id == APP
    assert [dict(asked.query)["index"] for asked in server.asked] == ["1", "2", "3"]
    assert dict(server.asked[0].query) == {"application_id": APP, "index": "1", "size": "100"}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, None),
        ({"app_id": APP}, APP),
        ({"voiceCallbackType": "app", "voiceCallbackValue": APP}, APP),
        ({"voiceCallbackType": "tel", "voiceCallbackValue": "31", "app_id": APP}, None),
    ],
)
def test_a_number_is_found_by_its_digits(
    server: Scripts, client: VonageClient, more: dict[str, str], wanted: str | None
) -> None:
    server.on("GET", NUMBERS, Answer(json={"count": 2, "numbers": [number("312012345678"), number(**more)]}))
    found = client.find_number("31201234567")
    assert found is not None
    assert (found.msisdn, found.application_id, found.features) == ("31201234567", wanted, ("VOICE",))
    server.on("GET", NUMBERS, Answer(json={}))
    assert client.find_number("31201234567") is None


def read(server: Scripts, client: VonageClient, **more: Any) -> PhoneNumber:
    server.on("GET", NUMBERS, Answer(json={"count": 1, "numbers": [number(**more)]}))
    found = client.find_number("31201234567")
    assert found is not None
    return found


def test_a_link_keeps_what_else_the_number_does(server: Scripts, client: VonageClient) -> None:
    server.on("POST", UPDATE, DONE)
    kept = {"moHttpUrl": "https://a.test/sms", "messagesCallbackType": "app", "messagesCallbackValue": "m"}
    base = {"country": "NL", "msisdn": "31201234567", **kept}
    linked = read(server, client, **kept, voiceCallbackType="app", voiceCallbackValue="old")
    client.link_number(linked, APP)
    client.link_number(linked, None)
    forwarded = read(server, client, **kept, voiceCallbackType="tel", voiceCallbackValue="31209999999")
    client.link_number(forwarded, APP)
    client.link_number(forwarded, None)
    assert [asked.form for asked in server.of("POST", UPDATE)] == [
        {**base, "app_id": APP},
        base,
        {**base, "app_id": APP},
        {**base, "voiceCallbackType": "tel", "voiceCallbackValue": "31209999999"},
    ]


@pytest.mark.parametrize(
    ("code", "error"), [("401", errors.Unauthorized), ("420", errors.Invalid), ("500", errors.ApiError)]
)
def test_an_update_that_did_not_work_says_so_in_its_body(
    server: Scripts, client: VonageClient, code: str, error: type[errors.ApiError]
) -> None:
    server.on("POST", UPDATE, Answer(json={"error-code": code, "error-code-label": "not yours"}))
    failed = raised(error, lambda: client.link_number(PhoneNumber(msisdn="31", country="NL"), APP))
    assert "not yours" in str(failed)
    server.on("POST", UPDATE, Answer(420, json={"error-code": "420", "error-code-label": "not yours"}))
    failed = raised(errors.Invalid, lambda: client.link_number(PhoneNumber(msisdn="31", country="NL"), APP))
    assert "not yours" in str(failed)


# ── Calls ──


def test_a_call_is_placed_with_an_ncco_of_its_own(server: Scripts, client: VonageClient) -> None:
    server.on("POST", CALLS, Answer(201, json={"uuid": LEG, "status": "started", "conversation_uuid": "CON-1"}))
    placed = client.create_call(APP, NewCall(to=PHONE, random_from_number=True, ncco=NCCO))
    assert (placed.uuid, placed.status, placed.conversation_uuid) == (LEG, "started", "CON-1")
    assert server.asked[0].json == {
        "to": [{"type": "phone", "number": "31201234567"}],
        "random_from_number": True,
        "ncco": NCCO,
    }


def test_a_call_may_say_everything(server: Scripts, client: VonageClient) -> None:
    server.on("POST", CALLS, Answer(201, json=fakes.call()))
    client.create_call(
        APP,
        NewCall(
            to=Endpoint(
                type="websocket", address="wss://a.test", options={"content-type": "audio/l16;rate=8000", "headers": {}}
            ),
            from_number="31207654321",
            answer_url="https://a.test/x.json",
            answer_method="GET",
            event_url="https://a.test/e",
            event_method="POST",
            machine_detection="continue",
            length_timer=60,
            ringing_timer=30,
        ),
    )
    assert server.asked[0].json == {
        "to": [
            {"type": "websocket", "uri": "wss://a.test", "content-type": "audio/l16;rate=8000", "headers": {}},
        ],
        "from": {"type": "phone", "number": "31207654321"},
        "answer_url": ["https://a.test/x.json"],
        "answer_method": "GET",
        "event_url": ["https://a.test/e"],
        "event_method": "POST",
        "machine_detection": "continue",
        "length_timer": 60,
        "ringing_timer": 30,
    }


@pytest.mark.parametrize(
    "call",
    [
        NewCall(to=PHONE),
        NewCall(to=PHONE, ncco=NCCO, answer_url="https://a.test"),
        NewCall(to=PHONE, ncco=NCCO, from_number="31", random_from_number=True),
        NewCall(to=Endpoint(type="pigeon", address="coo"), ncco=NCCO),
    ],
)
def test_a_call_that_makes_no_sense_is_not_sent(server: Scripts, client: VonageClient, call: NewCall) -> None:
    with pytest.raises(ValueError, match=r"call|endpoint"):
        client.create_call(APP, call)
    assert server.asked == []


@pytest.mark.parametrize(
    ("side", "wanted"),
    [
        ({"type": "phone", "number": "31"}, Endpoint(type="phone", address="31")),
        ([{"type": "phone", "number": "31"}], Endpoint(type="phone", address="31")),
        ([{"type": "sip", "uri": "sip:a@b", "x": 1}], Endpoint(type="sip", address="sip:a@b", options={"x": 1})),
        ({"type": "vbc", "extension": 12}, Endpoint(type="vbc", address="12")),
        ({"number": "31"}, Endpoint(type="phone", address="31")),
        ("31", Endpoint(type="phone", address="31")),
        ([], None),
        ({}, None),
        (5, None),
    ],
)
def test_a_call_is_read_in_all_its_shapes(
    server: Scripts, client: VonageClient, side: Any, wanted: Endpoint | None
) -> None:
    server.on("GET", CALL, Answer(json={"uuid": LEG, "to": side, "from": side, "duration": 2, "price": "0.1"}))
    found = client.read_call(APP, LEG)
    assert (found.to, found.from_, found.duration, found.price) == (wanted, wanted, "2", "0.1")


def test_calls_come_page_by_page(server: Scripts, client: VonageClient) -> None:
    def answer(asked: Asked) -> Answer:
        index = int(dict(asked.query)["record_index"])
        items = [fakes.call(str(index + item)) for item in range(min(2, 5 - index))]
        more = {"next": {"href": "/calls?…"}} if index < 4 else {}
        # Smaller pages than requested.
        return Answer(json={"page_size": 2, "_links": {"self": {}, **more}, "_embedded": {"calls": items}})

    server.on("GET", CALLS, answer)
    which = CallFilter(status="completed", date_start="2026-01-01T00:00:00Z", order="desc")
    assert [call.uuid for call in client.list_calls(APP, which)] == ["0", "1", "2", "3", "4"]
    assert server.asked[0].query == (
        ("status", "completed"),
        ("date_start", "2026-01-01T00:00:00Z"),
        ("order", "desc"),
        ("page_size", "100"),
        ("record_index", "0"),
    )
    assert len(server.asked) == 3


def test_a_page_that_does_not_say_how_long_it_is_hides_no_call(server: Scripts, client: VonageClient) -> None:
    def answer(asked: Asked) -> Answer:
        index = int(dict(asked.query)["record_index"])
        items = [fakes.call(str(each)) for each in range(index, min(index + 10, 25))]
        return Answer(json={"count": 25, "_embedded": {"calls": items}})

    server.on("GET", CALLS, answer)
    assert [call.uuid for call in client.list_calls(APP)] == [str(each) for each in range(25)]


def test_a_call_that_moves_to_the_next_page_comes_once(server: Scripts, client: VonageClient) -> None:
    uuids = [str(each) for each in range(6)]

    def answer(asked: Asked) -> Answer:
        index = int(dict(asked.query)["record_index"])
        if index == 2:
            # Newest first, and a new call arrives.
            uuids.insert(0, "new")
        items = [fakes.call(uuid) for uuid in uuids[index : index + 2]]
        return Answer(json={"count": len(uuids), "page_size": 2, "_embedded": {"calls": items}})

    server.on("GET", CALLS, answer)
    assert [call.uuid for call in client.list_calls(APP, CallFilter(order="desc"))] == ["0", "1", "2", "3", "4", "5"]


def test_what_can_be_done_to_a_call(server: Scripts, client: VonageClient) -> None:
    server.on("PUT", CALL, Answer(204))
    client.hang_up(APP, LEG)
    client.mute(APP, LEG)
    client.mute(APP, LEG, False)
    client.earmuff(APP, LEG)
    client.earmuff(APP, LEG, False)
    client.transfer(APP, LEG, url="https://a.test/x.json")
    client.transfer(APP, LEG, ncco=NCCO)
    to = "destination"
    assert [asked.json for asked in server.asked] == [
        *({"action": action} for action in ("hangup", "mute", "unmute", "earmuff", "unearmuff")),
        {"action": "transfer", to: {"type": "ncco", "url": ["https://a.test/x.json"]}},
        {"action": "transfer", to: {"type": "ncco", "ncco": NCCO}},
    ]
    for wrong in ({}, {"url": "https://a.test", "ncco": NCCO}):
        with pytest.raises(ValueError, match="either"):
            client.transfer(APP, LEG, **wrong)  # type: ignore[arg-type]


def test_what_can_be_played_into_a_call(server: Scripts, client: VonageClient) -> None:
    said = {"message": "Talk started", "uuid": LEG}
    for what in ("talk", "stream", "dtmf"):
        server.on("PUT", f"{CALL}/{what}", Answer(json=said))
        server.on("DELETE", f"{CALL}/{what}", Answer(body=b""))
    assert client.play_talk(APP, LEG, "Hello", language="nl-NL", style=1, loop=0, level=0.4) == Played(
        message="Talk started", uuid=LEG, raw=said
    )
    client.play_stream(APP, LEG, "https://a.test/a.mp3", loop=2, level=None)
    client.send_dtmf(APP, LEG, "1p#")
    assert client.stop_talk(APP, LEG) == client.stop_stream(APP, LEG) == Played()
    assert [asked.json for asked in server.asked[:3]] == [
        {"text": "Hello", "language": "nl-NL", "style": 1, "loop": 0, "level": "0.4"},
        {"stream_url": ["https://a.test/a.mp3"], "loop": 2},
        {"digits": "1p#"},
    ]
    server.on("PUT", f"{CALL}/input/dtmf", Answer(body=b""))
    server.on("DELETE", f"{CALL}/input/dtmf", Answer(204))
    client.listen_dtmf(APP, LEG, "https://a.test/keys")
    client.stop_listening(APP, LEG)
    assert server.asked[-2].json == {"event_url": ["https://a.test/keys"]}
    assert [asked.method for asked in server.asked[-2:]] == ["PUT", "DELETE"]
    with pytest.raises(ValueError, match="vonage has no voice_name here"):
        client.play_talk(APP, LEG, "Hello", voice_name="Kimberly")


def test_calls_of_a_region_go_to_its_host(server: Scripts, wire: HttpClient) -> None:
    client = fakes.vonage(server, wire, Time(), address="http://127.0.0.1:1", calls_address=server.address + "/eu/")
    server.on("GET", f"/eu{CALL}", Answer(json=fakes.call()))
    assert client.read_call(APP, LEG).uuid == LEG
    assert {region_of(f"https://{host}/v1/calls"): region for region, host in REGIONS.items()} == {
        region: region for region in REGIONS
    }


# ── Recordings ──


def test_a_recording_is_fetched_with_a_jwt(server: Scripts, client: VonageClient) -> None:
    server.on("GET", "/v1/files/1", Answer(302, headers={"location": "/v1/files/2"}))
    server.on("GET", "/v1/files/2", Answer(503), Answer(body=b"ID3" * 10, headers={"content-type": "audio/mpeg"}))
    pieces: list[bytes] = []
    found = client.download(APP, server.address + "/v1/files/1?a=b", pieces.append)
    assert (b"".join(pieces), found) == (b"ID3" * 10, {"content_type": "audio/mpeg", "size": 30})
    assert all(asked.headers["authorization"].startswith("Bearer ey") for asked in server.asked)
    assert server.asked[0].query == (("a", "b"),)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.test/v1/files/1",
        "https://api.nexmo.com.elsewhere.test/1",
        "https://evilnexmo.com/1",
        "http://api.nexmo.com/v1/files/1",
        "https://api.nexmo.com@elsewhere.test/1",
        "https://user:pass@api.nexmo.com/1",
        "https://elsewhere.test\\@api.nexmo.com/1",
        "https://api.nexmo.com:8443/1",
        "https://[x/1",
        "file:///etc/passwd",
        "nonsense",
        "",
    ],
)
def test_no_token_is_sent_elsewhere(client: VonageClient, server: Scripts, url: str) -> None:
    failed = raised(errors.ApiError, lambda: client.download(APP, url, lambda piece: None))
    assert "recording_url of the webhook" in str(failed)
    assert "pass@" not in str(failed)
    assert server.asked == []


def test_the_providers_hosts_may_have_a_token() -> None:
    from ncco_lang.api.recordings import recording_request

    for host in ("api.nexmo.com", "api-us.nexmo.com", "api-eu-3.vonage.com", "API.NEXMO.COM"):
        recording_request(f"https://{host}/v1/files/1", "https://api-prd.kpn.com")


def test_a_recording_that_moved_to_another_host_is_not_followed(server: Scripts, client: VonageClient) -> None:
    with serving() as other:
        server.on("GET", "/v1/files/1", Answer(302, headers={"location": f"{other.address}/x?token=1"}))
        failed = raised(
            errors.Redirected, lambda: client.download(APP, server.address + "/v1/files/1", lambda piece: None)
        )
        assert f"{other.address}/x" in str(failed)
        assert other.asked == []


def test_a_recording_that_breaks_off_says_how_far_it_came(server: Scripts, client: VonageClient) -> None:
    server.on("GET", "/v1/files/1", Answer(body=b"x" * 100, cut="middle"))
    failed = raised(
        errors.Unreachable, lambda: client.download(APP, server.address + "/v1/files/1", lambda piece: None)
    )
    assert "broke off after 50 bytes" in str(failed)
    assert len(server.asked) == 1
    server.on("GET", "/v1/files/1", Answer(404))
    raised(errors.NotFound, lambda: client.download(APP, server.address + "/v1/files/1", lambda piece: None))


def test_a_recording_that_is_not_there_yet_is_asked_for_again(server: Scripts, client: VonageClient) -> None:
    pieces: list[bytes] = []
    url = server.address + "/v1/files/1"
    server.on("GET", "/v1/files/1", Answer(202, json={"status": "pending"}), Answer(body=b"RIFF"))
    assert client.download(APP, url, pieces.append)["size"] == 4
    server.on("GET", "/v1/files/1", Answer(202, json={"status": "pending"}))
    raised(errors.Unconfirmed, lambda: client.download(APP, url, pieces.append))
    server.on("GET", "/v1/files/1", Answer(204))
    assert "no recording" in str(raised(errors.ApiError, lambda: client.download(APP, url, pieces.append)))
    assert pieces == [b"RIFF"]


def test_the_jwt_for_recordings_is_our_own(server: Scripts, client: VonageClient) -> None:
    from ncco_lang.tokens.jwt import verify_application

    claims = verify_application(client.read_jwt(APP), fakes.key_pair().public, now=1_700_000_000)
    assert claims["application_id"] == APP
    assert server.asked == []
