"""The args of an outbound call: sealed into its answer URL, or kept in the call store if they are too large for that.

Who places the call seals them; the runtime opens them when the call begins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ncco_lang.runtime.call_store import CallStore
from ncco_lang.runtime.tokens import (
    LARGEST,
    VERSION_BYTES,
    Sealer,
    StateTooLarge,
    deflated,
    elsewhere,
    read_payload,
    unpack,
)
from ncco_lang.values.compact_json import compact_json
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED
from ncco_lang.values.environment import Names
from ncco_lang.values.expressions import evaluate

LONGEST_TOKEN = 1500
"""Characters of args in an answer URL; longer ones are in the call store (language description, Params, args and steps)."""
_NO_VERSION = bytes(VERSION_BYTES)


def pack_arguments(arguments: Mapping[str, Any]) -> bytes:
    """Return args as the payload of a token, deflated if that is shorter.

    Args:
        arguments: the values, as in `values/data.py`, by name.

    Raises:
        StateTooLarge: they have more bytes than a call may keep.
    """
    text = compact_json({name: quote(value) for name, value in arguments.items()}).encode("ascii")
    if len(text) > LARGEST:
        raise StateTooLarge(f"the args of the call have {len(text)} bytes; they may have {LARGEST}")
    return deflated(text)


def seal_arguments(
    sealer: Sealer, application: str, payload: bytes, now: float, store: CallStore | None, seconds: float
) -> str | None:
    """Return the token of args for an answer URL; None if they need a store, and there is none.

    Args:
        application: the key of the application, which is the name of its flow at the runtime.
        payload: that of `pack_arguments`.
        now: seconds since 1970.
        seconds: how long the token is valid.

    Raises:
        Exception: the store fails.
    """
    token = sealer.seal(payload, version=_NO_VERSION, about=_purpose(application), now=now)
    if len(token) <= LONGEST_TOKEN:
        return token
    if store is None:
        return None
    # What is kept is sealed as well, so the store does not see it.
    reference = store.put("", token.encode("ascii"), now + seconds)
    return sealer.seal(elsewhere(reference), version=_NO_VERSION, about=_purpose(application), now=now)


def open_arguments(sealer: Sealer, application: str, token: str, now: float, store: CallStore) -> dict[str, Any] | None:
    """Return the args of a token by name; None if it is forged, altered, expired or of another application.

    Raises:
        LookupError: the store does not have them any more.
        Exception: the store fails.
    """
    opened = sealer.unseal(token, about=_purpose(application), now=now)
    if opened is None:
        return None
    payload = opened[1]
    reference = read_payload(payload).reference
    if reference is not None:
        kept = store.get(reference)
        inner = None if kept is None else sealer.unseal(kept.decode("ascii"), about=_purpose(application), now=now)
        if inner is None:
            raise LookupError("the args of a call are gone from the store")
        payload = inner[1]
    text = unpack(payload)
    constants = json.loads(text or "{}")
    values = {name: evaluate(constant, Names()) for name, constant in constants.items()}
    return {name: value for name, value in values.items() if value is not UNDEFINED}


def _purpose(application: str) -> bytes:
    return f"args\0{application}".encode("utf-8", "surrogatepass")
