"""Handle Vonage's Application API v2: JSON, Basic, whole objects."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ncco_lang.emulator.applications import Hook, Stored
from ncco_lang.emulator.request import ApiRequest, is_url, is_whole, one_of
from ncco_lang.emulator.responses import Answer, Refuse, invalid, missing

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

REGIONS = ("na-east", "na-west", "eu-east", "eu-west", "apac-sng", "apac-australia")
HOOKS = {"answer_url": ("GET", 5000), "fallback_answer_url": ("GET", 5000), "event_url": ("POST", 10000)}
"""Webhook of voice → (its default method, its longest and default socket time-out in ms)."""
_METHODS = {"messages": ("POST",), "verify": ("POST",), "meetings": ("GET", "POST", "PUT")}
"""Product → the methods of its webhooks, where they are not GET and POST."""
_LONGEST_NAME = 500

Wrong = tuple[str, str]


def list_applications(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /v2/applications`."""
    size, page = api_request.number("page_size", 10, 1, 100), api_request.number("page", 1, 1)
    found = list(account.applications.values())
    pages = max(1, -(-len(found) // size))
    numbers = {"self": page, "first": 1, "last": pages}
    if page < pages:
        numbers["next"] = page + 1
    if page > 1:
        numbers["prev"] = page - 1
    links = {name: {"href": f"/v2/applications?page_size={size}&page={number}"} for name, number in numbers.items()}
    begin = (page - 1) * size
    body = {
        "page_size": size,
        "page": page,
        "total_items": len(found),
        "total_pages": pages,
        "_embedded": {"applications": [show(application) for application in found[begin : begin + size]]},
        "_links": links,
    }
    return Answer(body=body)


def create_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /v2/applications`; if no public key was sent, the response shows the new private key this once."""
    body = _checked(api_request)
    private = ""
    public = body.get("keys", {}).get("public_key")
    if public is None:
        from ncco_lang.tokens.keys import make_key_pair

        pair = make_key_pair()
        public, private = pair.public, pair.private
    application = Stored(str(uuid4()), {}, public)
    _write(application, body)
    account.keep(application)
    shown = show(application)
    if private:
        shown["keys"]["private_key"] = private
    return Answer(status=201, body=shown)


def get_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /v2/applications/{id}`."""
    return Answer(body=show(_named(account, api_request)))


def update_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT /v2/applications/{id}`: the whole object; without a key the old one stays."""
    application = _named(account, api_request)
    body = _checked(api_request)
    application.public_key = body.get("keys", {}).get("public_key", application.public_key)
    _write(application, body)
    account.keep(application)
    return Answer(body=show(application))


def delete_application(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE /v2/applications/{id}`."""
    account.forget(_named(account, api_request).id)
    return Answer(status=204)


def show(application: Stored) -> dict[str, Any]:
    """Return the application as in a response."""
    return {
        "id": application.id,
        **copy.deepcopy(application.body),
        "_links": {"self": {"href": f"/v2/applications/{application.id}"}},
    }


def _named(account: Account, api_request: ApiRequest) -> Stored:
    application = account.applications.get(api_request.params["id"])
    if application is None:
        raise Refuse(missing(api_request.style, api_request.params["id"]))
    return application


def _write(application: Stored, given: dict[str, Any]) -> None:
    """Replace the application's fields by those that were sent, with the platform's defaults."""
    capabilities = copy.deepcopy(given.get("capabilities", {}))
    application.body = {
        **{name: value for name, value in given.items() if name not in ("id", "_links", "keys", "capabilities")},
        "name": given["name"],
        "keys": {"public_key": application.public_key},
        "privacy": {"improve_ai": True, **given.get("privacy", {})},
        "capabilities": capabilities,
    }
    application.answer = application.fallback = application.event = None
    application.signed = False
    voice = capabilities.get("voice")
    if voice is None:
        return
    webhooks = voice.setdefault("webhooks", {})
    voice.setdefault("signed_callbacks", True)
    voice.setdefault("conversations_ttl", 48)
    voice.setdefault("leg_persistence_time", 2)
    for name, (method, longest) in HOOKS.items():
        if name in webhooks:
            webhooks[name].setdefault("http_method", method)
            if "connection_timeout" in webhooks[name]:
                webhooks[name].setdefault("connect_timeout", webhooks[name].pop("connection_timeout"))
            _hook(application, name, webhooks[name], longest)
    application.signed = voice["signed_callbacks"]


def _hook(application: Stored, name: str, webhook: dict[str, Any], longest: int) -> None:
    hook = None
    if webhook.get("address"):
        connect, read = webhook.get("connect_timeout", 1000), webhook.get("socket_timeout", longest)
        hook = Hook(address=webhook["address"], method=webhook["http_method"], connect=connect / 1000, read=read / 1000)
    match name:
        case "answer_url":
            application.answer = hook
        case "event_url":
            application.event = hook
        case _:
            application.fallback = hook


def _checked(api_request: ApiRequest) -> dict[str, Any]:
    """Return the body. Raises Refuse with everything that is wrong with it."""
    body = api_request.object()
    found = list(_wrong(body))
    if found:
        raise Refuse(invalid(api_request.style, found))
    return body


def _wrong(body: dict[str, Any]) -> Iterator[Wrong]:
    name = body.get("name")
    if name is None:
        yield "name", "is required"
    elif not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        yield "name", f"must be a string of 1 to {_LONGEST_NAME} characters"
    for part in ("keys", "capabilities", "privacy"):
        if not isinstance(body.get(part, {}), dict):
            yield part, "must be an object"
            return
    if "public_key" in body.get("keys", {}) and not _is_public_key(body["keys"]["public_key"]):
        yield "keys.public_key", "must be a public RSA key in PEM"
    if not isinstance(body.get("privacy", {}).get("improve_ai", True), bool):
        yield "privacy.improve_ai", "must be true or false"
    for product, settings in body.get("capabilities", {}).items():
        at = f"capabilities.{product[:40]}"
        if not isinstance(settings, dict):
            yield at, "must be an object"
        elif not isinstance(settings.get("webhooks", {}), dict):
            yield f"{at}.webhooks", "must be an object"
        elif product == "voice":
            yield from _wrong_voice(settings)
        elif product == "vbc" and settings:
            yield at, "must be an empty object"
        else:
            if product == "rtc":
                yield from _wrong_settings(at, settings)
            for name, webhook in settings.get("webhooks", {}).items():
                methods = _METHODS.get(product, ("GET", "POST"))
                yield from _wrong_webhook(f"{at}.webhooks.{name[:40]}", webhook, methods, 10000)


def _wrong_voice(voice: dict[str, Any]) -> Iterator[Wrong]:
    for name, webhook in voice.get("webhooks", {}).items():
        at = f"capabilities.voice.webhooks.{name[:40]}"
        if name not in HOOKS:
            yield at, one_of(HOOKS)
        else:
            yield from _wrong_webhook(at, webhook, ("GET", "POST"), HOOKS[name][1])
    yield from _wrong_settings("capabilities.voice", voice)
    if "region" in voice and voice["region"] not in REGIONS:
        yield "capabilities.voice.region", one_of(REGIONS)


def _wrong_settings(at: str, settings: dict[str, Any]) -> Iterator[Wrong]:
    """Check the settings that voice and rtc share (Application API 2.1.4 and 2.4.1)."""
    if not isinstance(settings.get("signed_callbacks", True), bool):
        yield f"{at}.signed_callbacks", "must be true or false"
    for name, least, most in (("conversations_ttl", 0, 9000), ("leg_persistence_time", 1, 31)):
        if name in settings and not is_whole(settings[name], least, most):
            yield f"{at}.{name}", f"must be between {least} and {most}"


def _wrong_webhook(at: str, webhook: Any, methods: tuple[str, ...], longest: int) -> Iterator[Wrong]:
    if not isinstance(webhook, dict):
        yield at, "must be an object"
        return
    # The dashboard sends an empty address for "none".
    if webhook.get("address", "") != "" and not is_url(webhook["address"]):
        yield f"{at}.address", "must be a valid URL"
    if "http_method" in webhook and webhook["http_method"] not in methods:
        yield f"{at}.http_method", one_of(methods)
    for name, least, most in (
        ("connect_timeout", 300, 1000),
        ("connection_timeout", 300, 1000),
        ("socket_timeout", 1000, longest),
    ):
        if name in webhook and not is_whole(webhook[name], least, most):
            yield f"{at}.{name}", f"must be between {least} and {most}"


def _is_public_key(value: Any) -> bool:
    from ncco_lang.tokens.keys import load_public

    if not isinstance(value, str) or len(value) > 10_000:
        return False
    try:
        load_public(value)
    except ValueError:
        return False
    return True
