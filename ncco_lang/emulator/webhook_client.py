"""Send one webhook as the platform does, for the emulator and for `ncco play`. Redirects are not followed."""

from __future__ import annotations

from collections.abc import Callable

from ncco_lang.api.webhook_request import MOST_BYTES, webhook_request
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import TransportError
from ncco_lang.simulate.types import CLOSED, TIMED_OUT, Answer, Hook, Request

UNUSABLE = Answer(failure=CLOSED, words="this is not an address that a request can be sent to")
"""The outcome of a webhook whose URL is invalid."""


def webhook_client(hook: Hook, ca: str | None = None) -> HttpClient:
    """Return a client with the time-outs of a webhook.

    Args:
        ca: a file with the certificates to trust; None for those of the system.
    """
    # The read time-out is for the whole answer, so that a byte now and then does not prolong it.
    return HttpClient(connect=hook.connect, read=hook.read, whole=hook.connect + hook.read, ca=ca)


def send_webhook(client: HttpClient, request: Request, sign: Callable[[bytes], str] | None) -> Answer:
    """Send a webhook; return the response, or the failure as the platform names it.

    Args:
        sign: returns the JWT that signs a payload (voice-api.md C3); None: unsigned.
    """
    hook = request.hook
    try:
        sent = webhook_request(hook.method, hook.url, request.fields, sign)
        answer = client.send(sent, at_most=MOST_BYTES)
    except TransportError as failed:
        return Answer(failure=TIMED_OUT if failed.late else CLOSED, words=str(failed))
    except ValueError:
        return UNUSABLE
    return Answer(status=answer.status, content_type=answer.headers.get("content-type", ""), body=answer.content)
