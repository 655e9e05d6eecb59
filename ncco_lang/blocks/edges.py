"""Where the exits of blocks lead, and what happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, assert_never

from ncco_lang.bundle import (
    Again,
    Arm,
    Arms,
    Ask,
    Block,
    BlockId,
    Branch,
    Call,
    Dial,
    End,
    Enter,
    Exit,
    Fetch,
    Goto,
    Graph,
    Jump,
    Key,
    Leave,
    Outcome,
    Pattern,
    Phrase,
    Question,
    QuestionId,
    Status,
    Step,
    StepId,
    Valued,
)


class Edge(NamedTuple):
    """One way out of a block.

    Attributes:
        label: what happens, as a trail of the engine has it: `1`, `busy`, `good`, `retry`, `give_up`, `case 0`, `else`;
            empty for the only way.
        to: the next block.
        pattern: what the caller or the endpoint does, for an arm.
    """

    label: str
    to: BlockId
    pattern: Pattern | None = None


def edges(exit: Exit, questions: Sequence[Question], steps: Sequence[Step]) -> Iterator[Edge]:
    """Yield every way out of a block by its exit, in the order in which the exit tries them.

    A menu has no good outcome of its own: an answer that no arm names is `otherwise`.
    """
    match exit:
        case Goto(to):
            yield Edge("", to)
        case Branch(cases, other, _):
            yield from (Edge(f"case {number}", block) for number, (_, block) in enumerate(cases))
            yield Edge("else", other)
        case Jump(step, _):
            yield Edge("", steps[step].entry)
        case Call(step, _, _):
            yield Edge("", steps[step].entry)
        case Enter(question):
            yield Edge("", questions[question].start)
        case Again():
            asked = questions[exit.question]
            yield Edge("retry" if exit.counts else "repeat", asked.listen if exit.instead else asked.start)
            if exit.counts and asked.give_up is not None:
                yield Edge("give_up", asked.give_up)
        case Ask() | Dial():
            for arm in every_arm(questions[exit.question].arms):
                yield from (Edge(label_of(pattern), arm.target, pattern) for pattern in arm.patterns)
            if isinstance(exit, Dial) or exit.listen.form != "menu":
                yield Edge("good", exit.good)
        case Fetch():
            for arm in exit.arms:
                yield from (Edge(label_of(pattern), arm.target, pattern) for pattern in arm.patterns)
            yield Edge("good", exit.good)
        case Leave() | End():
            pass
        case _:
            assert_never(exit)


def targets(exit: Exit, questions: Sequence[Question], steps: Sequence[Step]) -> Iterator[BlockId]:
    """Yield every block that an exit names: what comes after a `do` and, for a question that waits, after its good outcome
    and `give_up` too.
    """
    yield from (edge.to for edge in edges(exit, questions, steps))
    if isinstance(exit, Call):
        yield exit.back
    if isinstance(exit, (Ask, Dial)):
        give_up = questions[exit.question].give_up
        yield from (exit.good,) if give_up is None else (exit.good, give_up)


def owners(graph: Graph) -> list[set[StepId]]:
    """Return for each block the steps that it is part of: those that lead to it without a jump or a call."""
    found: list[set[StepId]] = [set() for _ in graph.blocks]
    for number, step in enumerate(graph.steps):
        waiting = [step.entry]
        while waiting:
            at = waiting.pop()
            if number in found[at]:
                continue
            found[at].add(number)
            exit = graph.blocks[at].exit
            match exit:
                case Jump():
                    pass
                case Call(_, _, back):
                    waiting.append(back)
                case Again(question) if graph.questions[question].marked:
                    give_up = graph.questions[question].give_up
                    waiting += () if give_up is None else (give_up,)
                case _:
                    waiting += targets(exit, graph.questions, graph.steps)
    return found


def returns_of(graph: Graph) -> dict[str, list[BlockId]]:
    """Return the blocks that follow each step when it ends, by its name: those after each `do` of it."""
    returns: dict[str, list[BlockId]] = {}
    for block in graph.blocks:
        if isinstance(block.exit, Call):
            returns.setdefault(graph.steps[block.exit.step].name, []).append(block.exit.back)
    return returns


def step_of(block: Block) -> str:
    """Return the name of the step that a block is in."""
    return block.name.rpartition(".")[0]


def every_arm(arms: Sequence[Arms]) -> Iterator[Arm]:
    """Yield every arm, at any depth."""
    for each in arms:
        if isinstance(each, Arm):
            yield each
        else:
            yield from every_arm(each.arms)


def label_of(pattern: Pattern) -> str:
    """Return the label of the edge of a pattern."""
    match pattern:
        case Key(keys):
            return keys
        case Phrase(text):
            return text
        case Outcome(name):
            return name
        case Status(code):
            return code
        case Valued():
            return pattern.label
        case _:
            assert_never(pattern)


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
        case Call():
            return replace(exit, back=to(exit.back))
        case Fetch():
            arms = tuple(replace(arm, target=to(arm.target)) for arm in exit.arms)
            return replace(exit, arms=arms, good=to(exit.good))
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
