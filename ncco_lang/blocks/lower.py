"""Lower a bound program to blocks: from the last statement to the first, each given the block that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ncco_lang.blocks.call_names import with_call_names
from ncco_lang.blocks.draft import Draft, Places
from ncco_lang.blocks.lookups import lower_fetch
from ncco_lang.blocks.parts import (
    NotLoweredError,
    Place,
    arms_of,
    each_of,
    expression_of,
    is_said,
    name_of,
    operand_of,
    operands_of,
    say_of,
    verb_of,
    volatility,
)
from ncco_lang.blocks.questions import Questions
from ncco_lang.bundle import (
    Action,
    BlockId,
    Branch,
    Call,
    End,
    Exit,
    Expression,
    Goto,
    Graph,
    Jump,
    Leave,
    Name,
    Set,
    SlotId,
    Step,
    StepId,
)
from ncco_lang.program.model import BoundDeclaration, BoundEach, BoundIf, BoundSet, BoundStatement, Program
from ncco_lang.program.scopes import SET_VALUES, START
from ncco_lang.program.values import Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import MOST_ITEMS
from ncco_lang.vocabulary.raw_options import RAW

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value


def lower_program(program: Program, *, skips: bool = False) -> tuple[Graph, Places]:
    """Return the blocks of a bound program, and the place in the flow of each action and exit.

    Args:
        skips: leave out unknown statements and those of a later version, for an editor.

    Raises:
        NotLoweredError: a statement of a later version.
    """
    return _Lowering(program, skips=skips).graph()


class _Lowering:
    """Lowers one program."""

    def __init__(self, program: Program, *, skips: bool) -> None:
        self.program = program
        self.skips = skips
        self.draft = Draft()
        self.questions = Questions(self)
        self.declared = [each for each in program.statements if isinstance(each, BoundDeclaration)]
        self.steps = {each.node.name.text: each for each in self.declared if isinstance(each.node, ast.Step)}
        self.numbers: dict[str, StepId] = {name: number for number, name in enumerate(self.steps)}
        anywhere = [each for each in self.declared if isinstance(each.node, ast.Anywhere)]
        self.anywhere: Sequence[Bound] = [arm for each in anywhere for arm in each.body]
        self.names = [name_of(each, program) for each in program.scopes.slots]
        self.hidden: dict[str, SlotId] = {}

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
        graph, places = self.draft.graph(tuple(self.names), steps, entry, number)
        return with_call_names(graph), places

    def _step(self, name: str, declared: BoundDeclaration) -> Step:
        node = declared.node
        scope = self.program.scopes.scope_at(node.block)
        parameters = node.parameters or () if isinstance(node, ast.Step) else ()
        slots = tuple(scope.names[each.name.text].slot or 0 for each in parameters if each.name.text)
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
                exit = self._jump(bound)
                return self._late(
                    self.add(place, exit, span), exit.arguments if isinstance(exit, Jump) else (), place, span
                )
            case "do" if isinstance(bound, BoundStatement):
                exit = self._jump(bound)
                call = Call(exit.step, exit.arguments, follow) if isinstance(exit, Jump) else exit
                return self._late(
                    self.add(place, call, span), exit.arguments if isinstance(exit, Jump) else (), place, span
                )
            case "set" if isinstance(bound, BoundSet) and bound.node.name.text:
                action = self._set(bound)
                return self._late(self.add(place, Goto(follow), span, ((action, span),)), (action.value,), place, span)
            case "if" if isinstance(bound, BoundIf):
                return self._if(bound, follow, place)
            case "each" if isinstance(bound, BoundEach):
                return self._each(bound, follow, place)
            case "arm":
                return follow  # it is lowered with its question
            case "hangup":
                return self.add(place, End(), span)
            case "go_on":
                return follow
            case "retry" | "repeat" if isinstance(bound, BoundStatement):
                return self.add(place, self.questions.retries.again(bound, place), span)
            case verb if isinstance(bound, BoundStatement) and (bound.is_action or verb == RAW):
                said = say_of(bound, place.role)
                values = (value for _, value in said.fields)
                return self._late(self.add(place, Goto(follow), span, ((said, span),)), values, place, span)
            case verb:
                if self.skips:
                    return follow
                raise NotLoweredError(verb, span)

    def _late(self, at: BlockId, values: Iterable[Expression], place: Place, span: Span) -> BlockId:
        """Return a block, after a branch that ends what comes before if one of its values is reported meanwhile."""
        if volatility(values, place.role) != "reports":
            return at
        # No statement has this place: nothing is decided here.
        return self.add(place, Branch((), at, "reports"), Span(span.start, span.start))

    # ── Values ────────────────────────────────────────────────────────────────────────────────────────

    def _set(self, bound: BoundSet) -> Set:
        name, scopes = bound.node.name.text, self.program.scopes
        if name in SET_VALUES:
            return Set(self._hidden(name, "language"), expression_of(bound.value))
        binding = scopes.call.find(name)
        slot = None if binding is None else binding.slot
        assert slot is not None, "a name that is set is one of the call"
        return Set(slot, expression_of(bound.value))

    def _hidden(self, text: str, type: str) -> SlotId:
        """Return the slot of a name that no declaration has."""
        if text not in self.hidden:
            self.hidden[text] = len(self.names)
            self.names.append(Name(text, type, "call"))
        return self.hidden[text]

    def _if(self, bound: BoundIf, follow: BlockId, place: Place) -> BlockId:
        if place.role == "prompt" and not is_said(bound):
            return follow
        cases: list[tuple[Expression, BlockId]] = []
        other = follow
        for condition, body in reversed(bound.branches):
            first = self.body(body, follow, place)
            if condition is None:
                other = first
            else:
                cases.insert(0, (expression_of(condition), first))
        volatile = volatility((condition for condition, _ in cases), place.role)
        return self.add(place, Branch(tuple(cases), other, volatile), bound.node.span)

    def _each(self, bound: BoundEach, follow: BlockId, place: Place) -> BlockId:
        """Return the first block of a loop, in which `key` is the number of the item and counts it."""
        if place.role == "prompt" and not is_said(bound):
            return follow
        span = bound.node.span
        slot, key, values = each_of(bound, self.program.scopes)
        again = self.add(place, Goto(follow), span)
        first = self.body(bound.body, again, place)
        item = ["member", values, ["slot", key]]
        taken = Set(slot, item), Set(key, ["+", ["slot", key], 1])
        into = self.add(place, Goto(first), span, [(action, span) for action in taken])
        is_there: Expression = ["defined", item]
        if place.role == "prompt":
            is_there = ["and", ["<", ["slot", key], MOST_ITEMS], is_there]
        volatile = volatility((values,), place.role)
        self.draft.replace_exit(again, Branch(((is_there, into),), follow, volatile))
        # A list that is written here has a first item, which needs no question about it.
        known = bound.values.data if isinstance(bound.values, Known) else None
        begin = into if isinstance(known, list) and known else again
        return self.add(place, Goto(begin), span, [(Set(key, 0), span)])

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
