"""Check `.flow` texts: each `fixtures/diagnostics/*.flow` contains its expected findings, exact to the column.

The comments below a line are the findings that begin on it: carets under their span (to the end of its first line),
code and message, then `=` the hint and `~` the fix. Dashes mark a further place of a finding. Any other finding fails.
`--golden` writes these comments.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ncco_lang.checks import lookup_rules, question_rules, suppressions
from ncco_lang.compiler import Compiled, CompileOptions, compile_source
from ncco_lang.diagnostics import Diagnostic, Rule, apply_edits
from ncco_lang.program import findings_of_tests as tests
from ncco_lang.program import jumps
from ncco_lang.program import name_rules as names
from ncco_lang.project.params import Given
from ncco_lang.proof import conditions, endings, large_states, loops, repeating, reports, silence, unset_names, waiting
from ncco_lang.source import Source, Span
from ncco_lang.syntax import syntax_rules
from ncco_lang.vocabulary import option_rules
from ncco_lang.vocabulary.option_rules import NEEDS_RUNTIME
from tests.conftest import Golden
from tests.imported import files_of

FOLDER = Path(__file__).parent / "fixtures" / "diagnostics"
FIXTURES = sorted(FOLDER.glob("*.flow"))
OF_GRAPHS = (
    *jumps.RULES,
    *question_rules.RULES,
    *lookup_rules.RULES,
    *loops.RULES,
    *repeating.RULES,
    *endings.RULES,
    *unset_names.RULES,
    *conditions.RULES,
    *large_states.RULES,
    *silence.RULES,
    *reports.RULES,
    *waiting.RULES,
)
RULES = (*syntax_rules.RULES, *names.RULES, *suppressions.RULES, *option_rules.RULES, *tests.RULES, *OF_GRAPHS)
AT_KPN = {waiting.LONG_WAIT.code, reports.EARLY_REPORT.code}
IMPORTS = {names.UNREADABLE_IMPORT.code, names.IMPORT_CYCLE.code}
EXPECTATION = re.compile(r"[ \t]*// *(\^+ [FLPQS]\d|-+ [FLPQS]\d|@\d [FLPQS]\d|= |~ ).*")


# Params given to the flows, to trigger the rules about given params.
GIVEN = {
    "F208": {"colour": Given("blue", "-p colour")},
    "F215": {"colour": Given("blue", 'profile "live"', Source("ncco.toml", "colour = …"), Span(0, 6), from_env=True)},
}


def compile_example(code: str, source: Source) -> Compiled:
    # A project of this one file; for other fixtures, what they import does not matter.
    reader = files_of({}, "menu.flow") if code in IMPORTS else None
    options = CompileOptions(
        params=GIVEN.get(code, {}),
        is_single=code == NEEDS_RUNTIME.code,
        joins="before" if code in AT_KPN else None,
        tells_silence=code == silence.LONGEST_SILENCE.code,
    )
    return compile_source(source, options, reader)


def read(path: Path) -> Source:
    """Return a fixture without its expectations."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    return Source(path.name, "\n".join(line for line in lines if not EXPECTATION.fullmatch(line)))


def annotate(source: Source, findings: tuple[Diagnostic, ...]) -> str:
    """Return the text with its findings as comments."""
    below: dict[int, list[str]] = {}
    for finding in findings:
        head = f"{finding.rule.code} {finding.message}"
        if finding.severity != finding.rule.severity:
            head += f" ({finding.severity})"
        more = ([f"= {finding.hint}"] if finding.hint else []) + ([f"~ {finding.fix.title}"] if finding.fix else [])
        place(source, below, finding.span, "^", [head, *more])
        for label in finding.labels:
            place(source, below, label.span, "-", [f"{finding.rule.code} {label.text}"])
    lines = source.text.split("\n")
    return "\n".join(part for number, line in enumerate(lines, 1) for part in (line, *below.get(number, ())))


def place(source: Source, below: dict[int, list[str]], span: Span, mark: str, texts: list[str]) -> None:
    line, column = source.position(span.start)
    if column <= 2:  # no room for a caret
        below.setdefault(line, []).append(f"// @{column} {texts[0]}")
        below[line] += [f"//    {text}" for text in texts[1:]]
        return
    end = min(span.end, source.line_span(line).end)
    blanks = " " * (column - 3)
    marks = mark * max(1, end - span.start)
    below.setdefault(line, []).append(f"//{blanks}{marks} {texts[0]}")
    below[line] += [f"//{blanks}{' ' * len(marks)} {text}" for text in texts[1:]]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_findings(path: Path, golden: Golden) -> None:
    source = read(path)
    golden.check(path, annotate(source, compile_example(path.stem[:4], source).diagnostics))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_fixture_shows_the_rule_in_its_name(path: Path) -> None:
    findings = compile_example(path.stem[:4], read(path)).diagnostics
    assert path.stem[:4] in {finding.rule.code for finding in findings}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_each_fix_mends_its_finding_and_adds_none(path: Path) -> None:
    source = read(path)
    before = compile_example(path.stem[:4], source).diagnostics
    for finding in before:
        if finding.fix is not None:
            text = apply_edits(source.text, list(finding.fix.edits))
            after = compile_example(path.stem[:4], Source(source.name, text)).diagnostics
            assert count(after, finding.rule) < count(before, finding.rule), finding.fix


def count(findings: tuple[Diagnostic, ...], rule: Rule) -> int:
    return sum(finding.rule is rule for finding in findings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_fixture(rule: Rule) -> None:
    assert any(path.stem.startswith(f"{rule.code}_") for path in FIXTURES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_examples_of_a_rule(rule: Rule) -> None:
    bad = compile_example(rule.code, Source("bad", rule.bad)).diagnostics
    good = compile_example(rule.code, Source("good", rule.good)).diagnostics
    assert rule in [finding.rule for finding in bad]
    assert [finding for finding in good if finding.severity == "error" or finding.rule is rule] == []


def test_codes_and_names_are_used_once() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_findings_stand_in_the_order_of_the_text() -> None:
    for path in FIXTURES:
        spans = [finding.span for finding in compile_example(path.stem[:4], read(path)).diagnostics]
        assert spans == sorted(spans)


@pytest.mark.parametrize("text", ['shop = "Bakery"\n', 'talk "Hello {name"\n', 'talk "Hello name}"\n'])
def test_a_guess_is_no_safe_fix(text: str) -> None:
    fixes = [finding.fix for finding in compile_source(Source("guess.flow", text)).diagnostics if finding.fix]
    assert fixes
    assert all(fix.unsafe for fix in fixes)


def test_a_second_statement_on_a_line_gets_one_of_its_own() -> None:
    source = Source("two.flow", 'talk "Hello" level: 1 talk "Goodbye"\n')
    (found,) = compile_source(source).diagnostics
    assert found.fix is not None
    assert apply_edits(source.text, list(found.fix.edits)) == 'talk "Hello" level: 1\ntalk "Goodbye"\n'
