"""Lower questions: their prompts, their arms, and what waits for the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from ncco_lang.blocks.parts import (
    Lowering,
    Place,
    each_of,
    expression_of,
    operand_of,
    option_of,
    say_of,
)
from ncco_lang.blocks.retries import Retries
from ncco_lang.bundle import (
    Again,
    Arm,
    Arms,
    Ask,
    BlockId,
    Dial,
    EachArms,
    End,
    Enter,
    Exit,
    Expression,
    Goto,
    IfArms,
    Key,
    Listen,
    Outcome,
    Pattern,
    Phrase,
    Question,
    QuestionId,
    Say,
    SlotId,
    Valued,
)
from ncco_lang.program.model import BoundArm, BoundEach, BoundIf, BoundStatement
from ncco_lang.program.values import Known
from ncco_lang.syntax import ast
from ncco_lang.values.data import KEYS, Word
from ncco_lang.values.data import Key as Sign

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value

_RETRIES = 2
"""How often a question is asked again (language description, Retry and repeat)."""
_Form: TypeAlias = Literal["menu", "digits", "speech", "one_of"]
_FORMS: tuple[_Form, ...] = ("digits", "speech", "one_of")
"""The forms of an `ask`, by the option that asks for it."""
_OF_QUESTIONS = frozenset({"retries", "secret"})
"""The options of a menu and an ask that say nothing about how an answer is heard."""
_OTHERWISE, _GIVE_UP = Outcome("otherwise"), Outcome("give_up")


class Questions:
    """Lowers the questions of one program."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering, self.draft = lowering, lowering.draft
        self.retries = Retries(lowering.program, lowering.draft)

    def asked(self, bound: BoundStatement, follow: BlockId, place: Place) -> BlockId:
        """Return the first block of a menu or an ask: it enters the question, whose prompts lead to the block that asks."""
        span, question = bound.node.span, self.retries.number(bound, place)
        inside = replace(place, around=(*place.around, question), good=follow)
        listen = self.lowering.add(place, Ask(question, _listen(bound), follow), span)
        start = self._prompts(bound, listen, place)
        # A question in an arm of `anywhere` has its own arms only, or it would have itself in one of them.
        anywhere = self.lowering.anywhere if place.order is None else ()
        self._question(bound, question, anywhere, start, listen, inside)
        return self.lowering.add(place, Enter(question), span)

    def _prompts(self, bound: BoundStatement, follow: BlockId, place: Place) -> BlockId:
        """Return the first prompt of a question, or the block after it: the text of its line, then those of its block."""
        start = self.lowering.body(bound.body, follow, replace(place, role="prompt"))
        text = operand_of(bound, "prompt")
        if text is None:
            return start
        said = Say("talk", (), (("text", expression_of(text)),), "prompt")
        return self.lowering.add(place, Goto(start), bound.node.span, ((said, text.node.span),))

    def dial(self, bound: BoundStatement, follow: BlockId, place: Place) -> BlockId:
        """Return the first block of a connect with arms: it enters the question, whose block dials."""
        span, question = bound.node.span, self.draft.new_question()
        inside = replace(place, around=(*place.around, question), good=follow)
        dial = self.lowering.add(place, Dial(question, (say_of(bound),), follow), span)
        self._question(bound, question, (), dial, dial, inside)
        return self.lowering.add(place, Enter(question), span)

    def _question(
        self,
        bound: BoundStatement,
        question: QuestionId,
        anywhere: Sequence[Bound],
        start: BlockId,
        listen: BlockId,
        inside: Place,
    ) -> None:
        """Make a question of its arms, and of those of `anywhere` for outcomes that it does not name itself.

        A question without `otherwise` is asked again; a connect names every failure instead.
        """
        kind, end = bound.node.verb.text, bound.node.span.end
        found: dict[str, BlockId] = {}
        arms = self._arms(bound.body, inside, found)
        for each in anywhere:
            copy = (question, each) if isinstance(each, BoundArm) else None
            arms += self._arms((each,), replace(inside, order=end, copy=copy), found)
        if repr(_OTHERWISE) not in found and kind != "connect":
            arms.append(Arm((_OTHERWISE,), self.lowering.add(inside, Again(question, counts=True), bound.node.span)))
        retries = option_of(bound, "retries", _RETRIES)
        made = Question(kind, self._kept(bound), retries, tuple(arms), start, listen, found.get(repr(_GIVE_UP)))
        self.draft.set_question(question, made)

    def _kept(self, bound: BoundStatement) -> SlotId | None:
        """Return the slot that keeps the answer to a question; None for a question without a name."""
        name = operand_of(bound, "name")
        binding = self.lowering.program.scopes.call.names.get(str(name.data)) if isinstance(name, Known) else None
        return None if binding is None else binding.slot

    def _arms(self, bounds: Sequence[Bound], inside: Place, found: dict[str, BlockId]) -> list[Arms]:
        """Return the arms among some statements for outcomes that are not in `found`, and add these to it.

        What an arm in `if` or `each` is for can have another arm after it, for when the condition does not hold.
        """
        arms: list[Arms] = []
        for bound in bounds:
            match bound:
                case BoundArm():
                    arms += self._arm(bound, inside, found)
                case BoundIf():
                    arms += self._if_arms(bound, inside, found)
                case BoundEach():
                    slot, key, values = each_of(bound, self.lowering.program.scopes)
                    arms.append(EachArms(slot, key, values, tuple(self._arms(bound.body, inside, {**found}))))
                case _:
                    pass  # a prompt
        return arms

    def _arm(self, bound: BoundArm, inside: Place, found: dict[str, BlockId]) -> Iterator[Arm]:
        patterns = [pattern for pattern in map(self._pattern, bound.patterns) if repr(pattern) not in found]
        if patterns:
            target = self.target(bound, inside)
            found.update(dict.fromkeys(map(repr, patterns), target))
            outcomes = tuple(pattern for pattern in patterns if pattern != _GIVE_UP)
            if outcomes:
                yield Arm(outcomes, target)

    def _if_arms(self, bound: BoundIf, inside: Place, found: dict[str, BlockId]) -> Iterator[IfArms]:
        """Yield the arms of each branch, which count if its condition holds and none before it does."""
        before: list[Expression] = []
        for condition, body in bound.branches:
            own = [] if condition is None else [expression_of(condition)]
            arms = self._arms(body, inside, {**found})
            if arms:
                yield IfArms(["and", *before, *own] if before else own[0], tuple(arms))
            # A condition without a value does not hold, and `not` of another type has no value.
            before += (["not", ["==", condition, True]] for condition in own)

    def target(self, arm: BoundArm, inside: Place) -> BlockId:
        """Return the block that an arm leads to; that of `retry` outside of questions has its finding."""
        target, span = arm.node.target, arm.node.span
        if arm.body or not isinstance(target, ast.Jump):
            return self.lowering.body(arm.body, inside.good, inside)
        match target.name.text:
            case "retry" | "repeat" as word:
                asked = inside.question
                exit: Exit = End() if asked is None else Again(asked, counts=word == "retry")
            case "hangup":
                exit = End()
            case "go_on":
                return inside.good
            case name:
                exit = self.lowering.jump_to(name, tuple(map(expression_of, arm.arguments)))
        return self.lowering.add(inside, exit, span)

    def _pattern(self, value: Value) -> Pattern:
        data = value.data if isinstance(value, Known) else None
        if isinstance(data, Word):
            return Outcome(str(data))
        if isinstance(data, Sign) or (data is not None and isinstance(value.node, ast.Number)):
            return Key(self.lowering.program.source.text[slice(*value.node.span)])
        if isinstance(data, str) and KEYS.fullmatch(data) and not isinstance(value.node, ast.Text):
            return Key(data)
        return Phrase(data) if isinstance(data, str) else Valued(expression_of(value))


def _listen(bound: BoundStatement) -> Listen:
    """Return how the answer to a menu or an ask is heard."""
    given = {
        slot.option.name: expression_of(slot.value) for slot in bound.slots if slot.option.name not in _OF_QUESTIONS
    }
    form: _Form = next((form for form in _FORMS if given.get(form, False) is not False), "menu")
    options = tuple((name, value) for name, value in given.items() if name not in _FORMS)
    return Listen(form, given.get(form), options)
