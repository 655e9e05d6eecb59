"""Play NCCO as the platform does, on a virtual clock, without network or files.

The caller of a phone passes in what people do and how webhooks respond (`act`, `answer`), lets time pass (`advance`),
and takes what happened and which webhooks to send (`take`). The state can be dumped and loaded after any step.

A part of the phone never calls a part that imports it: it puts work into the state, and `_settle` in this module does
that work. So imports between the parts form no cycle.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from typing import Any

from ncco_lang.simulate import acts, bodies, dialing, legs, listening, quiet, recording, rooms, sound, webhooks
from ncco_lang.simulate.board import Board, numbered_id
from ncco_lang.simulate.state import Leg, State
from ncco_lang.simulate.switches import Switches
from ncco_lang.simulate.types import Act, Answer, Hook, Output, Plan, Settings

_STARTS: Mapping[str, Callable[[Board, Leg, dict[str, Any]], None]] = {
    "connect": dialing.start,
    "conversation": rooms.start,
    "input": listening.start,
    "notify": acts.notify,
    "record": recording.start,
    "stream": sound.start,
    "talk": sound.start,
    "transfer": rooms.transfer,
    "wait": acts.wait,
}


def _sound_over(board: Board, leg: Leg, id: Any) -> None:
    if sound.over(board, leg, id):
        if leg.doing is not None and leg.doing.get("action") == "end":
            legs.end(board, leg, "completed", "platform")
        else:
            listening.start_timers(board, leg)


def _length_over(board: Board, leg: Leg, _: Any) -> None:
    legs.end(board, leg, "completed", "platform")


def _other_hangs_up(board: Board, leg: Leg, _: Any) -> None:
    legs.end(board, leg, "completed", "user")


def _waited(board: Board, leg: Leg, _: Any) -> None:
    board.finish(leg)


_TIMERS: Mapping[str, Callable[[Board, Leg, Any], None]] = {
    "callee": dialing.decided,
    "dtmf_time": listening.dtmf_time_over,
    "hang_up": _other_hangs_up,
    "length": _length_over,
    "limit": dialing.limit_over,
    "quiet": quiet.over,
    "record_silence": recording.silence_over,
    "record_time": recording.time_over,
    "sound": _sound_over,
    "speech_end": listening.speech_over,
    "speech_start": listening.speech_start_over,
    "waited": _waited,
}


def _next(board: Board, leg: Leg, _: Any) -> None:
    """Start the next action of a leg; after the last one the call ends, or an `onAnswer` callee is joined."""
    if leg.is_over or leg.doing is not None or leg.actions is None:
        return
    if leg.index < len(leg.actions):
        leg.index += 1
        action = leg.actions[leg.index - 1]
        start = _STARTS.get(action["action"])
        if start is None:
            board.note(leg, "action", f'the action "{action["action"]}" is not played; the call goes on')
            board.finish(leg)
        else:
            start(board, leg, action)
    elif leg.sounds and board.switches.pending_prompts == "end":
        leg.doing = {"action": "end"}
    elif leg.parent is not None:
        leg.actions = None
        dialing.join(board, leg)
    else:
        legs.end(board, leg, "completed", "platform")


def _ended(board: Board, leg: Leg, _: Any) -> None:
    rooms.leave(board, leg)
    if leg.doing is not None and "callee" in leg.doing:
        dialing.parent_over(board, leg, leg.doing["callee"])
    if leg.parent is not None:
        dialing.callee_over(board, leg)


def _end(board: Board, leg: Leg, by: Any) -> None:
    legs.end(board, leg, "completed" if leg.answered is not None else "cancelled", by)


def _drop(board: Board, _: Leg, callee: Any) -> None:
    legs.end(board, board.leg(callee), "completed", "platform")


_WORK: Mapping[str, Callable[[Board, Leg, Any], None]] = {
    "connect_answered": dialing.event_answered,
    "drop": _drop,
    "end": _end,
    "ended": _ended,
    "first": acts.first,
    "next": _next,
    "on_answer": dialing.on_answer,
    "replace": acts.replace,
}


class Phone:
    """One phone network with any number of legs.

    Args:
        settings: the application and its surroundings.
        switches: assumptions where the platform's documents are silent.
        now: seconds since 1970 at which its clock begins.
        state: what `dump` returned, to continue from there.
        ids: returns a uuid for a number that was never used before; by default the same in every run.
    """

    __slots__ = ("board",)

    def __init__(
        self,
        settings: Settings,
        *,
        switches: Switches | None = None,
        now: float = 0.0,
        state: dict[str, Any] | None = None,
        ids: Callable[[int], str] = numbered_id,
    ) -> None:
        loaded = State(now) if state is None else State.load(state)
        self.board = Board(settings, switches or Switches(), loaded, ids)

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON values, without the outputs that `take` has not returned yet."""
        return self.board.state.dump()

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self.board.now

    def legs(self) -> list[Leg]:
        """Return all legs, oldest first."""
        return self.board.legs()

    def take(self) -> list[Output]:
        """Return what has happened and which webhooks to send since the last call."""
        taken, self.board.outputs = self.board.outputs, []
        return taken

    # ── Calls ──────────────────────────────────────────────────────────────────────────────────────────

    def ring_in(
        self, to: str, from_: str | None, *, kind: str = "phone", ncco: list[dict[str, Any]] | None = None
    ) -> str:
        """Call the application from outside; return the id of the leg.

        It rings and is answered at once.

        Args:
            ncco: the NCCO to run; None requests it from the answer URL.
        """
        board = self.board
        leg = Leg(board.new_id(), kind, to, from_, "inbound", board.new_conversation())
        leg.started = board.now
        board.state.legs[leg.id] = leg
        board.report(leg, "call", to=to, from_=from_, direction="inbound", kind=kind)
        legs.change_status(board, leg, "started")
        legs.change_status(board, leg, "ringing")
        legs.pick_up(board, leg)
        self._begin(leg, board.settings.answer, ncco)
        self._settle()
        return leg.id

    def ring_out(
        self,
        endpoint: Mapping[str, Any],
        from_: str | None,
        *,
        answer: Hook | None = None,
        ncco: list[dict[str, Any]] | None = None,
        event: Hook | None = None,
        timeout: float = 60.0,
        plan: Plan | None = None,
        detection: Mapping[str, Any] | None = None,
    ) -> str:
        """Dial an endpoint as a create-call request does; return the id of the leg.

        Args:
            answer, ncco: the source of the NCCO once the call is answered; exactly one of them.
            detection: `behavior` and `beep` of machine detection.
        """
        board = self.board
        leg = dialing.new_callee(board, dict(endpoint), from_, board.new_conversation())
        leg.plan = (plan or board.settings.plan_of(leg.to)).dump()
        leg.event = None if event is None else event.dump()
        leg.doing = {"action": "ringing", "answer": None if answer is None else answer.dump(), "ncco": ncco}
        leg.doing["detection"] = None if detection is None else dict(detection)
        board.report(leg, "call", to=leg.to, from_=from_, direction="outbound", kind=leg.kind)
        legs.change_status(board, leg, "started")
        dialing.ring(board, leg, timeout)
        self._settle()
        return leg.id

    def _begin(self, leg: Leg, hook: Hook | None, ncco: list[dict[str, Any]] | None) -> None:
        """Give an answered leg its first NCCO."""
        if ncco is not None:
            acts.first(self.board, leg, {"actions": ncco, "failed": None, "mark": ""})
        else:
            fields = bodies.answer_body(leg, self.board.settings.region_url)
            webhooks.send(self.board, leg, "answer", hook, fields, waits=True, then="first")

    def _picked_up(self, leg: Leg) -> None:
        """Give a leg that a request dialled its first NCCO, once it is answered."""
        board, doing = self.board, leg.doing
        if doing is None or doing["action"] != "ringing" or not leg.is_up:
            return
        leg.doing = {"action": "answer"}
        if dialing.detect(board, leg, doing["detection"], is_machine=leg.plan["status"] == "machine"):
            return
        hook = None if doing["answer"] is None else Hook(**doing["answer"])
        self._begin(leg, hook, doing["ncco"])

    # ── Input ─────────────────────────────────────────────────────────────────────────────────────────

    def act(self, leg: str, what: Act) -> None:
        """Do what the person on a leg does now."""
        acts.act(self.board, self.board.leg(leg), what)
        self._settle()

    def answer(self, request: int, answer: Answer) -> None:
        """Take the response to a webhook; one that is no longer waited for is ignored."""
        webhooks.answered(self.board, request, answer)
        self._settle()

    def hang_up(self, leg: str) -> None:
        """Hang up a leg as a request to the provider does."""
        _end(self.board, self.board.leg(leg), "platform")
        self._settle()

    def transfer(self, leg: str, ncco: Any) -> str | None:
        """Continue a leg with another NCCO; return what is wrong with it, or None."""
        wrong = acts.transfer(self.board, self.board.leg(leg), ncco)
        self._settle()
        return wrong

    def play(self, leg: str, action: dict[str, Any]) -> None:
        """Play a talk or stream into a leg."""
        acts.talk_into(self.board, self.board.leg(leg), action)
        self._settle()

    def stop(self, leg: str, what: str) -> None:
        """Stop the `talk` or `stream` that plays on a leg."""
        sound.stop(self.board, self.board.leg(leg), what)
        self._settle()

    # ── Time ───────────────────────────────────────────────────────────────────────────────────────────

    def next_at(self) -> float | None:
        """Return when the next timer expires, in seconds since 1970; None if no timer is set."""
        return self.board.state.timers[0][0] if self.board.state.timers else None

    def advance(self, until: float) -> None:
        """Let time pass until then, or until there are outputs."""
        state = self.board.state
        while state.timers and state.timers[0][0] <= until:
            at, _, name, id, serial, argument = heapq.heappop(state.timers)
            leg = self.board.leg(id)
            state.now = max(state.now, at)
            if serial is not None and serial != leg.serial:
                continue
            if leg.is_over and name != "quiet":
                continue
            _TIMERS[name](self.board, leg, argument)
            if name == "callee":
                self._picked_up(leg)
            self._settle()
            if self.board.outputs:
                # Webhooks have to be answered at this moment of the clock.
                return
        state.now = max(state.now, until)

    @property
    def is_over(self) -> bool:
        """Whether every leg has ended."""
        return all(leg.is_over for leg in self.legs())

    def _settle(self) -> None:
        """Do the queued work of the parts until the queue is empty."""
        board = self.board
        while board.state.work:
            what, id, argument = board.state.work.pop(0)
            _WORK[what](board, board.leg(id), argument)
        quiet.watch(board)
