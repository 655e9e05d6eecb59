"""The words that no declaration can have as its name."""

from __future__ import annotations

WORDS = frozenset("if else and or not in each set true false null matches starts_with ends_with".split())
"""Words of the language's conditions (language description, Lexical rules)."""
TARGETS = frozenset("hangup retry repeat accept decline go_on".split())
"""Ready-made targets of a jump (the same place)."""
CALL_NAMES = frozenset("call language now key".split())
"""What is known about a call only while it runs (Values, and Questions for `key`)."""
RESERVED = WORDS | TARGETS | CALL_NAMES
