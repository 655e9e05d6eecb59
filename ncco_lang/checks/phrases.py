"""Check phrases of a question that one sentence can mean (Q): one ends with the words with which another begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ncco_lang.checks.answers import Answer, option_slot
from ncco_lang.checks.ask_rules import OneSentence
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.model import BoundStatement
from ncco_lang.source import Source
from ncco_lang.vocabulary.flow_spelling import flow_finding

_MOST_WORDS = 20
"""Phrases with more words are not compared: callers do not say them to a machine."""


def check_phrases(source: Source, bound: BoundStatement, answers: Sequence[Answer]) -> Iterator[Diagnostic]:
    """Yield a finding for each phrase that shares its words with another one, which leads elsewhere, in a sentence.

    A phrase that is a part of another one is no fault: the longest phrase wins.
    """
    if option_slot(bound, "speech") is not None:
        return  # a phrase has to be all that is said
    phrases = [(answer, tuple(answer.words.split())) for answer in answers if answer.kind == "phrase"]
    phrases = [(answer, words) for answer, words in phrases if 1 < len(words) <= _MOST_WORDS]
    known = {words for _, words in phrases}
    begins: dict[tuple[str, ...], list[tuple[Answer, tuple[str, ...]]]] = {}
    for answer, words in phrases:
        for size in range(1, len(words)):
            begins.setdefault(words[:size], []).append((answer, words))
    for answer, words in phrases:
        for size in range(1, len(words)):
            for other, following in begins.get(words[-size:], ()):
                sentence = (*words, *following[size:])
                if other.owner != answer.owner and sentence not in known:
                    first, second = sorted((answer, other), key=lambda each: each.span)
                    found = OneSentence(sentence=" ".join(sentence))
                    yield flow_finding(source, second.span, found, also=(first.span,))
                    break
