"""The kinds of values beyond their JSON type, as in `x-kind` of `schemas/ncco.schema.json`, by what they have in common."""

from __future__ import annotations

from collections.abc import Mapping

VOICE_LANGUAGE = "voice-language"
LANGUAGES: Mapping[str, str] = {VOICE_LANGUAGE: "voice", "recogniser-language": "recogniser"}
"""Kind of a language → the table of `schemas/speech.json` that lists its tags."""
HTTP_ADDRESSES = frozenset({"url", "audio-url"})
WEB_ADDRESSES = HTTP_ADDRESSES | {"websocket-url"}
ADDRESSES = WEB_ADDRESSES | {"sip-uri"}
TONES = "tones"
"""Keys that are sent; a value in them is never a pause."""
HEADERS = "headers"
"""Headers of a SIP call: their values are on one line."""
URL_GLOB = "url-glob"
"""A pattern of URLs in a test; values in it are escaped as in a URL."""
