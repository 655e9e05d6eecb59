"""Say the facts of an option in words: what it takes, its range, its default, where it is in the NCCO."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.values import units
from ncco_lang.vocabulary.flow_spelling import FLOW
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.words import listed

_KINDS = {
    "phone": "telephone number",
    "url": "address",
    "audio-url": "address of audio",
    "websocket-url": "wss:// address",
    "sip-uri": "SIP address",
    "speech": "text that is said",
    "voice-language": "language",
    "recogniser-language": "language",
    "key": "telephone key",
    "legs": "list of leg ids",
    "name": "name",
    "number-or-range": "whole number or range",
    "flag-or-language": "true or language",
    "choices": "list, table or range",
}
TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "array": "list",
    "object": "block",
}
_WORDY = 6
"""The greatest number of enum words shown in place of a type."""
UNITS = {"s": "seconds", "ms": "milliseconds"}
SINCE = {"new": "newest", "sdk-2026": "SDKs of 2026"}
"""Values of `x-since` that are not a year (docs/schema.md)."""


def type_of(option: OptionSpec) -> str:
    """Return what an option takes, in a word or two."""
    if option.data:
        return "JSON object"
    if option.kind in _KINDS:
        return _KINDS[option.kind]
    if option.unit is not None:
        return "duration"
    if option.single and option.item is not None:
        return type_of(option.item)
    if option.enum:
        return alternatives(option) if len(option.enum) <= _WORDY else "word"
    return TYPES.get(option.types[0], "value") if option.types else "value"


def alternatives(option: OptionSpec) -> str:
    """Return the words of which an option takes one, `mp3 | wav | ogg`."""
    return " | ".join(map(str, option.enum))


def written_type_of(option: OptionSpec) -> str:
    """Return what an option takes as a flow spells it: a word without quotes, `post | get`, a text with them."""
    kind = type_of(option)
    return " | ".join(map(FLOW.choice, option.enum)) if option.enum and kind == alternatives(option) else kind


def written_default_of(option: OptionSpec) -> str:
    """Return the default as a flow spells it; empty without a default."""
    is_word = option.default is not None and option.enum
    return FLOW.choice(option.default) if is_word else default_of(option)


def range_of(option: OptionSpec) -> str:
    """Return the range of an option as an author writes it, such as `1s to 2m`; empty without a range."""
    low, high = option.minimum, option.maximum
    if low is not None and high is not None:
        return f"{amount(option, low)} to {amount(option, high)}"
    if low is not None:
        return f"{amount(option, low)} or more"
    return "" if high is None else f"at most {amount(option, high)}"


def amount(option: OptionSpec, value: Any) -> str:
    """Return a number on the wire as an author writes it for this option."""
    return units.show(value, option.unit) if option.unit is not None else f"{value:g}"


def default_of(option: OptionSpec) -> str:
    """Return the default as an author writes it; empty without a default."""
    if option.default is None:
        return ""
    if isinstance(option.default, bool):
        return str(option.default).lower()
    if isinstance(option.default, (int, float)):
        return amount(option, option.default)
    return str(option.default)


def detail_of(option: OptionSpec) -> str:
    """Return type, range and default in one line, for a list of proposals."""
    return in_one_line(option, type_of(option), range_of(option), default_of(option))


def in_one_line(option: OptionSpec, kind: str, span: str, default: str) -> str:
    """Return type, range and default, each in words or empty, and whether the option is required."""
    words = (kind, span, f"default {default}" if default else "", "required" if option.required else "")
    return ", ".join(word for word in words if word)


def since_of(option: OptionSpec) -> str:
    """Return the year of the first NCCO reference that has an option, `newest`, or `SDKs of 2026`; empty if unknown."""
    since: str = option.schema.get("x-since", "")
    return SINCE.get(since, since)


def wire_of(path: Path) -> str:
    """Return the place of an option in its action of an NCCO, `endpoint.number`; empty if it is not sent."""
    return ".".join(str(step) for step in path if isinstance(step, str))


def remarks_of(option: OptionSpec) -> Iterator[str]:
    """Yield what else limits the value of an option, each in a few words."""
    written = option.written
    if option.enum and type_of(option) != alternatives(option):
        yield f"one of {listed(list(map(FLOW.choice, option.enum)))}"
    if option.is_block:
        yield f"a block of {listed([part.name for part in option.options]).replace(' or ', ' and ')}"
    expected = written.schema.get("x-expected", "")
    # The kind of a value says its form, and so may its description.
    if option.kind is None and expected.lower() not in option.doc.lower():
        yield expected
    if (low := option.schema.get("exclusiveMinimum")) is not None:
        yield f"more than {low:g}"
    if (longest := written.schema.get("maxLength")) is not None:
        yield f"at most {longest} characters"
    if (spoken := option.schema.get("x-max-spoken")) is not None:
        yield f"at most {spoken} characters are spoken"
    if (size := option.schema.get("x-max-bytes")) is not None:
        yield f"at most {size} bytes as JSON"
    if (step := option.schema.get("x-step")) is not None:
        yield f"in steps of {step:g}"
    if option.schema.get("x-clamped"):
        yield "the platform takes the nearest value in the range"
    if names := option.schema.get("x-suggest"):
        yield f"known: {', '.join(names)}"
    if option.deprecated:
        yield f"deprecated: {option.deprecated}"
