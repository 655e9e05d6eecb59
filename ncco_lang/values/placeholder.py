"""Find what programs leave in a text in place of a value: placeholders, and the words of a value that was missing."""

from __future__ import annotations

import re
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]

_TEMPLATE = re.compile(r"\$\{[^{}]*\}|#\{[^{}]*\}|\{\{[^{}]*\}\}|%\([A-Za-z_]\w*\)s")
_LOOSE = re.compile(
    r"\$[A-Za-z_][\w.]*|\{[^{}]*\}|<[^<>]*>|%[A-Z_]{3,}%|(?<![\w%])%s"
    r"|(?<![A-Za-z])[A-Z]{2,}[0-9]*(?:_[A-Za-z0-9]+)+|(?<![A-Za-z])(?:YOUR|MY|REPLACE|INSERT)[ _-][\w -]*"
)
_ENGINES = (
    # Shells, PHP and Perl; JavaScript, Ruby, Swift; the printf of C; Python, .NET; Windows; ERB, EJS, ASP; Jinja; Django.
    r"\$\{[^{}]*\}|\$\([\w.]+\)|(?<!\w)\$[A-Za-z_][\w.]*|#\{[^{}]*\}|\\\([\w.]+\)|\{\{[^{}]*\}\}"
    r"|%\([A-Za-z_]\w*\)s|(?<![\w%])%(?:[1-9]\$)?[sd](?!\w)|\{[A-Za-z_0-9][\w.: \[\]'-]{0,60}\}|\{\}"
    r"|%[A-Za-z_]{3,}%|<%.{0,200}?%>|\{%.{0,200}?%\}|(?:\"|')\s?\+\s?[A-Za-z_][\w.]*\s?\+\s?(?:\"|')"
    r"|<[A-Z][A-Z0-9]*(?:[ _-][A-Z0-9]+)*>|\[(?:[Yy]our|YOUR|[Ii]nsert|INSERT|NAME|[A-Z]+_[A-Z_]+)\b[^\[\]]{0,60}\]"
)
_IN_SPEECH = re.compile(_ENGINES + r"|(?<![A-Za-z0-9_])[A-Z]{2,}[0-9]*(?:_[A-Z0-9]+)+(?![A-Za-z0-9_])")
_IN_NAME = re.compile(
    _ENGINES + r"|<[^<>]+>"
    r"|\b(?:YOUR|MY|THE|INSERT|REPLACE|ENTER|CHANGE|TODO)[ _-][A-Z][A-Z _-]*\b"
    r"|^(?:[A-Z]+[_-])*(?:NAME|ID|UUID|USERNAME|NUMBER|EXTENSION|DOMAIN|TOKEN)$"
)
_MARKS = re.compile(r"[$#%{<\[_\\+]")
"""One of these is in every placeholder of a spoken text."""

_MISSING = r"(?<![A-Za-z0-9])(?:undefined|NaN)(?![A-Za-z0-9])|\[object [A-Z]\w*\]"
_OBJECTS = (
    r"|#<[A-Z]\w*(?:::\w+)*:0x[0-9a-f]+>?|<[\w. ]{1,60} (?:object )?at 0x[0-9a-fA-F]+>"
    r"|\bSystem\.(?:Collections|Object|String|Linq)[\w.]*|(?<![\w@.])[a-z]\w*(?:\.\w+)+@[0-9a-f]{6,8}(?!\w)"
)
_NULL = r"(?:null|None|nil|Array|\(null\)|<null>)"
_LEAK = re.compile(_MISSING + _OBJECTS + rf"|^{_NULL}$")
_SPOKEN_LEAK = re.compile(_LEAK.pattern + r"|(?:(?<=\bHello )|(?<=\bHi )|(?<=\bDear ))(?:null|None)\b")
_LEAK_MARKS = ("undefined", "NaN", "null", "None", "nil", "[object", "Array", "0x", "System.", "@")
_NAME_LEAK = re.compile(_LEAK.pattern + r"|(?<=[-_:/.])(?:null|None|nil)(?=$|[-_:/.])")


def find_placeholder(text: str) -> Range | None:
    """Return (start, end) of the first placeholder in a value that should be a number, an address or an id, or None."""
    match = _TEMPLATE.search(text) or _LOOSE.search(text)
    return match.span() if match else None


def find_template(text: str) -> Range | None:
    """Return (start, end) of the first placeholder that no text has by chance: `${name}`, `#{name}` or `{{name}}`, or None."""
    match = _TEMPLATE.search(text)
    return match.span() if match else None


def find_in_speech(text: str) -> Range | None:
    """Return (start, end) of the first placeholder in a spoken text: `{{name}}`, `$name`, `%s`, `<NAME>`, or None."""
    match = _IN_SPEECH.search(text) if _MARKS.search(text) else None
    return match.span() if match else None


def find_in_name(text: str) -> Range | None:
    """Return (start, end) of the first placeholder in a name that the author chose, or None.

    Words in capitals are names as well: only those that speak of a name or an id count, such as `CONVERSATION_NAME`.
    """
    match = _IN_NAME.search(text)
    return match.span() if match else None


def find_leak(text: str, where: str = "value") -> Range | None:
    """Return (start, end) of what a program wrote for a value that was missing, or for an object; None if there is nothing.

    Such are `undefined`, `NaN` and `[object Object]` as words, and `null` or `None` where no word is expected.

    Args:
        text: any text.
        where: `value`, `speech` or `name`.
    """
    # Most texts have none of these, and a look at each costs far less than the pattern.
    if not any(map(text.__contains__, _LEAK_MARKS)):
        return None
    pattern = {"speech": _SPOKEN_LEAK, "name": _NAME_LEAK}.get(where, _LEAK)
    match = pattern.search(text)
    return match.span() if match else None
