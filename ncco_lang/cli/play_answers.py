"""Answer the webhooks of a played call: from a server, from files, or with an empty 200."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ncco_lang.emulator.webhook_client import send_webhook, webhook_client
from ncco_lang.simulate.player import EVENTS
from ncco_lang.simulate.types import Answer

if TYPE_CHECKING:
    from ncco_lang.net.http_client import HttpClient
    from ncco_lang.simulate import types as phone


class Server:
    """Send webhooks as the platform does, with its methods, time-outs and signatures; redirects are not followed.

    Args:
        secret: signs each request (voice-api.md C3); None: unsigned.
    """

    __slots__ = ("_secret", "_wires")

    def __init__(self, secret: str | None = None) -> None:
        self._secret = secret
        self._wires: dict[tuple[float, float], HttpClient] = {}

    def close(self) -> None:
        """Close all connections."""
        for wire in self._wires.values():
            wire.close()

    def respond(self, request: phone.Request) -> Answer:
        """Return the server's answer, or the failure as the platform names it."""
        hook = request.hook
        times = (hook.connect, hook.read)
        if times not in self._wires:
            self._wires[times] = webhook_client(hook)
        return send_webhook(self._wires[times], request, None if self._secret is None else self._sign)

    def _sign(self, payload: bytes) -> str:
        from ncco_lang.tokens.jwt import sign_webhook

        return sign_webhook(self._secret or "", payload=payload, api_key="play", application_id=None, now=time.time())


def answers_of(
    files: Sequence[tuple[str, bytes]], server: Callable[[phone.Request], Answer] | None
) -> Callable[[phone.Request], Answer]:
    """Return a function that answers a webhook.

    It uses the first file whose glob matches the address, else the server, else an empty 200.
    """

    def respond(request: phone.Request) -> Answer:
        for glob, content in files:
            if fnmatchcase(request.hook.url, glob):
                return Answer(body=content)
        # Without an application there is no server at the URL of its events.
        return Answer() if server is None or request.hook.url == EVENTS else server(request)

    return respond
