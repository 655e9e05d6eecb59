"""Make findings for a `goto` or a `do` whose step, or whose values, are written as other languages have them."""

from __future__ import annotations

from ncco_lang.diagnostics import Diagnostic, Facts
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast, said
from ncco_lang.syntax.reserved import NAME
from ncco_lang.syntax.syntax_rules import write
from ncco_lang.vocabulary import option_rules as rules
from ncco_lang.vocabulary.flow_spelling import flow_finding

JUMPS = frozenset({"goto", "do"})


class ValuesOutside(Facts):
    """Values of a step beside its name, not in brackets; `meant` is the statement with them."""

    rule = rules.STRAY_VALUE
    message = "what {step:s} takes is in brackets"
    hint = "write {meant:s}"
    step: str
    meant: str


def find_jump_mistake(source: Source, command: ast.Command) -> Diagnostic | None:
    """Return the finding for `goto "bye"`, `goto step bye`, `do greet "Jan"` and `do greet name: "Jan"`; None for others."""
    operands, options = command.operands, command.options
    first = operands[0] if operands else None
    if isinstance(first, ast.Text) and len(operands) == 1 and NAME.fullmatch(first.value):
        fix = write(first.span, first.value, "remove the quotes")
        return said.misread(source, first.span, said.QUOTED_STEP, instead=first.value, fix=fix)
    if not isinstance(first, ast.Name) or len(operands) + len(options) < 2 or command.block is not None:
        return None
    second = operands[1] if len(operands) > 1 else None
    if first.text == "step" and isinstance(second, ast.Name):
        fix = write(Span(first.span.start, second.span.start), "", "remove it")
        return said.misread(source, first.span, said.NO_PLACE, written='"step"', fix=fix)
    values = [*operands[1:], *(option.value for option in options)]
    if any(isinstance(each, ast.Missing) for each in values):
        return None
    values.sort(key=lambda each: each.span)
    given = ", ".join(source.text[slice(*each.span)] for each in values)
    meant = f"{first.text}({given})"
    end = max(each.span.end for each in values)
    fix = write(Span(first.span.start, end), meant, unsafe=True)
    span = Span(values[0].span.start, end)
    return flow_finding(source, span, ValuesOutside(step=first.text, meant=f"{command.verb.text} {meant}"), fix=fix)
