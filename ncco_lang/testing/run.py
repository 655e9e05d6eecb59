"""Run one test: the phone plays the call, and each line of the test happens when its turn has come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, assert_never

from ncco_lang.bundle import BlockId, Expression
from ncco_lang.engine.events import Fact
from ncco_lang.engine.events import Result as Looked
from ncco_lang.engine.state import State
from ncco_lang.program.params import ArgumentError
from ncco_lang.runtime.answers import Answered, Pending
from ncco_lang.simulate import listening
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import MONDAY, begin_call
from ncco_lang.simulate.script import MOST_STEPS, is_turn
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import (
    Act,
    Answer,
    HangUp,
    Happened,
    Output,
    Plan,
    Request,
    Say,
    Settings,
    Silence,
    find_plan,
)
from ncco_lang.source import Span
from ncco_lang.testing.cases import LAST, Call, Case, Do, Expect, Given, Hear, Holds, Line, Quiet, Wait
from ncco_lang.testing.ears import Ears
from ncco_lang.testing.expects import Event, described, unmet
from ncco_lang.testing.failure import Failed, Failure, Taken
from ncco_lang.testing.heard import Sound, run_of, taken, words_of
from ncco_lang.testing.in_process import InProcess, Playable
from ncco_lang.testing.servers import HIDDEN, Server, answer_of, asked, given_for, lookup_line
from ncco_lang.testing.turns import action_of, in_language, is_steady
from ncco_lang.testing.values_of_call import changes, failing, readable, secrets_of, values_of


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one run of a test.

    Attributes:
        at: seconds since 1970 at which its first call begins; None for the usual time.
        failure: None if the test passed.
        outputs: what happened, each with the place of its action in the flow.
        trail: the edges that the engine took, and the blocks whose actions were played.
    """

    case: Case
    at: float | None
    failure: Failure | None
    outputs: tuple[tuple[Output, Span | None], ...]
    started: float
    trail: frozenset[tuple[BlockId, str]]
    blocks: frozenset[BlockId]


def run_case(case: Case, playable: Playable) -> list[Result]:
    """Return the results of a test, one for each time at which it runs."""
    bundle = playable.bundle
    conditions = [line.what.condition for line in case.lines if isinstance(line.what, Holds)]
    if bundle is not None and conditions:
        playable = replace(playable, bundle=readable(bundle, conditions))
    return [_Run(case, playable, at).result() for at in case.times]


