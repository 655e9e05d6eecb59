"""`ncco explain`: explain a rule, a statement or an option, or list all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import emit
from ncco_lang.diagnostics import Rule

_WIDTH = 88

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of matching rules, statements and options, or codes if the text begins as one does: `F`, `q1`."""
    from click.shell_completion import CompletionItem

    from ncco_lang.reference.find import topic_words
    from ncco_lang.rules import RULES

    is_code = incomplete[:1].isupper() or incomplete[1:2].isdigit()
    words = [(rule.code if is_code else rule.name, rule.name) for rule in RULES]
    if not is_code:
        words += [(word, "") for word in topic_words() if "." in incomplete or "." not in word]
    return [CompletionItem(word, help=name) for word, name in words if word.lower().startswith(incomplete.lower())]


@click.command(
    epilog="""\b
Examples:
  ncco explain F401
  ncco explain barge-in-without-input
  ncco explain talk                  a statement, with its options and an example
  ncco explain connect.timeout       an option of a statement
  ncco explain timeout               the statements that have this option
  ncco explain                       list all rules, one per line
"""
)
@click.argument("word", required=False, metavar="[CODE|NAME|STATEMENT|OPTION]", shell_complete=_complete)
def command(word: str | None) -> None:
    """Explain a rule, a statement or an option, with examples."""
    from ncco_lang.rules import RULES, find_rule
    from ncco_lang.words import shown

    if word is None:
        emit("".join(f"{each.code}  {each.severity:<8} {each.name}\n" for each in RULES))
        return
    rule = find_rule(word)
    parts = [] if rule is None else [render_rule(rule)]
    if rule is None or rule.code != word.upper():
        parts += _topics(word)
    if not parts:
        raise click.UsageError(f"no rule, statement or option is named {shown(word)}; {_hint(word)}")
    emit("\n".join(parts))


def _topics(word: str) -> list[str]:
    """Return what the reference has about a word: a statement before an option of that name."""
    from ncco_lang.reference.find import find_topics
    from ncco_lang.reference.render import topics_text

    found = find_topics(word)
    return topics_text(word, found) if found else []


def _hint(word: str) -> str:
    """Return what may be meant, or where to look."""
    from ncco_lang.reference.find import topic_words
    from ncco_lang.rules import RULES
    from ncco_lang.vocabulary.language_words import words_in
    from ncco_lang.vocabulary.phrases import did_you_mean
    from ncco_lang.words import choice_words

    later = words_in("statements").get(word.lower())
    if later is not None and later.planned:
        return f"it is a statement of a later version; {later.today}" if later.today else "a later version has it"
    names = [name for rule in RULES for name in (rule.name, rule.code)]
    near = did_you_mean(word, [*topic_words(), *names])
    meant = [each.name for each in RULES if each.name.startswith(f"{word.lower()}-")]
    meant += [near] if near is not None and near not in meant else []
    if meant:
        return f"did you mean {choice_words(meant)}?"
    return "ncco explain lists the rules, and docs/reference.md has the statements"


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
