"""For any text: no exception, findings inside it, fixes that settle, output that does not control a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang import Diagnostic, Source, fix, is_valid, render_text, validate, validate_value
from ncco_lang.checker import CheckOptions, Level, check_ncco
from ncco_lang.cli.reporters import RENDERERS
from ncco_lang.diagnostics import SEVERITIES
from ncco_lang.fixes import apply_fixes, is_fixable
from ncco_lang.resources import load_json_resource
from tests import budget
from tests.budget import searched
from tests.judge import judge
from tests.laws.documents import KEYS, ODD, SLIPS, TEXTS, VALUES, keys_below
from tests.laws.mutations import CHARACTERS, SCALARS, TOKENS, mutate_text, mutate_value

STARTS = (*TEXTS.values(), *SLIPS)
COLOUR = re.compile(r"\x1b\[(?:0|1|2|32|1;31|1;33|1;36)m")
COMMAND = re.compile(
    r"::(?:error|warning|notice) file=<text>,line=\d+,endLine=\d+,col=\d+(?:,endColumn=\d+)?,title=[^:]+::.+"
)


# ── The laws ─────────────────────────────────────────────────────────────────────────────────────────


def hold_all(text: str) -> None:
    """Assert every law about one text."""
    findings = validate(text)
    hold_findings(text, findings)
    hold_rendering(findings)
    for unsafe in (False, True):
        hold_fixing(text, unsafe)


def hold_findings(text: str, findings: list[Diagnostic]) -> None:
    """Assert that each finding has a message and a valid place."""
    for finding in findings:
        assert finding.message.strip()
        assert finding.severity in SEVERITIES
        assert finding.hint is None or finding.hint.strip()
        for span in (finding.span, *(label.span for label in finding.labels)):
            assert 0 <= span.start <= span.end <= len(text), finding
        if finding.fix is not None:
            assert finding.fix.title.strip()
            end = 0
            for edit in finding.fix.edits:
                assert end <= edit.span.start <= edit.span.end <= len(text), finding
                end = edit.span.end
    assert [finding.span for finding in findings] == sorted(finding.span for finding in findings)


def hold_rendering(findings: list[Diagnostic]) -> None:
    """Assert that no control character of the input reaches a terminal, and that programs can parse their formats."""
    plain = render_text(findings)
    assert not steering(plain)
    assert COLOUR.sub("", render_text(findings, colour=True)) == plain
    in_json = json.loads(RENDERERS["json"](findings, 1))["findings"]
    assert [each["code"] for each in in_json] == [finding.rule.code for finding in findings]
    run = json.loads(RENDERERS["sarif"](findings, 1))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [finding.rule.code for finding in findings]
    lines = RENDERERS["github"](findings, 1).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(findings)
    for line in lines:
        assert COMMAND.fullmatch(line), line
        assert not steering(line)


def steering(text: str) -> list[str]:
    """Return the characters of a text that control a terminal, without line feeds."""
    return [char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs")]


def hold_fixing(text: str, unsafe: bool) -> None:
    """Assert that fixing ends, changes only what fixes name, keeps text readable, and settles."""
    rounds: list[tuple[str, list[Diagnostic]]] = []

    def check(source: Source) -> list[Diagnostic]:
        found = check_ncco(source)
        rounds.append((source.text, found))
        return found

    fixed = apply_fixes(Source("<text>", text), check, unsafe=unsafe)
    # A round that does not help is tried again with half of its fixes, so a text may come from any one before it.
    for number, (after, _) in enumerate(rounds[1:], 1):
        assert any(keeps_the_rest(before, found, after, unsafe) for before, found in rounds[:number]), after
    if is_json(text):
        assert is_json(fixed.source.text)
    assert unreadable(fixed.remaining) <= unreadable(rounds[0][1])
    assert [each.span for each in fixed.remaining] == [each.span for each in validate(fixed.source.text)]
    again = fix(fixed.source.text, unsafe=unsafe)
    assert again.source.text == fixed.source.text
    assert again.applied == 0


def keeps_the_rest(before: str, found: list[Diagnostic], after: str, unsafe: bool) -> bool:
    """Return whether the text outside of all edits is in the new text too, in its order, first and last in place."""
    edits = [edit for finding in found if is_fixable(finding, unsafe) and finding.fix for edit in finding.fix.edits]
    kept, done = [], 0
    for span in sorted(edit.span for edit in edits):
        kept.append(before[done : max(span.start, done)])
        done = max(done, span.end)
    *inner, last = (*kept, before[done:])
    if not (after.startswith(inner[0] if inner else last) and after.endswith(last)):
        return False
    at = 0
    for piece in inner:
        at = after.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return at <= len(after) - len(last)


def is_json(text: str) -> bool:
    """Return whether Python's own parser reads the text, without its extensions of JSON."""

    def refuse(word: str) -> Any:
        raise ValueError(word)

    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def unreadable(findings: list[Diagnostic]) -> int:
    return sum(1 for finding in findings if finding.rule.code.startswith("F1") and finding.severity == "error")


