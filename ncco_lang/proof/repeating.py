"""Check what is asked again: a question without `give_up`, one that is asked in silence, and steps without an end."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.blocks.edges import every_arm
from ncco_lang.bundle import Again, Ask, BlockId, Dial, Enter, Exit, Goto, Graph, Jump
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.proof.paths import used_up
from ncco_lang.proof.searching import Act, is_spoken, length_of
from ncco_lang.proof.subject import Subject
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

ENDLESS_CALL = Rule(
    code="P101",
    name="endless-call",
    severity="error",
    why="These steps lead to each other, and none of them asks anything, so what they do has no end. A call that gets there "
    "is answered with the fallback route instead.",
    bad='step start {\n    talk "Please hold."\n    goto music\n}\n\nstep music {\n    stream "https://example.com/m.mp3"\n'
    "    goto start\n}",
    good='step start {\n    talk "Please hold."\n    goto music\n}\n\nstep music {\n    stream "https://example.com/m.mp3" '
    "loop: 10\n}",
    language="flow",
)
ENDLESS_DIALLING = Rule(
    code="P106",
    name="endless-dialling",
    severity="warning",
    why="While these connects fail, they lead to each other, whatever the caller does. With a line that is always busy the call "
    "dials until the caller hangs up, many times a minute, and each attempt may cost money. A retry ends after the retries.",
    bad='step start {\n    connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {\n        otherwise -> start\n    }\n}',
    good='step start {\n    connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {\n        otherwise -> retry after: 5s\n'
    '        give_up -> { talk "All lines are busy." }\n    }\n}',
    language="flow",
)
SILENT_QUESTION = Rule(
    code="P102",
    name="silent-question",
    severity="warning",
    why="The call waits for an answer although the caller has heard nothing since the last one: no prompt, and no text before "
    "the menu or in the retry. Most callers take this for a broken line.",
    bad='talk "Press 1 for sales."\nmenu {\n    1 -> hangup\n    silence -> retry\n    give_up -> hangup\n}',
    good='menu "Press 1 for sales." {\n    1 -> hangup\n    silence -> retry\n    give_up -> hangup\n}',
    language="flow",
)
NO_GIVE_UP = Rule(
    code="Q101",
    name="no-give-up",
    severity="error",
    why="A question is asked again only as often as its retries say. After that the call needs a place to go on.",
    bad='menu "Press 1 for sales." {\n    1 -> hangup\n    silence -> retry "Please press a key."\n}',
    good='menu "Press 1 for sales." {\n    1 -> hangup\n    silence -> retry "Please press a key."\n    give_up -> hangup\n}',
    language="flow",
)

_MOST, _MORE = 3, "…"
"""How many steps and places of a circle a finding shows."""

RULES = (ENDLESS_CALL, ENDLESS_DIALLING, SILENT_QUESTION, NO_GIVE_UP)


class EndlessCall(Facts):
    """Steps that lead to each other without a question; `cycle` ends with the first of them, `path` leads to them."""

    rule = ENDLESS_CALL
    labels = ("this leads on",)
    cycle: tuple[str, ...]
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "ask something on the way, or let one of them end"
        if self.path:
            hint = f"{hint}; callers get there so: {{path:s}}"
        way = " → ".join(name if name == _MORE else f'"{name}"' for name in self.cycle)
        return self.say(spelling, "the call never ends: {way:s}", hint, way=way)


class EndlessDialling(Facts):
    """Connects that lead to each other or to themselves as long as they fail."""

    rule = ENDLESS_DIALLING
    message = "while this fails, the call dials without end"
    hint = "retry with give_up -> …, or lead the failures to an end or a menu"
    labels = ("and this",)


class SilentQuestion(Facts):
    """A question that waits although the caller has heard nothing; `path` leads to it, empty at the start of a call."""

    rule = SILENT_QUESTION
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if not self.path:
            return self.say(spelling, "the call waits here in silence", "say before it what to press")
        return self.say(
            spelling, "the call can wait here in silence", "say again what to press, for callers who {path:s}"
        )


class NoGiveUp(Facts):
    """A question that can be asked again, and has no `give_up`; `path` leads to where no retry is left."""

    rule = NO_GIVE_UP
    message = "this {verb:s} can be asked again, but has no give_up"
    labels = ("asked again here",)
    verb: str
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "add an arm give_up -> …" + (", for callers who {path:s}" if self.path else "")
        return self.say(spelling, self.message, hint)


def check_repeating(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the findings of this module."""
    yield from _check_give_up(subject)
    yield from _check_silence(subject)
    yield from _check_cycles(subject)


