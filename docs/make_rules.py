"""Writes `docs/rules.md`, the page of every rule, from the rules themselves: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ncco_lang.diagnostics import Rule
from ncco_lang.rule_examples import examples
from ncco_lang.rules import RULES

PAGE = Path(__file__).parent / "rules.md"

# Each family begins at its code.
FAMILIES = {
    "F101": "JSON as a text",
    "F120": "A flow as a text",
    "F201": "Names",
    "F301": "Values and options",
    "F330": "Statements of a flow",
    "F350": "Older forms of NCCO",
    "F401": "What a caller enters",
    "F501": "What is reached",
    "F601": "What is spoken",
    "F701": "Providers",
    "F801": "Settings",
    "F901": "Tests",
    "L101": "Lookups",
    "P101": "Paths through a call",
    "Q101": "Questions, keys and connects",
    "S101": "Steps and jumps",
}

HEAD = """\
# Rules

<!-- Made by `make docs` from the rules in ncco_lang/; edit them there. -->

Every finding of `ncco check` and `ncco compile` belongs to one of these rules; `ncco explain CODE` shows it in the
terminal. An **error** means that the call fails or does something else than what is written; with a **warning** it
goes on, and a caller may notice; **info** is worth knowing. A finding can have another severity than its
rule, depending on the place.

A finding in a flow is silenced by a comment on the line before, `// ncco: allow F313` or `// ncco: allow unusual-value`;
a rule is changed for a project in [`ncco.toml`](commands.md#settings).
"""

LONGEST_LINE = 160


def render_rules(rules: tuple[Rule, ...] = RULES) -> str:
    """The whole page."""
    families = [(first, list(group)) for first, group in groupby(rules, key=_family)]
    parts = [HEAD]
    for first, members in families:
        links = " ·\n".join(f"[{rule.code} {rule.name}](#{_anchor(rule)})" for rule in members)
        parts.append(f"**{FAMILIES[first]}**\n\n{links}\n")
    for first, members in families:
        parts.append(f"## {FAMILIES[first]}\n")
        parts += [part for rule in members for part in _render_rule(rule)]
    return "\n".join(parts)


def _family(rule: Rule) -> str:
    """The code at which the rule's family begins."""
    return max(first for first in FAMILIES if first <= rule.code)


def _anchor(rule: Rule) -> str:
    return rule.code.lower()


def _render_rule(rule: Rule) -> Iterator[str]:
    yield f'<a id="{_anchor(rule)}"></a>\n'
    yield f"### {rule.code} {rule.name}\n"
    yield f"*{rule.severity}.* {_prose(rule.why)}\n"
    for each in examples(rule):
        yield f"{each.heading}:\n\n{_fenced(each.text, each.language)}"


def _prose(text: str) -> str:
    """A rule's words, with what Markdown would take for its own made plain."""
    for sign in "\\*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return text


def _fenced(text: str, language: str) -> str:
    """An example as a code block; what is invisible is named, what is long is cut."""
    text = text.replace("\ufeff", "<U+FEFF>")
    lines = [line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …" for line in text.splitlines()]
    return "\n".join([f"```{language}", *(lines or ["(nothing)"]), "```", ""])


if __name__ == "__main__":
    PAGE.write_text(render_rules(), encoding="utf-8")
