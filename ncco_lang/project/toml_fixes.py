"""Fixes for a misspelt word of an `ncco.toml`. They change a setting, so none of them is safe."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span

_QUOTED = re.compile(r"[\"'\\\x00-\x1f\x7f]")
_VALUE = re.compile(r"""[ \t]*=[ \t]*(["'])([^"'\\\r\n]*)\1""")


def rename_key(text: str, key: Span, word: str, meant: str) -> Fix | None:
    """Return a fix that renames a key.

    Args:
        text: the whole text.
        key: the span of the key, with all of its dotted parts.
        word: its last part.
        meant: a word that needs no quotes.

    Returns:
        None if the key is written in another way, with escapes for example.
    """
    part = re.compile(rf"""(?:\A|[.\s])(["']?){re.escape(word)}\1\Z""").search(text[key.start : key.end])
    if part is None:
        return None
    start = key.start + part.end() - len(part[1]) - len(word)
    return _written(Span(start, start + len(word)), meant)


def replace_value(text: str, key: Span, word: str, meant: str) -> Fix | None:
    """Return a fix that replaces the text of a setting; None if the text is not a plain string on one line."""
    value = _VALUE.match(text, key.end)
    if value is None or value[2] != word or _QUOTED.search(meant) is not None:
        return None
    return _written(Span(*value.span(2)), meant)


def _written(span: Span, meant: str) -> Fix:
    return Fix(f'write "{meant}"', (Edit(span, meant),), unsafe=True)
