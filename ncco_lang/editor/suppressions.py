"""Write `// ncco: allow` comments: the rules that can be named, and the comment that allows a finding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ncco_lang.diagnostics import Diagnostic, Edit, Rule
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.marker import find_spot
from ncco_lang.editor.rename import declaration_at
from ncco_lang.editor.types import CodeAction
from ncco_lang.source import LINE_END, Source, Span
from ncco_lang.syntax.allows import last_lines
from ncco_lang.syntax.lines import BLANKS


@cache
def allowable() -> tuple[Rule, ...]:
    """Return the rules that a comment in a flow can allow, without those that prevent compiling."""
    from ncco_lang.checks import suppressions
    from ncco_lang.program import name_rules as names
    from ncco_lang.rules import RULES
    from ncco_lang.syntax import json_rules, syntax_rules
    from ncco_lang.vocabulary import option_rules

    stopping = {*syntax_rules.RULES, *option_rules.RULES, *names.RULES}
    others = {*json_rules.RULES, *suppressions.RULES}
    return tuple(
        rule
        for rule in RULES
        if rule.language != "toml" and rule not in others and not (rule in stopping and rule.severity == "error")
    )


def allow_actions(analysis: Analysis, findings: Sequence[Diagnostic]) -> list[CodeAction]:
    """Return the actions that allow some findings of a flow, each rule in each statement once, none preferred."""
    allowed: dict[tuple[int, Rule], list[Diagnostic]] = {}
    for finding in findings:
        if finding.rule in allowable() and (line := _line(analysis, finding)) is not None:
            allowed.setdefault((line, finding.rule), []).append(finding)
    return [
        CodeAction(
            f"allow {rule.name} for this statement",
            (_comment(analysis.source, line, rule),),
            tuple(found),
            is_preferred=False,
        )
        for (line, rule), found in allowed.items()
    ]


def _line(analysis: Analysis, finding: Diagnostic) -> int | None:
    """Return the line above which a comment applies to a finding: that of the innermost statement or option around it."""
    file, source = analysis.file, analysis.source
    declaration = None if file is None else declaration_at(file, finding.span.start)
    if file is None or declaration is None:
        return None
    here = source.position(finding.span.start).line
    around = [first for first, last in last_lines((declaration,), source).items() if first <= here <= last]
    if not around:
        return None
    line = max(around)
    # The doc comment of a declaration stays directly above it.
    while line > 1 and _written(source, line - 1).startswith("///"):
        line -= 1
    is_in_text = find_spot(source.text, file, source.line_starts[line - 1]).kind == "text"
    return None if is_in_text else line


def _written(source: Source, line: int) -> str:
    span = source.line_span(line)
    return source.text[span.start : span.end].strip()


def _comment(source: Source, line: int, rule: Rule) -> Edit:
    start = source.line_starts[line - 1] + (line == 1 and source.text.startswith("\ufeff"))
    blanks, end = BLANKS.match(source.text, start), LINE_END.search(source.text)
    # Tabs would be a finding of their own.
    indent, newline = (blanks[0] if blanks else "").expandtabs(4), end[0] if end else "\n"
    return Edit(Span(start, start), f"{indent}// ncco: allow {rule.name}{newline}")
