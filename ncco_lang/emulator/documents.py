"""What the emulator serves beside the provider's API: documents of a folder, a sink for webhooks, a recording."""

from __future__ import annotations

import io
import mimetypes
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.answers import Answer, Refuse, refusal
from ncco_lang.emulator.asked import Asked, read_json

if TYPE_CHECKING:
    from ncco_lang.emulator.world import World

LARGEST = 64 << 20
_RATE = 8000
_SAMPLES = 4000


def read_document(world: World, asked: Asked) -> Answer:
    """`GET /documents/…`: a file of the folder, never what lies outside of it; folders are not listed."""
    gone = Refuse(refusal("documents", 404))
    if world.options.documents is None:
        raise gone
    try:
        folder = Path(world.options.documents).resolve(strict=True)
        path = (folder / asked.params["name"]).resolve(strict=True)
        # Symbolic links are followed first, so one that leads out of the folder leads nowhere.
        if not path.is_relative_to(folder) or not path.is_file() or path.stat().st_size > LARGEST:
            raise gone
        content = path.read_bytes()
    except (OSError, ValueError, RuntimeError):
        raise gone from None
    kind = "application/json" if path.suffix == ".json" else mimetypes.guess_type(path.name)[0]
    return Answer(content=content, content_type=kind or "application/octet-stream")


def take_event(world: World, asked: Asked) -> Answer:
    """`/webhooks/event`: keeps what it gets. The body is JSON where it is some, else text."""
    body: Any = None
    if asked.body:
        body, reason = read_json(asked.body)
        if reason is not None:
            body = asked.body.decode("utf-8", "replace")
    event = {
        "method": asked.method,
        "query": asked.given,
        "headers": {name: value for name, value in asked.headers.items() if name in ("authorization", "content-type")},
        "body": body,
        "text": asked.body.decode("utf-8", "replace"),
    }
    world.events.append(event)
    return Answer(status=204)


def read_recording(world: World, asked: Asked) -> Answer:
    """`GET /v1/files/{id}`: half a second of silence, whatever the id."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(2 * _SAMPLES))
    return Answer(content=sound.getvalue(), content_type="audio/wav")
