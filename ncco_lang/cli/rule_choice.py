"""The options `--select` and `--ignore`: which rules a check reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ncco_lang.diagnostics import Diagnostic
    from ncco_lang.source import Source

_SYNTAX = "F1"
"""The family of syntax errors, which are reported whatever is selected: the rest of the file is not known."""


class RuleChoice(NamedTuple):
    """The codes of the rules to report (None for all), and of those to leave out."""

    selected: frozenset[str] | None
    ignored: frozenset[str]

    @property
    def is_all(self) -> bool:
        """Whether every rule is reported."""
        return self.selected is None and not self.ignored

    def of(self, check: Callable[[Source], list[Diagnostic]]) -> Callable[[Source], list[Diagnostic]]:
        """Return a check that reports the chosen rules only."""
        return check if self.is_all else lambda source: [each for each in check(source) if self.has(each)]

    def has(self, finding: Diagnostic) -> bool:
        """Return whether a finding is reported."""
        code = finding.rule.code
        if finding.severity == "error" and code.startswith(_SYNTAX):
            return True
        return code not in self.ignored and (self.selected is None or code in self.selected)


def read_choice(selected: Sequence[str], ignored: Sequence[str]) -> RuleChoice:
    """Return the choice of rules: each word is a code, a name, the beginning of a code, or several with commas.

    Raises:
        click.UsageError: there is no such rule.
    """
    return RuleChoice(_codes("--select", selected) if selected else None, _codes("--ignore", ignored))


def _codes(option: str, words: Sequence[str]) -> frozenset[str]:
    if not words:
        return frozenset()
    from ncco_lang.rules import RULES, find_rule, nearest_rule

    codes: set[str] = set()
    for word in (each.strip() for listed in words for each in listed.split(",")):
        rule = find_rule(word)
        begun = {each.code for each in RULES if word and each.code.startswith(word.upper())}
        if rule is None and not begun:
            near = nearest_rule(word)
            hint = f'did you mean "{near}"?' if near else "ncco explain lists them"
            raise click.UsageError(f'{option}: there is no rule "{word}"; {hint}')
        codes |= {rule.code} if rule is not None else begun
    return frozenset(codes)


def complete_rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the codes and names that the last word of a list with commas can become."""
    from click.shell_completion import CompletionItem

    from ncco_lang.rules import RULES

    before, comma, last = incomplete.rpartition(",")
    words = [word for rule in RULES for word in (rule.code, rule.name)]
    return [CompletionItem(before + comma + word) for word in words if last and word.lower().startswith(last.lower())]
