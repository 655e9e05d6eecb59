"""Say what a text is that is not JSON at all: a web page, a program, the output of a tool."""

from __future__ import annotations

import re

_LOOKED_AT = 1000
# Possessive, so that no text takes more than one look at each character.
_COMMENTS = r"(?:(?://[^\n]*+|/\*(?:(?!\*/).)*+\*/|[\"']use strict[\"'];?)\s*+)*+"
_HASHES = r"(?:#[^\n]*+\s*+)*+"

_KINDS: tuple[tuple[str, str, str], ...] = (
    (
        r"<br\s*/?>\s*<b>(warning|notice|fatal error|deprecated|parse error)|(php )?(warning|notice|fatal error|deprecated|parse error): ",
        "an error of PHP",
        "correct the program, or keep display_errors off",
    ),
    (r"<\?(php|=)", "a PHP program", "check what it prints, not the program"),
    (
        r"(<\?xml[^>]*\?>\s*)?<(response|vxml|call-?flow)\b",
        "XML for another platform",
        "write the actions as JSON, or as a flow",
    ),
    (
        r"(?:<!--.{0,400}?-->\s*)?<(!doctype html|html|head|body|div|h1|p|pre|script)\b",
        "an HTML page",
        "check the address: this may be an error page or a log-in page",
    ),
    (r"<\?xml|<[a-z][\w:.-]*[\s/>]", "XML", "write the actions as JSON, or as a flow"),
    (r"http/[0-9.]+ [0-9]{3}", "an HTTP response with its headers", "keep only its body"),
    (r"```", "Markdown", "keep only what is between the fences"),
    (
        _COMMENTS
        + r"(const|let|var|import|export|function|async|class|module\.exports|exports\.\w+|require\(|return)\b(?!\s*[:,\"\[])",
        "a program in JavaScript",
        "check what it sends, not the program",
    ),
    (
        _HASHES + r"(from [\w.]+ import|import [\w.]+\s|def \w+\(|class \w+[:(]|@\w+)",
        "a program in Python",
        "check what it sends, not the program",
    ),
    (_HASHES + r"(?:---\s*+)?(-\s+)?[\"']?(action|ncco)[\"']?:\s", "YAML", "write JSON, or a flow"),
    (
        _COMMENTS
        + r"(talk|stream|record|conversation|connect|input|notify|wait|transfer|default|let|param|step|menu)\s+[\w\"$/]",
        "a flow",
        "name the file .flow",
    ),
    (
        r"(cannot (get|post) /|internal server error|not found|bad gateway|error\b|forbidden|unauthorized|upstream )",
        "the error message of a server",
        "check the address and the server",
    ),
)
"""How a text begins, in any letter case; what it is; what to do."""

_PATTERNS = tuple((re.compile(begin, re.IGNORECASE | re.DOTALL), what, hint) for begin, what, hint in _KINDS)


def foreign_document(text: str) -> tuple[str, str, int] | None:
    """Return what a text is, what to do, and the offset where it begins; None if it may be meant as JSON."""
    begin = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if text[begin : begin + 1] in ("", "[", "{", '"'):
        return None
    head = text[begin : begin + _LOOKED_AT]
    return next(((what, hint, begin) for pattern, what, hint in _PATTERNS if pattern.match(head)), None)
