"""The laws of fixes, for any language: an offered fix is applied, fixing settles, and no fix adds an error.

`hold_fix_laws` takes the check of the language, so JSON and flows share it.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.fixes import Fixed, apply_fixes, is_fixable, offered
from ncco_lang.source import Source

Check = Callable[[Source], list[Diagnostic]]


def remembered(check: Check) -> Check:
    """Return a check that remembers the findings of the last texts, which the laws ask for several times."""

    @functools.lru_cache(maxsize=64)
    def found(text: str) -> tuple[Diagnostic, ...]:
        return tuple(check(Source("<text>", text)))

    return lambda source: list(found(source.text))


def hold_fix_laws(text: str, check: Check, *, unsafe: bool) -> Fixed:
    """Fix a text and assert every law about it.

    Args:
        text: any text.
        check: returns the findings of a text.
        unsafe: also apply fixes that change the behaviour of the call.

    Returns:
        the result of the fixing, for laws that only one language has.
    """
    source = Source("<text>", text)
    fixed = apply_fixes(source, check, unsafe=unsafe)
    promised = Counter(key(each) for each in offered(source, fixed.before, check) if is_fixable(each, unsafe))
    was, left = Counter(map(key, fixed.before)), Counter(map(key, fixed.remaining))
    assert [each for each in promised if left[each] > was[each] - promised[each]] == [], "a promised fix is made"
    assert errors(fixed.remaining) <= errors(fixed.before), "no fix adds an error"
    assert not any(is_fixable(each, unsafe) for each in fixed.remaining), "what was not made is not promised again"
    again = apply_fixes(fixed.source, check, unsafe=unsafe)
    assert (again.source.text, again.applied) == (fixed.source.text, 0), "fixing twice equals fixing once"
    return fixed


def key(finding: Diagnostic) -> tuple[str, str]:
    """Return what a finding says, without its place."""
    return finding.rule.code, finding.message


def errors(findings: list[Diagnostic]) -> int:
    """Return the number of findings at error level."""
    return sum(finding.severity == "error" for finding in findings)
