"""The calls of the clients that are tested: every method of `Provider`, with every argument that it can send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import pytest

from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application, CallFilter, Endpoint, NewCall, PhoneNumber, Settings

ProviderName = Literal["vonage", "kpn"]

ANSWER, EVENT = "https://example.com/ncco/0123456789abcdef/answer.json", "https://example.com/events"
FALLBACK, KEY = "https://fallback.example.com/answer", "a public key that the test makes"
TO, FROM = "447700900001", "442079460000"
PHONE = Endpoint(type="phone", address=TO)
NCCO = [{"action": "talk", "text": "Hello", "bargeIn": False}]
NO_CONTRACT = "no contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The ids and values that steps use."""

    application: Application
    number: PhoneNumber
    linked: PhoneNumber
    call: str
    recording: str
    public_key: str
    answer: str
    event: str


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a method.

    Attributes:
        what: a description for the test's name.
        arguments: the arguments; a text in `<>` is replaced by that attribute of `Place`.
        sends: the operations that it requests, in order, as the descriptions name them.
        on: the provider of the client.
    """

    what: str
    method: str
    sends: tuple[str, ...]
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    on: tuple[ProviderName, ...] = ("vonage", "kpn")


def take(step: Step, client: Provider, place: Place) -> Any:
    """Call the method, and read its result to the end."""
    values = [resolve(value, place) for value in step.arguments]
    given = getattr(client, step.method)(*values, **{key: resolve(value, place) for key, value in step.options.items()})
    return list(given) if isinstance(given, Iterator) else given


def resolve(value: Any, place: Place) -> Any:
    names = {
        "<application>": place.application,
        "<id>": place.application.id,
        "<number>": place.number,
        "<linked>": place.linked,
        "<call>": place.call,
        "<recording>": place.recording,
        "<write>": bytearray().extend,
    }
    if isinstance(value, Settings | NewCall):
        # Use the place's valid keys and reachable URLs, if it has them.
        meant = {ANSWER: place.answer, FALLBACK: place.answer, EVENT: place.event, KEY: place.public_key}
        changed: Any = {
            field.name: meant[text] for field in fields(value) if (text := _text(value, field.name)) in meant
        }
        return replace(value, **changed)
    if value == ANSWER:
        return place.answer
    return names.get(value, value) if isinstance(value, str) else value


def _text(value: Any, name: str) -> str:
    found = getattr(value, name)
    return found if isinstance(found, str) else ""


BASIC = Settings(name="Pedal & Spoke", answer_url=ANSWER, event_url=EVENT)
METHODS = Settings(name="Fietsen één", answer_url=ANSWER, answer_method="POST", event_url=EVENT, event_method="GET")
ALL = Settings(
    name="Pedal and Spoke",
    public_key=KEY,
    answer_url=ANSWER,
    answer_method="GET",
    answer_connect_timeout=300,
    answer_socket_timeout=5000,
    event_url=EVENT,
    event_method="POST",
    event_connect_timeout=1000,
    event_socket_timeout=10000,
    fallback_url=FALLBACK,
    fallback_method="GET",
    fallback_connect_timeout=500,
    fallback_socket_timeout=1000,
    signed_callbacks=True,
    region="eu-west",
    conversations_ttl=48,
    leg_persistence_time=7,
)

_CREATE = "POST /applications"
_APPLICATIONS = (
    Step("basic", "create_application", (_CREATE,), (BASIC,)),
    Step("methods", "create_application", (_CREATE,), (METHODS,)),
    Step("everything", "create_application", (_CREATE,), (ALL,), on=("vonage",)),
    Step("", "read_application", ("GET /applications/ID",), ("<id>",)),
    Step("", "list_applications", ("GET /applications", "GET /applications")),
    Step("name", "update_application", ("PUT /applications/ID",), ("<application>", Settings(name="New"))),
    Step("methods", "update_application", ("PUT /applications/ID",), ("<application>", METHODS)),
    Step("everything", "update_application", ("PUT /applications/ID",), ("<application>", ALL), on=("vonage",)),
    Step("nothing", "update_application", ("PUT /applications/ID",), ("<application>", Settings())),
)

_NUMBERS = (
    Step("", "list_numbers", ("GET /account/numbers", "GET /account/numbers")),
    Step("", "find_number", ("GET /account/numbers",), (FROM,)),
    Step("to an application", "link_number", ("POST /number/update",), ("<number>", "<id>")),
    Step("to nothing", "link_number", ("POST /number/update",), ("<linked>", None)),
)

_EVERYTHING = NewCall(
    to=PHONE,
    from_number=FROM,
    answer_url=ANSWER,
    answer_method="GET",
    event_url=EVENT,
    event_method="POST",
    machine_detection="continue",
    length_timer=60,
    ringing_timer=30,
)
_SOCKET = {"content-type": "audio/l16;rate=16000", "headers": {"language": "en-GB"}}
_CALLS_MADE: tuple[tuple[str, NewCall, tuple[ProviderName, ...]], ...] = (
    ("answer_url", NewCall(to=PHONE, from_number=FROM, answer_url=ANSWER), ("vonage", "kpn")),
    ("everything", _EVERYTHING, ("vonage", "kpn")),
    (
        "keys",
        NewCall(
            to=Endpoint(type="phone", address=TO, options={"dtmfAnswer": "p*1#"}), from_number=FROM, answer_url=ANSWER
        ),
        ("vonage", "kpn"),
    ),
    (
        "SIP",
        NewCall(to=Endpoint(type="sip", address="sip:a@sip.example.com"), from_number=FROM, answer_url=ANSWER),
        ("vonage", "kpn"),
    ),
    (
        "websocket",
        NewCall(
            to=Endpoint(type="websocket", address="wss://example.com/s", options=_SOCKET),
            from_number=FROM,
            answer_url=ANSWER,
        ),
        ("vonage", "kpn"),
    ),
    ("inline", NewCall(to=PHONE, from_number=FROM, ncco=NCCO), ("vonage",)),
    ("random number", NewCall(to=PHONE, random_from_number=True, ncco=NCCO), ("vonage",)),
    ("extension", NewCall(to=Endpoint(type="vbc", address="1234"), from_number=FROM, ncco=NCCO), ("vonage",)),
    (
        "SIP with headers",
        NewCall(
            to=Endpoint(type="sip", address="sip:a@sip.example.com", options={"headers": {"a": "b"}}),
            from_number=FROM,
            ncco=NCCO,
        ),
        ("vonage",),
    ),
    (
        "advanced detection",
        NewCall(
            to=PHONE,
            from_number=FROM,
            ncco=NCCO,
            advanced_machine_detection={"behavior": "continue", "mode": "detect_beep", "beep_timeout": 45},
        ),
        ("vonage",),
    ),
)
_FILTER = CallFilter(
    status="completed",
    date_start="2024-04-19T01:34:18Z",
    date_end="2034-04-19T01:34:18Z",
    conversation_uuid="CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
    order="desc",
)

_CALLS = (
    *(Step(what, "create_call", ("POST /calls",), ("<id>", call), on=on) for what, call, on in _CALLS_MADE),
    Step("", "read_call", ("GET /calls/ID",), ("<id>", "<call>")),
    Step("all", "list_calls", ("GET /calls", "GET /calls"), ("<id>",)),
    Step("some", "list_calls", ("GET /calls",), ("<id>", _FILTER)),
    Step("on", "mute", ("PUT /calls/ID",), ("<id>", "<call>")),
    Step("off", "mute", ("PUT /calls/ID",), ("<id>", "<call>", False)),
    Step("on", "earmuff", ("PUT /calls/ID",), ("<id>", "<call>")),
    Step("off", "earmuff", ("PUT /calls/ID",), ("<id>", "<call>", False)),
    Step("url", "transfer", ("PUT /calls/ID",), ("<id>", "<call>"), {"url": ANSWER}),
    Step("inline", "transfer", ("PUT /calls/ID",), ("<id>", "<call>"), {"ncco": NCCO}, on=("vonage",)),
    Step("", "play_talk", ("PUT /calls/ID/talk",), ("<id>", "<call>", "Hello")),
    Step(
        "everything",
        "play_talk",
        ("PUT /calls/ID/talk",),
        ("<id>", "<call>", "Hallo"),
        {"language": "nl-NL", "style": 1, "premium": False, "loop": 2, "level": -0.5},
        on=("vonage",),
    ),
    Step(
        "everything",
        "play_talk",
        ("PUT /calls/ID/talk",),
        ("<id>", "<call>", "Hallo"),
        {"voice_name": "Lotte", "loop": 2},
        on=("kpn",),
    ),
    Step("", "stop_talk", ("DELETE /calls/ID/talk",), ("<id>", "<call>")),
    Step("", "play_stream", ("PUT /calls/ID/stream",), ("<id>", "<call>", "https://example.com/a.mp3")),
    Step(
        "level",
        "play_stream",
        ("PUT /calls/ID/stream",),
        ("<id>", "<call>", "https://example.com/a.mp3"),
        {"level": 0.4, "loop": 0},
        on=("vonage",),
    ),
    Step(
        "loop",
        "play_stream",
        ("PUT /calls/ID/stream",),
        ("<id>", "<call>", "https://example.com/a.mp3"),
        {"loop": 0},
        on=("kpn",),
    ),
    Step("", "stop_stream", ("DELETE /calls/ID/stream",), ("<id>", "<call>")),
    Step("", "send_dtmf", ("PUT /calls/ID/dtmf",), ("<id>", "<call>", "1p*#")),
    Step("", "listen_dtmf", ("PUT /calls/ID/input/dtmf",), ("<id>", "<call>", EVENT), on=("vonage",)),
    Step("", "stop_listening", ("DELETE /calls/ID/input/dtmf",), ("<id>", "<call>"), on=("vonage",)),
    Step("", "hang_up", ("PUT /calls/ID",), ("<id>", "<call>")),
)

_RECORDINGS = (
    Step("", "read_jwt", (), ("<id>",), on=("vonage",)),
    Step("", "read_jwt", ("GET /jwt",), ("<id>",), on=("kpn",)),
    Step("", "download", (NO_CONTRACT,), ("<id>", "<recording>", "<write>"), on=("vonage",)),
    Step("", "download", ("GET /jwt", NO_CONTRACT), ("<id>", "<recording>", "<write>"), on=("kpn",)),
)

_ENDS = (Step("", "delete_application", ("DELETE /applications/ID",), ("<id>",)), Step("", "close", ()))

STEPS = (*_APPLICATIONS, *_NUMBERS, *_CALLS, *_RECORDINGS, *_ENDS)


def plain_name(contract: str | None, operation: str) -> str:
    """Return an operation as `Step.sends` writes it, which is the same for both providers."""
    if contract is None:
        return NO_CONTRACT
    method, _, path = operation.partition(" ")
    path = path.replace("{uuid}", "ID").replace("{id}", "ID").removeprefix("/voice").rstrip("/")
    before = {"vonage-voice": "/calls", "vonage-applications": "/applications"}.get(contract, "")
    return f"{method} {before}{path}"


def steps_of(provider: ProviderName) -> list[Any]:
    """Return the steps for a provider, as parameters of a test."""
    taken = [step for step in STEPS if provider in step.on]
    return [pytest.param(step, id=f"{step.method} {step.what}".strip()) for step in taken]