# ── The documents themselves ─────────────────────────────────────────────────────────────────────────


def test_the_documents_set_every_option_of_every_action() -> None:
    document = load_json_resource("schemas/ncco.schema.json")
    wanted = {key for part in document["definitions"].values() for key in named_options(part)}
    used: set[str] = set()
    for value in VALUES.values():
        used |= keys_below(value)
    assert len(wanted) > 80
    assert wanted - used == set()
    actions = document["definitions"]["action"]["properties"]["action"]["enum"]
    assert set(actions) <= {
        action["action"] for value in VALUES.values() if isinstance(value, list) for action in value
    }


def named_options(schema: Any) -> set[str]:
    inner = schema.get("properties", {})
    return set(inner).union(*(named_options(part) for part in inner.values()))


@pytest.mark.parametrize("name", TEXTS)
def test_documents_have_errors_only_where_they_should(name: str) -> None:
    errors = [finding for finding in validate(TEXTS[name]) if finding.severity == "error"]
    assert bool(errors) is (name in ODD), errors


@pytest.mark.parametrize("text", STARTS, ids=[*TEXTS, *(f"slip{number}" for number in range(len(SLIPS)))])
def test_every_law_holds_on_the_documents(text: str) -> None:
    hold_all(text)


@pytest.mark.parametrize("text", STARTS, ids=[*TEXTS, *(f"slip{number}" for number in range(len(SLIPS)))])
def test_each_fix_alone_mends_its_finding(text: str) -> None:
    findings = validate(text)
    for finding in findings:
        if finding.fix is None:
            continue
        repaired = text
        for edit in reversed(finding.fix.edits):
            repaired = repaired[: edit.span.start] + edit.text + repaired[edit.span.end :]
        after = validate(repaired)
        same = [other for other in findings if other.rule is finding.rule]
        left = [other for other in after if other.rule is finding.rule]
        # After the fix the parser reads further, where it may find the same mistake again.
        assert len(left) < len(same) or left[0].span > same[0].span, finding


# ── Damage ───────────────────────────────────────────────────────────────────────────────────────────


def damaged(random: Random) -> str:
    """Return a text that was a document: its value damaged, or the text, or both."""
    text = random.choice(STARTS)
    if random.randrange(3) == 0:
        value = mutate_value(random.choice(tuple(VALUES.values())), random, KEYS)
        text = json.dumps(value, indent=random.choice((None, 0, 2)), ensure_ascii=random.random() < 0.5)
        if random.random() < 0.5:
            return text
    return mutate_text(text, random)


def damage(seed: int, count: int) -> None:
    random = Random(seed)
    for number in range(count):
        text = damaged(random)
        try:
            hold_all(text)
        except Exception as failed:
            raise AssertionError(f"mutation {number} of seed {seed}: {text!r}") from failed


@pytest.mark.search
@pytest.mark.parametrize("seed", range(budget.of(2, 110)))
def test_damaged_documents(seed: int) -> None:
    damage(seed, budget.of(150, 1_000))


def test_the_damage_is_of_many_kinds() -> None:
    random = Random(0)
    texts = [damaged(random) for _ in range(2_000)]
    assert len({finding.rule for text in texts for finding in validate(text)}) > 50
    assert 500 < sum(map(is_json, texts)) < 1_500


@searched(80, 50_000)
@given(st.lists(st.sampled_from((*TOKENS, *CHARACTERS)), max_size=30).map("".join))
def test_any_tokens(text: str) -> None:
    hold_all(text)


@searched(60, 50_000)
@given(st.text(st.characters(codec=None), max_size=60))
def test_any_characters(text: str) -> None:
    hold_all(text)


@searched(60, 50_000)
@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    hold_all(data.decode("utf-8", "surrogateescape"))


# ── Values ───────────────────────────────────────────────────────────────────────────────────────────

LEAVES = st.one_of(
    st.sampled_from(SCALARS),
    st.sampled_from([word for word in re.findall(r'"([^"\\]*)"', "".join(TEXTS.values())) if word]),
    st.integers(),
    st.floats(),
    st.text(st.characters(codec=None), max_size=8),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@st.composite
def actions(draw: st.DrawFn) -> Any:
    """Draw a list of possible actions: an option's value is at times one of a document."""
    document: Any = draw(st.sampled_from([value for value in VALUES.values() if isinstance(value, list)]))
    made = []
    for action in draw(st.lists(st.sampled_from(document), min_size=1, max_size=3)):
        kept = {key: item for key, item in action.items() if draw(st.integers(0, 5))}
        changed = draw(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=2))
        made.append({**kept, **changed})
    return made


