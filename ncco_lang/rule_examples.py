"""Show a rule's examples as `ncco explain` and the rules page print them.

An NCCO example is also shown as a flow if its decompiled flow has the same finding.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from ncco_lang.checker import CheckOptions
from ncco_lang.compiler import CompileOptions, check
from ncco_lang.decompiler import decompile_source
from ncco_lang.diagnostics import Rule
from ncco_lang.source import Source

_OTHER_THAN_STATEMENTS = re.compile(r"^raw\b", re.MULTILINE)
_ALLOW = re.compile(r"^ *// ncco: allow .*\n", re.MULTILINE)


class Example(NamedTuple):
    """An example of a rule: its heading, its text and the language of the text."""

    heading: str
    text: str
    language: str


def examples(rule: Rule) -> list[Example]:
    """Return the bad and the good examples of a rule, in the order in which they are shown.

    An NCCO is laid out as `ncco compile` prints it. If the rule applies to flows too, the flows come first.
    """
    if rule.language != "json" or rule.code < "F2":
        # Rules about the text itself show the text as it is.
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
    """Return an NCCO as a flow without its `allow` comments; empty if the flow needs `raw`."""
    flow = decompile_source(Source("example", text)).text or ""
    return "" if _OTHER_THAN_STATEMENTS.search(flow) else _ALLOW.sub("", flow).rstrip("\n")


def _is_found(rule: Rule, flow: str) -> bool:
    # Findings about a provider need the provider's name.
    return any(each.rule is rule for each in check(flow, options=CompileOptions(check=CheckOptions(provider="kpn"))))
