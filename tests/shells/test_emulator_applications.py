"""Test the emulator's applications and numbers, of both providers, with plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.emulator.server import Running
from ncco_lang.tokens.keys import KeyPair, public_of
from tests.emulated import KPN, Client, basic, emulator_of

HOOK = {"address": "https://example.com/answer"}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Running]]:
    with emulator_of() as vonage, emulator_of(provider="kpn") as kpn:
        yield {"vonage": vonage, "kpn": kpn}


@pytest.fixture
def vonage(servers: dict[str, Running], keys: KeyPair) -> Iterator[Client]:
    with Client(servers["vonage"], keys) as client:
        yield client
    servers["vonage"].account.applications.clear()


@pytest.fixture
def kpn(servers: dict[str, Running]) -> Iterator[Client]:
    with Client(servers["kpn"]) as client:
        yield client
    servers["kpn"].account.applications.clear()


# ── Vonage ──


def test_an_application_lives_and_dies(vonage: Client, keys: KeyPair) -> None:
    made = vonage.create(webhooks={"answer_url": HOOK})
    voice = made["capabilities"]["voice"]
    assert made["keys"] == {"public_key": keys.public}
    assert voice["webhooks"]["answer_url"] == {**HOOK, "http_method": "GET"}
    assert voice["webhooks"]["event_url"]["http_method"] == "POST"
    assert voice["signed_callbacks"] is True
    assert made["_links"]["self"]["href"] == f"/v2/applications/{made['id']}"
    path = f"/v2/applications/{made['id']}"
    assert vonage("GET", path).json() == made
    gone = vonage("DELETE", path)
    assert (gone.status, gone.content) == (204, b"")
    again = vonage("DELETE", path)
    assert again.status == 404
    assert again.json()["detail"] == f"ID '{made['id']}' does not exist, or you do not have access"
    assert again.json()["type"].endswith("#not-found")


def test_a_key_is_made_where_none_is_sent_and_told_once(vonage: Client) -> None:
    made = vonage("POST", "/v2/applications", json={"name": "bare"}).json()
    assert public_of(made["keys"]["private_key"]) == made["keys"]["public_key"]
    assert "private_key" not in vonage("GET", f"/v2/applications/{made['id']}").json()["keys"]
    assert made["capabilities"] == {}


def test_a_put_replaces_the_whole_object_and_keeps_what_nobody_knows(vonage: Client, keys: KeyPair) -> None:
    made = vonage.create(webhooks={"answer_url": HOOK}, region="eu-west")
    path = f"/v2/applications/{made['id']}"
    body = {"name": "new", "capabilities": {"voice": {"webhooks": {}, "newer": {"a": 1}}, "vbc": {}}}
    put = vonage("PUT", path, json=body).json()
    assert put["name"] == "new"
    assert put["capabilities"]["voice"]["webhooks"] == {}
    assert put["capabilities"]["voice"]["newer"] == {"a": 1}
    assert "region" not in put["capabilities"]["voice"]
    assert put["keys"]["public_key"] == keys.public
    assert vonage("GET", path).json() == put
    # A response can be sent back unchanged.
    assert vonage("PUT", path, json=put).json() == put


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a", "keys": {"public_key": "x"}}, "keys.public_key"),
        ({"name": "a", "keys": []}, "keys"),
        ({"name": "a", "capabilities": {"voice": []}}, "capabilities.voice"),
        ({"name": "a", "capabilities": {"voice": {"webhooks": None}}}, "capabilities.voice.webhooks"),
        (
            {"name": "a", "capabilities": {"voice": {"webhooks": {"answer_url": {**HOOK, "http_method": "PUT"}}}}},
            "capabilities.voice.webhooks.answer_url.http_method",
        ),
        (
            {"name": "a", "capabilities": {"voice": {"webhooks": {"event_url": {"address": "ftp://a"}}}}},
            "capabilities.voice.webhooks.event_url.address",
        ),
        (
            {"name": "a", "capabilities": {"voice": {"webhooks": {"answer_url": {**HOOK, "socket_timeout": 10000}}}}},
            "capabilities.voice.webhooks.answer_url.socket_timeout",
        ),
        (
            {"name": "a", "capabilities": {"voice": {"webhooks": {"answer_url": {**HOOK, "connect_timeout": True}}}}},
            "capabilities.voice.webhooks.answer_url.connect_timeout",
        ),
        ({"name": "a", "capabilities": {"voice": {"region": "moon"}}}, "capabilities.voice.region"),
        ({"name": "a", "capabilities": {"voice": {"signed_callbacks": "no"}}}, "capabilities.voice.signed_callbacks"),
        ({"name": "a", "capabilities": {"voice": {"conversations_ttl": -1}}}, "capabilities.voice.conversations_ttl"),
        ({"name": "a", "capabilities": {"vbc": {"a": 1}}}, "capabilities.vbc"),
        (
            {"name": "a", "capabilities": {"messages": {"webhooks": {"inbound_url": {**HOOK, "http_method": "GET"}}}}},
            "capabilities.messages.webhooks.inbound_url.http_method",
        ),
    ],
)
def test_what_is_wrong_with_an_application_is_named(vonage: Client, body: Any, name: str) -> None:
    answer = vonage("POST", "/v2/applications", json=body)
    assert answer.status == 400
    reported = answer.json()
    assert reported["title"] == "Bad Request"
    assert reported["type"].endswith("/application#payload-validation")
    assert [parameter["name"] for parameter in reported["invalid_parameters"]] == [name]
    assert all(parameter["reason"] for parameter in reported["invalid_parameters"])
    assert vonage.emulator.account.applications == {}


def test_the_older_name_of_the_time_out_becomes_the_newer(vonage: Client) -> None:
    made = vonage.create(webhooks={"answer_url": {**HOOK, "connection_timeout": 500}})
    assert made["capabilities"]["voice"]["webhooks"]["answer_url"]["connect_timeout"] == 500
    assert "connection_timeout" not in made["capabilities"]["voice"]["webhooks"]["answer_url"]


def test_pages_of_applications(vonage: Client) -> None:
    ids = [vonage.create()["id"] for _ in range(5)]
    page = vonage("GET", "/v2/applications", query={"page_size": "2", "page": "2"}).json()
    assert [each["id"] for each in page["_embedded"]["applications"]] == ids[2:4]
    assert (page["page_size"], page["page"], page["total_items"], page["total_pages"]) == (2, 2, 5, 3)
    assert {name: link["href"] for name, link in page["_links"].items()} == {
        "self": "/v2/applications?page_size=2&page=2",
        "first": "/v2/applications?page_size=2&page=1",
        "last": "/v2/applications?page_size=2&page=3",
        "next": "/v2/applications?page_size=2&page=3",
        "prev": "/v2/applications?page_size=2&page=1",
    }
    assert vonage("GET", "/v2/applications/").json()["page_size"] == 10


@pytest.mark.parametrize("query", [{"page_size": "0"}, {"page_size": "101"}, {"page": "0"}, {"page": "one"}])
def test_pages_that_are_none(vonage: Client, query: dict[str, str]) -> None:
    answer = vonage("GET", "/v2/applications", query=query)
    assert answer.status == 400
    assert answer.json()["type"].endswith("#list-validation")
    assert answer.json()["invalid_parameters"][0]["name"] in query


def test_who_may_not(vonage: Client) -> None:
    for headers in ({}, basic(secret="wrong"), {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}):
        answer = vonage.send("GET", "/v2/applications", headers=headers)
        assert answer.status == 401
        assert answer.json()["title"] == "Invalid credentials supplied"


def test_methods_and_headers_that_do_not_fit(vonage: Client) -> None:
    wrong = vonage("PATCH", "/v2/applications")
    assert (wrong.status, wrong.json()["title"]) == (405, "Request method not allowed")
    unacceptable = vonage("GET", "/v2/applications", headers={"Accept": "text/html"})
    assert (unacceptable.status, unacceptable.json()["title"]) == (406, "Invalid Accept header")
    form = vonage("POST", "/v2/applications", form={"name": "a"})
    assert (form.status, form.json()["title"]) == (415, "Unsupported Content-Type header")
    assert vonage("GET", "/v2/nothing").status == 404


# ── KPN ──


def test_a_token_is_opaque_and_all_texts(kpn: Client) -> None:
    token = kpn.fetch_token().json()
    assert len(token["access_token"]) == 28
    assert (token["expires_in"], token["token_type"]) == ("3599", "Bearer")
    assert len(token["issued_at"]) == 13
    assert all(isinstance(value, str) for name, value in token.items() if name != "api_product_list_json")


def test_who_gets_no_token(kpn: Client) -> None:
    assert kpn.fetch_token(client_secret="wrong").status == 401
    path = "/oauth/client_credential/accesstoken"
    assert kpn.send("POST", path, form={"client_id": "a"}).status == 400
    assert kpn.send("POST", path, form={}, query={"grant_type": "password"}).status == 400
    nobody = kpn.send("GET", KPN + "/applications")
    assert nobody.json() == {"type": "UNAUTHORIZED", "error_title": "Unauthorized"}


def test_revoked_and_ended_tokens(kpn: Client) -> None:
    assert kpn("GET", "/applications").status == 200
    assert kpn.send("POST", "/_emulator/revoke").status == 204
    assert kpn("GET", "/applications").status == 401
    with emulator_of(provider="kpn", token_lifetime=100) as emulator, Client(emulator) as client:
        assert client.fetch_token().json()["expires_in"] == "100"
        assert client("GET", "/applications").status == 200
        client.send("PUT", "/_emulator/faults", json=[{"kind": "clock", "seconds": 100}])
        assert client("GET", "/applications").status == 401


def test_an_application_at_kpn_lives_and_dies(kpn: Client) -> None:
    made = kpn.create(answer_url="https://example.com/a?b=1", event_method="GET")
    path = f"/applications/{made['id']}"
    assert made["voice"]["webhooks"][0] == {
        "endpoint_type": "answer_url",
        "endpoint": "https://example.com/a?b=1",
        "http_method": "GET",
    }
    assert made["_links"]["self"]["href"] == path
    assert kpn("GET", path).json() == made
    query = {
        "name": "new",
        "type": "voice",
        "answer_url": "https://example.com/b",
        "event_url": "https://example.com/e",
    }
    put = kpn("PUT", path, query={**query, "event_method": "PUT"}).json()
    assert put["name"] == "new"
    assert [hook["http_method"] for hook in put["voice"]["webhooks"]] == ["GET", "PUT"]
    assert kpn("DELETE", path).status == 204
    assert kpn("GET", path).status == 404


@pytest.mark.parametrize("left_out", ["name", "type", "answer_url", "event_url"])
def test_what_an_application_at_kpn_needs(kpn: Client, left_out: str) -> None:
    url = "https://example.com"
    form = {"name": "a", "type": "voice", "answer_url": url, "event_url": url}
    del form[left_out]
    answer = kpn("POST", "/applications", form=form)
    assert answer.status == 400
    assert left_out in answer.json()["message"]


def test_pages_of_applications_at_kpn(kpn: Client) -> None:
    ids = [kpn.create()["id"] for _ in range(3)]
    page = kpn("GET", "/applications", query={"page_size": "2", "page_index": "1"}).json()
    assert [each["id"] for each in page["_embedded"]["applications"]] == ids[2:]
    assert (page["count"], page["page_size"], page["record_index"]) == (3, 2, 2)
    assert page["_links"]["prev"]["href"] == "/applications?page_size=2&page_index=0"
    assert "next" not in page["_links"]


def test_the_sandbox_cannot_list() -> None:
    with emulator_of(provider="kpn", sandbox=True) as emulator, Client(emulator) as client:
        refused = client("GET", "/applications")
        assert refused.status == 403
        assert refused.json()["name"] == "FORBIDDEN"
        assert client("GET", "/phone-numbers/account/numbers").status == 403
        assert client.create()["name"] == "app"


def test_the_gateway_tells_what_is_left(kpn: Client) -> None:
    headers = kpn("GET", "/applications").headers
    assert (headers["quota-limit"], headers["quota-time-unit"], headers["api-version"]) == ("15", "second", "v1")


# ── Numbers ──


def test_numbers_are_listed_and_looked_for(vonage: Client) -> None:
    def found(**query: str) -> list[str]:
        return [number["msisdn"] for number in vonage("GET", "/account/numbers", query=query).json()["numbers"]]

    everything = found()
    assert "31201234567" in everything
    assert found(pattern="3120") == ["31201234567"]
    assert found(pattern="4567", search_pattern="2", country="nl") == [
        n for n in everything if n.startswith("31") and n.endswith("4567")
    ]
    assert found(pattern="2946", search_pattern="1") == []
    assert found(size="1", index="2") == everything[1:2]
    assert vonage("GET", "/account/numbers", query={"size": "1"}).json()["count"] == len(everything)
    answer = vonage("GET", "/account/numbers", query={"size": "101"})
    assert (answer.status, answer.json()["error-code"]) == (420, "420")
    assert vonage.send("GET", "/account/numbers").json() == {
        "error-code": "401",
        "error-code-label": "authentication failed",
    }
    key = {"api_key": "emulator", "api_secret": "emulator-secret"}
    assert vonage.send("GET", "/account/numbers", query=key).status == 200
    assert vonage.emulator.account.requests[-1]["query"]["api_secret"] == "…"


def test_a_number_is_linked_and_unlinked(vonage: Client) -> None:
    id = vonage.create()["id"]
    number = {"country": "NL", "msisdn": "31201234567"}
    done = vonage("POST", "/number/update", form={**number, "app_id": id})
    assert done.json() == {"error-code": "200", "error-code-label": "success"}
    linked = vonage("GET", "/account/numbers", query={"application_id": id}).json()["numbers"]
    assert [(each["msisdn"], each["app_id"]) for each in linked] == [("31201234567", id)]
    assert vonage("GET", "/account/numbers", query={"has_application": "true"}).json()["count"] == 1
    vonage("POST", "/number/update", form=number)
    assert vonage("GET", "/account/numbers", query={"application_id": id}).json()["count"] == 0
    assert vonage("POST", "/number/update", form={**number, "app_id": "nothing"}).status == 420
    assert vonage("POST", "/number/update", form={**number, "country": "GB"}).status == 420
    assert vonage("POST", "/number/update", form={"country": "NL"}).status == 420


def test_a_deleted_application_leaves_its_numbers(vonage: Client) -> None:
    id = vonage.create()["id"]
    vonage("POST", "/number/update", form={"country": "NL", "msisdn": "31201234567", "app_id": id})
    vonage("DELETE", f"/v2/applications/{id}")
    assert vonage("GET", "/account/numbers", query={"has_application": "true"}).json()["count"] == 0


def test_a_number_at_kpn_is_linked_by_its_callback(kpn: Client) -> None:
    id = kpn.create()["id"]
    number = {"country": "NL", "msisdn": "31201234567"}
    path = "/phone-numbers/number/update"
    assert kpn("POST", path, form={**number, "voiceCallbackType": "app", "voiceCallbackValue": id}).status == 200
    listed = kpn("GET", "/phone-numbers/account/numbers", query={"pattern": "31201"}).json()["numbers"]
    assert (listed[0]["voiceCallbackType"], listed[0]["voiceCallbackValue"]) == ("app", id)
    assert "app_id" not in listed[0]
    kpn("POST", path, form=number)
    listed = kpn("GET", "/phone-numbers/account/numbers", query={"pattern": "31201"}).json()["numbers"]
    assert "voiceCallbackValue" not in listed[0]


def test_a_number_is_found_bought_and_given_up() -> None:
    with emulator_of(numbers=("31201234567",)) as emulator, Client(emulator) as client:
        offered = client("GET", "/number/search", query={"country": "NL", "size": "1"}).json()["numbers"][0]
        number = {"country": "NL", "msisdn": offered["msisdn"]}
        assert client("POST", "/number/buy", form=number).status == 200
        assert client("GET", "/account/numbers").json()["count"] == 2
        assert client("POST", "/number/buy", form=number).status == 420
        assert client("POST", "/number/cancel", form=number).status == 200
        assert client("GET", "/account/numbers").json()["count"] == 1
