"""`ncco explain`: explain a rule, or list all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import emit
from ncco_lang.diagnostics import Rule

_WIDTH = 88

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of matching rules, or their codes if the text begins as a code does: `F`, `q1`."""
    from click.shell_completion import CompletionItem

    from ncco_lang.rules import RULES

    is_code = incomplete[:1].isupper() or incomplete[1:2].isdigit()
    words = [(rule.code if is_code else rule.name, rule.name) for rule in RULES]
    return [CompletionItem(word, help=name) for word, name in words if word.lower().startswith(incomplete.lower())]


@click.command(
    epilog="""\b
Examples:
  ncco explain F401
  ncco explain barge-in-without-input
  ncco explain                       list all rules, one per line
"""
)
@click.argument("rule", required=False, metavar="[CODE|NAME]", shell_complete=_complete)
def command(rule: str | None) -> None:
    """Explain a rule, with a bad and a good example."""
    from ncco_lang.rules import RULES, find_rule, nearest_rule

    if rule is None:
        emit("".join(f"{each.code}  {each.severity:<8} {each.name}\n" for each in RULES))
        return
    found = find_rule(rule)
    if found is None:
        from ncco_lang.words import choice_words

        near = nearest_rule(rule)
        meant = [near] if near else [each.name for each in RULES if each.name.startswith(f"{rule.lower()}-")]
        hint = f"did you mean {choice_words(meant)}?" if meant else "ncco explain lists them"
        raise click.UsageError(f'there is no rule "{rule}"; {hint}')
    emit(render_rule(found))


def render_rule(rule: Rule) -> str:
    """Return a rule's explanation as text."""
    import textwrap

    from ncco_lang.rule_examples import examples

    why = textwrap.fill(rule.why, _WIDTH)
    shown = "\n".join(f"{each.heading}:\n{_indented(each.text)}" for each in examples(rule))
    return f"{rule.code} {rule.name} ({rule.severity})\n\n{why}\n\n{shown}"


def _indented(text: str) -> str:
    lines = [
        line if len(line) <= _WIDTH else line[:_WIDTH] + " …"
        for line in text.replace("\ufeff", "<U+FEFF>").splitlines()
    ] or ["(nothing)"]
    return "".join(f"    {line}\n" for line in lines)
