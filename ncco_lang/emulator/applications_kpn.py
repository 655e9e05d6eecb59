"""Handle KPN's applications: a form to create, a query to update, in the format of the platform's first version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ncco_lang.emulator.applications import Hook, Stored
from ncco_lang.emulator.request import ApiRequest, is_url, one_of
from ncco_lang.emulator.responses import Answer, Refuse, invalid, missing, refusal

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

TYPES = ("voice", "message")
"""Products of a new application; an update knows only voice (KPN's description)."""


def list_applications(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /applications`; not in the sandbox."""
    if account.options.sandbox:
        raise Refuse(refusal(api_request.style, 403, "This resource is not available in the sandbox"))
    size, index = api_request.number("page_size", 10, 1, 100), api_request.number("page_index", 0, 0)
    found = list(account.applications.values())
    begin = index * size
    last = max(0, (len(found) - 1) // size)
    numbers = {"self": index, "first": 0, "last": last}
    if index < last:
        numbers["next"] = index + 1
    if index > 0:
        numbers["prev"] = index - 1
    body = {
        "count": len(found),
        "page_size": size,
        "record_index": begin,
        "_embedded": {"applications": [show(application) for application in found[begin : begin + size]]},
        "_links": {
            name: {"href": f"/applications?page_size={size}&page_index={number}"} for name, number in numbers.items()
        },
    }
    return Answer(body=body)


def create_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /applications`."""
    given = _checked(api_request, api_request.form(), TYPES, ("GET", "POST"))
    pair = account.platform_keys()
    application = Stored(str(uuid4()), {}, pair.public, pair.private)
    _write(application, given)
    account.keep(application)
    return Answer(status=201, body=show(application))


def get_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /applications/{uuid}`."""
    return Answer(body=show(_named(account, api_request)))


def update_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT /applications/{uuid}`: the values are in the query."""
    application = _named(account, api_request)
    if api_request.body and not api_request.query:
        raise Refuse(invalid(api_request.style, [("body", "is not read: send the values in the query")]))
    _write(application, _checked(api_request, api_request.given, ("voice",), ("GET", "POST", "PUT")))
    account.keep(application)
    return Answer(body=show(application))


def delete_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE /applications/{uuid}`."""
    account.forget(_named(account, api_request).id)
    return Answer(status=204)


def show(application: Stored) -> dict[str, Any]:
    """Return the application as in a response."""
    return {
        "id": application.id,
        **application.body,
        "keys": {"public_key": application.public_key},
        "_links": {"self": {"href": f"/applications/{application.id}"}},
    }


def _named(account: Account, api_request: ApiRequest) -> Stored:
    application = account.applications.get(api_request.params["uuid"])
    if application is None:
        raise Refuse(missing(api_request.style, api_request.params["uuid"]))
    return application


def _checked(
    api_request: ApiRequest, given: Mapping[str, str], types: tuple[str, ...], methods: tuple[str, ...]
) -> Mapping[str, str]:
    found = list(_wrong(given, types, methods))
    if found:
        raise Refuse(invalid(api_request.style, found))
    return given


def _wrong(given: Mapping[str, str], types: tuple[str, ...], methods: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in ("name", "type", "answer_url", "event_url"):
        if not given.get(name, "").strip():
            yield name, "is required"
    if given.get("type", "voice") not in types:
        yield "type", one_of(types)
    for name in ("answer_url", "event_url"):
        if given.get(name) and not is_url(given[name]):
            yield name, "must be a valid URL"
    for name in ("answer_method", "event_method"):
        if given.get(name, "GET") not in methods:
            yield name, one_of(methods)


def _write(application: Stored, given: Mapping[str, str]) -> None:
    answer, event = given.get("answer_method", "GET"), given.get("event_method", "GET")
    application.body = {
        "name": given["name"],
        "voice": {
            "webhooks": [
                {"endpoint_type": "answer_url", "endpoint": given["answer_url"], "http_method": answer},
                {"endpoint_type": "event_url", "endpoint": given["event_url"], "http_method": event},
            ]
        },
    }
    application.answer = Hook(address=given["answer_url"], method=answer)
    application.event = Hook(address=given["event_url"], method=event, read=10.0)
