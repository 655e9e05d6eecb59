"""Serve documents of a folder, a sink for webhooks, and recordings, besides the provider's API."""

from __future__ import annotations

import mimetypes
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.request import ApiRequest
from ncco_lang.emulator.responses import Answer, Refuse, refusal
from ncco_lang.values.received import read_json

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

LARGEST = 64 << 20
_RATE, _WIDTH = 16_000, 2
"""Of recordings: samples a second, and bytes a sample; there is one channel."""
_UNKNOWN = 0.5
"""Seconds of a recording that the emulator did not make, or has forgotten."""


def read_document(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /documents/…`: a file of the folder, never one outside; folders are not listed."""
    gone = Refuse(refusal("documents", 404))
    if account.options.documents is None:
        raise gone
    try:
        folder = Path(account.options.documents).resolve(strict=True)
        path = (folder / api_request.params["name"]).resolve(strict=True)
        # Symbolic links are resolved first, so one that leads out of the folder is not served.
        if not path.is_relative_to(folder) or not path.is_file() or path.stat().st_size > LARGEST:
            raise gone
        content = path.read_bytes()
    except (OSError, ValueError, RuntimeError):
        raise gone from None
    kind = "application/json" if path.suffix == ".json" else mimetypes.guess_type(path.name)[0]
    return Answer(content=content, content_type=kind or "application/octet-stream")


def take_event(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `/webhooks/event`: keep the request. The body is kept as JSON if it is valid, else as text."""
    body: Any = None
    if api_request.body:
        body, reason = read_json(api_request.body)
        if reason is not None:
            body = api_request.body.decode("utf-8", "replace")
    event = {
        "method": api_request.method,
        "query": api_request.given,
        "headers": {
            name: value for name, value in api_request.headers.items() if name in ("authorization", "content-type")
        },
        "body": body,
        "text": api_request.body.decode("utf-8", "replace"),
    }
    account.events.append(event)
    return Answer(status=204)


def read_recording(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /v1/files/{id}`: silence as long as the recording, as a WAV file."""
    seconds = account.recordings.get(api_request.params["id"], _UNKNOWN)
    size = round(seconds * _RATE) * _WIDTH
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE * _WIDTH, _WIDTH, 8 * _WIDTH)
    head += b"data" + struct.pack("<I", size)
    return Answer(content=b"RIFF" + struct.pack("<I", len(head) + size) + head, zeros=size, content_type="audio/wav")
