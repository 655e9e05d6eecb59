"""Facts and their words: templates, the two spellings, and the limits of the schema, which both surfaces share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ncco_lang import __version__
from ncco_lang.checker import CheckOptions, check_ncco
from ncco_lang.compiler import CompileOptions, check, check_flow
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.project.config import parse_config
from ncco_lang.rules import RULES
from ncco_lang.source import Source
from ncco_lang.vocabulary.flow_spelling import FLOW
from ncco_lang.vocabulary.limits import check_limits
from ncco_lang.vocabulary.ncco_schema import definition, option_schema
from ncco_lang.words import JSON, Wire, as_data, fill

TESTS = Path(__file__).resolve().parent
CORPUS = TESTS.parents[1] / "shared" / "corpus" / "dev"
KPN = CheckOptions(provider="kpn")
RULE = Rule(code="F999", name="a-rule", severity="error", why="", bad="", good="")


class Example(Facts):
    rule = RULE
    message = "{option} has {text} for `bargeIn`"
    labels = ("{option} here", "and here")
    option: Wire
    text: str
    count: int = 1


def test_facts_are_values_that_never_change() -> None:
    facts = Example(option=Wire("eventUrl"), text="x")
    assert facts == Example(option=Wire("eventUrl"), text="x", count=1)
    assert hash(facts) == hash(Example(option=Wire("eventUrl"), text="x", count=1))
    assert facts != Example(option=Wire("eventUrl"), text="x", count=2)
    assert dict(facts.items()) == {"option": "eventUrl", "text": "x", "count": 1}
    with pytest.raises(AttributeError):
        facts.text = "y"  # type: ignore[misc]


def test_a_name_is_spelled_and_a_text_of_the_author_is_not() -> None:
    facts = Example(option=Wire("eventUrl"), text="`eventUrl` {count}")
    assert facts.words(JSON).message == '"eventUrl" has "`eventUrl` {count}" for "bargeIn"'
    assert facts.words(FLOW).message == 'event_url has "`eventUrl` {count}" for barge_in'
    assert facts.words(FLOW).labels == ("event_url here", "and here")


@pytest.mark.parametrize(
    ("template", "facts", "in_json", "in_flow"),
    [
        ('add `"premium": true`', {}, 'add "premium": true', "add premium: true"),
        ('add `"split": "conversation"`', {}, 'add "split": "conversation"', "add split: conversation"),
        ('`"language": {tag}`', {"tag": "en-GB"}, '"language": "en-GB"', "language: en-GB"),
        ("{names}", {"names": (Wire("timeOut"), Wire("mode"))}, '"timeOut" or "mode"', "timeout or mode"),
        ("{each:choice}", {"each": ("mp3", "a b")}, '"mp3" or "a b"', 'mp3 or "a b"'),
        ("{count:,} of {title:s}", {"count": 1500, "title": "phone"}, "1,500 of phone", "1,500 of phone"),
        ("{text}", {"text": "x" * 50}, '"' + "x" * 40 + '…"', '"' + "x" * 40 + '…"'),
        ("{none}", {"none": ()}, *["nothing"] * 2),
        ("{number}", {"number": 10**5000}, *["a number of more than 40 digits"] * 2),
        ("{half}", {"half": "\ud800"}, '"\\ud800"', '"\\ud800"'),
    ],
)
def test_templates(template: str, facts: dict[str, Any], in_json: str, in_flow: str) -> None:
    assert (fill(template, facts, JSON), fill(template, facts, FLOW)) == (in_json, in_flow)


def test_facts_as_data_are_values_that_every_reader_of_json_takes() -> None:
    facts = Example(option=Wire("eventUrl"), text="\ud800", count=10**5000)
    data = {"type": "Example", "option": "eventUrl", "text": "\\ud800", "count": "a number of more than 40 digits"}
    assert facts.as_data() == data
    assert as_data((Wire("a"), float("inf"), True, None)) == ["a", "Infinity", True, None]


@pytest.mark.parametrize(
    ("owner", "key", "value", "in_json", "in_flow"),
    [
        ("record", "timeOut", 2, 'F305 "timeOut" cannot be 2', "F337 timeout cannot be 2s"),
        ("record", "timeOut", 3.5, 'F304 "timeOut" takes whole seconds, not 3.5', "F340 timeout takes whole seconds, not 3.5s"),
        ("record", "timeOut", 0.5, 'F304 "timeOut" cannot be 0.5', "F337 timeout cannot be 500ms"),
        ("record", "format", "MP3", 'F306 "format" cannot be "MP3"', 'F338 format cannot be "MP3"'),
        ("record", "format", 3, 'F304 "format" takes a text, not a number', "F336 format takes a text, not a number"),
        ("talk", "bargeIn", 1, 'F304 "bargeIn" takes true or false, not a number', "F336 barge_in takes true or false, not a number"),
        ("stream", "streamUrl", ["a.mp3"], 'F307 "streamUrl" cannot be "a.mp3"', 'F342 stream_url cannot be "a.mp3"'),
        ("stream", "streamUrl", [""], 'F307 "streamUrl" is empty', "F342 stream_url is empty"),
        ("stream", "streamUrl", [], 'F309 "streamUrl" has no entries; it takes exactly 1', "F309 stream_url has no entries; it takes exactly 1"),
        ("input", "type", ["dtmf", "dtmf"], 'F309 "type" has an entry twice', "F309 type has an entry twice"),
        ("endpointPhone", "number", "12", *(f'{code} "12" is not an international telephone number' for code in ("F307", "F341"))),
    ],
)  # fmt: skip
def test_both_surfaces_have_the_same_limits(owner: str, key: str, value: Any, in_json: str, in_flow: str) -> None:
    schema = option_schema(definition(owner), key)
    assert schema is not None
    (limit,) = check_limits(schema, value, Wire(key))
    assert f"{limit.facts.rule_in(JSON).code} {limit.facts.words(JSON).message}" == in_json
    assert f"{limit.facts.rule_in(FLOW).code} {limit.facts.words(FLOW).message}" == in_flow


def test_a_limit_says_where_below_the_value_it_is_and_what_to_write() -> None:
    schema = option_schema(definition("input"), "type")
    assert schema is not None
    (limit,) = check_limits(schema, ["dtmf", "fax"], Wire("type"))
    assert limit.path == (1,)
    assert limit.facts.words(JSON).hint == 'write "dtmf" or "speech"'
    assert limit.facts.words(FLOW).hint == "write dtmf or speech"
    assert list(check_limits(schema, ["dtmf"], Wire("type"))) == []


def test_the_words_of_an_author_are_never_respelled() -> None:
    (found,) = check('conversation "eventUrl" start_on_enter: false\n')
    assert found.message == 'no participant here starts "eventUrl", so callers wait in silence'
    assert found.hint == "let a moderator enter it without start_on_enter, and add music_on_hold_url"
    # Not even the keys of an object of the author's own.
    (found,) = check('connect sip "sip:a@example.com" from: "+442079460958" headers: { "eventUrl": 5 }\n')
    assert (found.rule.code, found.message) == ("F304", '"eventUrl" takes a text, not a number')
    # What raw holds is JSON.
    (found,) = check('raw { "action": "talk", "text": "Hello", "bargeIn": 5 }\n')
    assert found.message == '"bargeIn" takes true or false, not a number'


def everything() -> Iterator[Diagnostic]:
    """Yield the findings of every rule's examples, of the fixtures, and of the corpus if it is there."""
    texts: list[tuple[str, str]] = [(rule.language, text) for rule in RULES for text in (rule.bad, rule.good)]
    for folder in ("diagnostics", "field", "oddities"):
        paths = sorted((TESTS / "fixtures" / folder).glob("*.*"))
        texts += [(path.suffix[1:], path.read_bytes().decode("utf-8")) for path in paths]
    texts += [("json", path.read_text(encoding="utf-8")) for path in sorted(CORPUS.glob("**/*.json"))[::4]]
    for language, text in texts:
        if language == "json":
            yield from check_ncco(Source("a.json", text), KPN)
        elif language == "flow":
            yield from check_flow(Source("a.flow", text), CompileOptions(check=KPN))
        else:
            yield from parse_config(Source("ncco.toml", text), __version__, lambda word: False, lambda word: None)[1]


@cache
def findings() -> tuple[Diagnostic, ...]:
    return tuple(everything())


def test_every_finding_has_facts_that_json_can_hold() -> None:
    for found in findings():
        data = found.facts.as_data()
        assert json.loads(json.dumps(data)) == data
        assert hash(found) == hash(replace(found))


def test_a_message_has_at_most_twelve_words_beside_what_it_quotes() -> None:
    long = set()
    for found in findings():
        plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", found.message)
        if len(plain.split()) > 12:
            long.add(found.message)
    assert long == set()
