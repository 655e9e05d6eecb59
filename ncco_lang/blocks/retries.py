"""Lower `retry` and `repeat`: which question is asked again, and whether the frame it was entered with is kept for it."""

from __future__ import annotations

from ncco_lang.blocks.draft import Draft
from ncco_lang.blocks.parts import Place, operand_of, operands_of, option_of
from ncco_lang.bundle import Again, End, Exit, QuestionId
from ncco_lang.program.fillers import Filler, filled_name, find_fillers, named_question
from ncco_lang.program.model import BoundStatement, Program


class Retries:
    """Knows the numbers of the questions of one program that fill a name."""

    __slots__ = ("_draft", "_fillers", "_numbers")

    def __init__(self, program: Program, draft: Draft) -> None:
        self._draft = draft
        self._fillers = find_fillers(program.statements)
        self._numbers: dict[tuple[int, QuestionId | None], QuestionId] = {}

    def number(self, bound: BoundStatement, place: Place) -> QuestionId:
        """Return the number of a question that is lowered at a place; a retry may have asked for it before."""
        name = filled_name(bound)
        filler = None if name is None else self._filler(name)
        if filler is None or filler.question is not bound:
            return self._draft.new_question()
        return self._numbered(filler, place)

    def again(self, bound: BoundStatement, place: Place) -> Exit:
        """Return the exit of a `retry` or `repeat`; one without a question has its finding, and ends the call."""
        name = named_question(bound)
        question = place.question if name is None else self._named(name, place)
        if question is None:
            return End()
        if question not in place.around:
            self._draft.mark(question)
        texts = operands_of(bound, "texts")
        after = option_of(bound, "after", None)
        instead = operand_of(bound, "instead") is not None
        return Again(question, bound.node.verb.text == "retry", texts, instead, after)

    def _named(self, name: str, place: Place) -> QuestionId | None:
        filler = self._filler(name)
        if filler is None or (filler.arm is not None and (place.copy is None or place.copy[1] is not filler.arm)):
            return None
        return self._numbered(filler, place)

    def _filler(self, name: str) -> Filler | None:
        """Return the only question that fills a name."""
        found = self._fillers.get(name, [])
        return found[0] if len(found) == 1 else None

    def _numbered(self, filler: Filler, place: Place) -> QuestionId:
        # An arm of `anywhere` is lowered once for each question, and so are the questions in it.
        copy = None if filler.arm is None or place.copy is None else place.copy[0]
        key = (id(filler.question), copy)
        if key not in self._numbers:
            self._numbers[key] = self._draft.new_question()
        return self._numbers[key]
