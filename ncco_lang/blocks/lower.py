"""Lower a bound program to blocks: from the last statement to the first, each given the block that follows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ncco_lang.blocks.draft import Draft, Places
from ncco_lang.blocks.lookups import lower_fetch
from ncco_lang.blocks.parts import (
    NotLoweredError,
    Place,
    arms_of,
    name_of,
    operand_of,
    operands_of,
    say_of,
    verb_of,
)
from ncco_lang.blocks.questions import Questions
from ncco_lang.bundle import Action, BlockId, End, Exit, Goto, Graph, Jump, Leave, Step, StepId
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundStatement, Program
from ncco_lang.program.scopes import START
from ncco_lang.program.values import Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.raw_options import RAW

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value


def lower_program(program: Program) -> tuple[Graph, Places]:
    """Return the blocks of a bound program, and the place in the flow of each action and exit.

    Raises:
        NotLoweredError: a statement of a later version.
    """
    return _Lowering(program).graph()


class _Lowering:
    """Lowers one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.draft = Draft()
        self.questions = Questions(self)
        self.declared = [each for each in program.statements if isinstance(each, BoundDeclaration)]
        self.steps = {each.node.name.text: each for each in self.declared if isinstance(each.node, ast.Step)}
        self.numbers: dict[str, StepId] = {name: number for number, name in enumerate(self.steps)}
        anywhere = [each for each in self.declared if isinstance(each.node, ast.Anywhere)]
        self.anywhere: Sequence[BoundArm] = [arm for each in anywhere for arm in each.body if isinstance(arm, BoundArm)]

    def graph(self) -> tuple[Graph, Places]:
        """Return the graph and its places."""
        steps = [self._step(name, declared) for name, declared in self.steps.items()]
        top = [each for each in self.program.statements if not isinstance(each, BoundDeclaration)]
        fallback = next((each for each in top if verb_of(each) == "fallback"), None)
        written = [each for each in top if each is not fallback]
        if written or START not in self.numbers:
            entry = self.body(written, self._end(START, self.program.file.span), Place(START))
        else:
            entry = steps[self.numbers[START]].entry
        number = None if fallback is None else self._step_of(operand_of(fallback, "step"), fallback)
        names = tuple(map(name_of, self.program.scopes.slots))
        return self.draft.graph(names, steps, entry, number)

    def _step(self, name: str, declared: BoundDeclaration) -> Step:
        node = declared.node
        scope = self.program.scopes.scope_at(node.block)
        parameters = node.parameters or () if isinstance(node, ast.Step) else ()
        slots = tuple(scope.names[each.name.text].slot or 0 for each in parameters)
        end = Span(node.span.end, node.span.end)
        return Step(name, slots, self.body(declared.body, self._end(name, end), Place(name)))

    def _end(self, step: str, span: Span) -> BlockId:
        return self.draft.add(step, Leave(), Span(span.end, span.end))

    def add(self, place: Place, exit: Exit, span: Span, actions: Sequence[tuple[Action, Span]] = ()) -> BlockId:
        """Add a block of a place, and return its index; the arguments are those of `Draft.add`."""
        return self.draft.add(place.step, exit, span, actions, place.order)

    def body(self, bounds: Sequence[Bound], follow: BlockId, place: Place) -> BlockId:
        """Return the first block of statements that another block follows."""
        for bound in reversed(bounds):
            follow = self._statement(bound, follow, place)
        return follow

    def _statement(self, bound: Bound, follow: BlockId, place: Place) -> BlockId:
        span = bound.node.span
        match verb_of(bound):
            case "menu" | "ask" if isinstance(bound, BoundStatement):
                return self.questions.asked(bound, follow, place)
            case "connect" if isinstance(bound, BoundStatement) and arms_of(bound):
                return self.questions.dial(bound, follow, place)
            case "fetch" if isinstance(bound, BoundStatement):
                return lower_fetch(self, self.questions.target, bound, follow, place)
            case "goto" if isinstance(bound, BoundStatement):
                return self.add(place, self._jump(bound), span)
            case "hangup":
                return self.add(place, End(), span)
            case "go_on":
                return follow
            case "retry" | "repeat" if isinstance(bound, BoundStatement):
                return self.add(place, self.questions.retries.again(bound, place), span)
            case verb if isinstance(bound, BoundStatement) and (bound.is_action or verb == RAW):
                said: tuple[Action, Span] = (say_of(bound), span)
                return self.add(place, Goto(follow), span, (said,))
            case verb:
                raise NotLoweredError(verb, span)

    # ── Exits ─────────────────────────────────────────────────────────────────────────────────────────

    def _jump(self, bound: BoundStatement) -> Exit:
        value = operand_of(bound, "step")
        return self.jump_to(str(value.data) if isinstance(value, Known) else "", operands_of(bound, "argument"))

    def jump_to(self, name: str, arguments: tuple[Any, ...]) -> Exit:
        """Return the exit to a step; one that is not declared has its finding, and the paths up to it are checked."""
        return Jump(self.numbers[name], arguments) if name in self.numbers else End()

    def _step_of(self, value: Value | None, bound: Bound) -> StepId:
        name = str(value.data) if isinstance(value, Known) else ""
        if name not in self.numbers:
            raise NotLoweredError(f"the step {name}", bound.node.span)
        return self.numbers[name]
