"""Fix the findings of a text: one of them, or all."""

from __future__ import annotations

from itertools import islice

from ncco_lang.diagnostics import Diagnostic, Fix
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.edits import minimal_edits
from ncco_lang.editor.rename import declaration_at
from ncco_lang.editor.suppressions import allow_actions
from ncco_lang.editor.types import CodeAction
from ncco_lang.fixes import Check, apply_fixes, helps
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast

_DIFFERS = " (the call then behaves in another way)"
_MOST = 20
"""How many fixes of a selection are offered singly. Each is tried, which takes a check of the text."""


def actions_at(analysis: Analysis, span: Span) -> list[CodeAction]:
    """Return the distinct fixes of the findings that a span touches, those that keep the behaviour of the call first;
    then, for a flow, the comments that allow the touched findings. A fix that does not help is left out.
    """
    touched: dict[Fix, list[Diagnostic]] = {}
    for finding in analysis.findings:
        if finding.fix is not None and _touches(finding, finding.fix, span):
            touched.setdefault(finding.fix, []).append(finding)
    actions = [
        CodeAction(
            f"{fix.title}{_warning(analysis, findings[0], fix)}",
            fix.edits,
            tuple(findings),
            is_preferred=not fix.unsafe,
        )
        for fix, findings in islice(touched.items(), _MOST)
        if helps(analysis.source, list(analysis.findings), findings[0], _check_of(analysis))
    ]
    actions.sort(key=lambda action: not action.is_preferred)
    return actions + allow_actions(analysis, [each for each in analysis.findings if each.span.touches(span)])


def _warning(analysis: Analysis, finding: Diagnostic, fix: Fix) -> str:
    """Return what to say of a fix that changes what a call does; no call depends on tests, and on settings with a finding."""
    file, at = analysis.file, finding.span.start
    is_beside = analysis.kind == "toml" or (file is not None and isinstance(declaration_at(file, at), ast.Test))
    return _DIFFERS if fix.unsafe and not is_beside else ""


def fix_all(analysis: Analysis, *, unsafe: bool = False) -> CodeAction | None:
    """Return all fixes as one action, applied until none is left; None if there is nothing to fix.

    Args:
        unsafe: also apply fixes that change how the call behaves.
    """
    if not any(finding.fix is not None and (unsafe or not finding.fix.unsafe) for finding in analysis.findings):
        return None

    fixed = apply_fixes(analysis.source, _check_of(analysis), unsafe=unsafe)
    edits = minimal_edits(analysis.source, fixed.source.text)
    if not edits:
        return None
    findings = tuple(finding for finding in fixed.before if finding.fix is not None)
    return CodeAction("fix all that can be fixed", tuple(edits), findings, is_all=True, is_preferred=not unsafe)


def _check_of(analysis: Analysis) -> Check:
    """Return the check that finds what is wrong with other versions of a text."""

    def check(source: Source) -> list[Diagnostic]:
        if source is analysis.source:
            return list(analysis.findings)
        kind, settings, version, reader = analysis.kind, analysis.settings, analysis.version, analysis.reader
        return list(analyse(source, kind, settings, version=version, reader=reader).findings)

    return check


def _touches(finding: Diagnostic, fix: Fix, span: Span) -> bool:
    return finding.span.touches(span) or any(edit.span.touches(span) for edit in fix.edits)
