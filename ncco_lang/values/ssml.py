"""SSML: the text it speaks, whether its markup is well formed, and what the platform does not support.

Pure functions on texts; offsets count code points. expat parses the markup; document types are refused before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, NamedTuple

_TAG = re.compile(r"<[^<>]*>")
_MOST_FAULTS = 20


class SsmlFault(NamedTuple):
    """A fault in SSML: its kind, its place, and the message."""

    kind: str
    start: int
    end: int
    message: str


def is_ssml(text: str) -> bool:
    """Return whether a text is meant as SSML: it begins with a speak element."""
    return text.lstrip()[:6].lower() == "<speak"


def spoken_text(text: str) -> str:
    """Return the text that a voice speaks: in SSML without tags and with entities decoded, else the text itself."""
    return unescape(_TAG.sub("", text)) if is_ssml(text) else text


def find_markup(text: str, elements: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the span of the first SSML tag in a text that is not an SSML document, or None."""
    match = re.search(r"</?(" + "|".join(map(re.escape, elements)) + r")\b[^<>]*>", text)
    return match.span() if match else None


def find_faults(text: str, elements: Mapping[str, Any]) -> list[SsmlFault]:
    """Return the faults of a text that begins with `<speak`.

    Args:
        text: the SSML.
        elements: the platform's elements, as in `schemas/ssml.json`.

    Returns:
        one fault of kind `form` if the markup is not well formed, and the first ones of kind `subset`.
    """
    from xml.parsers import expat

    if (declared := re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE)) is not None:
        return [SsmlFault("form", *declared.span(), "a document type has no place in SSML")]
    data = text.encode("utf-8", "replace")
    faults: list[SsmlFault] = []
    parser = expat.ParserCreate("utf-8")

    def chars(count: int) -> int:
        return len(data[:count].decode("utf-8", "ignore"))

    def start(name: str, attributes: dict[str, str]) -> None:
        for message in _subset_faults(name, attributes, elements) if len(faults) < _MOST_FAULTS else ():
            at = chars(parser.CurrentByteIndex)
            faults.append(SsmlFault("subset", at, text.find(">", at) + 1 or len(text), message))

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        at = min(chars(parser.ErrorByteIndex), max(len(text) - 1, 0))
        faults.append(SsmlFault("form", at, at + 1, _plain_reason(expat.errors.messages.get(error.code, str(error)))))
    return faults


def _plain_reason(reason: str) -> str:
    words = {
        "mismatched tag": "a tag is closed here that is not the one open, or the one open never is",
        "no element found": "the text ends before all tags are closed",
        "not well-formed (invalid token)": "this character is not allowed here: write &amp; for & and &lt; for <",
        "junk after document element": "there is something after </speak>, where nothing is read",
        "unclosed token": "a tag is not closed with >",
        "duplicate attribute": "an attribute is in this tag twice",
        "undefined entity": "this entity is not known: SSML has &amp; &lt; &gt; &quot; and &apos;",
        "unbound prefix": "this prefix is not known",
    }
    return words.get(reason, f"the markup cannot be read ({reason})")


def _subset_faults(name: str, attributes: dict[str, str], elements: Mapping[str, Any]) -> list[str]:
    element = elements.get(name)
    if element is None:
        return [f"the platform has no <{name[:40]}>"]
    found = []
    for key, value in attributes.items():
        if key not in element["attributes"]:
            if not key.startswith("xmlns"):
                found.append(f"<{name}> has no attribute {key[:40]}")
        elif (pattern := element["attributes"][key]) is not None and not re.fullmatch(pattern, value):
            found.append(f'{key} of <{name}> cannot be "{value[:40]}"')
    missing = [key for key in element.get("required", ()) if key not in attributes]
    found += [f"<{name}> needs {key}" for key in missing]
    return found
