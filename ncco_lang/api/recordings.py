"""Download a recording: tokens are sent only to the provider's own hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ncco_lang.api.auth import Auth
from ncco_lang.api.error_mapping import plain
from ncco_lang.api.errors import ApiError, Unreachable
from ncco_lang.api.redirects import shown_address
from ncco_lang.api.session import Session
from ncco_lang.api.types import Json
from ncco_lang.net.types import Request, Response, TransportError

# The hosts of `recording_url` and `transcription_url` in webhooks (voice-api.md A1).
_DOMAINS = (".nexmo.com", ".vonage.com")


def download(session: Session, auth: Auth, request: Request, write: Callable[[bytes], Any]) -> Json:
    """Download a recording piece by piece; return its `content_type` and `size`.

    Args:
        request: from `recording_request`.
        write: takes each piece; its exceptions are passed through.
    """
    size = 0

    def keep(piece: bytes) -> None:
        nonlocal size
        write(piece)
        size += len(piece)

    def send(request: Request) -> Response:
        try:
            return session.http_client.download(request, keep)
        except TransportError as lost:
            if not size:
                raise
            # Pieces that were written cannot be taken back, so the download is not retried.
            raise Unreachable(
                f"{request.shown} broke off after {size} bytes: {lost}; fetch it again", request=request.shown
            ) from None

    response = session.ready(request, auth, missing="there is no such recording there", send=send)
    if response.status != 200:
        raise ApiError(
            f"{request.shown} was answered with {response.status} and no recording; is this the recording_url?",
            status=response.status,
            request=request.shown,
        )
    return {"content_type": response.headers.get("content-type", "application/octet-stream"), "size": size}


def recording_request(url: str, address: str) -> Request:
    """Return the request for a recording.

    Args:
        url: `recording_url` or `transcription_url` of a webhook.
        address: the address of the profile, whose host may get a token too.

    Raises:
        ApiError: the URL is not one of the provider's, so it must not get a token.
    """
    try:
        parts = urlsplit(url)
        ours = urlsplit(address)
        fine = _is_provider(parts) or (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        # Browsers and libraries parse such URLs in different ways, and may reach different hosts.
        odd = "\\" in url or "@" in parts.netloc or not url.isprintable() or " " in url
    except ValueError:
        raise ApiError("this is no address of a recording; recording_url of the webhook is one") from None
    if odd or not fine:
        raise ApiError(
            f"{plain(shown_address(url))} is none of the provider's addresses, so no token is sent there; "
            "recording_url of the webhook is one"
        )
    return Request(
        method="GET",
        url=shown_address(url),
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        headers={"accept": "*/*"},
    )


def _is_provider(parts: SplitResult) -> bool:
    host = (parts.hostname or "").lower()
    return parts.scheme == "https" and parts.port in (None, 443) and host.endswith(_DOMAINS)
