"""Every rule is triggered by its examples and by a fixture with its code in the name.

A fixture is a document as an author wrote it; the `.txt` next to it holds its findings as `ncco check` prints them.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

import ncco_lang
from ncco_lang import Diagnostic, Source, render_text
from ncco_lang.checker import CheckOptions, check_ncco
from ncco_lang.cli.explain import render_rule
from ncco_lang.compiler import CompileOptions, check
from ncco_lang.diagnostics import SEVERITIES, Rule
from ncco_lang.project.config import parse_config
from ncco_lang.rule_examples import examples
from ncco_lang.rules import RULES, find_rule, nearest_rule
from tests.conftest import Golden

FOLDER = Path(__file__).parent / "fixtures" / "diagnostics"
FIXTURES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".json", ".toml"))
VERSION = "0.1.0"
# Findings about a provider's pages are reported only if the user names the provider.
PROVIDER = "kpn"


def findings_in(rule: Rule, name: str, text: str) -> list[Diagnostic]:
    """Return the findings of the check for the rule's language."""
    source = Source(name, text)
    if rule.language == "toml":
        return parse_config(source, VERSION, lambda word: find_rule(word) is not None, nearest_rule)[1]
    return check_ncco(source, CheckOptions(provider=PROVIDER if rule.code.startswith("F7") else None))


def rule_of(path: Path) -> Rule:
    """Return the rule that a fixture is named after."""
    rule = find_rule(path.stem[:4])
    assert rule is not None, path
    return rule


def spoken_to_programs() -> list[Rule]:
    """Return the rules whose examples this file can check; those in flow have tests of their own."""
    return [rule for rule in RULES if rule.language != "flow"]


def name_of(rule: Rule) -> str:
    return f"{rule.code}-{rule.name}"


@pytest.mark.parametrize("rule", spoken_to_programs(), ids=name_of)
def test_the_bad_example_gets_the_finding(rule: Rule) -> None:
    found = [finding.rule for finding in findings_in(rule, "bad", rule.bad)]
    assert rule in found


@pytest.mark.parametrize("rule", spoken_to_programs(), ids=name_of)
def test_the_good_example_does_not_and_has_no_error(rule: Rule) -> None:
    found = findings_in(rule, "good", rule.good)
    assert rule not in [finding.rule for finding in found]
    assert [finding.message for finding in found if finding.severity == "error"] == []


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixture(path: Path, golden: Golden) -> None:
    rule = rule_of(path)
    found = findings_in(rule, path.name, path.read_bytes().decode("utf-8"))
    assert rule in [finding.rule for finding in found]
    golden.check(path.with_suffix(".txt"), render_text(found))


def test_every_rule_has_a_fixture() -> None:
    shown = {path.stem[:4] for path in FOLDER.iterdir()}
    assert [name_of(rule) for rule in RULES if rule.code not in shown] == []


def test_every_fixture_is_named_after_its_rule() -> None:
    for path in FOLDER.iterdir():
        assert path.suffix in (".json", ".toml", ".flow", ".txt"), path
        assert re.fullmatch(r"[FLPQS]\d{3}_[a-z0-9_]+", path.stem), path
        assert find_rule(path.stem[:4]) is not None, path
        if path.suffix == ".txt":
            assert any(path.with_suffix(suffix).exists() for suffix in (".json", ".toml")), f"{path} is left over"


def test_codes_and_names_are_unique() -> None:
    codes, names = [rule.code for rule in RULES], [rule.name for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)
    assert codes == sorted(codes)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_rule_is_told_in_full(rule: Rule) -> None:
    assert re.fullmatch(r"[FLPQS][1-9]\d\d", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.severity in SEVERITIES
    assert rule.why.strip().endswith((".", "?", ".)"))
    assert rule.bad != rule.good
    assert find_rule(rule.code) is find_rule(rule.name) is rule
    assert render_rule(rule).startswith(f"{rule.code} {rule.name} ({rule.severity})\n")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.language == "json"], ids=name_of)
def test_the_examples_that_are_shown_say_what_the_rule_has(rule: Rule) -> None:
    shown = examples(rule)
    for each, text in zip((each for each in shown if each.language == "json"), (rule.bad, rule.good), strict=True):
        assert each.text == text if rule.code < "F2" else json.loads(each.text) == json.loads(text)
    flows = [each for each in shown if each.language == "flow"]
    options = CompileOptions(check=CheckOptions(provider=PROVIDER))
    found = [[finding.rule for finding in check(each.text, options=options)] for each in flows]
    assert [rule in rules for rules in found] in ([], [True, False])


def test_what_concerns_flows_is_shown_as_a_flow_first() -> None:
    shown = [[each.language for each in examples(rule)] for rule in RULES if "F401" <= rule.code < "F8"]
    assert shown == [["flow", "flow", "json", "json"]] * len(shown)
    barge_in = find_rule("F401")
    assert barge_in is not None
    assert '\nBad:\n    talk "Press 1 for sales." barge_in\n\nGood:\n' in render_rule(barge_in)
    assert max(map(len, render_rule(barge_in).splitlines())) < 100


def test_every_rule_of_the_package_is_written_out() -> None:
    defined = {}
    for module in pkgutil.walk_packages(ncco_lang.__path__, "ncco_lang."):
        if module.name != "ncco_lang.__main__":
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Rule):
                    defined[value.code] = value
    assert [name_of(rule) for rule in defined.values() if rule not in RULES] == []
    assert len(defined) == len(RULES)


def test_what_was_meant_is_looked_for_a_bounded_number_of_times() -> None:
    asked: list[str] = []

    def near(word: str) -> str | None:
        asked.append(word)
        return nearest_rule(word)

    text = "[check.severity]\n" + "".join(f'spoken-digit{number} = "off"\n' for number in range(1000))
    _, found = parse_config(Source("ncco.toml", text), VERSION, lambda word: False, near)
    assert len(found) == 1000
    assert len(asked) <= 100
    assert found[0].hint == 'did you mean "spoken-digits"?'
    assert found[-1].hint == "ncco explain lists them"
