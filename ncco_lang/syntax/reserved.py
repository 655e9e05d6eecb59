"""The words that no declaration can have as its name. A test compares `WORDS` with `grammar/flow.lark`."""

from __future__ import annotations

import re
from functools import cache

NAME = re.compile(r"[a-z_][a-z0-9_]*")
"""A name of the language: `NAME` of the grammar."""
OPERATOR_WORDS = frozenset({"and", "or", "not", "in"})
"""Words between values."""
WORDS = OPERATOR_WORDS | frozenset("if else each set true false null matches starts_with ends_with".split())
"""Words that the grammar never reads as a name (language description, Lexical rules)."""


@cache
def reserved() -> frozenset[str]:
    """Return the words that no name can be: those of the grammar, the targets of arms, and the values of a call."""
    from ncco_lang.vocabulary.language_words import targets, words_in

    return WORDS | targets() | words_in("values").keys()
