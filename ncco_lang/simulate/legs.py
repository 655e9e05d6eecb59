"""Change the status of a leg: its status events, its answer, and its end."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate import bodies, recording, webhooks
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg


def change_status(board: Board, leg: Leg, status: str, **more: Any) -> None:
    """Set the status of a leg and post it; if its `connect` is synchronous, the response may replace the NCCO."""
    leg.status = status
    board.report(leg, "status", status=status, **{name: value for name, value in more.items() if value is not None})
    post_status(board, leg, status, bodies.status_body(leg, board.time_of(leg), **more))


def post_status(board: Board, leg: Leg, status: str, body: dict[str, Any]) -> None:
    """Post a status event of a leg to its event webhook; an NCCO may answer `disconnected` of any connect (ncco.md 13.1)."""
    hook = webhooks.hook_of(board, leg)
    parent = board.leg(leg.parent) if leg.parent is not None else None
    takes = leg.takes or status == "disconnected"
    if takes and parent is not None and status in board.switches.taken_states and not parent.is_over:
        waiting = parent.doing
        if waiting is not None and waiting.get("callee") == leg.id:
            waiting["asked"] += 1
            webhooks.send(board, parent, "event", hook, body, waits=True, then="connect_answered")
            return
    webhooks.send(board, leg, "event", hook, body)


def pick_up(board: Board, leg: Leg) -> None:
    """Answer a leg."""
    leg.answered = board.time_of(leg)
    board.after(board.settings.length_timer if leg.length is None else leg.length, "length", leg, always=True)
    change_status(board, leg, "answered")


def end(board: Board, leg: Leg, status: str, by: str, **more: Any) -> None:
    """End a leg: stop what it plays and records, post its last status, and let other parts react."""
    if leg.is_over:
        return
    leg.ended, leg.by = board.time_of(leg), by
    leg.sounds.clear()
    leg.actions = None
    leg.serial += 1
    recording.end_all(board, leg)
    board.report(leg, "ended", by=by)
    if leg.kind == "websocket" and by == "user" and status == "completed":
        # The far end closed the socket (ncco.md 4.7); a hang-up by a request has no such event.
        change_status(board, leg, "disconnected")
    change_status(board, leg, status, **more)
    board.do("ended", leg)
