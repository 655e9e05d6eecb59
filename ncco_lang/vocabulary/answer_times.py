"""How long a question may wait for its answer: the limits of the schema for keys, for speech, and for both."""

from __future__ import annotations

from functools import cache

from ncco_lang.vocabulary.ncco_schema import definition
from ncco_lang.vocabulary.schema_validator import Schema

_OPTIONS = {"dtmf": "timeOut", "speech": "startTimeout"}
"""Kind of answer → the option that is the `timeout` of a question."""


@cache
def answer_times(*kinds: str) -> Schema:
    """Return the schema of a time, in seconds, that is allowed for each of some kinds of answers.

    Args:
        kinds: `dtmf`, `speech` or both.
    """
    parts = [definition(kind)["properties"][_OPTIONS[kind]] for kind in kinds]
    limits = {
        "minimum": max(part["minimum"] for part in parts),
        "maximum": min(part["maximum"] for part in parts),
    }
    return {**parts[0], **limits}
