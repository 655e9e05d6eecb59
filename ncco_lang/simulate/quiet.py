"""Find dead air: a caller who hears nothing, is not listened to, and has no one to talk to."""

from __future__ import annotations

from ncco_lang.simulate import listening
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg

LONGEST = 15.0
"""Seconds after which dead air is a problem."""


def watch(board: Board) -> None:
    """Record which of the touched legs have become quiet or are so no longer; called after every step."""
    touched, board.touched = board.touched, {}
    for leg in (board.leg(id) for id in touched if id in board.state.legs):
        quiet = leg.is_up and leg.parent is None and _is_quiet(board, leg)
        if quiet and leg.quiet_since is None:
            leg.quiet_since = board.time_of(leg)
            board.after(LONGEST, "quiet", leg, leg.quiet_since, always=True)
        elif not quiet:
            leg.quiet_since = None


def over(board: Board, leg: Leg, since: float) -> None:
    """Report dead air, if it has lasted since then."""
    if leg.quiet_since == since and leg.is_up:
        doing = leg.doing["action"] if leg.doing is not None else "nothing"
        board.problem(leg, "dead-air", f"the caller hears nothing for {LONGEST:g} seconds (in progress: {doing})")


def _is_quiet(board: Board, leg: Leg) -> bool:
    doing = leg.doing
    if leg.sounds or listening.is_listening(leg):
        return False
    if doing is None:
        return True
    match doing["action"]:
        case "wait" | "record" | "connect" | "joined" | "ringing" | "stays":
            return False
        case "conversation" | "transfer":
            room = board.state.rooms.get(doing.get("room", ""))
            return room is None or (len(room["members"]) < 2 and (room["started"] or room["music"] is None))
        case _:
            return True
