"""Language tags: their patterns as a flow has them, and as people and other programs may write them."""

from __future__ import annotations

import re


def _pattern(small: str, script: str, capital: str, dash: str) -> str:
    """Return the pattern of a language, perhaps a script, and a region."""
    return f"{small}{{2,3}}(?:{dash}{script})?{dash}(?:{capital}{{2}}|[0-9]{{3}})"


TAG = _pattern("[a-z]", "[A-Za-z]{4}", "[A-Z]", "-") + "(?:-[A-Z]{3})?"
"""`LANG` of `grammar/flow.lark` but for the end of the word; a test holds the two equal."""
NEAT_TAG = _pattern("[a-z]", "[A-Z][a-z]{3}", "[A-Z]", "-")
"""A tag of which every letter has its usual case: `zh-Hans-CN`; a flow may have `zh-hans-CN` as well."""
ANY_CASE_TAG = _pattern("[A-Za-z]", "[A-Za-z]{4}", "[A-Za-z]", "-")
"""A tag in any case: `en-gb`."""
MISSPELT_TAG = _pattern("[A-Za-z]", "[A-Za-z]{4}", "[A-Za-z]", "[-_]")
"""A tag in any case, also with underscores: `en_gb`."""
TAG_BEFORE = r"(?<![A-Za-z0-9_-])[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*-\Z"
"""The parts of a tag before the one that is being typed."""
TAG_BEGUN = r"[a-z]{2,3}(?:-[A-Za-z0-9-]*)?"
"""A tag that is being typed, with one part or more."""
TAG_REST = r"(?:-[A-Za-z0-9]+)*"
"""The parts of a tag after the one that is being typed."""
_BCP_47 = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"


def is_tag(text: str) -> bool:
    """Return whether a flow may have this language tag without quotes: `en-GB`."""
    return re.fullmatch(TAG, text) is not None


def is_language(text: str) -> bool:
    """Return whether a text is a language alone, without a region: `en`."""
    return re.fullmatch("[a-z]{2,3}", text) is not None


def may_be_tag(text: str) -> bool:
    """Return whether a text has the shape of a language tag, whatever its capitals: `en`, `en-gb`."""
    return re.fullmatch(_BCP_47, text) is not None
