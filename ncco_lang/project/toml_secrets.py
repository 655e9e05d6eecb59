"""Hide secrets that an author wrote into `ncco.toml`, where only references belong, in lines that messages show.

This works line by line, so that it hides secrets in an invalid text too, with a missing quote for example. In doubt it
hides: only a part of a quoted line is lost. Params may be called secret.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\[?[\w.\"'\- \t]+\]\]?\s*(?:#.*)?$")
_SECRET_KEY = re.compile(r"credential|secret|private_?key|password|token|api_?key|client_?id", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(\"(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^\"\\\n]*)\"|'(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^'\n]*)')"
)
_PASSWORD = re.compile(r"(?<=://)[^/\s\"']*(?=@)")
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_NAME_IN_TABLE = re.compile(r"([{,]\s*)([A-Za-z_][\w-]*)(\s*=)(?=\s*[\"'])")
_SIGN = re.compile(r"[^\s={}\[\],]")
_LONG = ('"""', "'''")


def hide_secrets(text: str) -> str:
    """Return the text with asterisks in place of possible secrets; all offsets stay the same."""
    hidden: list[str] = []
    is_table = is_params = False
    long: str | None = None
    for line in text.split("\n"):
        if long is not None:
            hidden.append(re.sub(r"\S", "*", line))
            long = None if long in line else long
            continue
        if _HEADER.match(line):
            is_table = "credential" in line.lower()
            is_params = line.partition("]")[0].endswith("params")
            hidden.append(line)
            continue
        key, sign, value = line.partition("=")
        if not is_table and (is_params or _SECRET_KEY.search(line) is None):
            hidden.append(_PASSWORD.sub(_stars, line))
            continue
        long = next((mark for mark in _LONG if line.count(mark) % 2), None)
        hidden.append(key + sign + _hide_value(value) if sign else re.sub(r"\S", "*", line))
    return "\n".join(hidden)


def _hide_value(text: str) -> str:
    """Return the part after a key with asterisks, and references and the names in an inline table left readable."""
    parts = _REFERENCE.split(text)
    hidden = "".join(part if number % 2 else _SIGN.sub("*", part) for number, part in enumerate(parts))
    for name in _names(text):
        hidden = hidden[: name.start(2)] + name[2] + hidden[name.end(2) :]
    return hidden


def _names(text: str) -> list[re.Match[str]]:
    """Return the names in an inline table; none if a quote is missing, since part of a secret could look like a name."""
    plain = _QUOTED.sub(lambda found: '"' + " " * (len(found[0]) - 2) + '"', text)
    is_whole = (
        plain.lstrip().startswith("{") and plain.count('"') == 2 * len(_QUOTED.findall(text)) and "'" not in plain
    )
    return list(_NAME_IN_TABLE.finditer(plain)) if is_whole else []


def _stars(found: re.Match[str]) -> str:
    return "*" * len(found[0])
