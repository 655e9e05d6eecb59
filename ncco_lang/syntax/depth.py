"""How deep a flow and its data may nest (language description, Bounds)."""

from __future__ import annotations

from ncco_lang.values import data

DEEPEST_DATA = data.DEEPEST_DATA
"""Lists and objects, in a flow, in JSON and in settings."""
DEEPEST_BLOCK = 50
DEEPEST_IN_TEXT = 20
"""Brackets of a value between the braces of a text."""
