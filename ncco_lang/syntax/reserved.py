"""The words that no declaration can have as its name. Tests hold them equal to those of `grammar/flow.lark`."""

from __future__ import annotations

import re

NAME = re.compile(r"[a-z_][a-z0-9_]*")
"""A name of the language: `NAME` of the grammar."""
OPERATOR_WORDS = frozenset({"and", "or", "not", "in"})
"""Words between values."""
WORDS = OPERATOR_WORDS | frozenset("if else each set true false null matches starts_with ends_with".split())
"""Words that the grammar never reads as a name (language description, Lexical rules)."""
TARGETS = frozenset("hangup retry repeat accept decline go_on".split())
"""Ready-made targets of a jump (the same place)."""
CALL_NAMES = frozenset("call language now key".split())
"""What is known about a call only while it runs (Values, and Questions for `key`)."""
RESERVED = WORDS | TARGETS | CALL_NAMES
