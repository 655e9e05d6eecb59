"""Find placeholders that a program did not replace: `${number}`, `#{url}`, `{host}`, `<YOUR URL>`, `YOUR_NUMBER`."""

from __future__ import annotations

import re

_TEMPLATE = re.compile(r"\$\{[^{}]*\}|#\{[^{}]*\}|\{\{[^{}]*\}\}|%\([A-Za-z_]\w*\)s")
_LOOSE = re.compile(
    r"\$[A-Za-z_][\w.]*|\{[^{}]*\}|<[^<>]*>|%[A-Z_]{3,}%"
    r"|(?<![A-Za-z])[A-Z]{2,}[0-9]*(?:_[A-Za-z0-9]+)+|(?<![A-Za-z])(?:YOUR|MY|REPLACE|INSERT)[ _-][\w -]*"
)


def find_placeholder(text: str) -> tuple[int, int] | None:
    """Return (start, end) of the first placeholder in a value that should be a number, an address or an id, or None."""
    match = _TEMPLATE.search(text) or _LOOSE.search(text)
    return match.span() if match else None


def find_template(text: str) -> tuple[int, int] | None:
    """Return (start, end) of the first placeholder in a spoken text, `${name}`, `#{name}` or `{{name}}`, or None."""
    match = _TEMPLATE.search(text)
    return match.span() if match else None
