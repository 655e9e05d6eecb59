"""Check what leads to steps (S): the arguments of jumps against the parameters of their step, and where a call begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.program.model import BoundArm, BoundStatement
from ncco_lang.program.params import check_type, fits, param_types, type_fix
from ncco_lang.program.scopes import START
from ncco_lang.program.values import Deferred, Known
from ncco_lang.program.walk import walk
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import described, described_type, type_of
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words, shown

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Binding, Scopes
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value

_TEXTS = frozenset({"text", "phone", "url", "language", "key"})
"""Types whose values are texts during a call, so that only the call knows whether one is of another of these types."""

WRONG_ARGUMENTS = Rule(
    code="S101",
    name="wrong-arguments",
    severity="error",
    why="A jump gives each parameter of its step one value, of the type that the step declares.",
    bad='step start {\n    goto order("large")\n}\n\nstep order(size: text, count: number) {\n'
    '    talk "That is {count} times {size}."\n}',
    good='step start {\n    goto order("large", 2)\n}\n\nstep order(size: text, count: number) {\n'
    '    talk "That is {count} times {size}."\n}',
    language="flow",
)
UNREACHABLE_STEP = Rule(
    code="S102",
    name="unreachable-step",
    severity="warning",
    why="No call gets to this step: no arm, goto or fallback leads to it, or only steps do that no call gets to themselves.",
    bad='step start {\n    talk "Goodbye."\n}\n\nstep menu_again {\n    talk "Press 1 for sales."\n}',
    good='step start {\n    talk "Hello."\n    goto menu_again\n}\n\nstep menu_again {\n    talk "Press 1 for sales."\n}',
    language="flow",
)

RULES = (WRONG_ARGUMENTS, UNREACHABLE_STEP)


class ArgumentCount(Facts):
    """A jump with too few or too many arguments; `parameters` are those of the step."""

    rule = WRONG_ARGUMENTS
    labels = ("declared here",)
    step: str
    given: int
    parameters: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        count = len(self.parameters)
        wanted = f"{count} value{'' if count == 1 else 's'}" if count else "no values"
        hint = f"write {self.step}({', '.join(self.parameters)})" if count else f"write {self.step}"
        return self.say(spelling, f"{{step:s}} takes {wanted}, not {self.given or 'none'}", hint)


class ArgumentType(Facts):
    """An argument of another type than its parameter; `given` says in words what it is."""

    rule = WRONG_ARGUMENTS
    message = "{parameter:s} takes {wanted:s}, not {given:s}"
    hint = "write {like:s}"
    labels = ("declared here",)
    parameter: str
    type: str
    wanted: str
    like: str
    given: str


class BeginsWithParameters(Facts):
    """Parameters of the step in which a call begins."""

    rule = WRONG_ARGUMENTS
    message = "a call begins here, and nothing gives {parameter:s} a value"
    hint = "let another step have the parameter, and goto that one"
    parameter: str


class FallbackWithParameters(Facts):
    """A step with parameters as the fallback, which no call enters by a jump."""

    rule = WRONG_ARGUMENTS
    message = "fallback gives {step:s} no values"
    hint = "let another step goto {step:s} with its values, and name that one"
    labels = ("declared here",)
    step: str


class UnreachableStep(Facts):
    """A step that no call gets to; `by` are steps that lead to it, and that no call gets to either."""

    rule = UNREACHABLE_STEP
    hint = "lead to it with goto or an arm, or remove it"
    labels = ("this leads to it, and no call gets here",)
    step: str
    by: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if not self.by:
            return self.say(spelling, "nothing leads to the step {step:s}", self.hint)
        return self.say(spelling, "no call gets to the step {step:s}", self.hint)


class _Jump(NamedTuple):
    name: str
    span: Span
    arguments: Sequence[Value]
    is_fallback: bool = False


def check_jumps(scopes: Scopes, statements: Sequence[Bound]) -> Iterator[Diagnostic]:
    """Yield the findings about the arguments of jumps in a file, and about the parameters that they fill.

    Args:
        statements: the bound statements and declarations of the file.
    """
    source, names = scopes.source, scopes.call
    for declaration in scopes.file.declarations:
        if isinstance(declaration, ast.Step):
            for parameter in declaration.parameters or ():
                yield from check_type(source, parameter)
                if declaration.name.text == START:
                    facts = BeginsWithParameters(parameter=parameter.name.text)
                    yield flow_finding(source, parameter.span, facts)
    for jump in _jumps(statements):
        binding = names.find(jump.name)
        step = None if binding is None else _step_of(binding)
        if binding is not None and step is not None:
            yield from _check_jump(source, jump, binding, step)


def _jumps(statements: Sequence[Bound]) -> Iterator[_Jump]:
    for bound in walk(statements):
        if isinstance(bound, BoundArm):
            target = bound.node.target
            if isinstance(target, ast.Jump):
                yield _Jump(target.name.text, target.span, bound.arguments)
        elif isinstance(bound, BoundStatement):
            for role, value in bound.operands:
                if role == "step" and isinstance(value.node, (ast.Name, ast.Ref)) and type(value) is Known:
                    arguments = [each for role, each in bound.operands if role == "argument"]
                    is_fallback = bound.spec is not None and bound.spec.name == "fallback"
                    yield _Jump(str(value.data), value.node.span, arguments, is_fallback)


def _step_of(binding: Binding) -> ast.Step | None:
    """Return the step that a name means, also of another file; None if it is no step, or not known."""
    found = binding.node if binding.kind == "step" else None if binding.origin is None else binding.origin.declaration
    return found if isinstance(found, ast.Step) else None


def _check_jump(source: Source, jump: _Jump, binding: Binding, step: ast.Step) -> Iterator[Diagnostic]:
    parameters = step.parameters or ()
    elsewhere = binding.elsewhere
    if jump.is_fallback and parameters:
        facts: Facts = FallbackWithParameters(step=jump.name)
        yield flow_finding(source, jump.span, facts, also=(elsewhere or step.name.span,))
        return
    if len(parameters) != len(jump.arguments):
        names = tuple(each.name.text for each in parameters)
        count = ArgumentCount(step=jump.name, given=len(jump.arguments), parameters=names)
        declared = elsewhere or step.name.span
        yield flow_finding(source, jump.span, count, also=(declared,))
        return
    for parameter, value in zip(parameters, jump.arguments, strict=True):
        given = misfit(parameter.type.text, value)
        if given is not None:
            kind = parameter.type.text
            facts = ArgumentType(
                parameter=parameter.name.text,
                type=kind,
                wanted=described_type(kind),
                like=param_types()[kind],
                given=given,
            )
            fix = type_fix(source, kind, value.data, value.node) if type(value) is Known else None
            place = parameter.span if elsewhere is None else (parameter.span, elsewhere[1])
            yield flow_finding(source, value.node.span, facts, also=(place,), fix=fix)


def misfit(kind: str, value: Value) -> str | None:
    """Return in words what a value is, if it is not of a type."""
    if kind not in param_types():
        return None
    if type(value) is Known:
        if fits(kind, value.data):
            return None
        return shown(value.data) if type_of(value.data) == "text" else described(value.data)
    if not isinstance(value, Deferred) or value.type is None or value.type == kind or {value.type, kind} <= _TEXTS:
        return None
    return described_type(value.type)


def steps_from(leads: Iterable[tuple[Binding | None, Binding]]) -> set[Binding]:
    """Return the steps that a call gets to.

    Args:
        leads: each place that leads to a step: the step that it is in, None outside of steps, and where it leads.
    """
    following: dict[Binding | None, list[Binding]] = {}
    for inside, to in leads:
        following.setdefault(inside, []).append(to)
    found: set[Binding] = set()
    waiting = list(following.get(None, ()))
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting += following.get(step, ())
    return found
