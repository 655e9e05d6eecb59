"""Decompile NCCO to `.flow`: fixtures and their expected results, and every other document here, there and back."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.compiler import compile_text
from ncco_lang.decompiler import decompile, decompile_source, is_equal
from ncco_lang.formatter import format_text
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.ncco_schema import is_valid
from ncco_lang.vocabulary.statement_specs import actions, forms
from tests.conftest import Golden

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "decompile").glob("*.json"))
OTHERS = [
    path
    for folder in ("tests/fixtures/compile", "tests/fixtures/oddities", "tests/laws/documents", "samples")
    for path in sorted((ROOT / folder).rglob("*.json"))
]
WITH_RAW = {"kept_by_raw"}
"""Fixtures with parts that the language cannot express."""


def read(path: Path) -> Source:
    return Source(path.name, path.read_bytes().decode("utf-8"))


def raw_actions(text: str) -> set[int]:
    """Return the indexes of the actions that `raw` keeps."""
    file, _ = parse_flow(Source("<text>", text))
    commands = [declaration for declaration in file.declarations if isinstance(declaration, ast.Command)]
    return {index for index, command in enumerate(commands) if command.verb.text == "raw"}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_flow(path: Path, golden: Golden) -> None:
    decompiled = decompile_source(read(path))
    assert decompiled.text is not None, decompiled.diagnostics
    golden.check(path.with_suffix(".flow"), decompiled.text)
    assert bool(raw_actions(decompiled.text)) == (path.stem in WITH_RAW)


@pytest.mark.parametrize("path", [*FIXTURES, *OTHERS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_way_back(path: Path) -> None:
    source = read(path)
    decompiled = decompile_source(source)
    if decompiled.text is None:
        assert any(finding.severity == "error" for finding in decompiled.diagnostics)
        return
    compiled = compile_text(decompiled.text)
    assert is_equal(compiled.ncco, json.loads(source.text))
    assert format_text(decompiled.text).text == decompiled.text


def test_valid_documents_are_never_refused() -> None:
    valid = [path for path in [*FIXTURES, *OTHERS] if path.stem != "menu" or "samples" not in path.parts]
    texts = {path: read(path) for path in valid}
    assert [
        path.name
        for path in valid
        if decompile_source(texts[path]).text is None and is_valid(json.loads(texts[path].text))
    ] == []


def test_the_fixtures_set_every_option_of_the_language() -> None:
    """Each form of each statement has all its options in some fixture, so that every spelling is tested."""
    written: dict[str, set[str]] = {}
    for path in FIXTURES:
        file, _ = parse_flow(Source("<text>", decompile_source(read(path)).text or ""))
        for declaration in file.declarations:
            if isinstance(declaration, ast.Command):
                written.setdefault(declaration.verb.text, set()).update(names_in(declaration))
    for action in actions().values():
        if action.deprecated is None:
            every = {
                name for form in forms(action) for name, s in form.settings.items() if s.path and s is not form.operand
            }
            assert every <= written[action.name], action.name


def names_in(command: ast.Command) -> set[str]:
    """Return the names of flags and options of a statement."""
    names = {operand.text for operand in command.operands if isinstance(operand, ast.Name)}
    for part in (*command.options, *(command.block.entries if command.block is not None else ())):
        if isinstance(part, ast.Option):
            names.add(part.name.text)
        elif isinstance(part, ast.Command):
            names.add(part.verb.text)
    return names


# ── Single values ──────────────────────────────────────────────────────────────────────────────────────


def talk(text: str) -> str:
    return decompile([{"action": "talk", "text": text}])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Hello.", '"Hello."'),
        ("", '""'),
        ('A "word"', r'"A \"word\""'),
        ("back\\slash /", r'"back\\slash /"'),
        ("{name} {{", '"{{name}} {{{{"'),
        ("Grüße – 中文 😀 “so”", '"Grüße – 中文 😀 “so”"'),
        ("tab\tbell\x07del\x7f", r'"tab\tbell\u0007del\u007f"'),
        ("no\u00a0break\u200b \u202e\u2028\ufeff\uffff", r'"no\u00a0break\u200b \u202e\u2028\ufeff\uffff"'),
        ("\U000e0041", r'"\udb40\udc41"'),
        ("👩\u200d🚀 می\u200cخواهم", '"👩\u200d🚀 می\u200cخواهم"'),
        ("a\u200d \u0301e\u0301", r'"a\u200d' + ' \u0301e\u0301"'),
        ("\u0301a", r'"\u0301a"'),
        ("a\r\nb", r'"""' + "\n    a\\r\n    b\n    " + '"""'),
        ("a\n\n  b\n", '"""\n    a\n\n      b\n\n    """'),
        ("a\n", r'"a\n"'),
        (" a\n b", r'" a\n b"'),
        ("a \nb", r'"a \nb"'),
        ("a\n \nb", r'"a\n \nb"'),
        ('"""\n{"', '"""\n    \\"""\n    {{"\n    """'),
        ('<speak><a b="c" d="e"/></speak>', '"""\n    <speak><a b="c" d="e"/></speak>\n    """'),
    ],
)
def test_texts(text: str, written: str) -> None:
    flow = talk(text)
    assert flow == f"talk {written}\n"
    compiled = compile_text(flow).ncco
    assert compiled is not None
    assert compiled[0]["text"] == text


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        *((0.1, "100ms"), (0.25, "250ms"), (1, "1s"), (1.0, "1s"), (1.5, "1.5s"), (59, "59s"), (60, "1m")),
        *((90, "90s"), (3600, "1h"), (7200, "2h"), (3660, "61m"), (0.1234567, "0.1234567s"), (100, "100s")),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert decompile([{"action": "wait", "timeout": seconds}]) == f"wait {written}\n"


