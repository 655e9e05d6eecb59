"""Every rule there is, written out. `ncco explain`, the docs page and the settings read this tuple."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import NamedTuple

from ncco_lang.checks import allow, provider, sequence, values, voices, wording
from ncco_lang.diagnostics import Rule
from ncco_lang.names import rules as names
from ncco_lang.project import config
from ncco_lang.source import Source
from ncco_lang.syntax import errors, json_rules
from ncco_lang.vocabulary import older_rules, option_rules, validate_rules
from ncco_lang.vocabulary.wording import did_you_mean

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *json_rules.RULES,
            *errors.RULES,
            *validate_rules.RULES,
            *older_rules.RULES,
            *values.RULES,
            *voices.RULES,
            *sequence.RULES,
            *wording.RULES,
            *provider.RULES,
            *option_rules.RULES,
            *names.RULES,
            *allow.RULES,
            *config.RULES,
        ),
        key=lambda rule: rule.code,
    )
)


_OTHER_THAN_STATEMENTS = re.compile(r"^raw\b", re.MULTILINE)
_ALLOW = re.compile(r"^ *// ncco: allow .*\n", re.MULTILINE)


class Example(NamedTuple):
    """An example of a rule as it is shown: its heading, its text and what that is written in."""

    heading: str
    text: str
    language: str


def examples(rule: Rule) -> list[Example]:
    """What is wrong and what is right, as `ncco explain` and the docs page show it.

    An NCCO is laid out as `ncco compile` does, and a rule that concerns flows as well shows the flows of its NCCO first.
    """
    if rule.language != "json" or rule.code < "F2":
        # How a text looks is what the rules on texts are about.
        return [Example("Bad", rule.bad, rule.language), Example("Good", rule.good, rule.language)]
    written = [Example("Bad", _laid_out(rule.bad), "json"), Example("Good", _laid_out(rule.good), "json")]
    bad, good = _as_flow(rule.bad), _as_flow(rule.good)
    if not bad or not good or not _is_found(rule, bad) or _is_found(rule, good):
        return written
    flows = [Example("Bad", bad, "flow"), Example("Good", good, "flow")]
    return [*flows, *(each._replace(heading=f"{each.heading} as NCCO") for each in written)]


def _laid_out(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


def _as_flow(text: str) -> str:
    """The flow of an NCCO, without the comments that allow what is wrong with it; empty where statements cannot say it."""
    from ncco_lang.decompiler import decompile_source

    flow = decompile_source(Source("example", text)).text or ""
    return "" if _OTHER_THAN_STATEMENTS.search(flow) else _ALLOW.sub("", flow).rstrip("\n")


def _is_found(rule: Rule, flow: str) -> bool:
    from ncco_lang.checker import CheckOptions
    from ncco_lang.compiler import CompileOptions, check

    # What a provider's pages lack is told to those who name the provider.
    return any(each.rule is rule for each in check(flow, options=CompileOptions(check=CheckOptions(provider="kpn"))))


@cache
def _by_word() -> dict[str, Rule]:
    return {rule.name: rule for rule in RULES} | {rule.code: rule for rule in RULES}


def find_rule(word: str) -> Rule | None:
    """The rule with that code (`F301`, any letter case) or name (`unknown-action`); None when there is none."""
    return _by_word().get(word.upper()) or _by_word().get(word.lower())


def nearest_rule(word: str) -> str | None:
    """The code or name that a misspelt word most likely means."""
    return did_you_mean(word, _by_word())
