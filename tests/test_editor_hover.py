"""Hover: what is shown for the word at a cursor, and what must never be shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ncco_lang.compiler import CompileOptions
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.hover import hover
from ncco_lang.editor.types import DocumentSettings
from ncco_lang.project.params import Given
from ncco_lang.reference.find import find_topics
from ncco_lang.vocabulary.ncco_schema import is_valid
from tests.conftest import Golden
from tests.editor_cases import FIXTURES, at_cursor, rendered

CASES = sorted((FIXTURES / "hover").glob("*.cases"))
SECRET = "hunter2"
ON_ANSWER = "connect.phone.on_answer.url"


def words(analysis: Analysis, offset: int) -> str:
    found = hover(analysis, offset)
    if found is None:
        return "nothing"
    place = analysis.source.text[found.span.start : found.span.end]
    return f"[{place}]\n{found.text}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_hover_tells_what_is_expected(path: Path, golden: Golden) -> None:
    golden.check(path.with_suffix(".expected"), rendered(path, words))


def given(value: object, *, from_env: bool, **origins: str) -> DocumentSettings:
    params = {"x": Given(value, 'profile "live" in ncco.toml', from_env=from_env)}
    return DocumentSettings(options=CompileOptions(params=params), origins=origins)


def test_a_value_from_a_profile_is_told_with_its_origin() -> None:
    found = hover(*at_cursor('param x: text = "a"\ntalk "{‸x}"', settings=given("b", from_env=False)))
    assert found is not None
    assert 'is `"b"`, from profile "live" in ncco.toml' in found.text


def test_the_origin_may_have_words_of_its_own() -> None:
    settings = given("b", from_env=False, x="the profile live")
    found = hover(*at_cursor('param x: text = "a"\ntalk "{‸x}"', settings=settings))
    assert found is not None
    assert found.text.endswith('is `"b"`, from the profile live')


@pytest.mark.parametrize(
    "text",
    [
        'param x: text = "a"\ntalk "{‸x}"',
        'param ‸x: text = "a"\ntalk "{x}"',
        'param x: text = "a"\nta‸lk "{x}"',
        'param x: text = "a"\nlet y = "It is {x}."\nta‸lk y',
        'param x: text = "a"\nlet ‸y = "It is {x}."\ntalk y',
        'param x: text = "a"\nlet y = ["{x}"]\ntalk "Hello {‸y[0]}"',
        'param x: text = "a"\nconnect app x ‸from: "+44 20 7946 0150"',
        'param x: text = "a"\ntalk "Hello." pro‸vider: x',
        'param x: text = "a"\ndefault talk provider: x\nta‸lk "Hello."',
        'param x: text = "a"\nnoti‸fy "https://example.com/e" payload: { "a": x }',
        'param x: text = "a"\nstr‸eam "https://example.com/{x}"',
        'param x: text = "a"\nra‸w { "action": "talk", "text": x }',
        'param x: text = "a"\ntal‸k "{x | spell}"',
        'param x: phone = "+44 20 7946 0150"\ncon‸nect phone x',
        'param x: text = "a"\nstep start { me‸nu "{x}" { 1, x, give_up -> hangup } }',
        'param x: secret = "a"\ntal‸k "{x}"',
        'param x: secret = "a"\ntalk "{‸x}"',
    ],
)
def test_what_the_environment_gives_is_never_told(text: str) -> None:
    for value in (SECRET, "+44 20 7946 0199"):
        analysis, offset = at_cursor(text, settings=given(value, from_env=True))
        found = hover(analysis, offset)
        assert found is None or not any(each in found.text for each in (value, "7946 0199", "442079460199"))
        assert found is None or " ".join(SECRET) not in found.text


def test_a_mark_stands_for_what_the_environment_gives() -> None:
    found = hover(*at_cursor('param x: text = "a"\nta‸lk "It is {x}."', settings=given(SECRET, from_env=True)))
    assert found is not None
    assert '"text": "It is ‹x›."' in found.text


def test_what_asks_a_question_is_a_valid_ncco() -> None:
    shown = re.findall(
        r"```json\n(\[.*?\])\n```", (FIXTURES / "hover" / "steps.expected").read_text("utf-8"), re.DOTALL
    )
    assert len(shown) > 4
    for each in shown:
        assert is_valid(json.loads(each))


def test_a_secret_of_the_file_is_never_told() -> None:
    text = f'param x: secret = "{SECRET}"\nlet y = "a {{x}}"\ntalk "{{‸y}}"'
    found = hover(*at_cursor(text))
    assert found is None or SECRET not in found.text


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ('ta‸lk "Hello."', "talk"),
        ('talk "Hello." le‸vel: 0.5', "talk.level"),
        ('connect ph‸one "+44 20 7946 0150"', "connect"),
        ('connect sip "sip:a@example.com" head‸ers: { "a": "b" }', "connect.sip.headers"),
        (
            'connect phone "+44 20 7946 0150" {\n    on_answer {\n        ur‸l: "https://example.com/a"\n    }\n}',
            ON_ANSWER,
        ),
        ("input dtmf time‸out: 2s", "input.dtmf.timeout"),
        ('step start { menu "A" { re‸tries: 1; 1, give_up -> hangup } }', "menu.retries"),
        ('step start { menu "A" { 1, give_up -> han‸gup } }', "hangup"),
        ('step start { menu "A" { 1, give‸_up -> hangup } }', "arm"),
        ('test "a" { mum‸ble }', "test mumble"),
        ('test "a" { given fetch "*" times‸_out }', "test given fetch"),
        ('step start { menu "A" { 1 -> hangup; silence -> retry wi‸th "B" ; give_up -> hangup } }', "retry"),
        ("talk en-‸GB", ""),
    ],
)
def test_where_the_reference_has_more(text: str, topic: str) -> None:
    found = hover(*at_cursor(text))
    assert found is not None
    assert found.topic == topic
    assert not topic or find_topics(topic)[0].topic == topic


@pytest.mark.parametrize(
    ("key", "topic"),
    [
        ("action", "connect"),
        ("timeout", "connect.timeout"),
        ("number", "connect.phone.number"),
        ("url", ON_ANSWER),
        ("uri", "connect.sip.uri"),
    ],
)
def test_where_the_reference_has_more_about_json(key: str, topic: str) -> None:
    phone = {"type": "phone", "number": "442079460150", "onAnswer": {"url": "https://example.com/a"}}
    sip = {"type": "sip", "uri": "sip:a@example.com"}
    text = json.dumps([{"action": "connect", "timeout": 20, "endpoint": [endpoint]} for endpoint in (phone, sip)])
    at = text.index(f'"{key}"') + 2
    found = hover(*at_cursor(f"{text[:at]}‸{text[at:]}", "ncco"))
    assert found is not None
    assert found.topic == topic
