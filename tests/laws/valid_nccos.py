"""Valid NCCOs, generated from the schema: every action, option, word and bound occurs without being listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from ncco_lang.vocabulary.ncco_schema import action_names, definition, is_valid, merged

_ADDRESSES = {
    "url": ["https://example.com/events", "http://user@localhost:8080/a?b=%7B1%7D#c", "https://[2001:db8::1]/"],
    "audio-url": ["https://example.com/music.mp3"],
    "websocket-url": ["wss://example.com/socket?call=1", "ws://[::1]:80"],
    "sip-uri": ["sip:desk@sip.example.com;transport=tls", "sips:a@b"],
    "phone": ["442079460958", "12025550144", "31201234567", "9999999"],
    "voice-language": ["en-GB", "nl-NL", "en-GB", "ar", "en-GB-WLS", "yue-hant-HK", "es-419", "or", "en-us", "x{y"],
    "recogniser-language": ["en-GB", "zh", "no-NO", "if", "sr-Latn-RS"],
}
_BY_PATTERN = {
    "^[0-9*#p]+$": ["1p2#", "*"],
    "^[ -~]*$": ["Bearer {abc.def}", '"\\ ~'],
    "^CON-[0-9A-Za-z-]{1,64}$": ["CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"],
}
_WORDS = st.sampled_from(["Hello.", "<speak>One</speak>", "a\nb", "two\n\n  lines ", "{x}", '"', "\\", "//", "en-GB"])
_LETTERS = st.characters(codec="utf-8")
TEXTS = _WORDS | st.text(_LETTERS, max_size=8) | st.lists(_WORDS | st.text(_LETTERS), max_size=5).map("\n".join)

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
DATA = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
"""Any JSON value that a text file can hold."""


def nccos() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return a strategy for lists of actions; some lists repeat actions, so that their options repeat."""
    action = st.sampled_from(action_names()).flatmap(_action).filter(lambda action: is_valid([action]))
    few = st.lists(action, min_size=1, max_size=3)
    return st.lists(action, min_size=1, max_size=4) | few.flatmap(
        lambda actions: st.lists(st.sampled_from(actions), min_size=3, max_size=6)
    )


def _action(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return _object(definition(name))


def _value(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    schema = merged(dict(schema))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "boolean":
            return st.booleans()
        case "integer" | "number":
            return _number(schema)
        case "string":
            return _text(schema)
        case "array":
            size = {"min_size": schema.get("minItems", 0), "max_size": schema.get("maxItems", 3)}
            return st.lists(_value(schema["items"]), unique=schema.get("uniqueItems", False), **size)
        case _:
            return _object(schema)


def _number(schema: Mapping[str, Any]) -> st.SearchStrategy[int | float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", 10**6)
    whole = st.integers(int(low + 0.999999), int(high))
    if schema["type"] == "integer":
        return whole | whole.map(float)
    return whole | st.floats(low, high) | st.integers(int(low * 10), int(high * 10)).map(lambda n: n / 10)


def _text(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    samples = _ADDRESSES.get(schema.get("x-kind", "")) or _BY_PATTERN.get(schema.get("pattern", ""))
    if samples is not None:
        return st.sampled_from(samples)
    least = schema.get("minLength", 0)
    return TEXTS.filter(lambda text: least <= len(text) <= schema.get("maxLength", 10**6))


def _object(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if schema.get("x-data") and not schema.get("properties"):
        values = TEXTS if "additionalProperties" in schema else DATA
        return st.dictionaries(TEXTS, values, max_size=3)
    shapes = _shapes(schema)
    if shapes:
        return st.one_of([_object(shape) for shape in shapes])
    required = set(schema.get("required", ()))
    parts = {key: _value(part) for key, part in schema.get("properties", {}).items()}
    return st.fixed_dictionaries(
        {key: parts[key] for key in parts if key in required or "const" in schema["properties"][key]},
        optional={key: parts[key] for key in parts if key not in required},
    )


def _shapes(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the shapes of an object that has several: an endpoint, a prompt of `pay`."""
    branches = [branch["then"] for branch in schema.get("allOf", ()) if set(branch) == {"if", "then"}]
    shapes = [merged(branch) for branch in branches if "$ref" in branch]
    return [{**shape, "required": [*schema.get("required", ()), *shape.get("required", ())]} for shape in shapes]
