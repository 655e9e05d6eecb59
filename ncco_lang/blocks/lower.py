"""Lower a bound program to blocks: from the last statement to the first, each given the block that follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ncco_lang.blocks.draft import Draft, Places
from ncco_lang.bundle import (
    Action,
    Again,
    Arm,
    Arms,
    Ask,
    BlockId,
    Dial,
    End,
    Enter,
    Exit,
    Fields,
    Goto,
    Graph,
    Jump,
    Key,
    Leave,
    Listen,
    Name,
    Outcome,
    Pattern,
    Phrase,
    Question,
    QuestionId,
    Role,
    Say,
    Step,
    StepId,
    Valued,
)
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundStatement, Program, Slot
from ncco_lang.program.scopes import START
from ncco_lang.program.values import Deferred, Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.constants import quote
from ncco_lang.values.data import KEYS, Word
from ncco_lang.values.data import Key as Sign

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Binding
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value

_RETRIES = 2
"""How often a question is asked again (language description, Retry and repeat)."""
_OTHERWISE, _GIVE_UP = Outcome("otherwise"), Outcome("give_up")


class NotLoweredError(Exception):
    """A statement whose blocks this version does not make. `span` is its place."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what)
        self.span = span


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement is: its step, and the nearest question around it with the block after it.

    `order` numbers the blocks of an arm of `anywhere` after those of its question.
    """

    step: str
    question: QuestionId | None = None
    good: BlockId = -1
    order: int | None = None


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
        self.declared = [each for each in program.statements if isinstance(each, BoundDeclaration)]
        self.steps = {each.node.name.text: each for each in self.declared if isinstance(each.node, ast.Step)}
        self.numbers: dict[str, StepId] = {name: number for number, name in enumerate(self.steps)}
        anywhere = [each for each in self.declared if isinstance(each.node, ast.Anywhere)]
        self.anywhere = [arm for each in anywhere for arm in each.body if isinstance(arm, BoundArm)]

    def graph(self) -> tuple[Graph, Places]:
        """Return the graph and its places."""
        steps = [self._step(name, declared) for name, declared in self.steps.items()]
        top = [each for each in self.program.statements if not isinstance(each, BoundDeclaration)]
        fallback = next((each for each in top if _verb(each) == "fallback"), None)
        written = [each for each in top if each is not fallback]
        if written or START not in self.numbers:
            entry = self._body(written, self._end(START, self.program.file.span), _Place(START))
        else:
            entry = steps[self.numbers[START]].entry
        number = None if fallback is None else self._step_of(_operand(fallback, "step"), fallback)
        names = tuple(map(_name, self.program.scopes.slots))
        return self.draft.graph(names, steps, entry, number)

    def _step(self, name: str, declared: BoundDeclaration) -> Step:
        node = declared.node
        scope = self.program.scopes.scope_at(node.block)
        parameters = node.parameters or () if isinstance(node, ast.Step) else ()
        slots = tuple(scope.names[each.name.text].slot or 0 for each in parameters)
        end = Span(node.span.end, node.span.end)
        return Step(name, slots, self._body(declared.body, self._end(name, end), _Place(name)))

    def _end(self, step: str, span: Span) -> BlockId:
        return self.draft.add(step, Leave(), Span(span.end, span.end))

    def _add(self, place: _Place, exit: Exit, span: Span, actions: Sequence[tuple[Action, Span]] = ()) -> BlockId:
        return self.draft.add(place.step, exit, span, actions, place.order)

    def _body(self, bounds: Sequence[Bound], follow: BlockId, place: _Place) -> BlockId:
        for bound in reversed(bounds):
            follow = self._statement(bound, follow, place)
        return follow

    def _statement(self, bound: Bound, follow: BlockId, place: _Place) -> BlockId:
        span = bound.node.span
        match _verb(bound):
            case "menu" if isinstance(bound, BoundStatement):
                return self._menu(bound, follow, place)
            case "connect" if isinstance(bound, BoundStatement) and _arms(bound):
                return self._dial(bound, follow, place)
            case "goto" if isinstance(bound, BoundStatement):
                return self._add(place, self._jump(bound), span)
            case "hangup":
                return self._add(place, End(), span)
            case "go_on":
                return follow
            case "retry" | "repeat" if isinstance(bound, BoundStatement):
                return self._add(place, self._again(bound, place), span)
            case verb if isinstance(bound, BoundStatement) and (bound.is_action or verb == "raw"):
                said: tuple[Action, Span] = (_say(bound), span)
                return self._add(place, Goto(follow), span, (said,))
            case verb:
                raise NotLoweredError(verb, span)

    # ── Questions ─────────────────────────────────────────────────────────────────────────────────────

    def _menu(self, bound: BoundStatement, follow: BlockId, place: _Place) -> BlockId:
        """Return the first block of a menu: it enters the question, whose prompts lead to the block that asks."""
        span, question = bound.node.span, self.draft.new_question()
        inside = replace(place, question=question, good=follow)
        options = tuple((slot.option.name, _expression(slot.value)) for slot in bound.slots)
        listen = self._add(place, Ask(question, Listen("menu", None, options), follow), span)
        prompts = [each for each in bound.body if not isinstance(each, BoundArm)]
        start = self._prompts(bound, prompts, listen, place)
        # A menu in an arm of `anywhere` has its own arms only, or it would have itself in one of them.
        anywhere = self.anywhere if place.order is None else ()
        self._question(bound, question, anywhere, start, listen, inside)
        return self._add(place, Enter(question), span)

    def _prompts(self, bound: BoundStatement, prompts: Sequence[Bound], follow: BlockId, place: _Place) -> BlockId:
        said: list[tuple[Action, Span]] = []
        text = _operand(bound, "prompt")
        if text is not None:
            said.append((Say("talk", (), (("text", _expression(text)),), "prompt"), text.node.span))
        for prompt in prompts:
            if not isinstance(prompt, BoundStatement):
                raise NotLoweredError(_verb(prompt), prompt.node.span)
            said.append((_say(prompt, "prompt"), prompt.node.span))
        return self._add(place, Goto(follow), bound.node.span, said) if said else follow

    def _dial(self, bound: BoundStatement, follow: BlockId, place: _Place) -> BlockId:
        span, question = bound.node.span, self.draft.new_question()
        inside = replace(place, question=question, good=follow)
        dial = self._add(place, Dial(question, (_say(bound),), follow), span)
        self._question(bound, question, (), dial, dial, inside)
        return self._add(place, Enter(question), span)

    def _question(
        self,
        bound: BoundStatement,
        question: QuestionId,
        anywhere: Sequence[BoundArm],
        start: BlockId,
        listen: BlockId,
        inside: _Place,
    ) -> None:
        """Make a question of its arms, and of those of `anywhere` for outcomes that it does not name itself.

        A question without `otherwise` is asked again; a connect names every failure instead.
        """
        kind, end = bound.node.verb.text, bound.node.span.end
        found: set[str] = set()
        give_up: BlockId | None = None
        arms: list[Arms] = []
        for arm, place in (
            *((arm, inside) for arm in _arms(bound)),
            *((arm, replace(inside, order=end)) for arm in anywhere),
        ):
            patterns = [pattern for pattern in map(self._pattern, arm.patterns) if repr(pattern) not in found]
            if patterns:
                target = self._target(arm, place)
                found.update(map(repr, patterns))
                give_up = target if _GIVE_UP in patterns else give_up
                outcomes = tuple(pattern for pattern in patterns if pattern != _GIVE_UP)
                arms += (Arm(outcomes, target),) if outcomes else ()
        if repr(_OTHERWISE) not in found and kind != "connect":
            arms.append(Arm((_OTHERWISE,), self._add(inside, Again(question, counts=True), bound.node.span)))
        retries = _option(bound, "retries", _RETRIES)
        made = Question(kind, None, retries, tuple(arms), start, listen, give_up)
        self.draft.set_question(question, made)

    def _target(self, arm: BoundArm, inside: _Place) -> BlockId:
        target, span = arm.node.target, arm.node.span
        if arm.body or not isinstance(target, ast.Jump):
            return self._body(arm.body, inside.good, inside)
        assert inside.question is not None
        match target.name.text:
            case "retry" | "repeat":
                exit: Exit = Again(inside.question, counts=target.name.text == "retry")
            case "hangup":
                exit = End()
            case "go_on":
                return inside.good
            case name:
                exit = self._jump_to(name, tuple(map(_expression, arm.arguments)))
        return self._add(inside, exit, span)

    def _pattern(self, value: Value) -> Pattern:
        data = value.data if isinstance(value, Known) else None
        if isinstance(data, Word):
            return Outcome(str(data))
        if isinstance(data, Sign) or (data is not None and isinstance(value.node, ast.Number)):
            return Key(self.program.source.text[slice(*value.node.span)])
        if isinstance(data, str) and KEYS.fullmatch(data) and not isinstance(value.node, ast.Text):
            return Key(data)
        return Phrase(data) if isinstance(data, str) else Valued(_expression(value))

    # ── Exits ─────────────────────────────────────────────────────────────────────────────────────────

    def _again(self, bound: BoundStatement, place: _Place) -> Exit:
        if _operand(bound, "question") is not None:
            raise NotLoweredError(f"{bound.node.verb.text} of another question", bound.node.span)
        if place.question is None:
            return End()  # it has its finding
        texts = _operands(bound, "texts")
        after = _option(bound, "after", None)
        instead = _operand(bound, "instead") is not None
        return Again(place.question, bound.node.verb.text == "retry", texts, instead, after)

    def _jump(self, bound: BoundStatement) -> Exit:
        value = _operand(bound, "step")
        return self._jump_to(str(value.data) if isinstance(value, Known) else "", _operands(bound, "argument"))

    def _jump_to(self, name: str, arguments: tuple[Any, ...]) -> Exit:
        """Return the exit to a step; one that is not declared has its finding, and the paths up to it are checked."""
        return Jump(self.numbers[name], arguments) if name in self.numbers else End()

    def _step_of(self, value: Value | None, bound: Bound) -> StepId:
        name = str(value.data) if isinstance(value, Known) else ""
        if name not in self.numbers:
            raise NotLoweredError(f"the step {name}", bound.node.span)
        return self.numbers[name]


# ── Statements as actions ──────────────────────────────────────────────────────────────────────────────


def _say(bound: BoundStatement, role: Role = "written") -> Say:
    """Return the action of a statement. What `default talk` adds is the voice of the call's language, read later."""
    is_talk = bound.node.verb.text == "talk"
    slots = [slot for slot in bound.slots if slot.path and (slot.origin is None or not is_talk)]
    words = tuple(word.text for word in bound.words)
    own = tuple((role, _expression(value)) for role, value in bound.operands)
    return Say(bound.node.verb.text, words, (*own, *_fields(slots)), role)


