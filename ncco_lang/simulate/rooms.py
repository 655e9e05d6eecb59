"""Run the `conversation` and `transfer` actions with named conversations (ncco.md 3 and 10)."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate import bodies, recording, webhooks
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg

_HEARING = ("mute", "canSpeak", "canHear")


def start(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Put a leg into a named conversation; its next action waits for the end of the conversation."""
    name = action["name"]
    room = board.state.rooms.get(name)
    if room is None:
        room = {"id": _new_id(board, leg), "members": {}, "started": False, "music": None, "recording": None}
        board.state.rooms[name] = room
    if any(option in action for option in _HEARING):
        board.note(leg, "hearing", "who hears whom in a conversation is not played; everyone hears everyone")
    leg.doing = {"action": "conversation", "room": name}
    room["members"][leg.id] = bool(action.get("endOnExit", False))
    board.touched |= dict.fromkeys(room["members"])
    if action.get("musicOnHoldUrl"):
        room["music"] = action["musicOnHoldUrl"][0]
    starts = bool(action.get("startOnEnter", True))
    board.report(leg, "joined", room=name, index=leg.index - 1, members=len(room["members"]))
    move(board, leg, room["id"])
    if not room["started"]:
        if starts:
            _begin(board, leg, name, room)
        elif room["music"] is not None:
            board.report(leg, "music", url=room["music"])
    if action.get("record") and room["recording"] is None:
        room["recording"] = {"leg": leg.id, "action": {**action, "action": "record"}}
        if room["started"]:
            _record(board, room)


def _new_id(board: Board, leg: Leg) -> str:
    """Return the id of a conversation that a leg creates: that of the leg's own, unless other legs may have it too."""
    own = leg.conversation
    if leg.parent is not None or any(room["id"] == own for room in board.state.rooms.values()):
        return board.new_conversation()
    return own


def _begin(board: Board, leg: Leg, name: str, room: dict[str, Any]) -> None:
    room["started"] = True
    for id in room["members"]:
        board.report(board.leg(id), "started", room=name)
    _record(board, room)


def _record(board: Board, room: dict[str, Any]) -> None:
    """Begin the recording of a conversation that has started, if one was requested."""
    asked = room["recording"]
    if asked is None or "id" in asked:
        return
    leg = board.leg(asked["leg"])
    action = {
        name: value for name, value in asked["action"].items() if name in ("eventUrl", "eventMethod", "transcription")
    }
    asked["id"] = recording.begin(board, leg, action, waits=False)
    board.state.recordings[asked["id"]] |= {"room": True, "conversation": room["id"]}


def move(board: Board, leg: Leg, conversation: str) -> None:
    """Move a leg to another conversation, and post a `transfer` event."""
    before, leg.conversation = leg.conversation, conversation
    if before == conversation:
        return
    board.report(leg, "transfer", before=before, to=conversation)
    webhooks.send(
        board, leg, "transfer", webhooks.hook_of(board, leg), bodies.transfer_body(leg, board.time_of(leg), before)
    )


def leave(board: Board, leg: Leg) -> None:
    """Take a leg out of its named conversation; that may end the conversation for the others."""
    for name, room in list(board.state.rooms.items()):
        if leg.id not in room["members"]:
            continue
        ends = room["members"].pop(leg.id)
        board.touched |= dict.fromkeys(room["members"])
        board.report(leg, "left", room=name)
        if ends or not room["members"]:
            _end(board, leg, name, room)


def _end(board: Board, last: Leg, name: str, room: dict[str, Any]) -> None:
    asked = room["recording"]
    if asked is not None and asked.get("id") in board.state.recordings:
        recording.end(board, last if asked["leg"] == last.id else board.leg(asked["leg"]), asked["id"], "conversation")
    del board.state.rooms[name]
    for id in list(room["members"]):
        other = board.leg(id)
        board.report(other, "over", room=name)
        if other.is_over or other.doing is None or other.doing.get("room") != name:
            continue
        if board.switches.after_conversation == "run":
            board.finish(other)
        else:
            board.do("end", other, "platform")


def transfer(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Move all legs of the conversation to another one, whose own NCCO keeps control of it."""
    target = str(action.get("conversationId", action.get("conversation_id")))
    name = next((name for name, room in board.state.rooms.items() if room["id"] == target), None)
    if any(option in action for option in _HEARING):
        board.note(leg, "hearing", "who hears whom in a conversation is not played; everyone hears everyone")
    if name is None and all(each.conversation != target for each in board.legs()):
        board.note(
            leg, "conversation", f"the conversation {target} is not part of this call; the legs wait in it alone"
        )
    moved = [each for each in board.legs() if each.conversation == leg.conversation and not each.is_over]
    for each in moved:
        if each.doing is not None and "callee" in each.doing:
            each.doing = None
        board.touched[each.id] = None
        each.actions, each.serial = None, each.serial + 1
        each.doing = {"action": "transfer", "room": name} if name is not None else {"action": "transfer"}
        if name is not None:
            board.state.rooms[name]["members"][each.id] = False
            board.touched |= dict.fromkeys(board.state.rooms[name]["members"])
        move(board, each, target)
