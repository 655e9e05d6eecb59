"""Run the `connect` action: dial an endpoint, run an NCCO on it, join it, and end with it (ncco.md 4)."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate import bodies, legs, webhooks
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Hook, find_plan

DETAILS: dict[str, tuple[str | None, int | None]] = {
    "busy": (None, 486),
    "cancelled": (None, 487),
    "failed": ("cannot_route", 404),
    "rejected": ("declined", 603),
    "timeout": (None, 487),
    "unanswered": ("unavailable", 480),
}
"""State of a call that was not answered → `detail` and `sip_code` of its event (voice-api.md C2)."""
ANSWERS_AFTER = 3.0
"""Seconds of ringing, if a plan does not say how many."""
BEEP_TIMEOUT, BEEPS_AFTER = 45.0, 2.0
"""The default of `beep_timeout`, and the seconds from a machine's answer to its beep."""
DETECTS_AFTER = 2.0
"""Seconds from the answer until a detection that runs beside the call knows who answered."""
_SILENT = frozenset({"websocket"})


def start(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Dial the endpoint of a connect."""
    endpoint = action["endpoint"][0]
    callee = new_callee(board, endpoint, action.get("from") or leg.to, leg.conversation)
    callee.parent, callee.call = leg.id, leg.call
    board.state.legs[callee.id] = callee
    callee.started = board.time_of(callee)
    plans = board.call_of(leg)["plans"]
    callee.plan = find_plan(plans, callee.to) or board.settings.plan_of(callee.to).dump()
    callee.takes = action.get("eventType") == "synchronous"
    hook = webhooks.hook_of(board, leg, action)
    callee.event = None if hook is None else hook.dump()
    leg.doing = {
        "action": "connect",
        "callee": callee.id,
        "asked": 0,
        "over": False,
        "joined": False,
        "limit": float(action.get("limit", 7200)),
        "on_answer": endpoint.get("onAnswer"),
    }
    callee.doing = {"action": "ringing", "detection": _detection(action)}
    board.report(leg, "dialling", endpoint=callee.kind, to=callee.to, leg_id=callee.id, index=leg.index - 1)
    legs.change_status(board, callee, "started")
    ring(board, callee, float(action.get("timeout", 60)))


def new_callee(board: Board, endpoint: dict[str, Any], from_: str | None, conversation: str) -> Leg:
    """Return a new leg to an endpoint of an NCCO or of a create-call request, which is not in the state yet."""
    kind = endpoint["type"]
    to = next((str(endpoint[name]) for name in ("number", "uri", "user", "extension") if endpoint.get(name)), kind)
    if kind == "sip" and endpoint.get("domain"):
        to = f"{endpoint['user']}@{endpoint['domain']}"
    callee = Leg(board.new_id(), kind, to, from_, "outbound", conversation)
    callee.headers = dict(endpoint.get("headers") or {}) if kind == "websocket" else {}
    return callee


def _detection(action: dict[str, Any]) -> dict[str, Any] | None:
    """Return the settings of machine detection; the advanced ones win."""
    advanced = action.get("advancedMachineDetection")
    if advanced is not None:
        return {
            "behavior": advanced.get("behavior", "continue"),
            "beep": advanced.get("mode") == "detect_beep",
            "beside": advanced.get("mode") == "default",
            "timeout": float(advanced.get("beep_timeout", BEEP_TIMEOUT)),
        }
    simple = action.get("machineDetection")
    return None if simple is None else {"behavior": simple, "beep": False}


def ring(board: Board, callee: Leg, timeout: float) -> None:
    """Dial and ring an endpoint until it does what its plan says; it rings at most `timeout` seconds."""
    plan = callee.plan
    longest = plan["before"] + timeout
    status, after = plan["status"], plan["after"]
    if after is None:
        after = longest if status == "timeout" else ANSWERS_AFTER
    if callee.kind not in _SILENT and (
        plan["rings"] if plan["rings"] is not None else status not in ("failed", "rejected")
    ):
        if plan["before"]:
            board.after(plan["before"], "rings", callee)
        else:
            rings(board, callee, None)
    board.after(min(after, longest), "callee", callee, status if after <= longest else "timeout")


def rings(board: Board, callee: Leg, _: Any) -> None:
    """Report that an endpoint rings."""
    legs.change_status(board, callee, "ringing")


def decided(board: Board, callee: Leg, status: str) -> None:
    """Take the result of dialling a leg."""
    if callee.is_over or callee.answered is not None:
        return
    plan, doing = callee.plan, callee.doing
    if status not in ("answered", "machine"):
        detail, code = DETAILS.get(status, (None, None))
        if status == plan["status"] and plan["sip_code"] is not None:
            detail, code = plan["detail"], plan["sip_code"]
        legs.end(board, callee, status, "platform", detail=detail, sip_code=code)
        return
    legs.pick_up(board, callee)
    if plan["lasts"] is not None:
        board.after(float(plan["lasts"]), "hang_up", callee, always=True)
    if doing is not None:
        detect(board, callee, doing["detection"], is_machine=status == "machine")


def begin(board: Board, callee: Leg) -> None:
    """Begin what an answered callee of a `connect` is for: its own NCCO, or the conversation."""
    parent = board.leg(callee.parent or "")
    doing = parent.doing
    callee.doing = None
    if doing is None or doing.get("callee") != callee.id:
        return
    on_answer = doing["on_answer"]
    if on_answer is None:
        join(board, callee)
        return
    doing["whisper"] = True
    hook = Hook(url=on_answer["url"], method="GET")
    body = bodies.answer_body(callee, board.settings.region_url)
    webhooks.send(board, callee, "on_answer", hook, body, waits=True, then="on_answer")


def detect(board: Board, callee: Leg, detection: dict[str, Any] | None, *, is_machine: bool) -> None:
    """Report what answered, if machine detection is on; then hang up, wait for the beep, or begin.

    With `beside` the call begins at once, and what answered is reported later (ncco.md 4.6, mode `default`).
    """
    if detection is not None and detection.get("beside"):
        board.do("begin", callee)
        found = {"behavior": detection["behavior"], "is_machine": is_machine}
        board.after(DETECTS_AFTER, "detected", callee, found, always=True)
        return
    if detection is not None:
        _detected(board, callee, "machine" if is_machine else "human", None)
    if detection is None or not is_machine:
        board.do("begin", callee)
    elif detection["behavior"] == "hangup":
        legs.end(board, callee, "completed", "platform")
    elif detection["beep"]:
        has_beep = callee.plan["beep"]
        board.after(
            BEEPS_AFTER if has_beep else detection["timeout"],
            "beep",
            callee,
            "beep_start" if has_beep else "beep_timeout",
        )
    else:
        board.do("begin", callee)


def beeped(board: Board, callee: Leg, sub_state: str) -> None:
    """Take the beep of a machine, or the end of the time for it: what the leg is for begins."""
    _detected(board, callee, "machine", sub_state)
    board.do("begin", callee)


def detected(board: Board, callee: Leg, detection: dict[str, Any]) -> None:
    """Take the end of a detection that runs beside the call."""
    if callee.is_over:
        return
    _detected(board, callee, "machine" if detection["is_machine"] else "human", None)
    if detection["is_machine"] and detection["behavior"] == "hangup":
        legs.end(board, callee, "completed", "platform")


def _detected(board: Board, callee: Leg, status: str, sub_state: str | None) -> None:
    if status == "machine":
        callee.status = status
    board.report(callee, "status", status=status, **({} if sub_state is None else {"sub_state": sub_state}))
    legs.post_status(board, callee, status, bodies.detection_body(callee, board.time_of(callee), status, sub_state))


def on_answer(board: Board, callee: Leg, outcome: dict[str, Any]) -> None:
    """Run the NCCO of `onAnswer` on the callee, or join it at once."""
    if webhooks.is_late(callee, outcome):
        return
    if outcome["actions"]:
        callee.actions, callee.index, callee.mark = outcome["actions"], 0, "onAnswer"
        board.finish(callee)
    elif board.switches.empty_on_answer == "joins" and outcome["failed"] is None:
        join(board, callee)
    else:
        legs.end(board, callee, "completed", "platform")


def join(board: Board, callee: Leg) -> None:
    """Join a callee with the leg that dialled it."""
    parent = board.leg(callee.parent or "")
    doing = parent.doing
    if parent.is_over or doing is None or doing.get("callee") != callee.id or doing["joined"]:
        return
    doing["joined"] = True
    callee.conversation = parent.conversation
    callee.doing = {"action": "joined"}
    board.report(parent, "connected", to=callee.to, leg_id=callee.id)
    board.after(doing["limit"], "limit", parent, callee.id)


def limit_over(board: Board, parent: Leg, callee_id: str) -> None:
    """End a connection at its time limit."""
    legs.end(board, board.leg(callee_id), "completed", "platform")


def callee_over(board: Board, callee: Leg) -> None:
    """Take the end of a leg that a connect has dialled: the caller's next action runs."""
    parent = board.leg(callee.parent or "")
    doing = parent.doing
    if parent.is_over or doing is None or doing.get("callee") != callee.id:
        return
    doing["over"] = True
    if doing.get("whisper") and not doing["joined"] and board.switches.hang_up_in_on_answer == "end":
        board.do("end", parent, "platform")
        return
    board.report(parent, "disconnected", to=callee.to, status=callee.status)
    if doing["asked"] == 0:
        board.finish(parent)


def leave(board: Board, callee: Leg) -> None:
    """Part a callee that is transferred from the leg that dialled it, whose next action runs."""
    if callee.parent is not None:
        callee_over(board, callee)
        callee.parent = None


def event_answered(board: Board, parent: Leg, outcome: dict[str, Any]) -> None:
    """Take the response to an event of a synchronous connect: an NCCO replaces the remaining actions."""
    doing = parent.doing
    if webhooks.is_late(parent, outcome) or doing is None or "callee" not in doing:
        return
    doing["asked"] -= 1
    if outcome["actions"] is not None:
        callee = board.leg(doing["callee"])
        parent.actions, parent.index, parent.mark = outcome["actions"], 0, "connect event"
        board.finish(parent)
        if not callee.is_over:
            legs.end(board, callee, "completed", "platform")
    elif doing["over"] and doing["asked"] == 0:
        board.finish(parent)


def parent_over(board: Board, parent: Leg, callee_id: str) -> None:
    """End the leg that an ended leg had dialled."""
    callee = board.leg(callee_id)
    if not callee.is_over:
        legs.end(board, callee, "completed" if callee.answered is not None else "cancelled", "platform")
