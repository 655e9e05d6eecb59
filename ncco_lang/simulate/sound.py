"""Run `talk` and `stream`: what plays on a leg, in which order, and what a key or speech cuts (ncco.md 5, 6, 14)."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate.board import Board
from ncco_lang.simulate.state import Leg
from ncco_lang.vocabulary.speaking import speaking_seconds

_HIDDEN = frozenset({"id", "since", "waits", "what"})
_OPTIONS = ("language", "style", "premium", "voiceName", "level", "loop")


def start(board: Board, leg: Leg, action: dict[str, Any]) -> None:
    """Play a talk or stream. The next action waits for its end, unless barge-in is on."""
    leg.barge_in = leg.barge_in or bool(action.get("bargeIn"))
    place = {"index": leg.index - 1, "barge_in": leg.barge_in, "waits": not leg.barge_in}
    play(board, leg, sound_of(board, action) | place)
    if leg.barge_in:
        board.finish(leg)
    else:
        leg.doing = {"action": action["action"]}


def sound_of(board: Board, action: dict[str, Any]) -> dict[str, Any]:
    """Return what a talk or stream plays: its details, and the seconds of one repetition."""
    given = {name: action[name] for name in _OPTIONS if name in action}
    if action["action"] == "talk":
        language = str(action.get("language", "en-US"))
        seconds = speaking_seconds(action["text"], language)
        return {"what": "talk", "text": action["text"], **given, "language": language, "seconds": seconds}
    url = action["streamUrl"][0]
    seconds = board.settings.durations.get(url, board.settings.default_duration)
    return {"what": "stream", "url": url, **given, "seconds": seconds}


def play(board: Board, leg: Leg, sound: dict[str, Any]) -> None:
    """Queue a sound after those that already play."""
    board.state.count["timer"] += 1
    leg.sounds.append({**sound, "id": board.state.count["timer"]})
    if len(leg.sounds) == 1:
        _begin(board, leg)


def _begin(board: Board, leg: Leg) -> None:
    sound = leg.sounds[0]
    sound["since"] = board.time_of(leg)
    shown = {name: value for name, value in sound.items() if name not in _HIDDEN}
    board.report(leg, sound["what"], **shown, **({"earmuffed": True} if leg.earmuffed else {}))
    loops = int(sound.get("loop", 1))
    if loops > 0:
        board.after(sound["seconds"] * loops, "sound", leg, sound["id"], always=True)


def over(board: Board, leg: Leg, id: int) -> bool:
    """Take the end of a sound, and begin the next one; return whether nothing plays any more."""
    if not leg.sounds or leg.sounds[0]["id"] != id:
        return False
    sound = leg.sounds.pop(0)
    if leg.sounds:
        _begin(board, leg)
    if sound.get("waits"):
        board.finish(leg)
    return not leg.sounds


def cut(board: Board, leg: Leg, which: str, why: str) -> bool:
    """Cut the `current` sound that barge-in allows to be cut, or `all` of them; return whether anything was cut."""
    if not leg.sounds or not leg.sounds[0].get("barge_in"):
        return False
    first = leg.sounds[0]
    dropped = len(leg.sounds) if which == "all" else 1
    board.report(
        leg,
        "cut",
        by=why,
        heard=round(board.time_of(leg) - first["since"], 3),
        dropped=dropped - 1,
        index=first["index"],
    )
    del leg.sounds[:dropped]
    if leg.sounds:
        _begin(board, leg)
    return True


def stop(board: Board, leg: Leg, what: str) -> None:
    """Stop all sounds of a kind, as a request to the provider does."""
    playing = leg.sounds[0] if leg.sounds else None
    kept = [each for each in leg.sounds if each["what"] != what]
    if len(kept) == len(leg.sounds):
        return
    waits = any(each.get("waits") for each in leg.sounds if each["what"] == what)
    leg.sounds[:] = kept
    board.report(leg, "stopped", sound=what)
    if kept and kept[0] is not playing:
        _begin(board, leg)
    is_last = not kept and leg.doing is not None and leg.doing.get("action") == "end"
    if waits or is_last:
        board.finish(leg)
