"""Escape text for insertion into another text, so that it cannot change the structure of that text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

Place: TypeAlias = Literal["speech", "ssml", "url", "header", "json", "tones", "plain"]
"""The place of a text, which decides how the values in it are escaped."""

_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;"))
_OUTSIDE_XML = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that XML 1.0 (section 2.2) does not have, not even as references. Compiled when first used, which takes 5 ms."""


def escape_ssml(text: str) -> str:
    """Escape a text for SSML: a voice speaks it, and no part of it is a tag."""
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return text if text.isascii() and text.isprintable() else re.sub(_OUTSIDE_XML, " ", text)


def without_tag(text: str) -> str:
    """Return a speech that begins with a value: one that the value would make SSML begins without the sign of a tag."""
    begun = text.lstrip()
    return begun[1:] if begun[:6].casefold() == "<speak" else text


def escape_url(text: str) -> str:
    """Escape a text as one segment of a path or one value of a query (RFC 3986 section 2.1)."""
    # Imported here, because few flows need it and it costs as much as all of this package.
    from urllib.parse import quote

    if text.strip(".") == "":
        return text.replace(".", "%2E")  # a segment "." or ".." would be another path
    return quote(text, safe="", errors="replace")


def escape_header(text: str) -> str:
    """Escape a text for the value of a header: it has no line breaks and no other control characters."""
    return "".join(character if character.isprintable() else " " for character in text)


def escape_json(text: str) -> str:
    """Escape a text for the inside of a JSON string."""
    return json.dumps(text)[1:-1]


def escape_tones(text: str) -> str:
    """Escape a text for keys to send: only keys are left, so that none of it is a pause."""
    return re.sub("[^0-9*#]", "", text)


def _unchanged(text: str) -> str:
    return text


ESCAPES: Final[Mapping[str, Callable[[str], str]]] = {
    "speech": _unchanged,
    "ssml": escape_ssml,
    "url": escape_url,
    "header": escape_header,
    "json": escape_json,
    "tones": escape_tones,
    "plain": _unchanged,
}
"""`Place` → the function that escapes a value for it."""
