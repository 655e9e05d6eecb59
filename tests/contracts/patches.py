"""Corrections of the published descriptions, as data. Each patch has its reason and its examples.

A test checks that each is needed (without it an example is invalid) and sufficient (with all of them it is valid), so
remove a patch when its description is corrected. Reasons name their source: the sheet is the project's reference
sheet of the Voice API, and letters with numbers are its sections and conflicts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

ID = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
CONVERSATION = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22"
BEARER, BASIC = "Bearer some.token.here", "Basic a2V5OnNlY3JldA=="


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request of ours or, with a status, a response."""

    method: str
    url: str
    status: int | None = None
    authorization: str = BEARER
    json: Any = None
    form: str = ""

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Authorization": self.authorization, "ApplicationId": ID}
        if self.form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif self.json is not None:
            headers["Content-Type"] = "application/json"
        return headers

    @property
    def body(self) -> bytes:
        return self.form.encode() if self.form or self.json is None else json.dumps(self.json).encode()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Patch:
    """One change to one description.

    Attributes:
        where: a JSON pointer, whose target exists, except for `add`.
        value: the new value; for `rename` the new name of the key.
    """

    contract: str
    operation: Literal["add", "replace", "remove", "rename"]
    where: str
    reason: str
    examples: tuple[Example, ...]
    value: Any = None


CALLS = "https://api.nexmo.com/v1/calls"
APPLICATIONS = "https://api.nexmo.com/v2/applications"
NUMBERS = "https://rest.nexmo.com"
KPN = "https://api-prd.kpn.com/communication/nexmo"

PHONE = {"type": "phone", "number": "447700900000"}
SIP = {"type": "sip", "uri": "sip:rebekka@sip.example.com"}
SOCKET = {"type": "websocket", "uri": "wss://example.com/socket", "content-type": "audio/l16;rate=16000"}
ANSWER_URL = ["https://example.com/answer"]


def _call(to: dict[str, Any], **more: Any) -> Example:
    body = {"to": [to], "from": PHONE, "answer_url": ANSWER_URL, **more}
    return Example(method="POST", url=CALLS, json=body)


_LISTENING: dict[str, Any] = {
    "parameters": [{"in": "path", "name": "uuid", "schema": {"type": "string"}, "required": True}],
    "put": {
        "security": [{"bearerAuth": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["event_url"],
                        "properties": {"event_url": {"type": "array", "items": {"type": "string"}}},
                    }
                }
            },
        },
        "responses": {"200": {"description": "Ok"}},
    },
    "delete": {"security": [{"bearerAuth": []}], "responses": {"200": {"description": "Ok"}}},
}

_VOICE = (
    Patch(
        contract="vonage-voice",
        operation="rename",
        where="/paths/~1",
        value="",
        reason="calls live at /v1/calls; server and path together would give /v1/calls/ (sheet A1)",
        examples=(Example(method="GET", url=CALLS),),
    ),
    Patch(
        contract="vonage-voice",
        operation="replace",
        where="/components/schemas/UpdateCallRequestUnmute/properties/action/enum/0",
        value="unmute",
        reason="a slip of the pen: unmute is written as mute, so mute fits two schemas and unmute none (conflict R10)",
        examples=(
            Example(method="PUT", url=f"{CALLS}/{ID}", json={"action": "mute"}),
            Example(method="PUT", url=f"{CALLS}/{ID}", json={"action": "unmute"}),
        ),
    ),
    Patch(
        contract="vonage-voice",
        operation="add",
        where="/components/schemas/EndpointSip/properties/type/enum",
        value=["sip"],
        reason="only the prose says that the type is sip, so every phone, websocket and extension is a SIP endpoint "
        "too, and fits two schemas of which one has to fit (sheet A4)",
        examples=(_call(PHONE), _call(SOCKET), _call({"type": "vbc", "extension": "1234"})),
    ),
    Patch(
        contract="vonage-voice",
        operation="remove",
        where="/components/schemas/conversation_uuid/format",
        reason="its own example begins with CON-, which no uuid does (conflict W9)",
        examples=(
            Example(method="GET", url=f"{CALLS}?conversation_uuid={CONVERSATION}"),
            Example(method="POST", url=CALLS, status=201, json={"uuid": ID, "conversation_uuid": CONVERSATION}),
        ),
    ),
    Patch(
        contract="vonage-voice",
        operation="add",
        where="/components/schemas/CreateCallRequestBase/properties/advanced_machine_detection",
        value={
            "type": "object",
            "properties": {
                "behavior": {"type": "string", "enum": ["continue", "hangup"]},
                "mode": {"type": "string", "enum": ["default", "detect", "detect_beep"]},
                "beep_timeout": {"type": "integer", "minimum": 45, "maximum": 120},
            },
        },
        reason="newer than the description (sheet A4, conflicts N18 to N21)",
        examples=(_call(PHONE, advanced_machine_detection={"behavior": "continue", "mode": "detect_beep"}),),
    ),
    Patch(
        contract="vonage-voice",
        operation="add",
        where="/components/schemas/StartTalkRequest/properties/premium",
        value={"type": "boolean"},
        reason="newer than the description (sheet A7)",
        examples=(Example(method="PUT", url=f"{CALLS}/{ID}/talk", json={"text": "Hello", "premium": True}),),
    ),
    Patch(
        contract="vonage-voice",
        operation="add",
        where="/components/schemas/EndpointSip/properties/headers",
        value={"type": "object"},
        reason="newer than the description (sheet A4)",
        examples=(_call({**SIP, "headers": {"location": "New York"}}),),
    ),
    Patch(
        contract="vonage-voice",
        operation="add",
        where="/components/schemas/EndpointWebsocket/properties/headers/additionalProperties",
        value=True,
        reason="the one header that it names is an example, and any others may be sent, as it says itself",
        examples=(_call({**SOCKET, "headers": {"language": "en-GB"}}),),
    ),
    Patch(
        contract="vonage-voice",
        operation="add",
        where="/paths/~1{uuid}~1input~1dtmf",
        value=_LISTENING,
        reason="newer than the description (sheet A7, conflict A3)",
        examples=(
            Example(method="PUT", url=f"{CALLS}/{ID}/input/dtmf", json={"event_url": ["https://example.com/keys"]}),
            Example(method="DELETE", url=f"{CALLS}/{ID}/input/dtmf"),
        ),
    ),
)

