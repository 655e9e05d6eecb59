"""Voices and recognisers: which languages, styles and old voice names the platform has (`schemas/speech.json`)."""

from __future__ import annotations

from functools import cache
from typing import Any

from ncco_lang.resources import load_json_resource


def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_json_resource("schemas/speech.json")
    return data


def voices() -> dict[str, dict[str, Any]]:
    """Language tag → what is known of its voices: `name`, `styles`, `premium`, `no_ssml`, `removed`, `status` …"""
    found: dict[str, dict[str, Any]] = _data()["voices"]
    return found


def recognisers() -> dict[str, dict[str, str]]:
    """Language tag → `name` and `babel` of each language that speech is recognised in."""
    found: dict[str, dict[str, str]] = _data()["recognisers"]
    return found


def legacy_voices() -> dict[str, dict[str, Any] | None]:
    """Old voice name → its `language` and `style`, None where nothing replaces it."""
    found: dict[str, dict[str, Any] | None] = _data()["legacy_voices"]
    return found


@cache
def _caseless(table: str) -> dict[str, str]:
    tags = voices() if table == "voice" else recognisers()
    wrong = {older.lower(): right for older, right in _data()["spellings"][table].items()}
    return wrong | {tag.lower(): tag for tag in tags}


def written_tag(tag: str, table: str) -> str | None:
    """A tag as the platform's pages write it, letter case and known misspellings mended; None for an unknown one.

    Args:
        tag: what the author wrote.
        table: `voice` or `recogniser`.
    """
    return _caseless(table).get(tag.strip().lower().replace("_", "-"))
