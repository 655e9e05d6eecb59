"""Escape text for insertion into another text, so that it cannot change the structure of that text."""

from __future__ import annotations


def escape_ssml(text: str) -> str:
    """Escape a text for SSML: a voice speaks it, and no part of it is a tag."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;")):
        text = text.replace(character, entity)
    return text


def escape_url(text: str) -> str:
    """Escape a text as one segment of a path or one value of a query (RFC 3986 section 2.1)."""
    # Imported here, because few flows need it and it costs as much as all of this package.
    from urllib.parse import quote

    return quote(text, safe="", errors="replace")
