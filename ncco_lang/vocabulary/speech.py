"""Voices and recognisers: the languages, styles and old voice names of the platform (`schemas/speech.json`)."""

from __future__ import annotations

from functools import cache
from typing import Any

from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.legacy_table import elsewhere
from ncco_lang.vocabulary.phrases import did_you_mean


def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_json_resource("schemas/speech.json")
    return data


def voices() -> dict[str, dict[str, Any]]:
    """Return language tag → facts of its voices: `name`, `styles`, `premium`, `no_ssml`, `removed`, `status` …"""
    found: dict[str, dict[str, Any]] = _data()["voices"]
    return found


def recognisers() -> dict[str, dict[str, str]]:
    """Return language tag → `name` and `babel` of each language in which speech is recognised."""
    found: dict[str, dict[str, str]] = _data()["recognisers"]
    return found


def legacy_voices() -> dict[str, dict[str, Any] | None]:
    """Return old voice name → its `language` and `style`, None if nothing replaces it."""
    found: dict[str, dict[str, Any] | None] = _data()["legacy_voices"]
    return found


def kpn_voices() -> list[str]:
    """Return the names of the voices with which KPN speaks into a call (voice-api.md B3)."""
    found: list[str] = _data()["kpn_voices"]
    return found


@cache
def _caseless(table: str) -> dict[str, str]:
    tags = voices() if table == "voice" else recognisers()
    wrong = {older.lower(): right for older, right in _data()["spellings"][table].items()}
    return wrong | {tag.lower(): tag for tag in tags}


_OWN_NAMES = {
    "nederlands": "Dutch",
    "vlaams": "Dutch",
    "deutsch": "German",
    "francais": "French",
    "français": "French",
    "espanol": "Spanish",
    "español": "Spanish",
    "italiano": "Italian",
    "portugues": "Portuguese",
    "português": "Portuguese",
}
_FIRST = ("en-GB", "en-US")


def tags_of(language: str, table: str) -> list[str]:
    """Return the tags of a language that an author calls by its name (`english`, `deutsch`) or its code (`nl`).

    The most likely tags come first: the language of the country with the same code.

    Args:
        language: what the author wrote; a letter or two of a name may be wrong.
        table: `voice` or `recogniser`.
    """
    tags = {
        tag: each["name"].partition(" (")[0]
        for tag, each in (voices() if table == "voice" else recognisers()).items()
        if "use" not in each
    }
    word = language.strip().lower()
    name = _OWN_NAMES.get(word) or did_you_mean(word, sorted(set(tags.values())))
    found = [tag for tag in tags if tag.partition("-")[0] == word] or [tag for tag in tags if tags[tag] == name]

    def rank(tag: str) -> tuple[bool, bool, int, str]:
        code, _, country = tag.partition("-")
        return tag not in _FIRST, code != country.lower(), tag.count("-"), tag

    return sorted(found, key=rank)


def written_tag(tag: str, table: str) -> str | None:
    """Return a tag as the platform's pages write it, with letter case and known misspellings fixed; None if unknown.

    Args:
        tag: what the author wrote.
        table: `voice` or `recogniser`.
    """
    return _caseless(table).get(tag.strip().lower().replace("_", "-"))


@cache
def _tags_elsewhere(table: str) -> dict[str, str]:
    """Return the tags of other platforms, in small letters, each with the platform's own."""
    return {other.lower(): tag for other, tag in elsewhere(f"{table}-languages").items()}


def tag_elsewhere(tag: str, table: str) -> str | None:
    """Return the platform's tag for one that other platforms write, such as `cmn-CN` for `zh-CN`; None for others.

    Args:
        tag: what the author wrote.
        table: `voice` or `recogniser`.
    """
    return _tags_elsewhere(table).get(tag.strip().lower().replace("_", "-"))


def corrected_tag(word: str) -> str | None:
    """Return the tag of either table that a word with dashes or underscores spells in another way, or None."""
    is_tag = "-" in word or "_" in word
    return (written_tag(word, "voice") or written_tag(word, "recogniser")) if is_tag else None
