"""Check where a call begins: with the statements at the top level, or with `step start`."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.program.facts import EmptyFlow
from ncco_lang.program.scopes import START, begins_call
from ncco_lang.program.verbs import first_line
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.option_rules import EMPTY_FLOW
from ncco_lang.vocabulary.statement_specs import spec_of

TWO_ENTRIES = Rule(
    code="S110",
    name="two-entries",
    severity="error",
    why="A call begins with the statements outside of steps. If a file has such statements and a step start, it is not "
    "clear which of them the caller hears first.",
    bad='talk "Welcome."\nstep start { talk "How can we help?" }',
    good='step start {\n    talk "Welcome."\n    talk "How can we help?"\n}',
    language="flow",
)
RULES = (TWO_ENTRIES,)


class TwoEntries(Facts):
    """A step `start` in a flow that begins with statements outside of steps."""

    rule = TWO_ENTRIES
    message = "the call begins with the statements outside of steps, not here"
    hint = "move those statements into step start, or give this step another name"
    labels = ("a call begins here",)


class NoEntry(EmptyFlow):
    """A flow whose statements are all in steps, none of which is named `start`."""

    rule = EMPTY_FLOW
    message = "no step is named start, so the call has no beginning"
    hint = "name the first step start, or write goto {step:s} outside of the steps"
    step: str


def check_entry(file: ast.File, source: Source) -> Iterator[Diagnostic]:
    """Yield a finding if a call has no beginning, or two."""
    first = next(filter(begins_call, file.declarations), None)
    steps = [each for each in file.declarations if isinstance(each, ast.Step)]
    start = next((each for each in steps if each.name.text == START), None)
    if first is not None and start is not None:
        first = next(filter(_is_known, filter(begins_call, file.declarations)), None)
        if first is None:
            return  # misspelt words, which may mean a declaration
        yield flow_finding(source, start.name.span, TwoEntries(), also=(first_line(source, first.span),))
    elif first is None and start is None and steps:
        yield flow_finding(source, steps[0].name.span, NoEntry(step=steps[0].name.text))
    elif first is None and start is None:
        span = file.declarations[0].span if file.declarations else Span(0, 0)
        yield flow_finding(source, span, EmptyFlow())


def _is_known(node: ast.Declaration) -> bool:
    return not isinstance(node, ast.Command) or spec_of(node.verb.text) is not None
