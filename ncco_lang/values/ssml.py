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
UNCLOSED = "unclosed element"
"""The reason of a `form` fault whose second name is an element without its closing tag."""
_APART = dict.fromkeys(("<br", "<hr", "<li", "<td", "</d", "</h"), " ")
"""How tags of HTML begin that part words, with what takes their place."""
_HTML = re.compile(
    r"</?(?:a|abbr|article|b|big|body|br|button|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]|head|header|hr|html"
    r"|i|img|input|label|li|link|meta|ol|option|pre|script|section|select|small|span|strike|strong|style|sup|table|tbody"
    r"|td|textarea|th|thead|title|tr|u|ul|video)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


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


def find_html(text: str) -> list[tuple[int, int, str]]:
    """Return the spans of the tags of HTML in a text that is no SSML, with what takes the place of each."""
    return [(*match.span(), _APART.get(match[0][:3].lower(), "")) for match in _HTML.finditer(text)]


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
    opened: list[tuple[str, int]] = []
    faults: list[SsmlFault] = []
    parser = expat.ParserCreate("utf-8")

    def chars(count: int) -> int:
        return len(data[:count].decode("utf-8", "ignore"))

    def start(name: str, attributes: dict[str, str]) -> None:
        opened.append((name, parser.CurrentByteIndex))
        for kind, names in _unlisted(name, attributes, elements) if len(faults) < _MOST_FAULTS else ():
            at = chars(parser.CurrentByteIndex)
            faults.append(SsmlFault(kind, at, text.find(">", at) + 1 or len(text), names))

    def end(name: str) -> None:
        opened.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        at = min(chars(parser.ErrorByteIndex), max(len(text) - 1, 0))
        reason = expat.errors.messages.get(error.code, str(error))
        name, begin = opened[-1] if opened else ("", 0)
        if reason in ("mismatched tag", "no element found") and _is_left_open(text, at, [each for each, _ in opened]):
            where = chars(begin)
            tag_end = text.find(">", where) + 1 or len(text)
            faults.append(SsmlFault("form", where, tag_end, (UNCLOSED, name)))
        else:
            faults.append(SsmlFault("form", at, at + 1, (reason,)))
    return faults


def _is_left_open(text: str, at: int, names: list[str]) -> bool:
    """Return whether the innermost open element has no closing tag: the text ends, or an outer element closes at `at`."""
    if not names:
        return False
    closing = re.match(r"</\s*([\w:.-]+)", text[max(text.rfind("</", 0, at + 1), 0) :])
    return at >= len(text) - 1 or closing is None or closing[1] in names[:-1]


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
