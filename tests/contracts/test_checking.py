"""Test that the contracts refuse what they should."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contracts.checking import FORM, check_answer, check_request
from tests.contracts.descriptions import apply, inline, needs_descriptions
from tests.contracts.patches import (
    ANSWER_URL,
    APPLICATIONS,
    BASIC,
    BEARER,
    CALLS,
    CONVERSATION,
    ID,
    KPN,
    NUMBERS,
    PHONE,
    Patch,
)
from tests.contracts.schemas import close, read_pairs, read_text

JSON = {"Content-Type": "application/json"}
AS_FORM = {"Content-Type": FORM}
AT_KPN = {"Authorization": BEARER, "ApplicationId": ID}
TO_ALL = {"to": [PHONE], "from": PHONE, "answer_url": ANSWER_URL}
FORM_OF_ALL = "name=a&type=voice&answer_url=https%3A%2F%2Fexample.com%2Fa&event_url=https%3A%2F%2Fexample.com%2Fe"


def ask(
    contract: str, method: str, url: str, *, auth: str = BEARER, body: Any = None, headers: dict[str, str] | None = None
) -> str:
    data = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    media = {} if body is None else JSON if not isinstance(body, str) else AS_FORM
    return check_request(contract, method, url, {"Authorization": auth, **media, **(headers or {})}, data)


@needs_descriptions
def test_good_requests_are_taken_and_named() -> None:
    assert ask("vonage-voice", "POST", CALLS, body=TO_ALL) == "POST /"
    assert ask("vonage-voice", "GET", f"{CALLS}?status=started&page_size=100&order=asc") == "GET /"
    inline_call = {"to": [PHONE], "random_from_number": True, "ncco": [{"action": "talk", "text": "Hello"}]}
    assert ask("vonage-voice", "POST", CALLS, body=inline_call) == "POST /"
    assert ask("vonage-applications", "DELETE", f"{APPLICATIONS}/{ID}", auth=BASIC) == "DELETE /{id}"
    linked = f"country=GB&msisdn=447700900000&app_id={ID}"
    assert ask("vonage-numbers", "POST", f"{NUMBERS}/number/update", auth=BASIC, body=linked) == "POST /number/update"
    assert ask("kpn-voice", "POST", f"{KPN}/applications", body=FORM_OF_ALL) == "POST /applications"
    assert ask("kpn-voice", "PUT", f"{KPN}/applications/{ID}?{FORM_OF_ALL}") == "PUT /applications/{uuid}"
    lower = {"applicationid": ID}
    assert ask("kpn-voice", "GET", f"{KPN}/voice/calls/{ID}", headers=lower) == "GET /voice/calls/{uuid}"


@needs_descriptions
@pytest.mark.parametrize(
    ("contract", "method", "url", "more", "words"),
    [
        ("vonage-voice", "GET", "https://api.nexmo.com/v1/call", {}, "is not at"),
        ("vonage-voice", "GET", f"{CALLS}/", {}, "is no path"),
        ("vonage-voice", "GET", f"{CALLS}/{ID}/input", {}, "is no path"),
        ("vonage-voice", "DELETE", f"{CALLS}/{ID}", {}, "has no DELETE"),
        ("vonage-voice", "PARAMETERS", f"{CALLS}/{ID}", {}, "has no PARAMETERS"),
        ("vonage-voice", "GET", f"{CALLS}?page=2", {}, "'page', which is not described"),
        ("vonage-voice", "GET", f"{CALLS}?page_size=101", {}, "101 is greater than the maximum"),
        ("vonage-voice", "GET", f"{CALLS}?page_size=ten", {}, "'ten' is not of type 'integer'"),
        ("vonage-voice", "GET", f"{CALLS}?page_size=1&page_size=2", {}, "'page_size' twice"),
        ("vonage-voice", "GET", f"{CALLS}?status=ended", {}, "'ended' is not one of"),
        ("vonage-voice", "GET", f"{CALLS}?date_start=yesterday", {}, "is not a 'date-time'"),
        ("vonage-voice", "GET", CALLS, {"auth": BASIC}, "Authorization"),
        ("vonage-voice", "GET", CALLS, {"auth": "Bearer "}, "Authorization"),
        ("vonage-voice", "GET", CALLS, {"auth": ""}, "Authorization"),
        ("vonage-voice", "GET", CALLS, {"body": {}}, "none is described"),
        ("vonage-voice", "POST", CALLS, {"body": TO_ALL | {"callerId": "x"}}, "callerId"),
        ("vonage-voice", "POST", CALLS, {"body": TO_ALL | {"ncco": []}}, "valid under"),
        ("vonage-voice", "POST", CALLS, {"body": TO_ALL | {"to": PHONE}}, "is not of type 'array'"),
        ("vonage-voice", "POST", CALLS, {"body": TO_ALL | {"to": [PHONE | {"name": "x"}]}}, ""),
        ("vonage-voice", "POST", CALLS, {"body": TO_ALL | {"ringing_timer": 121}}, "121"),
        ("vonage-voice", "POST", CALLS, {"body": "to=447700900000"}, "not application/json"),
        ("vonage-voice", "PUT", f"{CALLS}/{ID}", {"body": {"action": "explode"}}, "not valid under any"),
        ("vonage-voice", "PUT", f"{CALLS}/{ID}", {"body": {}}, ""),
        ("vonage-voice", "PUT", f"{CALLS}/{ID}", {}, "the body is missing"),
        ("vonage-voice", "PUT", f"{CALLS}/{ID}/talk", {"body": {"loop": 1}}, "'text' is a required"),
        ("vonage-voice", "PUT", f"{CALLS}/{ID}/talk", {"body": {"text": "a", "voiceName": "Amy"}}, "voiceName"),
        ("vonage-applications", "POST", APPLICATIONS, {"auth": BASIC, "body": {}}, "'name' is a required"),
        ("vonage-applications", "POST", APPLICATIONS, {"auth": BASIC, "body": {"name": "a", "id": "b"}}, "'id'"),
        ("vonage-applications", "POST", APPLICATIONS, {"body": {"name": "a"}}, "Authorization"),
        ("vonage-numbers", "GET", f"{NUMBERS}/account/numbers?api_key=a&api_secret=b", {"auth": BASIC}, "'api_key'"),
        ("vonage-numbers", "GET", f"{NUMBERS}/account/numbers?has_application=yes", {"auth": BASIC}, "boolean"),
        ("vonage-numbers", "POST", f"{NUMBERS}/number/update", {"auth": BASIC, "body": "country=GB"}, "msisdn"),
        ("vonage-numbers", "POST", f"{NUMBERS}/number/update", {"auth": BASIC, "body": {"country": "GB"}}, FORM),
        ("kpn-voice", "GET", f"{KPN}/voice/calls", {}, "header ApplicationId is missing"),
        ("kpn-voice", "GET", f"{KPN}/jwt", {"headers": {"ApplicationId": ""}}, "header ApplicationId is empty"),
        ("kpn-voice", "POST", f"{KPN}/voice/calls", {"headers": AT_KPN, "body": {"to": [PHONE]}}, "required"),
        ("kpn-voice", "POST", f"{KPN}/voice/calls", {"headers": AT_KPN, "body": TO_ALL | {"ncco": []}}, "ncco"),
        ("kpn-voice", "POST", f"{KPN}/applications", {"body": FORM_OF_ALL + "&region=eu"}, "region"),
        ("kpn-voice", "POST", f"{KPN}/applications", {"body": FORM_OF_ALL + "&name=b"}, "'name' twice"),
        ("kpn-voice", "POST", f"{KPN}/applications", {"body": FORM_OF_ALL + "&answer_method=PUT"}, "PUT"),
        ("kpn-voice", "PUT", f"{KPN}/applications/{ID}", {}, "the query lacks 'name'"),
        ("kpn-voice", "PUT", f"{KPN}/applications/{ID}?{FORM_OF_ALL}", {"body": FORM_OF_ALL}, "none is described"),
        ("kpn-numbers", "GET", f"{KPN}/phone-numbers/account/numbers?size=101", {}, "101"),
        (
            "kpn-numbers",
            "POST",
            f"{KPN}/phone-numbers/number/update",
            {"body": "country=NL&msisdn=31&app_id=x"},
            "app_id",
        ),
    ],
)
def test_bad_requests_are_refused(contract: str, method: str, url: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError) as caught:
        ask(contract, method, url, **more)
    assert words in str(caught.value)


@needs_descriptions
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"action":"mute","action":"hangup"}', "comes twice"),
        (b'{"action":NaN}', "NaN is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
    ],
)
def test_what_is_no_json_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_request("vonage-voice", "PUT", f"{CALLS}/{ID}", {"Authorization": BEARER, **JSON}, text)


@needs_descriptions
def test_answers_are_held_to_status_type_and_body_and_stay_open() -> None:
    created = {"uuid": ID, "status": "started", "direction": "outbound", "conversation_uuid": CONVERSATION, "new": 1}
    data = json.dumps(created).encode()
    assert check_answer("vonage-voice", "POST", CALLS, 201, JSON, data) == "POST /"
    assert check_answer("vonage-voice", "PUT", f"{CALLS}/{ID}", 204, {}, b"") == "PUT /{uuid}"
    utf = {"content-type": "application/json; charset=utf-8"}
    check_answer("kpn-voice", "POST", f"{KPN}/voice/calls", 201, utf, data)
    for status, headers, body, words in (
        (200, JSON, data, "200 is not described"),
        (201, {"Content-Type": "text/html"}, data, "is text/html"),
        (201, {}, data, "of no media type"),
        (201, JSON, b"", "no JSON"),
        (201, JSON, data.replace(b'"outbound"', b"null"), "None for not nullable"),
        (201, JSON, data.replace(ID.encode(), b"one"), "is not a 'uuid'"),
        (201, JSON, b"[]", "is not of type 'object'"),
    ):
        with pytest.raises(AssertionError, match=words):
            check_answer("vonage-voice", "POST", CALLS, status, headers, body)
    with pytest.raises(AssertionError, match="none is described"):
        check_answer("vonage-voice", "PUT", f"{CALLS}/{ID}", 204, JSON, b"{}")


def test_objects_are_closed_through_and_through() -> None:
    one = {"properties": {"a": {"type": "array", "items": {"properties": {"b": {}}}}}}
    two = {"required": ["c"], "properties": {"c": {"type": "object"}}}
    assert close({"allOf": [one, two]}) == {
        "type": "object",
        "required": ["c"],
        "additionalProperties": False,
        "properties": {
            "a": {
                "type": "array",
                "items": {"type": "object", "properties": {"b": {}}, "additionalProperties": False},
            },
            "c": {"type": "object"},
        },
    }
    assert close({"oneOf": [two]})["oneOf"][0]["additionalProperties"] is False
    assert close({"properties": {"a": {}}, "additionalProperties": True})["additionalProperties"] is True


def test_texts_are_read_by_their_schema() -> None:
    assert read_text({"type": "integer"}, "-12") == -12
    assert read_text({"type": "number"}, "0.4") == 0.4
    assert read_text({"type": "boolean"}, "true") is True
    for kind, text in (("integer", "1.0"), ("integer", "١"), ("number", "x"), ("boolean", "yes"), ("string", "12")):
        assert read_text({"type": kind}, text) == text
    lists = {"a": {"type": "array", "items": {"type": "integer"}}}
    assert read_pairs(lists, [("a", "1"), ("a", "2"), ("b", "3")], "the query") == {"a": [1, 2], "b": "3"}


def test_patches_that_do_not_fit_are_refused() -> None:
    def patch(operation: Any, where: str, value: Any = None) -> Patch:
        return Patch(contract="x", operation=operation, where=where, value=value, reason="a test", examples=())

    document: dict[str, Any] = {"a": {"b/c": 1, "list": [1]}}
    apply(patch("add", "/a/new", [1]), document)
    apply(patch("replace", "/a/b~1c", 2), document)
    apply(patch("add", "/a/list/-", 2), document)
    apply(patch("rename", "/a/new", "old"), document)
    assert document == {"a": {"b/c": 2, "list": [1, 2], "old": [1]}}
    apply(patch("remove", "/a/list/0"), document)
    apply(patch("remove", "/a/old"), document)
    assert document == {"a": {"b/c": 2, "list": [2]}}
    for wrong in (
        patch("add", "/a/list", []),
        patch("replace", "/a/missing", 1),
        patch("remove", "/a/missing"),
        patch("rename", "/a/missing", "x"),
        patch("rename", "/a/list", "b/c"),
        patch("replace", "/a/list/1", 1),
    ):
        with pytest.raises(AssertionError):
            apply(wrong, document)


def test_references_are_replaced_and_circles_refused() -> None:
    documents: dict[str, Any] = {
        "f": {"x": {"$ref": "#/y"}, "y": {"type": "string"}, "loop": {"a": {"$ref": "#/loop"}}}
    }
    assert inline(documents["f"]["x"], "f", documents) == {"type": "string"}
    with pytest.raises(AssertionError, match="holds itself"):
        inline(documents["f"]["loop"], "f", documents)
    with pytest.raises(AssertionError, match="outside the folder"):
        inline({"$ref": "https://example.com/a.yml#/x"}, "f", documents)
