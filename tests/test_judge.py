"""`jsonschema` validates what is written: the compiler drops an NCCO that it refuses, and commands write nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from ncco_lang.bundler import Bundled
from ncco_lang.compiler import DEFAULTS, check_flow, compile_text
from ncco_lang.project.params import Given
from ncco_lang.resources import load_json_resource
from ncco_lang.source import Source
from ncco_lang.vocabulary.judge import refused
from ncco_lang.vocabulary.ncco_schema import NCCO_SCHEMA, is_valid
from tests.laws.documents import ODD, VALUES
from tests.shells.shell import LONGEST, ROOT, environment
from tests.shells.test_call_commands import settings

WRITTEN = replace(DEFAULTS, is_written=True)
FLOW = 'talk "Hello."\nconnect phone "+31201234567" random_from_number\n'
# Makes jsonschema refuse the number 31201234567 wherever it checks a pattern.
DISAGREE = """
from jsonschema import Draft202012Validator, ValidationError
def refuse(validator, pattern, value, schema):
    if value == "31201234567":
        yield ValidationError("no")
Draft202012Validator.VALIDATORS["pattern"] = refuse
"""


def test_the_judge_accepts_what_is_valid() -> None:
    for name, value in VALUES.items():
        assert (refused(value) is None) is is_valid(value), name
    assert any(name not in ODD for name in VALUES)


@pytest.mark.parametrize(
    ("ncco", "path", "keyword"),
    [
        ([], (), "minItems"),
        ({"action": "talk"}, (), "type"),
        ([{"action": "talk"}], (0,), "required"),
        ([{"action": "tlak"}], (0, "action"), "enum"),
        ([{"action": ["talk"]}], (0, "action"), "type"),
        (["talk"], (0,), "type"),
        ([{"action": "talk", "text": "a", "loop": -1}], (0, "loop"), "minimum"),
        (
            [{"action": "connect", "endpoint": [{"type": "phone", "number": "1"}]}],
            (0, "endpoint", 0, "number"),
            "pattern",
        ),
        ([{"action": "connect", "endpoint": [{"type": "fax"}]}], (0, "endpoint", 0, "type"), "enum"),
        ([{"action": "connect", "endpoint": [{"type": "phone"}]}], (0, "endpoint", 0), "required"),
        ([{"action": "connect", "endpoint": [{"type": "vbc", "number": "1"}, 1]}], (0, "endpoint"), "maxItems"),
        ([{"action": "connect", "endpoint": [1]}], (0, "endpoint", 0), "type"),
    ],
)
def test_the_judge_says_where(ncco: Any, path: tuple[str | int, ...], keyword: str) -> None:
    found = refused(ncco)
    assert found is not None
    assert not is_valid(ncco)
    assert (found.path, found.keyword) == (path, keyword)


def test_what_raw_wrote_is_not_judged() -> None:
    compiled = compile_text('talk "a"\nraw { "action": "dance" }', options=WRITTEN)
    assert compiled.ncco == [{"action": "talk", "text": "a"}, {"action": "dance"}]
    assert refused(compiled.ncco, {1}) is None
    assert refused(compiled.ncco) is not None


RAW_IN_CALLS = """param desk: phone = "+31201234567"
default talk en-GB raw: { "loudness": 3 }
fallback colleague
step start { goto menu_for("you") }
step menu_for(who: text) {
    talk "For {who}." raw: { "who": who, "nested": { "list": [who] } }
    menu "Press 1." {
        1 -> colleague
        give_up -> hangup
    }
}
step colleague {
    connect phone desk from: desk raw: { "endpoint": { "region": "eu" } } { otherwise -> hangup }
}
"""


def test_what_the_option_raw_adds_is_not_judged() -> None:
    compiled = compile_text('talk "a" level: 0.5 raw: { "tone": "kind" }', options=WRITTEN)
    assert compiled.ncco == [{"action": "talk", "text": "a", "level": 0.5, "tone": "kind"}]
    assert [each.rule.name for each in compiled.diagnostics] == ["outside-schema"]
    product = compile_text(RAW_IN_CALLS, options=WRITTEN).product
    assert isinstance(product, Bundled)
    documents = [document for _, document in product.documents()]
    first = documents[0]
    assert first[0] == {
        "action": "talk",
        "text": "For you.",
        "language": "en-GB",
        "who": "you",
        "nested": {"list": ["you"]},
    }
    assert first[1]["loudness"] == 3
    dialled = [each["endpoint"] for document in documents for each in document if each["action"] == "connect"]
    assert len(dialled) > 2
    assert all(each == [{"type": "phone", "number": "31201234567", "region": "eu"}] for each in dialled)


@pytest.mark.usefixtures("disagreement")
def test_what_stands_beside_the_option_raw_is_judged() -> None:
    assert compile_text(FLOW.replace("random", 'raw: { "x": 1 } random'), options=WRITTEN).ncco is None
    assert compile_text(RAW_IN_CALLS, options=WRITTEN).product is None


@pytest.fixture
def disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jsonschema refuse a number that our checks accept."""
    before = Draft202012Validator.VALIDATORS["pattern"]
    monkeypatch.setitem(Draft202012Validator.VALIDATORS, "pattern", before)
    exec(DISAGREE, {})