class _Run:
    """One run of a test, with a phone and a store of its own."""

    def __init__(self, case: Case, playable: Playable, at: float | None) -> None:
        self.case, self.at = case, at
        self.playable, self.server = playable, InProcess(playable, self._look_up)
        self.started = MONDAY if at is None else at
        settings = Settings(answer=self.server.answer_hook, event=self.server.event_hook, plan_of=self._plan)
        self.phone = Phone(settings, now=self.started)
        self.ears = Ears()
        self.plans: dict[str, Plan] = {}
        self.servers: list[Server] = []
        self.stays = {line.leg for line in case.lines if line.leg is not None}
        self.main = ""
        self.doing: Line | None = None
        self.state: State | None = None
        self.secrets: set[str] = set()
        self.events: list[Event] = []
        self.passed: dict[str, int] = {}
        self.outputs: list[tuple[Output, Span | None]] = []
        self.trail: set[tuple[BlockId, str]] = set()
        self.blocks: set[BlockId] = set()

    def result(self) -> Result:
        """Run the test."""
        failure = None
        try:
            *earlier, last = self.case.calls
            for lines in earlier:
                self._play(lines)
                self._pump()  # what its end makes the flow do
            self._play(last)
        except Failed as failed:
            failure = failed.failure
        trail, blocks = frozenset(self.trail), frozenset(self.blocks)
        return Result(self.case, self.at, failure, tuple(self.outputs), self.started, trail, blocks)

    # ── Lines ─────────────────────────────────────────────────────────────────────────────────────────

    def _play(self, lines: Sequence[Line]) -> None:
        """Play one call, with what is given for it."""
        for line in lines:
            self._line(line)
        self._finish([line for line in lines if isinstance(line.what, Expect)])

    def _line(self, line: Line) -> None:
        if isinstance(line.what, (Call, Do, Quiet, Wait)):
            self.doing = line
        match line.what:
            case Given(endpoint, plan):
                self.plans[endpoint] = plan
            case Server():
                self.servers.append(line.what)
            case Call():
                self._call(line, line.what)
            case Hear():
                self._hear(line, line.what)
            case Do(act, language):
                self._do(line, act, language)
            case Quiet(seconds):
                self._do(line, Silence(), None)
                if seconds is not None:
                    self.passed.clear()
                    self._wait(seconds)
            case Wait(seconds):
                self._wait(seconds)
            case Expect():
                pass  # when the call has been played
            case Holds(condition):
                self._hold(line, condition)
            case _:
                assert_never(line.what)

    def _call(self, line: Line, call: Call) -> None:
        self.events, self.state = [], None
        try:
            self.server.take_arguments(call.arguments)
        except ArgumentError as wrong:
            raise Failed(Failure(str(wrong), line.span)) from None
        # Only a call that is not the first one has a time of its own: the phone's clock begins with the first.
        at = call.times[0] if self.main and call.times else None
        kind, answer = (call.called, call.caller, call.answered_by), self.server.answer_hook
        self.main = begin_call(self.phone, *kind, is_withheld=call.is_withheld, answer=answer, at=at)

    def _hear(self, line: Line, hear: Hear) -> None:
        leg = self._leg(line)
        if hear.sound == "nothing":
            self._until(lambda: leg.is_over or self._rests(leg) or bool(self.ears.left(leg.id)))
            if self.ears.left(leg.id):
                self._until(lambda: self._is_whole(leg))
                self._fail(line, "the leg hears something", leg)
            return
        self._until(lambda: self._is_whole(leg))
        left = self.ears.left(leg.id)
        if not left:
            self._fail(line, "the call is over" if leg.is_over else "nothing more is heard", leg)
        size = taken(hear, left)
        if size == 0:
            self._fail(line, "something else is heard", leg)
        self.ears.take(leg.id, size, line.span)

    def _hold(self, line: Line, condition: Expression) -> None:
        """Fail if a condition does not hold when the call has gone on until it waits for the person."""
        leg = self._person
        self._until(lambda: self._rests(leg))
        now = self.phone.board.time_of(leg)
        values = values_of(self.playable.bundle, self.state, leg, now)
        if (wrong := failing(condition, values)) is not None:
            raise Failed(Failure(self._masked(wrong), line.span))

    def _do(self, line: Line, act: Act, language: str | None) -> None:
        leg = self._leg(line)
        self._until(lambda: leg.is_over or self._is_turn(leg, act))
        if leg.is_over or not self._is_turn(leg, act):
            self._check_heard(line)
            self._fail(line, "the call is over" if leg.is_over else "the platform does not listen", leg)
        self._check_heard(line)
        if isinstance(act, Say) and language is not None:
            act = in_language(leg, act, language)
        if isinstance(act, Silence) or (isinstance(act, Say) and listening.is_listening(leg)):
            self.passed[leg.id] = leg.serial  # who has spoken waits for the result
        self.phone.act(leg.id, act)
        self._pump()

    def _wait(self, seconds: float) -> None:
        until = self.phone.now + seconds
        self._pump()
        while self.phone.now < until:
            self._advance(until)

    def _finish(self, expected: Sequence[Line]) -> None:
        """Play until what is expected has happened; then the caller hangs up."""
        leg = self._person
        self._until(lambda: self._rests(leg))
        self._check_heard(None)
        while (missing := unmet(expected, self.events, is_over=False)) is not None:
            if leg.is_over or not self._advance():
                self._unmet(missing)
            if self._is_whole(leg):
                self._check_heard(None)
        if not leg.is_over:
            self.phone.act(leg.id, HangUp())
        if (unwanted := unmet(expected, self.events, is_over=True)) is not None:
            self._unmet(unwanted)

    def _unmet(self, line: Line) -> NoReturn:
        assert isinstance(line.what, Expect)
        raise Failed(Failure(self._masked(described(line.what, self.events)), line.span))

    # ── Legs ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _person(self) -> Leg:
        return self.phone.board.leg(self.main)

    def _leg(self, line: Line) -> Leg:
        """Return the leg of a line, once it was answered."""
        if line.leg is None:
            return self._person

        call = self._person.call

        def find() -> Leg | None:
            rung = (each for each in reversed(self.phone.legs()) if each.parent is not None and each.call == call)
            return next((each for each in rung if line.leg in (LAST, each.to) and each.answered is not None), None)

        self._until(lambda: find() is not None or self._person.is_over)
        leg = find()
        if leg is None:
            raise Failed(Failure("no such leg was answered", line.span))
        return leg

    def _plan(self, to: str) -> Plan:
        """Return how an endpoint behaves; one that the test speaks for stays until the test hangs up."""
        plan = find_plan(self.plans, to) or Plan()
        return replace(plan, lasts=None) if {to, LAST} & self.stays else plan

    def _is_turn(self, leg: Leg, act: Act) -> bool:
        if leg.serial == self.passed.get(leg.id):
            return False
        if isinstance(act, HangUp):
            return leg.is_up and not leg.sounds and (is_steady(leg) or action_of(leg) == "wait")
        return is_turn(self.phone, leg, act)

    def _rests(self, leg: Leg) -> bool:
        """Return whether a leg hears no more by itself, or is over."""
        return leg.is_over or (is_steady(leg) and leg.serial != self.passed.get(leg.id))

    def _is_whole(self, leg: Leg) -> bool:
        """Return whether no further talk can belong to the next of what a leg has heard."""
        left = self.ears.left(leg.id)
        if leg.is_over or not left:
            return leg.is_over
        run = run_of(left)
        return run == 0 or run < len(left) or is_steady(leg)

    # ── Time ──────────────────────────────────────────────────────────────────────────────────────────

    def _until(self, is_ready: Callable[[], bool]) -> None:
        """Let time pass until something is so, or nothing will happen any more."""
        self._pump()
        for _ in range(MOST_STEPS):
            if is_ready() or not self._advance():
                return

    def _advance(self, until: float | None = None) -> bool:
        """Let time pass until something may happen; return whether something may."""
        board, phone = self.phone.board, self.phone
        moments = [phone.next_at(), until, self.ears.next_at()]
        for leg in phone.legs():
            rest = leg.busy_until - board.time_of(leg)
            moments += [round(phone.now + rest, 3)] if rest > 0 and not leg.is_over else []
        moment = min((each for each in moments if each is not None), default=None)
        if moment is None:
            return False
        phone.advance(moment)
        self._pump()
        return True

    def _pump(self) -> None:
        """Take what has happened, and give each webhook its answer, until nothing more follows."""
        while outputs := self.phone.take():
            for output in outputs:
                self._note(output)
                if isinstance(output, Request):
                    self.phone.answer(output.id, self._respond(output))
        self.ears.tick(self.phone.now)

    def _respond(self, request: Request) -> Answer:
        board = self.phone.board
        answer, answered = self.server.respond(request, board.time_of(board.leg(request.leg)))
        if answered is not None and answered.reply is not None:
            reply = answered.reply
            self.trail.update(reply.trail)
            self.blocks.update(block for block, _ in (*reply.trail, *reply.origins))
            self.blocks.update(() if reply.state is None else (reply.state.block,))
            self._know(request, answered, reply.state)
        if self.state is not None and answered is not None and isinstance(answered.event, Fact):
            self.state = self.server.reported(self.state, self._time_of(request))
        if answered is not None and answered.failures:
            raise Failed(Failure(f"ncco itself failed: {type(answered.failures[0]).__name__}"))
        return answer

    def _look_up(self, request: Request, pending: Pending) -> tuple[Looked, float]:
        """Return what a lookup comes to, and how long it takes.

        Raises:
            Failed: the test does not say how it is answered.
        """
        lookup, made = pending.lookup, asked(pending.lookup)
        place = self.playable.places.get((lookup.origin, -1))
        self.events.append(Event("fetch", lookup=made))
        found = answer_of(self.servers, lookup)
        line = lookup_line(made, None if found is None else found[0])
        self.outputs.append((Happened(self._time_of(request), request.leg, "lookup", line), place))
        if found is None:
            span = None if self.doing is None else self.doing.span
            message = f"no given fetch answers {made}"
            raise Failed(Failure(message, span, place=place, is_after=True, write=given_for(lookup)))
        return found

    def _know(self, request: Request, answered: Answered, state: State | None) -> None:
        """Take the state after an event, and what it has set."""
        bundle = self.playable.bundle
        if bundle is None or state is None:
            return
        self.secrets.update(secrets_of(bundle, state))
        for name, value in changes(bundle, answered.before, state):
            data = {"name": name, "value": value}
            self.outputs.append((Happened(self._time_of(request), request.leg, "set", data), None))
        if request.leg == self.main and (self.state is None or state.serial >= self.state.serial):
            self.state = state

    def _time_of(self, request: Request) -> float:
        return self.phone.board.time_of(self.phone.board.leg(request.leg))

    def _masked(self, words: str) -> str:
        """Return words without the secret values of the call."""
        for secret in self.secrets:
            words = words.replace(secret, HIDDEN)
        return words

    def _note(self, output: Output) -> None:
        """Take something that has happened."""
        index = output.data.get("index") if isinstance(output, Happened) else None
        place = None if index is None else self.server.place_of(output.leg, index)
        self.outputs.append((self.server.discreet(output), place))
        if isinstance(output, Request):
            return
        match output.what:
            case "talk" | "stream" | "music" | "started" | "left":
                self.ears.note(output, place, self.phone.now)
            case "dialling":
                caller = self.phone.board.leg(output.data["leg_id"]).from_
                self.events.append(Event("ring", output.data["to"], caller))
            case "ended" if output.leg == self.main and output.data["by"] == "platform" and not self._is_at_limit():
                self.events.append(Event("hangup"))
            case "problem":
                raise Failed(Failure(f"the caller hears an error: {output.data['message']}", place=place))
            case _:
                pass

    def _is_at_limit(self) -> bool:
        """Return whether a call ended only because no call is longer."""
        leg = self._person
        lasted = 0.0 if leg.answered is None or leg.ended is None else leg.ended - leg.answered
        return lasted >= self.phone.board.settings.length_timer

    # ── Failures ──────────────────────────────────────────────────────────────────────────────────────

    def _check_heard(self, line: Line | None) -> None:
        """Fail if the leg under test has heard something that no `hear` takes."""
        if (left := self.ears.left(self.main)) and (line is None or line.leg is None):
            before = "" if line is None else " before this line"
            self._raise(line, f"no hear takes what is heard{before}", left)

    def _fail(self, line: Line, message: str, leg: Leg) -> NoReturn:
        before = self.ears.run_before(leg.id) if isinstance(line.what, Hear) else None
        self._raise(line, message, self.ears.left(leg.id), before)

    def _raise(self, line: Line | None, message: str, sounds: Iterable[Sound], before: Taken | None = None) -> NoReturn:
        left = list(sounds)
        run = left[: max(1, run_of(left))]
        place = run[0].place if run else None
        span = None if line is None else line.span
        raise Failed(Failure(message, span, words_of(run), place, before=before))
