"""Language tags: which texts are one as a flow has it, and which as other programs may write it."""

from __future__ import annotations

import re

# `LANG` of `grammar/flow.lark`; a test holds the two equal.
TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?-([A-Z]{2}|[0-9]{3})(-[A-Z]{3})?")
_LOOSE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def is_tag(text: str) -> bool:
    """Return whether a flow may have this language tag without quotes: `en-GB`."""
    return TAG.fullmatch(text) is not None


def may_be_tag(text: str) -> bool:
    """Return whether a text has the shape of a language tag, whatever its capitals: `en`, `en-gb`."""
    return _LOOSE_TAG.fullmatch(text) is not None