def _check_give_up(subject: Subject) -> Iterator[Diagnostic]:
    """Yield each question that can use up its retries and then has nowhere to go, with the shortest way there."""
    graph, paths = subject.graph, subject.paths
    ends: dict[int, tuple[int, BlockId, Act | None]] = {}
    for at, block in enumerate(graph.blocks):
        exit = block.exit
        if isinstance(exit, Again) and exit.counts and at in paths and graph.questions[exit.question].give_up is None:
            act = used_up(paths, at)
            found = (0 if act is None else act.number, at, act)
            ends[exit.question] = min(found, ends.get(exit.question, found), key=lambda each: each[:2])
    for number, (_, at, act) in ends.items():
        question = graph.questions[number]
        verb, again = subject.verb_of(question.listen), subject.places[at, -1]
        also = () if again == subject.places[question.listen, -1] else (again,)
        facts = NoGiveUp(verb=question.kind, path=paths.words(act))
        yield flow_finding(subject.program.source, verb, facts, also=also)


def _check_silence(subject: Subject) -> Iterator[Diagnostic]:
    quiet = subject.paths.quiet
    for at, block in enumerate(subject.graph.blocks):
        if isinstance(block.exit, Ask) and at in quiet and not is_spoken(block):
            facts = SilentQuestion(path=subject.paths.words(quiet[at]))
            yield flow_finding(subject.program.source, subject.verb_of(at), facts)


# ── Steps without an end ──────────────────────────────────────────────────────────────────────────────


def _check_cycles(subject: Subject) -> Iterator[Diagnostic]:
    graph = subject.graph
    for cycle in _cycles(graph):
        if cycle[0] not in subject.paths:
            continue
        dials = [subject.verb_of(at) for at in cycle if isinstance(graph.blocks[at].exit, Dial)]
        if dials:
            yield flow_finding(subject.program.source, dials[0], EndlessDialling(), also=tuple(dials[1:2]))
            continue
        jumping = [at for at in cycle if isinstance(graph.blocks[at].exit, Jump)]
        if not jumping:
            continue  # a retry in give_up, which has a finding
        steps = [graph.blocks[at].name.rpartition(".")[0] for at in jumping]
        before = tuple(subject.places[at, -1] for at in jumping[:-1][: _MOST - 1])
        path = subject.paths.words(min(map(subject.paths.to, cycle), key=length_of))
        more = (_MORE, steps[-1]) if len(steps) > _MOST else ()
        facts = EndlessCall(cycle=(*steps[:_MOST], *more, steps[0]), path=path)
        yield flow_finding(subject.program.source, subject.places[jumping[-1], -1], facts, also=before)


def _cycles(graph: Graph) -> Iterator[list[BlockId]]:
    """Yield each circle of blocks that lead only to each other while connects fail, beginning with the first in the text."""
    seen: dict[BlockId, BlockId] = {}
    for start in range(len(graph.blocks)):
        at: BlockId | None = start
        walked: list[BlockId] = []
        while at is not None and at not in seen:
            seen[at] = start
            walked.append(at)
            at = _only_way(graph, graph.blocks[at].exit)
        if at is not None and seen[at] == start:
            cycle = walked[walked.index(at) :]
            first = cycle.index(min(cycle))
            yield cycle[first:] + cycle[:first]


def _only_way(graph: Graph, exit: Exit) -> BlockId | None:
    """Return the block that follows whatever the caller does; None if the call waits, ends or decides.

    A connect fails, and the retries are used up.
    """
    match exit:
        case Goto(to):
            return to
        case Jump(step, _):
            return graph.steps[step].entry
        case Enter(question):
            return graph.questions[question].start
        case Again(question, True):
            return graph.questions[question].give_up
        case Again(question):
            return graph.questions[question].start
        case Dial(question):
            failures = {arm.target for arm in every_arm(graph.questions[question].arms)}
            return failures.pop() if len(failures) == 1 else None
        case _:
            return None