@pytest.mark.usefixtures("disagreement")
def test_a_disagreement_is_a_finding_at_its_place() -> None:
    compiled = compile_text(FLOW, options=WRITTEN)
    assert compiled.ncco is None
    found = compiled.diagnostics[-1]
    assert (found.rule.name, found.severity) == ("outside-schema", "error")
    assert FLOW[found.span.start : found.span.end] == '"+31201234567"'
    assert found.message == 'jsonschema refuses "31201234567" (pattern), which ncco accepts'
    assert found.hint is not None
    assert "please report" in found.hint
    # No setting and no comment allows it to be written.
    allowed = f"// ncco: allow outside-schema\n{FLOW}"
    assert compile_text(allowed, options=WRITTEN).ncco is None
    # A check alone does not run jsonschema.
    assert not [each for each in check_flow(Source("x", FLOW)) if each.severity == "error"]


@pytest.mark.usefixtures("disagreement")
def test_a_disagreement_shows_no_secret() -> None:
    text = "param desk: phone\nconnect phone desk random_from_number\n"
    options = replace(WRITTEN, params={"desk": Given("+31201234567", "env:DESK", from_env=True)})
    compiled = compile_text(text, options=options)
    assert compiled.ncco is None
    assert "3120" not in repr([(each.message, each.hint) for each in compiled.diagnostics])


@pytest.mark.parametrize(
    ("command", "code"),
    [("compile main.flow -o main.json", 1), ("deploy --yes", 1), ("call +31201234500 --flow main.flow", 1)],
)
def test_nothing_is_written_that_the_judge_refuses(command: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "main.flow").write_text(FLOW)
    (tmp_path / "main.json").write_text("before")
    (tmp_path / "public").mkdir()
    (tmp_path / "ncco.toml").write_text(settings("vonage", "http://127.0.0.1:9"))
    files = sorted(tmp_path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", f"{DISAGREE}\nfrom ncco_lang.cli.main import main\nmain({command.split()!r})"],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "error F349 outside-schema: jsonschema refuses" in done.stdout + done.stderr
    assert sorted(tmp_path.rglob("*")) == files
    assert (tmp_path / "main.json").read_text() == "before"


# ── Line ends in values ────────────────────────────────────────────────────────────────────────────────

URL = "https://example.com/n"
LINE = [
    {"action": "notify", "eventUrl": [URL], "payload": {}},
    {"action": "connect", "endpoint": [{"type": "phone", "number": "31201234567"}]},
    {"action": "connect", "endpoint": [{"type": "phone", "number": "31201234567", "dtmfAnswer": "1p#"}]},
    {"action": "connect", "endpoint": [{"type": "sip", "uri": "sip:desk@example.com"}]},
    {"action": "transfer", "conversationId": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"},
]
SOCKET = {"type": "websocket", "uri": "wss://example.com/s", "content-type": "audio/l16;rate=16000"}
LINE += [
    {"action": "connect", "endpoint": [SOCKET]},
    {"action": "connect", "endpoint": [{**SOCKET, "authorization": {"type": "custom", "value": "a b"}}]},
]


def with_ends(value: Any, end: str) -> list[Any]:
    """Return copies of a JSON value, each with one of its texts lengthened."""
    if isinstance(value, str):
        return [value + end]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    copies = []
    for key, item in items:
        for changed in with_ends(item, end):
            copy = value.copy()
            copy[key] = changed
            copies.append(copy)
    return copies


@pytest.mark.parametrize("action", LINE)
def test_a_value_with_a_pattern_ends_with_its_last_character(action: dict[str, Any]) -> None:
    schema = load_json_resource(NCCO_SCHEMA)
    second, judge = jsonschema_rs.validator_for(schema), Draft202012Validator(schema)
    assert is_valid([action])
    assert second.is_valid([action])
    for end in ("\n", "\r", "\r\n", "\u2028", "\n\n"):
        for changed in with_ends(action, end):
            verdicts = (
                is_valid([changed]),
                judge.is_valid([changed]),
                refused([changed]) is None,
                second.is_valid([changed]),
            )
            assert verdicts == (False, False, False, False), changed
