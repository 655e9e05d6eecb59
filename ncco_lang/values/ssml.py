"""SSML: the text it speaks, whether its markup is well formed, and what the platform does not support.

Pure functions on texts; offsets count code points. expat parses the markup; document types are refused before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, NamedTuple

_TAG = re.compile(r"<[^<>]*>")
_MOST_FAULTS = 20


class SsmlFault(NamedTuple):
    """A fault in SSML.

    Attributes:
        kind: `form` for markup that is not well formed; `element`, `attribute`, `value` for what the platform's pages do
            not list, `missing` for an attribute that is not there.
        start: where it begins in the text.
        end: where it ends.
        names: of `form` the parser's reason, else the element, the attribute and the value.
    """

    kind: str
    start: int
    end: int
    names: tuple[str, ...]


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
        one fault of kind `form` if the markup is not well formed, and the first ones of the other kinds.
    """
    from xml.parsers import expat

    if (declared := re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE)) is not None:
        return [SsmlFault("form", *declared.span(), ("document type",))]
    data = text.encode("utf-8", "replace")
    faults: list[SsmlFault] = []
    parser = expat.ParserCreate("utf-8")

    def chars(count: int) -> int:
        return len(data[:count].decode("utf-8", "ignore"))

    def start(name: str, attributes: dict[str, str]) -> None:
        for kind, names in _unlisted(name, attributes, elements) if len(faults) < _MOST_FAULTS else ():
            at = chars(parser.CurrentByteIndex)
            faults.append(SsmlFault(kind, at, text.find(">", at) + 1 or len(text), names))

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        at = min(chars(parser.ErrorByteIndex), max(len(text) - 1, 0))
        faults.append(SsmlFault("form", at, at + 1, (expat.errors.messages.get(error.code, str(error)),)))
    return faults


def _unlisted(
    name: str, attributes: dict[str, str], elements: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the kind and the names of each fault of an element: what the platform's pages do not list."""
    element = elements.get(name)
    if element is None:
        yield "element", (name,)
        return
    for key, value in attributes.items():
        if key not in element["attributes"]:
            if not key.startswith("xmlns"):
                yield "attribute", (name, key)
        elif (pattern := element["attributes"][key]) is not None and not re.fullmatch(pattern, value):
            yield "value", (name, key, value)
    for key in element.get("required", ()):
        if key not in attributes:
            yield "missing", (name, key)
