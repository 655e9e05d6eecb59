"""Check what `do` runs: steps that run each other have no end."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.blocks.edges import step_of
from ncco_lang.bundle import BlockId, Call, Graph
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.proof.subject import Subject
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

DO_CYCLE = Rule(
    code="S103",
    name="do-cycle",
    severity="error",
    why="do runs a step and comes back to where it was. Steps that run each other with do never come back: the call keeps one "
    "more place to come back to each time. goto keeps none.",
    bad='step start {\n    talk "One."\n    do again\n}\n\nstep again {\n    talk "Two."\n    do start\n}',
    good='step start {\n    do again\n    do again\n}\n\nstep again {\n    talk "Two."\n}',
    language="flow",
)

_MOST = 4
"""How many steps and places of a circle a finding shows."""

RULES = (DO_CYCLE,)


class DoCycle(Facts):
    """Steps that run each other with `do`; `cycle` ends with the first of them."""

    rule = DO_CYCLE
    labels = ("this runs the next one",)
    cycle: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        way = " → ".join(f'"{name}"' for name in self.cycle)
        return self.say(
            spelling, "do never comes back: {way:s}", "write goto where the step need not come back", way=way
        )


def check_returning(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a finding for each circle of steps that run each other, at the `do` that closes it."""
    for circle in _circles(subject.graph):
        steps = [step_of(subject.graph.blocks[at]) for at in circle]
        places = [subject.places[at, -1] for at in circle]
        shown = (*steps[:_MOST], "…", steps[-1]) if len(steps) > _MOST + 1 else tuple(steps)
        facts = DoCycle(cycle=(*shown, steps[0]))
        yield flow_finding(subject.program.source, places[-1], facts, also=tuple(places[:-1][:_MOST]))


def _circles(graph: Graph) -> Iterator[list[BlockId]]:
    """Yield each circle as the blocks that run the next step, in the order in which a call comes to them."""
    runs: dict[str, dict[str, BlockId]] = {step.name: {} for step in graph.steps}
    for at, block in enumerate(graph.blocks):
        if isinstance(block.exit, Call):
            runs.setdefault(step_of(block), {}).setdefault(graph.steps[block.exit.step].name, at)
    done: set[str] = set()
    for start in runs:
        path: list[str] = []
        waiting = [(start, iter(runs[start].items()))] if start not in done else []
        taken: list[BlockId] = []
        while waiting:
            name, ways = waiting[-1]
            if len(path) < len(waiting):
                path.append(name)
            following = next(ways, None)
            if following is None:
                done.add(name)
                waiting.pop()
                path.pop()
                del taken[-1:]
            elif following[0] in path:
                yield [*taken[path.index(following[0]) :], following[1]]
            elif following[0] not in done:
                taken.append(following[1])
                waiting.append((following[0], iter(runs[following[0]].items())))
