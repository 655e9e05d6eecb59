"""Where the exits of blocks lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from ncco_lang.bundle import (
    Again,
    Arm,
    Arms,
    Ask,
    BlockId,
    Branch,
    Dial,
    End,
    Enter,
    Exit,
    Goto,
    Jump,
    Leave,
    Question,
    QuestionId,
    Step,
)


def targets(exit: Exit, questions: Sequence[Question], steps: Sequence[Step]) -> Iterator[BlockId]:
    """Yield every block to which an exit can lead."""
    match exit:
        case Goto(to):
            yield to
        case Branch(cases, other, _):
            yield from (block for _, block in cases)
            yield other
        case Jump(step, _):
            yield steps[step].entry
        case Enter(question):
            yield questions[question].start
        case Again():
            asked = questions[exit.question]
            yield asked.listen if exit.instead else asked.start
            if exit.counts and asked.give_up is not None:
                yield asked.give_up
        case Ask() | Dial():
            asked = questions[exit.question]
            yield from arm_targets(asked.arms)
            yield exit.good
            if asked.give_up is not None:
                yield asked.give_up
        case Leave() | End():
            pass
        case _:
            assert_never(exit)


def arm_targets(arms: Sequence[Arms]) -> Iterator[BlockId]:
    """Yield the block of every arm, at any depth."""
    for each in arms:
        if isinstance(each, Arm):
            yield each.target
        else:
            yield from arm_targets(each.arms)


def question_of(exit: Exit) -> QuestionId | None:
    """Return the question that an exit enters, asks or repeats; None for other exits."""
    return exit.question if isinstance(exit, (Enter, Again, Ask, Dial)) else None


def moved_exit(exit: Exit, to: Callable[[BlockId], BlockId], asked: Callable[[QuestionId], QuestionId]) -> Exit:
    """Return an exit with other indexes of blocks and questions."""
    match exit:
        case Goto():
            return Goto(to(exit.to))
        case Branch():
            return replace(exit, cases=tuple((when, to(block)) for when, block in exit.cases), other=to(exit.other))
        case Ask() | Dial():
            return replace(exit, question=asked(exit.question), good=to(exit.good))
        case Enter() | Again():
            return replace(exit, question=asked(exit.question))
        case Jump() | Leave() | End():
            return exit
        case _:
            assert_never(exit)


def moved_question(
    question: Question, to: Callable[[BlockId], BlockId], listen: Callable[[BlockId], BlockId]
) -> Question:
    """Return a question with other indexes of blocks; `listen` gives that of the block that has an exit."""
    give_up = None if question.give_up is None else to(question.give_up)
    arms = _moved_arms(question.arms, to)
    return replace(question, arms=arms, start=to(question.start), listen=listen(question.listen), give_up=give_up)


def _moved_arms(arms: Sequence[Arms], to: Callable[[BlockId], BlockId]) -> tuple[Arms, ...]:
    return tuple(
        replace(each, target=to(each.target))
        if isinstance(each, Arm)
        else replace(each, arms=_moved_arms(each.arms, to))
        for each in arms
    )
