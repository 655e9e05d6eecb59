"""What every check of a graph reads: the program, its blocks with their places, and the shortest paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ncco_lang.bundle import BlockId, Graph, Key, Outcome, Pattern, Phrase, Valued
from ncco_lang.program.model import BoundArm, BoundStatement, Program
from ncco_lang.program.values import Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import Key as Sign
from ncco_lang.values.data import Word

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places
    from ncco_lang.blocks.live import LiveValues
    from ncco_lang.program.values import Value
    from ncco_lang.proof.paths import Paths
    from ncco_lang.proof.searching import Act


@dataclass(frozen=True, slots=True)
class Subject:
    """A flow with its blocks.

    Attributes:
        statements: those of one line, by their spans.
        live: which values a call still reads.
        answers: the place of each pattern of a question, by the span of the question, for those that were looked for.
    """

    program: Program
    graph: Graph
    places: Places
    paths: Paths
    statements: Mapping[Span, BoundStatement]
    live: LiveValues
    answers: dict[Span, dict[Pattern, Span]] = field(default_factory=dict)

    def verb_of(self, at: BlockId) -> Span:
        """Return the place of the verb of the question that waits in a block."""
        span = self.places[at, -1]
        statement = self.statements.get(span)
        return span if statement is None else statement.node.verb.span

    def answer_of(self, act: Act) -> Span:
        """Return the place of the pattern that an answer takes; that of the verb if the question has no such pattern."""
        span, pattern = self.places[act.at, -1], act.edge.pattern
        if span not in self.answers:
            statement = self.statements.get(span)
            arms = [each for each in (() if statement is None else statement.body) if isinstance(each, BoundArm)]
            places = (
                (self._pattern(value), value.node.span) for arm in reversed(arms) for value in reversed(arm.patterns)
            )
            self.answers[span] = {each: place for each, place in places if each is not None}
        found = None if pattern is None or isinstance(pattern, Valued) else self.answers[span].get(pattern)
        return found or self.verb_of(act.at)

    def _pattern(self, value: Value) -> Pattern | None:
        """Return what the pattern of an arm is in the graph; None for a value that only a call knows."""
        data = value.data if type(value) is Known else None
        if isinstance(data, Word):
            return Outcome(str(data))
        if isinstance(data, Sign) or (data is not None and isinstance(value.node, ast.Number)):
            return Key(self.program.source.text[slice(*value.node.span)])
        return Phrase(data) if isinstance(data, str) else None