def _fields(slots: Sequence[Slot]) -> Fields:
    """Return the options by name; a nested block is an object of its own options."""
    fields: list[tuple[str, Any]] = []
    blocks: dict[tuple[str | int, ...], list[Any]] = {}
    for slot in slots:
        holder = blocks.get(slot.path[:-1])
        value = ["object"] if slot.option.is_block else _expression(slot.value)
        if slot.option.is_block:
            blocks[slot.path] = value
        if holder is None:
            fields.append((slot.option.name, value))
        else:
            holder += (slot.option.name, value)
    return tuple(fields)


def _expression(value: Value) -> Any:
    if isinstance(value, Deferred):
        return value.expression
    return quote(value.data) if isinstance(value, Known) else ["undefined"]


def _operand(bound: Bound, role: str) -> Value | None:
    operands = bound.operands if isinstance(bound, BoundStatement) else ()
    return next((value for each, value in operands if each == role), None)


def _operands(bound: BoundStatement, role: str) -> tuple[Any, ...]:
    return tuple(_expression(value) for each, value in bound.operands if each == role)


def _option(bound: BoundStatement, name: str, default: Any) -> Any:
    return next((_expression(slot.value) for slot in bound.slots if slot.option.name == name), default)


def _arms(bound: BoundStatement) -> list[BoundArm]:
    return [each for each in bound.body if isinstance(each, BoundArm)]


def _verb(bound: Bound) -> str:
    return bound.node.verb.text if isinstance(bound, BoundStatement) else type(bound.node).__name__.lower()


def _name(binding: Binding) -> Name:
    scope = binding.scope.kind
    return Name(binding.name, binding.type, "arg" if scope == "file" else "call" if scope == "call" else "frame")
