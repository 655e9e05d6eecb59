"""Play NCCO as the platform does, on a virtual clock, without network or files.

The caller of a phone passes in what people do and how webhooks respond (`act`, `answer`), lets time pass (`advance`),
and takes what happened and which webhooks to send (`take`). The state can be dumped and loaded after any step.

A part of the phone never calls a part that imports it: it puts work into the state, and `_settle` in this module does
that work. So imports between the parts form no cycle.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ncco_lang.simulate import acts, bodies, dialing, legs, listening, quiet, recording, rooms, sound, webhooks
from ncco_lang.simulate.board import Board, numbered_id
from ncco_lang.simulate.nccos import Read, read_ncco
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
            board.finish(leg)
        else:
            listening.start_timers(board, leg)


def _length_over(board: Board, leg: Leg, _: Any) -> None:
    legs.end(board, leg, "completed", "platform")


def _other_hangs_up(board: Board, leg: Leg, _: Any) -> None:
    legs.end(board, leg, "completed", "user")


def _waited(board: Board, leg: Leg, _: Any) -> None:
    board.finish(leg)


_TIMERS: Mapping[str, Callable[[Board, Leg, Any], None]] = {
    "answered": webhooks.worked,
    "beep": dialing.beeped,
    "callee": dialing.decided,
    "detected": dialing.detected,
    "dtmf_time": listening.dtmf_time_over,
    "hang_up": _other_hangs_up,
    "length": _length_over,
    "limit": dialing.limit_over,
    "quiet": quiet.over,
    "record_silence": recording.silence_over,
    "record_time": recording.time_over,
    "rings": dialing.rings,
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
    elif leg.plan.get("stays"):
        leg.actions, leg.doing = None, {"action": "stays"}
    else:
        legs.end(board, leg, "completed", "platform")


def _ended(board: Board, leg: Leg, _: Any) -> None:
    rooms.leave(board, leg)
    if leg.doing is not None and "callee" in leg.doing:
        dialing.parent_over(board, leg, leg.doing["callee"])
    if leg.parent is not None:
        dialing.callee_over(board, leg)


def _begin(board: Board, leg: Leg, _: Any) -> None:
    """Begin what an answered leg is for: its first NCCO, or what the `connect` that dialled it says."""
    if leg.is_over:
        return
    if leg.parent is not None:
        dialing.begin(board, leg)
        return
    doing, leg.doing = leg.doing or {}, {"action": "answer"}
    if doing.get("ncco") is None:
        hook = None if doing.get("answer") is None else Hook(**doing["answer"])
        fields = bodies.answer_body(leg, board.settings.region_url)
        webhooks.send(board, leg, "answer", hook, fields, waits=True, then="first")
        return
    # That of an inbound call was read before it began.
    read = Read(doing["ncco"]) if leg.direction == "inbound" else read_ncco(doing["ncco"])
    if read.wrong is not None:
        webhooks.refuse_ncco(board, leg, f"the NCCO of the call: {read.wrong}")
    acts.first(board, leg, {"actions": read.actions, "failed": read.wrong, "mark": ""})


def _end(board: Board, leg: Leg, by: Any) -> None:
    legs.end(board, leg, "completed" if leg.answered is not None else "cancelled", by)


def _drop(board: Board, _: Leg, callee: Any) -> None:
    legs.end(board, board.leg(callee), "completed", "platform")


_WORK: Mapping[str, Callable[[Board, Leg, Any], None]] = {
    "begin": _begin,
    "connect_answered": dialing.event_answered,
    "drop": _drop,
    "end": _end,
    "ended": _ended,
    "first": acts.first,
    "next": _next,
    "on_answer": dialing.on_answer,
    "replace": acts.replace,
    "transferred": acts.transferred,
}


class Phone:
    """One phone network with any number of legs.

    Args:
        settings: the application and its surroundings.
        switches: assumptions where the platform's documents are silent.
        now: seconds at which its clock begins; since 1970, unless each call says when it begins.
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
        loaded = State(round(now, 3)) if state is None else State.load(state)
        self.board = Board(settings, switches or Switches(), loaded, ids)

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON values, without the outputs that `take` has not returned yet."""
        return self.board.state.dump()

    @property
    def now(self) -> float:
        """The phone's clock, in seconds."""
        return self.board.now

    def legs(self) -> list[Leg]:
        """Return all legs, oldest first."""
        return self.board.legs()

    def take(self) -> list[Output]:
        """Return what has happened and which webhooks to send since the last call."""
        taken, self.board.outputs = self.board.outputs, []
        return taken

    def take_files(self) -> dict[str, float]:
        """Return the seconds of sound that was recorded since the last call, by the id in its URL."""
        taken, self.board.state.files = self.board.state.files, {}
        return taken

    # ── Calls ──────────────────────────────────────────────────────────────────────────────────────────

    def ring_in(
        self,
        to: str,
        from_: str | None,
        *,
        kind: str = "phone",
        ncco: list[dict[str, Any]] | None = None,
        at: float | None = None,
        plans: Mapping[str, Plan] = MappingProxyType({}),
    ) -> str:
        """Call the application from outside; return the id of the leg.

        It rings and is answered at once.

        Args:
            ncco: the NCCO to run, as `read_ncco` returns it; None requests it from the answer URL.
            at: seconds since 1970 at which the call begins, if the phone's clock does not count from there.
            plans: how endpoints behave that the call dials, as `--ring` does; others behave as the settings say.
        """
        board = self.board
        leg = Leg(board.new_id(), kind, to, from_, "inbound", board.new_conversation())
        board.begin_call(leg, at, {to: plan.dump() for to, plan in plans.items()})
        leg.started = board.time_of(leg)
        board.report(leg, "call", to=to, **{"from": from_}, direction="inbound", kind=kind)
        legs.change_status(board, leg, "started")
        legs.change_status(board, leg, "ringing")
        legs.pick_up(board, leg)
        hook = board.settings.answer
        leg.doing = {"action": "ringing", "answer": None if hook is None else hook.dump(), "ncco": ncco}
        board.do("begin", leg)
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
        length: float | None = None,
        plan: Plan | None = None,
        detection: Mapping[str, Any] | None = None,
        at: float | None = None,
        plans: Mapping[str, Plan] = MappingProxyType({}),
    ) -> str:
        """Dial an endpoint as a create-call request does; return the id of the leg.

        Args:
            answer, ncco: the source of the NCCO once the call is answered; exactly one of them.
            timeout: seconds that it rings. length: seconds from the answer until the platform ends the call.
            detection: `behavior`, `beep` (whether to wait for it) and `timeout` (for how long) of machine detection, and
                `beside`: whether the call goes on meanwhile.
            at, plans: as `ring_in`.
        """
        board = self.board
        leg = dialing.new_callee(board, dict(endpoint), from_, board.new_conversation())
        board.begin_call(leg, at, {to: plan.dump() for to, plan in plans.items()})
        leg.started, leg.length = board.time_of(leg), length
        leg.plan = (plan or board.settings.plan_of(leg.to)).dump()
        leg.event = None if event is None else event.dump()
        leg.doing = {"action": "ringing", "answer": None if answer is None else answer.dump(), "ncco": ncco}
        leg.doing["detection"] = None if detection is None else dict(detection)
        board.report(leg, "call", to=leg.to, **{"from": from_}, direction="outbound", kind=leg.kind)
        legs.change_status(board, leg, "started")
        dialing.ring(board, leg, timeout)
        self._settle()
        return leg.id

    def is_needed(self, call: str) -> bool:
        """Return whether `forget` would change anything for other calls: a recording that the call began goes on."""
        return any(self.board.leg(each["leg"]).call == call for each in self.board.state.recordings.values())

    def forget(self, call: str) -> None:
        """Forget a call and its legs, which need not have ended; nothing is posted, and its timers have no effect."""
        state = self.board.state
        ids = {leg.id for leg in self.legs() if leg.call == call}
        for room in list(state.rooms.values()):
            room["members"] = {id: ends for id, ends in room["members"].items() if id not in ids}
            self.board.touched |= dict.fromkeys(room["members"])
            if room["recording"] is not None and (room["recording"]["leg"] in ids or not room["members"]):
                state.recordings.pop(room["recording"].get("id", ""), None)
                room["recording"] = None
        state.rooms = {name: room for name, room in state.rooms.items() if room["members"]}
        state.legs = {id: leg for id, leg in state.legs.items() if id not in ids}
        state.recordings = {id: each for id, each in state.recordings.items() if each["leg"] not in ids}
        state.requests = {id: each for id, each in state.requests.items() if each["leg"] not in ids}
        state.work = [each for each in state.work if each[1] not in ids]
        state.calls.pop(call, None)

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

    def transfer(self, leg: str, to: Hook | Any) -> None:
        """Continue a leg with another NCCO, or with that of a webhook; if it is invalid, the call goes on."""
        board, person = self.board, self.board.leg(leg)
        if isinstance(to, Hook):
            fields = bodies.answer_body(person, board.settings.region_url)
            webhooks.send(board, person, "answer", to, fields, waits=True, then="transferred")
        else:
            acts.transfer(board, person, to)
        self._settle()

    def tones(self, leg: str, digits: str) -> None:
        """Let the person on a leg hear tones."""
        acts.tones(self.board, self.board.leg(leg), digits)

    def hearing(self, leg: str, what: str) -> None:
        """Do `mute`, `unmute`, `earmuff` or `unearmuff` to a leg."""
        acts.hearing(self.board, self.board.leg(leg), what)

    def post_keys(self, leg: str, hook: Hook | None) -> None:
        """Post each key of a leg to a webhook from now on; None: post them no longer."""
        listening.post_keys(self.board, self.board.leg(leg), hook)

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
        """Return when the next timer expires, on the phone's clock; None if no timer is set or all calls are held."""
        timer = self.board.next_timer()
        return None if timer is None else float(timer[0])

    def advance(self, until: float) -> None:
        """Let time pass until then, to the nearest millisecond, or until there are outputs."""
        state, until = self.board.state, round(until, 3)
        while (timer := self.board.next_timer()) is not None and timer[0] <= until:
            heapq.heappop(state.timers)
            at, _, name, id, _, argument, _ = timer
            state.now = max(state.now, at)
            self.board.working = id
            self.board.touched[id] = None
            _TIMERS[name](self.board, self.board.leg(id), argument)
            self._settle()
            if self.board.outputs:
                # Webhooks have to be answered at this moment of the clock.
                return
        state.now = max(state.now, round(until, 3))

    @property
    def is_over(self) -> bool:
        """Whether every leg has ended."""
        return all(leg.ended is not None for leg in self.board.state.legs.values())

    def _settle(self) -> None:
        """Do the queued work of the parts until the queue is empty."""
        board = self.board
        while board.state.work:
            what, id, argument = board.state.work.pop(0)
            board.working = id
            _WORK[what](board, board.leg(id), argument)
        quiet.watch(board)
