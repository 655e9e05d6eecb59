"""Run the `record` action, and recordings of conversations (ncco.md 2)."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate import bodies, webhooks
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg

LONGEST = 7200.0


def start(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Start a recording; the next action waits for its end if it has an end condition."""
    is_timed = "timeOut" in action and board.switches.timeout_only_record == "synchronous"
    waits = "endOnSilence" in action or "endOnKey" in action or is_timed
    id = begin(board, leg, action, waits=waits)
    if action.get("beepStart"):
        board.report(leg, "beep")
    board.after(float(action.get("timeOut", LONGEST)), "record_time", leg, id, always=True)
    if "endOnSilence" in action:
        _await_silence(board, leg, id)
    if not waits:
        board.finish(leg)
        return
    leg.doing = {"action": "record", "recording": id}


def begin(board: Board, leg: Leg, action: dict[str, Any], *, waits: bool) -> str:
    """Begin a recording and return its id."""
    id, file = board.new_id(), board.new_id()
    channels = int(action.get("channels", 1))
    recording = {
        "id": id,
        "leg": leg.id,
        "start": board.time_of(leg),
        "conversation": leg.conversation,
        "format": action.get("format", "wav" if channels > 2 else "mp3"),
        "file": file,
        "url": board.file_url(file),
        "end_key": action.get("endOnKey"),
        "silence": action.get("endOnSilence"),
        "waits": waits,
        "action": {name: action[name] for name in ("eventUrl", "eventMethod") if name in action},
        "transcription": board.file_url(board.new_id()) if "transcription" in action else None,
        "transcription_action": dict(action.get("transcription") or {}),
    }
    board.state.recordings[id] = recording
    board.report(leg, "recording", recording=id, format=recording["format"], index=leg.index - 1)
    return id


def _await_silence(board: Board, leg: Leg, id: str) -> None:
    """Set the timer of silence, from now or from when the person stops speaking."""
    silence = board.state.recordings[id]["silence"]
    board.after(max(0.0, leg.heard_until - board.time_of(leg)) + float(silence), "record_silence", leg, id, always=True)


def silence_over(board: Board, leg: Leg, id: str) -> None:
    """End a recording after silence, unless the person has spoken in the meantime."""
    recording = board.state.recordings.get(id)
    if recording is None:
        return
    if (
        board.time_of(leg) - leg.heard_until < float(recording["silence"]) - 0.0005
        and leg.heard_until > recording["start"]
    ):
        _await_silence(board, leg, id)
    else:
        end(board, leg, id, "silence")


def time_over(board: Board, leg: Leg, id: str) -> None:
    """End a recording at its limit."""
    if id in board.state.recordings:
        end(board, leg, id, "time")


def key(board: Board, leg: Leg, digit: str) -> None:
    """Take a key, and end the recordings that it ends."""
    running = board.state.recordings.values()
    for id in [each["id"] for each in running if each["leg"] == leg.id and each["end_key"] == digit]:
        end(board, leg, id, "key")


def end(board: Board, leg: Leg, id: str, why: str) -> None:
    """End a recording and post its event; the action that waited for it ends."""
    recording = board.state.recordings.pop(id)
    now = board.time_of(leg)
    seconds = board.state.files[recording["file"]] = round(now - recording["start"], 3)
    board.report(leg, "recorded", recording=id, seconds=seconds, why=why)
    hook = webhooks.hook_of(board, leg, recording["action"])
    webhooks.send(board, leg, "record", hook, bodies.record_body(recording, now))
    if recording["transcription"] is not None:
        own = recording["transcription_action"]
        hook = webhooks.hook_of(board, leg, own if own.get("eventUrl") else recording["action"])
        webhooks.send(board, leg, "record", hook, bodies.transcription_body(recording))
    if leg.doing is not None and leg.doing.get("recording") == id and not leg.is_over:
        board.finish(leg)


def end_all(board: Board, leg: Leg) -> None:
    """End all recordings that a leg has started, when its call ends."""
    for id in [
        each["id"] for each in board.state.recordings.values() if each["leg"] == leg.id and not each.get("room")
    ]:
        end(board, leg, id, "call")