def test_numbers_keep_their_value() -> None:
    data = {"a": [-0.0, 0, 1e-7, 1e300, 5e-324, 10**299, -(10**30), 1.0, 0.1 + 0.2]}
    ncco = [{"action": "notify", "eventUrl": ["https://example.com/e"], "payload": data}]
    back = compile_text(decompile(ncco)).ncco
    assert back is not None
    assert repr(back[0]["payload"]) == repr(data)


def test_the_object_of_an_sdk_counts_as_its_list() -> None:
    assert (
        decompile_source(Source("<text>", '{"ncco": [{"action": "talk", "text": "Hello"}]}')).text == 'talk "Hello"\n'
    )


# ── Not decompiled ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty-document"),
        ("[]", "empty-ncco"),
        ('{"action": "talk", "text": "Hello"}', "not-an-array"),
        ('{"ncco": [{"action": "talk", "text": "Hello"}], "to": []}', "sdk-envelope"),
        ('{"ncco": [{"action": "talk", "text": "Hello"}, "talk"]}', "wrong-type"),
        ('"talk"', "not-an-array"),
        ("null", "not-an-array"),
        ('[{"action": "talk", "text": "Hello"}, "talk"]', "wrong-type"),
        ("[[]]", "wrong-type"),
        ("[{}]", "missing-option"),
        ('[{"action": "talk",}]', "trailing-comma"),
        ('[{"action": "talk", "text": "\\ud800"}]', "lone-surrogate"),
        ('[{"action": "talk", "text": 1e999}]', "bad-number"),
        ('[{"action": "notify", "payload": {"a": [1, ' + "9" * 305 + "]}}]", "number-too-large"),
        ("[" * 101 + "]" * 101, "too-deep"),
    ],
)
def test_what_is_no_ncco_gets_a_finding(text: str, rule: str) -> None:
    decompiled = decompile_source(Source("<text>", text))
    assert decompiled.text is None
    assert rule in [finding.rule.name for finding in decompiled.diagnostics]
    assert all(0 <= finding.span.start <= finding.span.end <= len(text) for finding in decompiled.diagnostics)


def test_a_number_too_large_is_shown_where_it_stands() -> None:
    text = '[{"action": "notify", "payload": {"a": [1, ' + "9" * 305 + "]}}]"
    (finding,) = decompile_source(Source("<text>", text)).diagnostics
    assert text[finding.span.start : finding.span.end] == "9" * 305


def test_a_byte_order_mark_is_reported_and_the_text_written() -> None:
    decompiled = decompile_source(Source("<text>", '\ufeff[{"action": "talk", "text": "Hello"}]'))
    assert decompiled.text == 'talk "Hello"\n'
    assert [finding.rule.name for finding in decompiled.diagnostics] == ["byte-order-mark"]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        *(None, "talk", {}, [], {"action": "talk", "text": "Hello"}, ["talk"], [{}], [None]),
        *([{"action": "talk", "text": "\ud83d"}], [{"\ud83d": 1}], [{"a": math.inf}], [{"a": math.nan}]),
        *([{"a": (1, 2)}], [{1: "a"}], [{"a": 10**300}], [{"a": -(10**300)}], [{"a": nested(DEEPEST_DATA)}]),
        [{"a": b"b"}],
    ],
    ids=lambda value: repr(value)[:30],
)
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        decompile(value)


