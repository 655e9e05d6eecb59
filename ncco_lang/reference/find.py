"""Find what a word means in the reference: a statement, an option of one, or an option of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ncco_lang.reference.entries import Entry, OptionEntry, entries
from ncco_lang.vocabulary.language_words import outcomes
from ncco_lang.vocabulary.option_specs import OptionSpec


def find_topics(word: str) -> list[Entry | OptionEntry]:
    """Return what a word names, best first; nothing for an unknown word.

    `talk`, `connect.timeout`; with the form of the statement or without, `connect.phone.number`, `connect.number`; as on
    the wire, `connect.endpoint.number`, `talk.bargeIn`; an option alone, `timeout`; an outcome, `busy`.
    """
    return list(_by_word().get(_plain(word), ()))


def topic_of_option(verb: str, wire: str, option: OptionSpec | None = None) -> str:
    """Return the topic of an option of a statement, by its path on the wire; empty if the reference does not have it.

    Args:
        option: which one, where several forms of the statement have one there.
    """
    found = [each for each in find_topics(f"{verb}.{wire}") if isinstance(each, OptionEntry)]
    return next((each.topic for each in found if option is None or each.option == option), "")


def topic_words() -> tuple[str, ...]:
    """Return what `ncco explain` takes, in the order of the reference, for completion and guesses."""
    return tuple(_words())


@cache
def _words() -> Mapping[str, None]:
    shown = dict.fromkeys(entry.topic.removeprefix("test ") for entry in entries().values())
    for entry in entries().values():
        shown |= dict.fromkeys(option.topic for option in entry.options)
        shown |= dict.fromkeys(f"{entry.topic}.{option.name}" for option in entry.options)
    return shown | dict.fromkeys(option.name for entry in entries().values() for option in entry.options)


@cache
def _by_word() -> Mapping[str, tuple[Entry | OptionEntry, ...]]:
    found: dict[str, dict[str, Entry | OptionEntry]] = {}
    for names in (_of_entries, _of_options, _of_lone_options):
        for word, each in names():
            found.setdefault(_plain(word), {}).setdefault(each.topic, each)
    arm = entries()["arm"]
    for outcome in outcomes():
        # `timeout` is an option first.
        found.setdefault(_plain(outcome), {arm.topic: arm})
    return {word: tuple(each.values()) for word, each in found.items()}


def _of_entries() -> Iterator[tuple[str, Entry]]:
    for entry in entries().values():
        yield entry.topic, entry
        yield entry.spec.name, entry
        for example in entry.examples if entry.group == "Actions" else ():
            # A form by its words, `connect phone`, `connect.phone`.
            yield example.replace("_", " "), entry


def _of_options() -> Iterator[tuple[str, OptionEntry]]:
    for entry in entries().values():
        for option in entry.options:
            yield option.topic, option
            for verb in (entry.topic, entry.spec.name):
                yield f"{verb}.{option.name}", option
                if option.wire:
                    yield f"{verb}.{option.wire}", option
                    yield f"{verb}.{option.option.key}", option


def _of_lone_options() -> Iterator[tuple[str, OptionEntry]]:
    for entry in entries().values():
        for option in entry.options:
            yield option.name, option
            yield option.option.key, option


def _plain(word: str) -> str:
    """Return a word without what differs between spellings: case, and the signs between its parts."""
    return word.strip().lower().replace("_", "").replace("-", "").replace(" ", ".")
