"""Build what each word of a test takes: `given ring`, `hear`, `expect ring`.

Reads `tests` of `schemas/flow-statements.json`. `given` and `expect` are one word with the word after them.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from ncco_lang.vocabulary.language_words import flow_statements, words_in
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, spec_from

NO: Final = "no"
"""The word before what must not happen: `expect no ring`."""
GIVEN, EXPECT = "given", "expect"
_BEGIN: Final = frozenset({GIVEN, EXPECT})
OTHER: Final = "other"
FETCH: Final = "given fetch"
THAT: Final = "expect that"
"""The word with a condition, which reads the names of the call."""
OF_OTHER: Final = frozenset({"hear", "press", "say", "mumble", "silence", "speak", "wait", "hangup", "join"})
"""The words that the block of `other` can have."""
_MEANT: Final = {
    "ring": ("connect", "dial", "phone"),
    "fetch": ("get", "post", "lookup", "request", "http", "webhook"),
    "hangup": ("end", "ended", "completed", "disconnect"),
}
"""Words that authors write after `given` and `expect`, by the word that they mean."""
_HEARD: Final = frozenset({"talk", "say", "hear", "heard", "hears", "speech", "text", "prompt", "play", "stream"})
"""Words that authors write after `expect` for what the caller hears."""


def word_of_test(verb: str, following: tuple[str, ...]) -> tuple[str, int]:
    """Return the word of a test that a statement begins with, and how many of the words after its verb belong to it.

    The word may be unknown: `hears`, `expect rnig`.
    """
    if verb not in _BEGIN or not following:
        return verb, 0
    at = 1 if verb == EXPECT and following[0] == NO and len(following) > 1 else 0
    return f"{verb} {following[at]}", at + 1


def meant_by(word: str) -> str | None:
    """Return the word of tests that an author means by an unknown one: `expect ring` by `expect connect`, `call` by `given call`."""
    begin, _, what = word.partition(" ")
    if begin == EXPECT and what in _HEARD:
        return "hear"
    if what in offered_words():
        return what
    meant = next((f"{begin} {known}" for known, words in _MEANT.items() if begin in _BEGIN and what in words), None)
    return meant if meant in offered_words() else None


@cache
def form_of_test_word(word: str) -> Form | None:
    """Return what a word of tests takes; None if there is no such word."""
    if word not in words_in("tests"):
        return None
    spec = spec_from(word, flow_statements()["tests"][word])
    settings = {option.name: OptionSlot(option, (option.key,)) for option in spec.options}
    operand = next((each for each in settings.values() if each.option.key == spec.operand), None)
    return Form(action=spec, words=(), settings=settings, operand=operand, fixed=())


@cache
def offered_words() -> tuple[str, ...]:
    """Return the words that a test can have in this version."""
    return tuple(name for name, word in words_in("tests").items() if word.is_offered)
