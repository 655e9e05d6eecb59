"""What is read into a text must not change the structure of what it stands in."""

from __future__ import annotations


def escape_ssml(text: str) -> str:
    """A text inside SSML: it is said, and never a tag."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;")):
        text = text.replace(character, entity)
    return text


def escape_url(text: str) -> str:
    """A text as one segment of a path or one value of a query (RFC 3986 section 2.1)."""
    # Imported here, because few flows need it and it costs as much as all of this room.
    from urllib.parse import quote

    return quote(text, safe="", errors="replace")
