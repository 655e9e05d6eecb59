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
from ncco_lang.vocabulary.ncco_schema import is_valid
from tests.conftest import Golden
from tests.editor_cases import FIXTURES, at_cursor, rendered

CASES = sorted((FIXTURES / "hover").glob("*.cases"))
SECRET = "hunter2"


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
