"""List every rule. `ncco explain`, the rules page and the settings read this tuple."""

from __future__ import annotations

from functools import cache

from ncco_lang.checks import (
    action_order,
    action_values,
    addresses,
    ask_rules,
    leftovers,
    lookup_rules,
    nested_arms,
    provider,
    question_rules,
    recordings,
    scripts,
    suppressions,
    voices,
    wording,
)
from ncco_lang.diagnostics import Rule
from ncco_lang.program import entry, jumps
from ncco_lang.program import findings_of_tests as tests
from ncco_lang.program import name_rules as names
from ncco_lang.project import config
from ncco_lang.proof import (
    conditions,
    endings,
    large_states,
    loops,
    repeating,
    reports,
    returning,
    silence,
    unset_names,
    waiting,
)
from ncco_lang.syntax import json_rules, syntax_rules
from ncco_lang.vocabulary import legacy_rules, option_rules, schema_rules
from ncco_lang.vocabulary.phrases import did_you_mean

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *json_rules.RULES,
            *syntax_rules.RULES,
            *schema_rules.RULES,
            *legacy_rules.RULES,
            *action_values.RULES,
            *addresses.RULES,
            *leftovers.RULES,
            *recordings.RULES,
            *scripts.RULES,
            *voices.RULES,
            *action_order.RULES,
            *wording.RULES,
            *provider.RULES,
            *option_rules.RULES,
            *names.RULES,
            *entry.RULES,
            *suppressions.RULES,
            *config.RULES,
            *tests.RULES,
            *jumps.RULES,
            *question_rules.RULES,
            *nested_arms.RULES,
            *lookup_rules.RULES,
            *ask_rules.RULES,
            *loops.RULES,
            *repeating.RULES,
            *endings.RULES,
            *unset_names.RULES,
            *reports.RULES,
            *waiting.RULES,
            *returning.RULES,
            *conditions.RULES,
            *large_states.RULES,
            *silence.RULES,
        ),
        key=lambda rule: rule.code,
    )
)


@cache
def _by_word() -> dict[str, Rule]:
    return {rule.name: rule for rule in RULES} | {rule.code: rule for rule in RULES}


def find_rule(word: str) -> Rule | None:
    """Return the rule with that code (`F301`) or name (`unknown-action`), in any letter case; None if unknown."""
    return _by_word().get(word.upper()) or _by_word().get(word.lower())


def nearest_rule(word: str) -> str | None:
    """Return the code or name that a misspelled word most likely means."""
    return did_you_mean(word, _by_word())
