"""Apply the fixes of findings to a text, round after round, until no remaining fix helps.

The check is a parameter, so this works for every language. A fix is applied only if it helps: its finding goes, and the
text has no more errors than before. So fixing settles, and fixing twice equals fixing once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from ncco_lang.diagnostics import Diagnostic, Fix, apply_edits
from ncco_lang.source import Source, Span

Check = Callable[[Source], list[Diagnostic]]

_MOST_ROUNDS = 50
_MOST_TRIALS = 24
"""How many trials of one text may fail before its remaining fixes are given up."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after its fixes: how many were applied, the findings before, and the remaining findings.

    No finding in `remaining` has a fix that did not help.
    """

    source: Source
    applied: int
    before: list[Diagnostic]
    remaining: list[Diagnostic]


@dataclass(frozen=True, slots=True)
class _State:
    """A text and its findings."""

    source: Source
    found: list[Diagnostic]


def apply_fixes(source: Source, check: Check, *, unsafe: bool = False) -> Fixed:
    """Apply the fixes that help.

    Args:
        source: the text.
        check: returns the findings of a text.
        unsafe: also apply fixes that change how the call behaves.

    Of fixes that touch each other, one waits for the next round.
    """
    state = _State(source, check(source))
    before, applied = state.found, 0
    for _ in range(_MOST_ROUNDS):
        after, count = _round(state, check, unsafe)
        if not count:
            break
        state, applied = after, applied + count
    remaining = [replace(each, fix=None) if is_fixable(each, unsafe) else each for each in state.found]
    return Fixed(state.source, applied, before, remaining)


def offered(source: Source, found: list[Diagnostic], check: Check) -> list[Diagnostic]:
    """Return findings without the fixes that `apply_fixes` would refuse.

    Args:
        source: the text.
        found: its findings.
        check: returns the findings of a text.
    """
    if all(each.fix is None for each in found):
        return found
    shown = found
    for unsafe in (False, True):
        if any(is_fixable(each, unsafe) for each in shown):
            shown = _without_refused(source, shown, check, unsafe)
    return shown


def helps(source: Source, found: list[Diagnostic], finding: Diagnostic, check: Check) -> bool:
    """Return whether the fix of one finding, made alone, removes the finding and adds no error.

    Args:
        source: the text.
        found: what the check finds in it.
        finding: one of `found` that has a fix.
        check: finds what is wrong with a text.
    """
    return _tried(_State(source, found), [finding], check) is not None


def _without_refused(source: Source, found: list[Diagnostic], check: Check, unsafe: bool) -> list[Diagnostic]:
    def first_known(text: Source) -> list[Diagnostic]:
        return found if text is source else check(text)

    state = _State(source, found)
    for _ in range(_MOST_ROUNDS):
        after, count = _round(state, first_known, unsafe)
        if not count:
            break
        state = after
    never = Counter(_key(each) for each in found if not is_fixable(each, unsafe))
    refused = Counter(_key(each) for each in state.found) - never
    shown = []
    for each in reversed(found):
        is_refused = is_fixable(each, unsafe) and refused[_key(each)] > 0
        if is_refused:
            refused[_key(each)] -= 1
        shown.append(replace(each, fix=None) if is_refused else each)
    return shown[::-1]


def _key(finding: Diagnostic) -> tuple[str, str]:
    return finding.rule.code, finding.message


def is_fixable(finding: Diagnostic, unsafe: bool) -> bool:
    """Return whether a finding has a fix that may be applied."""
    return finding.fix is not None and (unsafe or not finding.fix.unsafe)


def _round(state: _State, check: Check, unsafe: bool) -> tuple[_State, int]:
    """Apply as many fixes at once as help together; return the new state and their number, 0 if no fix helps.

    If all together do not help, half of them is tried, and so on; a fix that does not help alone is left out.
    """
    waiting = [each for each in state.found if is_fixable(each, unsafe)]
    chosen = _apart(waiting)
    for _ in range(_MOST_TRIALS):
        if not chosen:
            break
        after = _tried(state, chosen, check)
        if after is not None:
            return after, len(chosen)
        if len(chosen) > 1:
            chosen = chosen[: len(chosen) // 2]
        else:
            waiting = [each for each in waiting if each is not chosen[0]]
            chosen = _apart(waiting)
    return state, 0


def _tried(state: _State, chosen: list[Diagnostic], check: Check) -> _State | None:
    """Return the state after the fixes of some findings; None if they do not help."""
    edits = sorted((edit for each in chosen for edit in _fix(each).edits), key=lambda edit: edit.span)
    text = apply_edits(state.source.text, edits)
    if text == state.source.text:
        return None
    source = Source(state.source.name, text)
    after = _State(source, check(source))
    made = Counter(each.rule.code for each in chosen)
    was, left = _codes(state.found), _codes(after.found)
    helps = all(left[code] <= was[code] - count for code, count in made.items())
    if not helps or _errors(after.found) > _errors(state.found) or _unreadable(after.found) > _unreadable(state.found):
        return None
    return after


def _codes(found: list[Diagnostic]) -> Counter[str]:
    return Counter(each.rule.code for each in found)


def _errors(found: list[Diagnostic]) -> int:
    return sum(each.severity == "error" for each in found)


def _unreadable(found: list[Diagnostic]) -> int:
    return sum(each.severity == "error" and each.rule.code.startswith("F1") for each in found)


def _fix(finding: Diagnostic) -> Fix:
    assert finding.fix is not None
    return finding.fix


def _apart(waiting: list[Diagnostic]) -> list[Diagnostic]:
    """Return findings whose fixes do not touch each other, in the order of the text."""
    taken: list[Span] = []
    chosen: list[Diagnostic] = []
    for each in sorted(waiting, key=lambda each: _fix(each).edits[0].span):
        edits = _fix(each).edits
        if not any(_meets(edit.span, taken) for edit in edits):
            for edit in edits:
                insort(taken, edit.span)
            chosen.append(each)
    return chosen


def _meets(span: Span, taken: list[Span]) -> bool:
    """Return whether a span touches one of the taken ones, which are sorted and disjoint."""
    index = bisect_left(taken, span)
    before = index > 0 and taken[index - 1].end >= span.start
    return before or (index < len(taken) and taken[index].start <= span.end)
