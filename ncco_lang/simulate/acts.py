"""Do what people on a leg do, and what a request to the provider does to a running call (voice-api.md A6, A7)."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate import bodies, dialing, legs, listening, recording, rooms, sound, webhooks
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.nccos import read_ncco
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Act, HangUp, Press, Say, Silence
from ncco_lang.vocabulary.speaking import speaking_seconds


def act(board: Board, leg: Leg, what: Act) -> None:
    """Do what the person on a leg does. A leg that is not up only takes a hang-up."""
    if leg.is_over:
        return
    match what:
        case Press(keys):
            for digit in keys:
                press(board, leg, digit)
        case Say(words, seconds):
            say(board, leg, words, seconds)
        case Silence():
            board.report(leg, "silence")
        case HangUp():
            board.report(leg, "hang_up")
            legs.end(board, leg, "completed" if leg.answered is not None else "cancelled", "user")


def press(board: Board, leg: Leg, digit: str) -> None:
    """Press one key."""
    if not leg.is_up:
        return
    board.report(leg, "press", key=digit)
    recording.key(board, leg, digit)
    listening.key(board, leg, digit)


def say(board: Board, leg: Leg, words: str, seconds: float | None) -> None:
    """Begin to speak; recordings hear it until the speech is over."""
    if not leg.is_up:
        return
    lasts = seconds if seconds is not None else speaking_seconds(words, "en-US")
    leg.busy_until = max(leg.busy_until, round(board.time_of(leg) + round(lasts, 3), 3))
    board.report(leg, "say", words=words, seconds=lasts)
    if not leg.muted:
        leg.heard_until = leg.busy_until
        listening.say(board, leg, words, seconds)


def talk_into(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Queue a talk or stream in a running call, after what already plays."""
    playing = {**sound.sound_of(board, action), "index": None, "barge_in": False, "waits": False}
    sound.play(board, leg, playing)


def tones(board: Board, leg: Leg, digits: str) -> None:
    """Let the person on a leg hear tones."""
    board.report(leg, "tones", digits=digits)


def hearing(board: Board, leg: Leg, what: str) -> None:
    """Mute, unmute, earmuff or unearmuff a leg: a muted person is not heard, an earmuffed one hears nothing."""
    if what.endswith("mute"):
        leg.muted = what == "mute"
    else:
        leg.earmuffed = what == "earmuff"
    board.report(leg, what)


def transfer(board: Board, leg: Leg, value: Any) -> None:
    """Continue a leg with another NCCO; if it is invalid, an error event is posted and the call goes on."""
    read = read_ncco(value)
    if read.actions is None:
        webhooks.refuse_ncco(board, leg, f"transfer: {read.wrong}")
    else:
        _go_on_with(board, leg, read.actions)


def transferred(board: Board, leg: Leg, outcome: dict[str, Any]) -> None:
    """Take the response to a transfer's URL; without an NCCO the call goes on."""
    if outcome["actions"] is not None:
        _go_on_with(board, leg, outcome["actions"])


def _go_on_with(board: Board, leg: Leg, actions: list[dict[str, Any]]) -> None:
    """Continue a leg with other actions, in a new conversation."""
    if not leg.is_up:
        return
    rooms.leave(board, leg)
    dialing.leave(board, leg)
    before = leg.doing or {}
    leg.sounds.clear()
    leg.actions, leg.index, leg.mark = actions, 0, "transfer"
    rooms.move(board, leg, board.new_conversation())
    board.finish(leg)
    if "callee" in before:
        board.do("drop", leg, before["callee"])


def replace(board: Board, leg: Leg, outcome: dict[str, Any]) -> None:
    """Take the response to an input or notify: its NCCO, if any, replaces the rest of the current one."""
    if webhooks.is_late(leg, outcome):
        return
    if outcome["actions"] is not None:
        board.report(leg, "replaced", actions=len(outcome["actions"]))
        leg.actions, leg.index = outcome["actions"], 0
        leg.mark = "webhook"
    board.finish(leg)


def first(board: Board, leg: Leg, outcome: dict[str, Any]) -> None:
    """Take the response to an answer webhook: without an NCCO the call ends."""
    if webhooks.is_late(leg, outcome):
        return
    if outcome["actions"] is None:
        if outcome["failed"] is None:
            board.problem(leg, "no-ncco", "the call has no NCCO: there is no answer URL")
        legs.end(board, leg, "completed", "platform")
        return
    leg.actions, leg.index, leg.mark = outcome["actions"], 0, outcome.get("mark", "answer")
    board.finish(leg)


def notify(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Run `notify`: post its payload and wait for the response (ncco.md 8)."""
    leg.doing = {"action": "notify"}
    board.report(leg, "notify", payload=action["payload"], index=leg.index - 1)
    hook = webhooks.hook_of(board, leg, action)
    webhooks.send(
        board,
        leg,
        "notify",
        hook,
        bodies.notify_body(leg, board.time_of(leg), action["payload"]),
        waits=True,
        then="replace",
    )


def wait(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Run `wait`; the platform limits its time to 0.1 to 7200 s (ncco.md 9)."""
    seconds = min(max(float(action.get("timeout", 10)), 0.1), 7200.0)
    leg.doing = {"action": "wait"}
    board.report(leg, "wait", seconds=seconds, index=leg.index - 1)
    board.after(seconds, "waited", leg)
