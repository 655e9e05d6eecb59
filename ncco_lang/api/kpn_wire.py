"""Convert applications at KPN: our flat settings ↔ version 1's flat form and list of webhooks (voice-api.md B4)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ncco_lang.api.json_access import dict_of, id_of, list_of, text_of
from ncco_lang.api.types import Application, NewCall, Settings

_HAS = ("name", "answer_url", "answer_method", "event_url", "event_method")
_METHODS = {"answer_method": "GET", "event_method": "POST"}
_ENDPOINTS = ("phone", "sip", "websocket")


def application_from_kpn(data: Any) -> Application | None:
    """Return an application of a response; None if it has no id."""
    id = id_of(data, "id")
    if not id:
        return None
    found: dict[str, str | None] = {
        "name": text_of(data, "name"),
        "public_key": text_of(dict_of(data, "keys"), "public_key"),
    }
    for hook in list_of(data, "voice", "webhooks"):
        # The schema and its example spell it differently (conflicts.md R14).
        kind = text_of(hook, "endpoint_type") or text_of(hook, "enpoint_type")
        if kind in ("answer_url", "event_url"):
            found[kind] = text_of(hook, "endpoint")
            found[kind.replace("_url", "_method")] = text_of(hook, "http_method")
    return Application(id=id, settings=Settings(**found), raw=data)  # type: ignore[arg-type]


def application_fields(settings: Settings, current: Settings | None = None) -> tuple[tuple[str, str], ...]:
    """Return all values of a POST's form or of a PUT's query.

    Methods are always written, because the providers' defaults differ (conflicts.md R13).

    Raises:
        ValueError: KPN does not have a given setting, or needs one that is missing.
    """
    for field in fields(Settings):
        if field.name not in _HAS and getattr(settings, field.name) is not None:
            raise ValueError(f"KPN's applications have no {field.name}")
    values: dict[str, str] = {"type": "voice"}
    for name in _HAS:
        value = getattr(settings, name) or (getattr(current, name) if current is not None else None)
        value = value or _METHODS.get(name)
        if value is None:
            raise ValueError(f"KPN's applications want {'an' if name[0] in 'ae' else 'a'} {name}")
        values[name] = value
    return tuple(values.items())


def check_call(call: NewCall) -> None:
    """Check a call. Raises ValueError for what KPN does not support or requires (voice-api.md B5)."""
    if call.ncco is not None:
        raise ValueError("KPN takes no NCCO with a call; it wants the answer_url of one")
    if call.answer_url is None:
        raise ValueError("a call at KPN wants an answer_url")
    if call.random_from_number or call.from_number is None:
        raise ValueError("a call at KPN wants a number that it comes from")
    if call.advanced_machine_detection is not None:
        raise ValueError("KPN has no advanced machine detection")
    if call.to.type not in _ENDPOINTS:
        raise ValueError(f"KPN calls {', '.join(_ENDPOINTS)}, not {call.to.type!r}")
