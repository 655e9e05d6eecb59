"""The fix of a question or a lookup that lacks an arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import LINE_END, Source, Span
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.program.model import Program

_FALLBACK = "fallback"


class MissingArms:
    """Fixes that add an arm: it leads to the step of `fallback`, else it ends the call."""

    __slots__ = ("_fallback", "_program")

    def __init__(self, program: Program) -> None:
        declarations = program.file.declarations
        commands = (each for each in declarations if isinstance(each, ast.Command) and each.verb.text == _FALLBACK)
        names = [each.text for command in commands for each in command.operands if isinstance(each, ast.Name)]
        steps = (each for each in declarations if isinstance(each, ast.Step) and each.name.text in names[:1])
        self._program, self._fallback = program, next(steps, None)

    def add(self, node: ast.Command, outcome: str) -> Fix:
        """Return a fix that adds an arm for an outcome to a statement."""
        arm = f"{outcome} -> {self._target(node)}"
        return Fix(f"add {arm}", (_added(self._program.source, node, arm),), unsafe=True)

    def _target(self, node: ast.Command) -> str:
        step = self._fallback
        if step is None or step.parameters or self._program.scopes.scope_at(node).step is step:
            return "hangup"
        return step.name.text


def _added(source: Source, node: ast.Command, arm: str) -> Edit:
    """Return the edit that adds an arm to the block of a statement, after its last entry and laid out like it."""
    text, block = source.text, node.block
    if block is None:
        return Edit(Span(node.span.end, node.span.end), f" {{ {arm} }}")
    if not block.entries:
        return Edit(block.span, f"{{ {arm} }}")
    last = block.entries[-1].span
    end = LINE_END.search(text, last.end, block.span.end - 1)
    if end is None:
        return Edit(Span(last.end, last.end), f"; {arm}")
    line = text[source.line_span(source.position(last.start).line).start : last.start]
    indent = line[: len(line) - len(line.lstrip())]
    return Edit(Span(end.start(), end.start()), f"{end[0]}{indent}{arm}")