@searched(120, 100_000)
@given(st.one_of(ANYTHING, actions()))
def test_any_value(value: Any) -> None:
    for provider in (None, "vonage", "kpn"):
        for problem in validate_value(value, provider=provider):
            assert problem.message.strip()
    assert is_valid(value) is (judge(value) == [])


@searched(60, 50_000)
@given(st.one_of(ANYTHING, actions()), st.sampled_from((None, 1, 2)), st.booleans())
def test_any_value_as_text(value: Any, indent: int | None, ascii_only: bool) -> None:
    hold_all(json.dumps(value, indent=indent, ensure_ascii=ascii_only))


# ── Named cases ────────────────────────────────────────────────────────────────────────────────────────

NOTIFY = '[{"action": "notify", "eventUrl": ["https://example.com/e"], "payload": {"deep": %s}}]'
HEADERS = (
    '[{"action": "connect", "endpoint": [{"type": "websocket", "uri": "wss://a.b", '
    '"content-type": "audio/l16;rate=16000", "headers": {"deep": %s}}]}]'
)
TALK = '[{"action": "talk", "text": "%s"}]'
LEVEL = '[{"action": "talk", "text": "Hello", "level": %s}]'


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


def many(count: int, entry: str) -> str:
    return ",".join(entry % number for number in range(count))


CASES: dict[str, tuple[str, set[str]]] = {
    "empty": ("", {"empty-document"}),
    "blanks": (" \t\r\n ", {"empty-document"}),
    "binary": (bytes(range(256)).decode("latin-1"), {"json-syntax"}),
    "nothing but NUL": ("\0", {"json-syntax"}),
    "NUL behind the text": ('[{"action": "wait"}]\0', {"json-syntax"}),
    "NUL in a text": (TALK % "a\0b", {"bad-string", "unspoken-character"}),
    "NUL as an escape": (TALK % "a\\u0000b", {"unspoken-character"}),
    "byte order mark": ("\ufeff" + TALK % "a", {"byte-order-mark"}),
    "byte order mark alone": ("\ufeff", {"byte-order-mark", "empty-document"}),
    "byte order mark twice": ("\ufeff\ufeff" + TALK % "a", {"byte-order-mark", "json-syntax"}),
    "CRLF": (TEXTS["menu"].replace("\n", "\r\n"), set()),
    "lone CR": (TEXTS["menu"].replace("\n", "\r"), set()),
    "lone CR in a text": (TALK % "a\rb", {"json-syntax"}),
    "high half alone": (TALK % "a \\ud83d b", {"lone-surrogate"}),
    "low half alone": (TALK % "a \\ude00 b", {"lone-surrogate"}),
    "halves the wrong way round": (TALK % "\\ude00\\ud83d", {"lone-surrogate"}),
    "half in a key": ('[{"action": "talk", "text": "a", "\\ud83d": 1}]', {"lone-surrogate", "unknown-option"}),
    "both halves": (TALK % "\\ud83d\\ude00", set()),
    "beyond the BMP": (TALK % "\U0001f600\U00020000\U0010fffd", set()),
    "combining characters": (TALK % ("e" + "\u0301" * 500), set()),
    "right to left": (TALK % "\u200f\u202e\u2066שלום\u2069", {"other-script"}),
    "right to left in a key": ('[{"action": "talk", "text": "a", "\u202etxet": 1}]', {"unknown-option"}),
    "1e999": (LEVEL % "1e999", {"bad-number"}),
    "+1e999": (LEVEL % "+1e999", {"bad-number"}),
    "-1e999 in free data": (NOTIFY % "-1e999", {"bad-number"}),
    "1e-999": (LEVEL % "1e-999", set()),
    "5,001 digits": (LEVEL % ("1" + "0" * 5000), {"bad-number"}),
    "4,000 digits": (LEVEL % ("1" + "0" * 4000), {"out-of-range"}),
    "100,000 digits behind the point": (LEVEL % ("0." + "0" * 100_000 + "1"), set()),
    "-0": (LEVEL % "-0", set()),
    "-0.0": (LEVEL % "-0.0", set()),
    "[ 100,000 deep": ("[" * 100_000, {"too-deep"}),
    "objects 100,000 deep": ('{"a":' * 100_000, {"too-deep"}),
    "closed 100,000 deep": (deep(100_000), {"too-deep"}),
    "payload 99 deep": (NOTIFY % deep(96), set()),
    "payload 100 deep": (NOTIFY % deep(97), set()),
    "payload 101 deep": (NOTIFY % deep(98), {"too-deep"}),
    "headers 100 deep": (HEADERS % deep(95), set()),
    "headers 101 deep": (HEADERS % deep(96), {"too-deep"}),
    "brackets in a text": (TALK % ("[" * 1000), set()),
}

