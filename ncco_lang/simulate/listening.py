"""Run the `input` action: keys and speech, their timers, and the result that is posted (ncco.md 7 and 14)."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate import bodies, sound, webhooks
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Hook
from ncco_lang.vocabulary.speaking import speaking_seconds

CONFIDENCE = "0.9"
"""The confidence of recognised speech; the platform's own values differ by utterance."""


def start(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Listen for keys, speech, or both. Prompts with barge-in keep playing."""
    leg.barge_in = False
    if action.get("mode") == "asynchronous":
        post_keys(board, leg, webhooks.hook_of(board, leg, action))
        board.finish(leg)
        return
    types = list(action["type"])
    dtmf, speech = action.get("dtmf") or {}, action.get("speech") or {}
    leg.doing = {
        "action": "input",
        "index": leg.index - 1,
        "types": types,
        "digits": "",
        "touched": 0,
        "dtmf": {
            "seconds": float(dtmf.get("timeOut", 3)),
            "most": int(dtmf.get("maxDigits", 4)),
            "hash": bool(dtmf.get("submitOnHash", False)),
        },
        "speech": {
            "start": float(speech.get("startTimeout", 10)),
            "silence": float(speech.get("endOnSilence", 2.0)),
            "longest": float(speech.get("maxDuration", 60)),
            "saves": bool(speech.get("saveAudio", False)),
            "language": str(speech.get("language", "en-US")),
        },
        "out": [],
        "heard": None,
        "is_timed": False,
        "hook": {name: action[name] for name in ("eventUrl", "eventMethod") if name in action},
    }
    board.report(leg, "listening", types=types, index=leg.index - 1)
    if not leg.sounds or board.switches.timers_start == "at_once":
        start_timers(board, leg)


def is_listening(leg: Leg) -> bool:
    """Return whether an input listens on a leg."""
    return leg.doing is not None and leg.doing["action"] == "input" and "posting" not in leg.doing


def start_timers(board: Board, leg: Leg) -> None:
    """Start the timers of the input in progress, once."""
    doing = leg.doing
    if doing is None or not is_listening(leg) or doing["is_timed"]:
        return
    doing["is_timed"] = True
    if "dtmf" in doing["types"]:
        board.after(doing["dtmf"]["seconds"], "dtmf_time", leg, doing["touched"])
    if "speech" in doing["types"] and doing["heard"] is None and not doing["digits"]:
        board.after(doing["speech"]["start"], "speech_start", leg)


def post_keys(board: Board, leg: Leg, hook: Hook | None) -> None:
    """Post each key of a leg from now on, or none; the call goes on (ncco.md 7: an asynchronous input)."""
    leg.keys = None if hook is None else {"hook": hook.dump(), "at": 0.0}
    board.report(leg, "keys", url=None if hook is None else hook.url)


def key(board: Board, leg: Leg, digit: str) -> None:
    """Take a key: post it if a webhook gets each key, and give it to the input that listens for keys."""
    if leg.keys is not None:
        dtmf = {"digits": digit, "timed_out": False}
        # Nobody presses two keys in the same millisecond.
        leg.keys["at"] = round(max(board.time_of(leg), leg.keys["at"] + 0.001), 3)
        body = bodies.input_body(leg, leg.keys["at"], _no_speech(board), dtmf)
        webhooks.send(board, leg, "input", Hook(**leg.keys["hook"]), body)
    doing = leg.doing
    if doing is None or not is_listening(leg) or "dtmf" not in doing["types"]:
        return
    if sound.cut(board, leg, board.switches.key_skips, "key"):
        if not leg.sounds:
            start_timers(board, leg)
        if not board.switches.interrupting_key_counts:
            return
    is_hash = digit == "#" and doing["dtmf"]["hash"]
    if not is_hash or board.switches.hash_in_digits:
        doing["digits"] += digit
    doing["touched"] += 1
    if is_hash or len(doing["digits"]) >= doing["dtmf"]["most"]:
        _post_keys(board, leg, timed_out=False)
    else:
        doing["is_timed"] = True
        board.after(doing["dtmf"]["seconds"], "dtmf_time", leg, doing["touched"])


def dtmf_time_over(board: Board, leg: Leg, touched: int) -> None:
    """Take the timer for pressing a key."""
    doing = leg.doing
    if doing is None or not is_listening(leg) or doing["touched"] != touched or doing["heard"] is not None:
        return
    if doing["digits"] or "speech" not in doing["types"]:
        _post_keys(board, leg, timed_out=True)
    else:
        _run_out(board, leg, "dtmf")


def speech_start_over(board: Board, leg: Leg, _: Any) -> None:
    """Take the timer for beginning to speak."""
    doing = leg.doing
    if doing is None or not is_listening(leg) or doing["heard"] is not None or doing["digits"]:
        return
    if "dtmf" in doing["types"]:
        _run_out(board, leg, "speech")
    else:
        _post(board, leg, {"timeout_reason": "start_timeout", "results": []}, {"digits": None, "timed_out": False})


def _run_out(board: Board, leg: Leg, which: str) -> None:
    """With both types, end the input without a result when its timers have expired."""
    doing = leg.doing
    assert doing is not None
    doing["out"].append(which)
    if len(doing["out"]) == 2 or board.switches.input_ends == "first":
        speech = {"timeout_reason": "start_timeout", "results": []}
        _post(board, leg, speech, {"digits": _nothing(board), "timed_out": True})


def say(board: Board, leg: Leg, words: str, seconds: float | None) -> None:
    """Take the beginning of speech, if an input listens for it."""
    doing = leg.doing
    takes = doing is not None and is_listening(leg) and "speech" in doing["types"]
    if takes or board.switches.speech_interrupts == "always":
        sound.cut(board, leg, board.switches.key_skips, "speech")
    if doing is None or not takes or doing["digits"] or doing["heard"] is not None:
        return
    settings = doing["speech"]
    lasts = speaking_seconds(words, settings["language"]) if seconds is None else seconds
    doing["heard"], doing["is_timed"] = words, True
    doing["lasts"] = min(lasts, settings["longest"])
    if lasts >= settings["longest"]:
        board.after(settings["longest"], "speech_end", leg, "max_duration")
    else:
        board.after(lasts + settings["silence"], "speech_end", leg, "end_on_silence_timeout")


def speech_over(board: Board, leg: Leg, reason: str) -> None:
    """Take the end of speech, and post what was recognised."""
    doing = leg.doing
    if doing is None or not is_listening(leg) or doing["heard"] is None or doing["digits"]:
        return
    words = doing["heard"]
    speech: dict[str, Any] = {
        "timeout_reason": reason,
        "results": [{"confidence": CONFIDENCE, "text": words}] if words else [],
    }
    if doing["speech"]["saves"]:
        file = board.new_id()
        board.state.files[file] = doing["lasts"]
        speech = {"recording_url": board.file_url(file), **speech}
    _post(board, leg, speech, {"digits": None, "timed_out": False})


def _nothing(board: Board) -> str | None:
    return "" if board.switches.digits_when_none == "empty" else None


def _no_speech(board: Board) -> dict[str, Any]:
    return {"results": []} if board.switches.speech_when_off == "results" else {"error": "Speech was not enabled"}


def _post_keys(board: Board, leg: Leg, *, timed_out: bool) -> None:
    doing = leg.doing
    assert doing is not None
    speech = {"error": "Speech overridden by DTMF"} if "speech" in doing["types"] else _no_speech(board)
    _post(board, leg, speech, {"digits": doing["digits"] or _nothing(board), "timed_out": timed_out})


def _post(board: Board, leg: Leg, speech: dict[str, Any], dtmf: dict[str, Any]) -> None:
    """Post the result, and wait for the response."""
    doing = leg.doing
    assert doing is not None
    board.report(leg, "input", speech=speech, dtmf=dtmf, index=doing["index"])
    hook = webhooks.hook_of(board, leg, doing["hook"])
    leg.serial += 1
    leg.doing = {"action": "input", "posting": True}
    body = bodies.input_body(leg, board.time_of(leg), speech, dtmf)
    webhooks.send(board, leg, "input", hook, body, waits=True, then="replace")
