"""Check what is asked again: a question without `give_up`, and one that is asked in silence."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.bundle import Again, Ask, BlockId
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.program.missing_arms import MissingArms
from ncco_lang.proof.paths import used_up
from ncco_lang.proof.searching import Act, is_spoken
from ncco_lang.proof.subject import Subject
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

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

RULES = (SILENT_QUESTION, NO_GIVE_UP)


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
    missing = MissingArms(subject.program)
    for number, (_, at, act) in ends.items():
        question = graph.questions[number]
        verb, again = subject.verb_of(question.listen), subject.places[at, -1]
        also = () if again == subject.places[question.listen, -1] else (again,)
        facts = NoGiveUp(verb=question.kind, path=paths.words(act))
        asked = subject.statements.get(subject.places[question.listen, -1])
        fix = None if asked is None else missing.add(asked.node, "give_up")
        yield flow_finding(subject.program.source, verb, facts, also=also, fix=fix)


def _check_silence(subject: Subject) -> Iterator[Diagnostic]:
    quiet = subject.paths.quiet
    for at, block in enumerate(subject.graph.blocks):
        if isinstance(block.exit, Ask) and at in quiet and not is_spoken(block):
            facts = SilentQuestion(path=subject.paths.words(quiet[at]))
            yield flow_finding(subject.program.source, subject.verb_of(at), facts)