def test_depth_exhausts_nothing() -> None:
    deep: list[Any] = [{"a": nested(50_000)}]
    with pytest.raises(ValueError, match="deeper than 100"):
        decompile(deep)


def test_data_as_deep_as_a_flow_holds_it() -> None:
    ncco = [{"a": nested(DEEPEST_DATA - 1)}]
    assert is_equal(compile_text(decompile(ncco)).ncco, ncco)


def test_values_are_compared_as_json_has_them() -> None:
    assert is_equal({"a": [5, "x"], "b": None}, {"b": None, "a": [5.0, "x"]})
    for one, other in ((1, True), (0, False), ([1, 2], [2, 1]), ({"a": 1}, {"a": 1, "b": 2}), ("1", 1), (None, False)):
        assert not is_equal(one, other)
        assert not is_equal(other, one)


# ── Defaults ───────────────────────────────────────────────────────────────────────────────────────────


def with_text(*options: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"action": "talk", "text": "Hello", **each} for each in options]


EN = {"language": "en-GB", "style": 2}
NL = {"language": "nl-NL", "style": 4}


@pytest.mark.parametrize(
    ("ncco", "lines"),
    [
        (with_text(EN, EN, EN), ["default talk en-GB style: 2"]),
        (with_text(EN), []),
        (with_text(EN, EN, {}), []),
        (with_text(EN, {**EN, "style": 3}, EN), ["default talk en-GB style: 2"]),
        (with_text(EN, {"language": "en-GB"}, EN), ["default talk en-GB"]),
        (with_text(EN, EN, EN, EN, NL, NL, NL), ["default talk en-GB style: 2"]),
        (
            with_text(EN, EN, EN, EN, *[{**NL, "premium": True}] * 3),
            ["default talk en-GB style: 2", "default talk nl-NL premium style: 4"],
        ),
        (with_text(EN, EN, {"language": "nl-NL"}), ["default talk en-GB style: 2"]),
        (with_text(*[{**EN, "premium": True, "level": 0.5}] * 3), ["default talk en-GB premium style: 2 level: 0.5"]),
        (with_text(*[{"premium": True}] * 2, {"premium": False}), []),
        (with_text(*[{"premium": True}] * 4, {"premium": False}), ["default talk premium"]),
        (with_text(*[{"premium": True}] * 4, {}), []),
        (with_text(*[{"language": "ar", "style": 1}] * 4), ["default talk language: ar style: 1"]),
        (
            with_text(
                *[{**EN, "level": 0.5, "premium": True}] * 3,
                *[{"language": "nl-NL", "level": 0.5, "premium": True}] * 3,
            ),
            ["default talk en-GB style: 2", "default talk premium level: 0.5"],
        ),
    ],
)
def test_defaults_of_talk(ncco: list[dict[str, Any]], lines: list[str]) -> None:
    text = decompile(ncco)
    assert [line for line in text.splitlines() if line.startswith("default")] == lines
    assert is_equal(compile_text(text).ncco, ncco)


def test_a_default_never_makes_a_file_longer() -> None:
    few = with_text({"loop": 2}, {"loop": 2})
    assert decompile(few) == 'talk "Hello" loop: 2\ntalk "Hello" loop: 2\n'


def test_a_default_is_bound_to_a_form_where_others_go_without() -> None:
    phone = {"action": "connect", "from": "442079460958", "timeout": 20}
    ncco: list[dict[str, Any]] = [
        *({**phone, "endpoint": [{"type": "phone", "number": f"44207946010{last}"}]} for last in range(3)),
        {"action": "connect", "endpoint": [{"type": "app", "user": "anna"}]},
    ]
    assert decompile(ncco).splitlines()[0] == 'default connect phone from: "+442079460958" timeout: 20s'


def test_what_raw_keeps_gets_no_default() -> None:
    ncco = [*with_text(EN, EN), {"action": "talk", "text": "Hello", "level": 5}]
    text = decompile(ncco)
    assert text.startswith("default talk en-GB style: 2\n\ntalk")
    assert is_equal(compile_text(text).ncco, ncco)
