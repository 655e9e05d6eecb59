"""The reference of statements and options: complete, its examples right, and every word of it found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ncco_lang.compiler import check
from ncco_lang.formatter import format_text
from ncco_lang.lsp.pages import Page, page_link
from ncco_lang.reference.entries import OptionEntry, anchor_of, entries
from ncco_lang.reference.examples import compiled_example, read_example
from ncco_lang.reference.find import find_topics, topic_words
from ncco_lang.reference.render import option_text, topics_text
from ncco_lang.rules import RULES
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.statement_specs import actions, every_setting, known_verbs

EXAMPLES = sorted((Path(__file__).parent.parent / "schemas/examples").glob("*.flow"))
OPTIONS = [option for entry in entries().values() for option in entry.options]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_compiles_without_findings(path: Path) -> None:
    flow = read_example(path.stem)
    assert check(flow) == []
    assert format_text(flow).text == flow
    assert compiled_example(path.stem).ncco.startswith("[")


def test_every_statement_of_this_version_has_an_entry_and_an_example() -> None:
    topics = set(entries())
    assert {*actions(), *known_verbs()} <= topics
    assert {f"test {name}" for name, word in words_in("tests").items() if word.is_offered} <= topics
    assert {name for name, word in words_in("statements").items() if word.planned} & topics == set()
    shown = {name for entry in entries().values() for name in entry.examples}
    assert shown == {path.stem for path in EXAMPLES}
    assert [entry.topic for entry in entries().values() if not entry.examples] == ["pay"]


def test_an_example_has_the_statement_that_it_is_for() -> None:
    for entry in entries().values():
        for name in entry.examples:
            text = read_example(name)
            assert all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in entry.spec.name.split())


@pytest.mark.parametrize("verb", actions())
def test_every_option_of_an_action_is_listed(verb: str) -> None:
    listed = {option.name for option in entries()[verb].options}
    assert set(every_setting(verb)) <= listed


def test_topics_differ() -> None:
    topics = [*entries(), *(option.topic for option in OPTIONS)]
    assert len(topics) == len(set(topics))


@pytest.mark.parametrize(
    ("word", "topics"),
    [
        ("talk", ["talk"]),
        ("TALK", ["talk"]),
        ("connect.timeout", ["connect.timeout"]),
        ("connect.phone.number", ["connect.phone.number"]),
        ("connect.number", ["connect.phone.number"]),
        ("connect phone", ["connect"]),
        ("connect.uri", ["connect.websocket.uri", "connect.sip.uri"]),
        ("talk.bargeIn", ["talk.barge_in"]),
        ("barge-in", ["talk.barge_in", "stream.barge_in"]),
        ("connect.endpoint.onAnswer.url", ["connect.phone.on_answer.url"]),
        ("record", ["record", "conversation.record"]),
        ("hangup", ["hangup", "test hangup"]),
        ("->", ["arm"]),
        ("busy", ["arm"]),
        ("give_up", ["arm"]),
        ("silence", ["test silence"]),
        ("ask", ["ask"]),
        ("", []),
        ("tlak", []),
    ],
)
def test_what_a_word_means(word: str, topics: list[str]) -> None:
    assert [found.topic for found in find_topics(word)] == topics


def test_every_offered_word_is_found() -> None:
    assert [word for word in topic_words() if not topics_text(word, find_topics(word))] == []


@pytest.mark.parametrize("page", ["docs/rules.md", "docs/reference.md"])
def test_editors_find_every_anchor(page: Page) -> None:
    topics = [*entries(), *(option.topic for option in OPTIONS)]
    anchors = [rule.code.lower() for rule in RULES] if page == "docs/rules.md" else map(anchor_of, topics)
    assert [anchor for anchor in anchors if page_link(page, anchor) is None] == []
    assert page_link(page, "no-such-place") is None


def test_an_option_has_all_its_facts() -> None:
    (timeout,) = find_topics("connect.timeout")
    assert isinstance(timeout, OptionEntry)
    text = option_text(timeout)
    for fact in ("How long it rings.", "1s to 2m", "default      1m", "timeout, in seconds", "2021", "timeout: 20s"):
        assert fact in text