_HOOKS = ("answer_url", "fallback_answer_url", "event_url")
_CHANGES = (("POST", "/paths/~1/post", APPLICATIONS), ("PUT", "/paths/~1{id}/put", f"{APPLICATIONS}/{ID}"))
_VOICE_SETTINGS: tuple[tuple[str, dict[str, Any], Any], ...] = (
    ("signed_callbacks", {"type": "boolean"}, True),
    (
        "region",
        {"type": "string", "enum": ["na-east", "na-west", "eu-west", "eu-east", "apac-sng", "apac-australia"]},
        "eu-west",
    ),
    ("conversations_ttl", {"type": "integer", "minimum": 0, "maximum": 9000}, 48),
    ("leg_persistence_time", {"type": "integer", "minimum": 1, "maximum": 31}, 7),
)


def _voice_of(place: str) -> str:
    schema = f"{place}/requestBody/content/application~1json/schema"
    return f"{schema}/properties/capabilities/properties/voice/properties"


def _application(method: str, url: str, voice: dict[str, Any]) -> tuple[Example, ...]:
    body = {"name": "Pedal and Spoke", "capabilities": {"voice": voice}}
    return (Example(method=method, url=url, authorization=BASIC, json=body),)


_APPLICATIONS = (
    # The timeouts and the settings first: they use the published path.
    *(
        Patch(
            contract="vonage-applications",
            operation="add",
            where=f"{_voice_of(place)}/webhooks/properties/{hook}/properties/connect_timeout",
            value={"type": "integer", "minimum": 300, "maximum": 1000},
            reason="what the description calls connection_timeout, real answers and newer clients call so (R1)",
            examples=_application(method, url, {"webhooks": {hook: {"connect_timeout": 500}}}),
        )
        for method, place, url in _CHANGES
        for hook in _HOOKS
    ),
    *(
        Patch(
            contract="vonage-applications",
            operation="add",
            where=f"{_voice_of(place)}/{name}",
            value=schema,
            reason="newer than the description (sheet A3, conflict R11)",
            examples=_application(method, url, {name: value}),
        )
        for method, place, url in _CHANGES
        for name, schema, value in _VOICE_SETTINGS
    ),
    Patch(
        contract="vonage-applications",
        operation="rename",
        where="/paths/~1",
        value="",
        reason="applications live at /v2/applications; server and path together would end with a slash (sheet A1)",
        examples=(Example(method="GET", url=f"{APPLICATIONS}?page_size=100&page=1", authorization=BASIC),),
    ),
)

_NUMBERS = (
    Patch(
        contract="vonage-numbers",
        operation="replace",
        where="/components/securitySchemes",
        value={"apiKey": {"type": "http", "scheme": "basic"}, "apiSecret": {"type": "http", "scheme": "basic"}},
        reason="key and secret are the two halves of a Basic header, which every other API of the account takes; in a "
        "query they would end up in logs",
        examples=(Example(method="GET", url=f"{NUMBERS}/account/numbers?index=1&size=100", authorization=BASIC),),
    ),
)

_KPN = (
    Patch(
        contract="kpn-voice",
        operation="replace",
        where="/paths/~1voice~1calls~1{uuid}~1dtmf/put/requestBody/content/application~1json/schema",
        value={
            "type": "object",
            "required": ["digits"],
            "properties": {"digits": {"$ref": "#/components/schemas/fields_digits"}},
        },
        reason="the body is described as the bare text of its one field (sheet B3, and A7 of the platform behind it)",
        examples=(Example(method="PUT", url=f"{KPN}/voice/calls/{ID}/dtmf", json={"digits": "1p2"}),),
    ),
    Patch(
        contract="kpn-voice",
        operation="remove",
        where="/components/schemas/fields_conversation_uuid/format",
        reason="its own example begins with CON-, which no uuid does (conflict W9)",
        examples=(
            Example(method="GET", url=f"{KPN}/voice/calls?conversation_uuid={CONVERSATION}"),
            Example(
                method="POST",
                url=f"{KPN}/voice/calls",
                status=201,
                json={"uuid": ID, "conversation_uuid": CONVERSATION},
            ),
        ),
    ),
    Patch(
        contract="kpn-voice",
        operation="add",
        where="/components/schemas/endpoints/properties/websocket/properties/headers/additionalProperties",
        value=True,
        reason="the one header that it names is an example, and any others may be sent, as it says itself",
        examples=(
            Example(
                method="POST",
                url=f"{KPN}/voice/calls",
                json={
                    "to": [{**SOCKET, "headers": {"language": "en-GB"}}],
                    "from": PHONE,
                    "answer_url": ANSWER_URL,
                },
            ),
        ),
    ),
    Patch(
        contract="kpn-voice",
        operation="remove",
        where="/paths/~1applications~1{uuid}/delete/responses/204/content",
        reason="an answer 204 has no body (RFC 9110, 15.3.5); the one described there is that of another operation",
        examples=(Example(method="DELETE", url=f"{KPN}/applications/{ID}", status=204),),
    ),
)

PATCHES: tuple[Patch, ...] = (*_VOICE, *_APPLICATIONS, *_NUMBERS, *_KPN)
