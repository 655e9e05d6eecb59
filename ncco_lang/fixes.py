"""Applies the fixes of findings to a text, again and again until nothing is left to mend.

The check is passed in, so this works for every language of ours.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass

from ncco_lang.diagnostics import Diagnostic, Edit, apply_edits
from ncco_lang.source import Source, Span

_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after its fixes: how many were made, what the check found before them, and what it still finds."""

    source: Source
    applied: int
    before: list[Diagnostic]
    remaining: list[Diagnostic]


def apply_fixes(source: Source, check: Callable[[Source], list[Diagnostic]], *, unsafe: bool = False) -> Fixed:
    """Mend what can be mended.

    Args:
        source: the text.
        check: finds what is wrong with a text.
        unsafe: also make fixes after which the call behaves in another way.

    Fixes that overlap wait for the next round. A round after which the text could no longer be read is taken back.
    """
    applied = 0
    before = found = check(source)
    for _ in range(_MOST_ROUNDS):
        edits, count = _chosen(found, unsafe)
        if not count:
            break
        mended = Source(source.name, apply_edits(source.text, edits))
        after = check(mended)
        if mended.text == source.text or _unreadable(after) > _unreadable(found):
            break
        source, found, applied = mended, after, applied + count
    return Fixed(source, applied, before, found)


def _unreadable(found: list[Diagnostic]) -> int:
    return sum(1 for finding in found if finding.rule.code.startswith("F1") and finding.severity == "error")


def is_fixable(finding: Diagnostic, unsafe: bool) -> bool:
    """Whether a finding has a fix that may be made."""
    return finding.fix is not None and (unsafe or not finding.fix.unsafe)


def _chosen(found: list[Diagnostic], unsafe: bool) -> tuple[list[Edit], int]:
    """Edits of fixes that do not touch each other, the first in the text first, and how many fixes that are."""
    taken: list[Span] = []
    edits: list[Edit] = []
    count = 0
    fixes = [finding.fix for finding in found if finding.fix is not None and is_fixable(finding, unsafe)]
    for fix in sorted(fixes, key=lambda fix: fix.edits[0].span):
        if not any(_meets(edit.span, taken) for edit in fix.edits):
            for edit in fix.edits:
                insort(taken, edit.span)
            edits += fix.edits
            count += 1
    return sorted(edits, key=lambda edit: edit.span), count


def _meets(span: Span, taken: list[Span]) -> bool:
    """Whether a span touches one of those taken, which are sorted and apart from each other."""
    index = bisect_left(taken, span)
    before = index > 0 and taken[index - 1].end >= span.start
    return before or (index < len(taken) and taken[index].start <= span.end)
