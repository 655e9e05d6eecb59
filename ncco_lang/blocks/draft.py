"""Collect blocks and questions while a flow is lowered, then merge straight runs and number what a call can reach.

Blocks are made from the last statement to the first, so each knows what follows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ncco_lang.blocks.edges import moved_exit, moved_question, question_of, targets
from ncco_lang.bundle import Action, Again, Block, BlockId, Exit, Goto, Graph, Name, Question, QuestionId, Step, StepId
from ncco_lang.source import Span

Places: TypeAlias = "dict[tuple[BlockId, int], Span]"
"""The place in the flow of each action of a block by its index, and of its exit by -1."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A block before runs are merged; `order` is the place that decides its number among those of its step."""

    step: str
    actions: tuple[tuple[Action, Span], ...]
    exit: Exit
    span: Span
    order: int


class Draft:
    """The blocks and questions so far."""

    __slots__ = ("_marked", "_parts", "_questions")

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._questions: list[Question | None] = []
        self._marked: set[QuestionId] = set()

    def add(
        self, step: str, exit: Exit, span: Span, actions: Sequence[tuple[Action, Span]] = (), order: int | None = None
    ) -> BlockId:
        """Add a block of a step, and return its index.

        Args:
            span: the place of the exit.
            actions: the actions with their places.
            order: the offset in the text by which it is numbered; None for that of the exit.
        """
        self._parts.append(_Part(step, tuple(actions), exit, span, span.start if order is None else order))
        return len(self._parts) - 1

    def replace_exit(self, at: BlockId, exit: Exit) -> None:
        """Give a block another exit, one that leads to blocks which were added after it."""
        self._parts[at] = replace(self._parts[at], exit=exit)

    def new_question(self) -> QuestionId:
        """Return the index of a question that `set_question` makes later."""
        self._questions.append(None)
        return len(self._questions) - 1

    def set_question(self, at: QuestionId, question: Question) -> None:
        """Make the question of a reserved index."""
        self._questions[at] = question

    def mark(self, at: QuestionId) -> None:
        """Keep for a question the frame and the return addresses with which it is entered."""
        self._marked.add(at)

    def graph(
        self, names: tuple[Name, ...], steps: Sequence[Step], entry: BlockId, fallback: StepId | None
    ) -> tuple[Graph, Places]:
        """Return the graph of the blocks that a call can reach, and the place of each action and exit."""
        questions = [
            replace(question, marked=at in self._marked)
            for at, question in enumerate(self._questions)
            if question is not None
        ]
        assert len(questions) == len(self._questions), "every reserved question is made"
        return _Numbering(self._parts, questions, steps, entry).graph(names, fallback)


class _Numbering:
    """Merges straight runs of blocks, and numbers the rest in the order of the text."""

    def __init__(
        self, parts: Sequence[_Part], questions: Sequence[Question], steps: Sequence[Step], entry: BlockId
    ) -> None:
        self.parts, self.entry = parts, entry
        self.questions = [moved_question(question, self._first, self._first) for question in questions]
        self.steps = [replace(step, entry=self._first(step.entry)) for step in steps]
        self.exits = [moved_exit(part.exit, self._first, lambda question: question) for part in parts]

    def graph(self, names: tuple[Name, ...], fallback: StepId | None) -> tuple[Graph, Places]:
        """Return the graph, and the place of each action and exit."""
        reached, joined = self._reached()
        asked = sorted({question for at in reached if (question := question_of(self.exits[at])) is not None})
        questions = {old: new for new, old in enumerate(asked)}
        ranks = {step.name: rank for rank, step in enumerate(self.steps)}
        # A part that is made later comes first: parts are made from the last statement to the first.
        heads = sorted(reached - joined, key=lambda at: (ranks.get(self.parts[at].step, -1), self.parts[at].order, -at))
        numbers = {old: new for new, old in enumerate(heads)}
        runs = [list(self._run(head, joined)) for head in heads]
        holders = {at: number for number, run in enumerate(runs) for at in run}
        counts: dict[str, int] = {}
        blocks: list[Block] = []
        places: Places = {}
        for number, run in enumerate(runs):
            step = self.parts[run[0]].step
            counts[step] = counts.get(step, 0) + 1
            said = [each for at in run for each in self.parts[at].actions]
            places.update({(number, index): span for index, (_, span) in enumerate(said)})
            places[number, -1] = self.parts[run[-1]].span
            exit = moved_exit(self.exits[run[-1]], numbers.__getitem__, questions.__getitem__)
            blocks.append(Block(f"{step}.{counts[step]}", tuple(action for action, _ in said), exit))
        graph = Graph(
            blocks=tuple(blocks),
            questions=tuple(
                moved_question(self.questions[at], numbers.__getitem__, holders.__getitem__) for at in asked
            ),
            steps=tuple(replace(step, entry=numbers[step.entry]) for step in self.steps),
            names=names,
            entry=numbers[self._first(self.entry)],
            fallback=fallback,
        )
        return graph, places

    def _run(self, at: BlockId, joined: set[BlockId]) -> Iterator[BlockId]:
        """Yield a block and those that are merged into it."""
        yield at
        while isinstance(exit := self.exits[at], Goto) and exit.to in joined:
            at = exit.to
            yield at

    def _first(self, at: BlockId) -> BlockId:
        """Return a block or, if it does nothing but lead on, the first one after it that does something."""
        seen = set()
        while isinstance(exit := self.parts[at].exit, Goto) and not self.parts[at].actions and at not in seen:
            seen.add(at)
            at = exit.to
        return at

    def _reached(self) -> tuple[set[BlockId], set[BlockId]]:
        """Return the blocks that the entry and the steps lead to, and those to which one `Goto` leads and nothing else."""
        roots = {self._first(self.entry), *(step.entry for step in self.steps)}
        reached: set[BlockId] = set()
        led_to: dict[BlockId, list[bool]] = {root: [False] for root in roots}
        waiting = list(roots)
        while waiting:
            at = waiting.pop()
            if at in reached:
                continue
            reached.add(at)
            exit = self.exits[at]
            for to in targets(exit, self.questions, self.steps):
                waiting.append(to)
                if not (isinstance(exit, Again) and exit.instead and to == self.questions[exit.question].listen):
                    led_to.setdefault(to, []).append(isinstance(exit, Goto))
        return reached, {at for at, ways in led_to.items() if ways == [True]}
