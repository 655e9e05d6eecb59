"""How deep a flow and its data may nest (language description, Bounds)."""

from __future__ import annotations

DEEPEST_DATA = 100
"""Lists and objects, in a flow, in JSON and in settings."""
DEEPEST_BLOCK = 50
DEEPEST_IN_TEXT = 20
"""Brackets of a value between the braces of a text."""
