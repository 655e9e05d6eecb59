"""Convert applications at Vonage: our flat settings ↔ the nested JSON of the Application API v2 (voice-api.md A3)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ncco_lang.api.json_access import dict_of, id_of, text_of, truth_of, whole_of
from ncco_lang.api.types import Application, Json, Settings

# Our webhook → Vonage's, and its default method. Methods are always written, because the providers' defaults differ
# (conflicts.md R13).
_WEBHOOKS: tuple[tuple[str, str, str], ...] = (
    ("answer", "answer_url", "GET"),
    ("event", "event_url", "POST"),
    ("fallback", "fallback_answer_url", "GET"),
)
_VOICE = ("signed_callbacks", "region", "conversations_ttl", "leg_persistence_time")
# The first is written, because real responses have it; the second is in the published description (conflicts.md R1).
_CONNECT, _CONNECT_TOO = "connect_timeout", "connection_timeout"


def application_from_vonage(data: Any) -> Application | None:
    """Return an application of a response; None if it has no id."""
    id = id_of(data, "id")
    if not id:
        return None
    voice = dict_of(data, "capabilities", "voice")
    found: dict[str, Any] = {
        "name": text_of(data, "name"),
        "public_key": text_of(dict_of(data, "keys"), "public_key"),
        "signed_callbacks": truth_of(voice, "signed_callbacks"),
        "region": text_of(voice, "region"),
        "conversations_ttl": whole_of(voice, "conversations_ttl"),
        "leg_persistence_time": whole_of(voice, "leg_persistence_time"),
    }
    for ours, theirs, _ in _WEBHOOKS:
        hook = dict_of(voice, "webhooks", theirs)
        connect = whole_of(hook, _CONNECT)
        found[f"{ours}_url"] = text_of(hook, "address")
        found[f"{ours}_method"] = text_of(hook, "http_method")
        found[f"{ours}_connect_timeout"] = connect if connect is not None else whole_of(hook, _CONNECT_TOO)
        found[f"{ours}_socket_timeout"] = whole_of(hook, "socket_timeout")
    return Application(id=id, settings=Settings(**found), raw=data)


def application_body(settings: Settings, current: Json | None = None) -> dict[str, Any]:
    """Return the body of a POST, or of the PUT that changes `current` and keeps fields that we do not know.

    Raises:
        ValueError: there would be no name.
    """
    body: dict[str, Any] = copy.deepcopy(dict(current or {}))
    for name in ("id", "_links"):
        body.pop(name, None)
    # Vonage returns the private key once, to the client for which it made the pair, and does not take it back.
    dict_of(body, "keys").pop("private_key", None)
    if settings.name is not None:
        body["name"] = settings.name
    if not body.get("name"):
        raise ValueError("an application wants a name")
    if settings.public_key is not None:
        _inside(body, "keys")["public_key"] = settings.public_key
    # Do not add a voice capability that no setting needs: an application may be for messages only.
    voice = dict_of(body, "capabilities", "voice")
    for name in _VOICE:
        if (value := getattr(settings, name)) is not None:
            voice[name] = value
    hooks = dict_of(voice, "webhooks")
    for ours, theirs, method in _WEBHOOKS:
        _change_webhook(hooks, ours, theirs, method, settings)
    if hooks:
        voice["webhooks"] = hooks
    if voice:
        _inside(body, "capabilities")["voice"] = voice
    return body


def _change_webhook(hooks: dict[str, Any], ours: str, theirs: str, method: str, settings: Settings) -> None:
    """Change the settings of one webhook; do not add one without settings, and remove one whose URL is empty."""
    if getattr(settings, f"{ours}_url") == "":
        hooks.pop(theirs, None)
        return
    wanted: Mapping[str, Any] = {
        "address": getattr(settings, f"{ours}_url"),
        "http_method": getattr(settings, f"{ours}_method"),
        _CONNECT: getattr(settings, f"{ours}_connect_timeout"),
        "socket_timeout": getattr(settings, f"{ours}_socket_timeout"),
    }
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes and not isinstance(hooks.get(theirs), dict):
        return
    hook = _inside(hooks, theirs)
    if _CONNECT_TOO in hook:
        hook.setdefault(_CONNECT, hook.pop(_CONNECT_TOO))
    hook |= changes
    hook.setdefault("http_method", method)


def _inside(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object at a key; add it if it is missing."""
    inner = data.get(key)
    if not isinstance(inner, dict):
        inner = data[key] = {}
    return inner
