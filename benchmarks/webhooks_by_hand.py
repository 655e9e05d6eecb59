"""What a developer writes once for webhooks by hand: states sealed into event URLs, and the response with a document.

Tokens have the cipher and the layout of `ncco serve`, and each NCCO is checked with the same closures.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.responses import Response

from ncco_lang import is_valid

Action: TypeAlias = dict[str, Any]

_SECONDS = 4 * 3600
_HEAD = b"key1" + b"0" * 6
_VOICE = {"language": "en-GB", "style": 2}


def talk(text: str, **more: Any) -> Action:
    """Return a talk in the voice of all the flows."""
    return {"action": "talk", "text": text, **_VOICE, **more}


class Webhooks:
    """The webhooks of one application.

    Args:
        base: their address.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.cipher = AESGCM(os.urandom(32))

    def url(self, hook: str, state: list[Any]) -> list[str]:
        """Return the event URL of an action, with a state in it."""
        data = zlib.compress(json.dumps(state, separators=(",", ":")).encode(), 6, wbits=-15)
        clear = _HEAD + int(time.time() + _SECONDS).to_bytes(4, "big")
        nonce = os.urandom(12)
        sealed = self.cipher.encrypt(nonce, data, clear + hook.encode())
        return [f"{self.base}/{hook}/{urlsafe_b64encode(clear + nonce + sealed).rstrip(b'=').decode()}"]

    def state(self, hook: str, token: str) -> list[Any] | None:
        """Return the state in a token; None if it is not one of ours, or has expired."""
        try:
            data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            sealed = self.cipher.decrypt(data[14:26], data[26:], data[:14] + hook.encode())
        except (ValueError, InvalidTag):
            return None
        if int.from_bytes(data[10:14], "big") < time.time():
            return None
        state: list[Any] = json.loads(zlib.decompress(sealed, wbits=-15))
        return state

    def respond(self, document: list[Action]) -> Response:
        """Return the response with a document."""
        if not is_valid(document):
            raise ValueError(document)
        return Response(json.dumps(document, separators=(",", ":")), media_type="application/json")