LONG = budget.of(300_000, 10_000_000)
LARGE: dict[str, tuple[Callable[[], str], set[str]]] = {
    "megabytes of one text": (lambda: TALK % ("a" * LONG), {"speech-too-long"}),
    "megabytes of one text, unclosed": (lambda: TALK[:-3] % ("a" * LONG), {"json-syntax"}),
    "megabytes of markup": (lambda: TALK % ("<speak>" + "<s>a</s>" * (LONG // 8) + "</speak>"), {"speech-too-long"}),
    "much foreign markup": (
        lambda: TALK % ("<speak>" + "<w>a</w>" * (LONG // 80) + "</speak>"),
        {"speech-too-long", "foreign-ssml"},
    ),
    "open tags": (
        lambda: TALK % ("<speak>" + "<sub>" * (LONG // 50)),
        {"broken-ssml", "foreign-ssml", "empty-speech", "long-with-tags"},
    ),
    "placeholders never closed": (lambda: TALK % ("${" * (LONG // 20)), {"speech-too-long"}),
    "megabytes of digits": (lambda: TALK % ("1" * LONG), {"speech-too-long", "spoken-digits"}),
    "megabytes of tokens": (lambda: NOTIFY % ("[" + "1," * (LONG // 2) + "1]"), set()),
    "no commas": (lambda: NOTIFY % ("[" + "1 " * (LONG // 200) + "1]"), {"missing-comma"}),
    "comments": (lambda: "/* comment of a line */" * (LONG // 250), {"json-comment", "empty-document"}),
    "keys in the payload": (lambda: NOTIFY % ("{" + many(LONG // 100, '"k%d":0') + "}"), set()),
    "keys in an action": (lambda: '[{"action": "wait", ' + many(LONG // 500, '"k%d":0') + "}]", {"unknown-option"}),
    "one key many times": (lambda: NOTIFY % ("{" + '"k":0,' * (LONG // 500) + '"k":0}'), {"duplicate-key"}),
    "actions": (lambda: "[" + many(LONG // 500, '{"action":"talk","text":"%d"}') + "]", set()),
    "unknown actions": (lambda: "[" + many(LONG // 2_000, '{"action":"tlak","text":"%d"}') + "]", {"unknown-action"}),
}


@pytest.mark.parametrize("name", CASES)
def test_cases_with_a_name(name: str) -> None:
    text, wanted = CASES[name]
    assert {finding.rule.name for finding in validate(text)} == wanted
    hold_all(text)


@pytest.mark.search
@pytest.mark.parametrize("name", LARGE)
def test_large_cases_with_a_name(name: str) -> None:
    make, wanted = LARGE[name]
    text = make()
    findings = validate(text)
    assert {finding.rule.name for finding in findings} == wanted
    hold_findings(text, findings)
    hold_rendering(findings[:100] + findings[-100:])


@pytest.mark.parametrize(
    "text",
    [
        "[" + many(2_000, '{"action":"tlak","text":"%d"}') + "]",
        "[" + "1 " * 2_000 + "1]",
        "[" + many(500, '{"action":"input","maxDigits":1,"timeOut":%d}') + "]",
        "[" + "'a'" * 500 + "]",
    ],
    ids=["unknown actions", "missing commas", "flat inputs", "touching quotes"],
)
def test_many_fixes_at_once(text: str) -> None:
    hold_fixing(text, unsafe=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[1/**/2]", "[1,2]"),
        ('[{"action": "wait"} // pause\n {"action": "wait"}]', '[{"action": "wait"},\n {"action": "wait"}]'),
        ("['a' 'b' 'c']", '["a", "b", "c"]'),
        ("['a''b''c']", "['a''b''c']"),
    ],
)
def test_mending_joins_nothing(text: str, wanted: str) -> None:
    assert fix(text).source.text == wanted


def test_levels_by_code_and_name_and_off() -> None:
    text = '[{"action": "talk", "text": "Hello", "level": 0.25, "loop": "2"}]'
    levels: dict[str, Level] = {"F313": "error", "text-for-value": "off"}
    found = validate(text, options=CheckOptions(levels=levels))
    assert [(finding.rule.name, finding.severity) for finding in found] == [("unusual-value", "error")]


def test_the_laws_can_fail() -> None:
    """The checks above refuse what they must refuse."""
    assert steering("a\x1b[31m\n\u202e") == ["\x1b", "\u202e"]
    finding = validate(TALK % "")[0]
    assert not keeps_the_rest("abc", [], "abd", unsafe=True)
    with pytest.raises(AssertionError):
        hold_findings("", [finding])
