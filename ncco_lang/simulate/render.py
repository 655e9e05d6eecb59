"""Render lines of a transcript as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_LONGEST = 300


def render_entry(
    entry: dict[str, Any], caller: str, place_of: Callable[[int], str | None] = lambda _: None
) -> str | None:
    """Return a line of a transcript as text; None for lines that are not shown.

    Args:
        entry: as `transcript.entry` makes it.
        caller: the leg of the caller; lines of other legs name theirs.
        place_of: returns the file and line of the action with an index, while the call runs the NCCO of a file.
    """
    words = _words(entry)
    if words is None:
        return None
    index = entry.get("index")
    place = None if index is None else place_of(index)
    if entry["leg"] != caller:
        words = f"[{entry['leg']}] {words}"
    at = f"{entry['at']:8.1f} s" if "at" in entry else " " * 10
    return f"{at}  {words}" + (f"   {place}" if place else "")


def _words(entry: dict[str, Any]) -> str | None:
    what = entry["what"]
    match what:
        case "call":
            return f"call from {entry['from'] or 'an unknown number'} to {entry['to']}"
        case "talk":
            return f'hears "{_cut(entry["text"])}"  ({_voice(entry)})'
        case "stream":
            return f"hears {_cut(entry['url'])}  ({entry['seconds']:g} s{_loop(entry)})"
        case "cut":
            more = f", and {entry['dropped']} more" if entry["dropped"] else ""
            return f"the {entry['by']} cuts the prompt after {entry['heard']:g} s{more}"
        case "listening":
            return f"listens for {' and '.join('keys' if each == 'dtmf' else each for each in entry['types'])}"
        case "keys":
            return (
                "keys are no longer posted" if entry["url"] is None else f"each key is posted to {_cut(entry['url'])}"
            )
        case "press":
            return f"presses {entry['key']}"
        case "say":
            return f'says "{_cut(entry["words"])}"' if entry["words"] else f"speaks for {entry['seconds']:g} s"
        case "silence":
            return "is silent"
        case "input":
            return f"input: {_input(entry)}"
        case _:
            return _more_words(entry)


def _more_words(entry: dict[str, Any]) -> str | None:
    match entry["what"]:
        case "wait":
            return f"waits {entry['seconds']:g} s"
        case "beep":
            return "hears a beep"
        case "music":
            return f"hears music: {_cut(entry['url'])}"
        case "recording":
            return f"is recorded ({entry['format']})"
        case "recorded":
            return f"the recording ends after {entry['seconds']:g} s ({entry['why']})"
        case "dialling":
            return f"dials {entry['endpoint']} {_cut(entry['to'])}"
        case "status" if entry["status"] != "started":
            return f"status: {entry['status']}" + (f" ({entry['sub_state']})" if "sub_state" in entry else "")
        case "connected":
            return f"is connected with {_cut(entry['to'])}"
        case "disconnected":
            return f"the call to {_cut(entry['to'])} is over ({entry['status']})"
        case "joined":
            return f'joins the conversation "{_cut(entry["room"])}" ({entry["members"]} in it)'
        case "over":
            return f'the conversation "{_cut(entry["room"])}" is over'
        case "tones":
            return f"hears the tones {entry['digits']}"
        case "stopped":
            return f"the {entry['sound']} is stopped"
        case "mute" | "unmute" | "earmuff" | "unearmuff":
            return f"is {entry['what']}{'ed' if entry['what'].endswith('muff') else 'd'}"
        case "notify":
            return f"notify: {_cut(json.dumps(entry['payload'], ensure_ascii=False))}"
        case "ended":
            return f"the call is over; {'the person' if entry['by'] == 'user' else 'the platform'} hung up"
        case "webhook":
            return (
                f"{entry['kind']} webhook: {entry['method']} {_cut(entry['url'])}" if entry["kind"] != "event" else None
            )
        case "answer":
            return _answer(entry)
        case "lookup":
            return f"looks up {entry['method']} {_cut(entry['url'])}{_result(entry)}"
        case "set":
            return f"sets {entry['name']} = {_cut(entry['value'])}"
        case "note":
            return f"note: {entry['message']}"
        case "problem":
            return f"problem ({entry['reason']}): {entry['message']}"
        case "unused":
            return f"note: the call was over before {' '.join(entry['script'])}"
        case _:
            return None


def _answer(entry: dict[str, Any]) -> str | None:
    if "failed" in entry:
        return f"{entry['kind']} webhook: {_cut(entry['failed'])}"
    if "ncco" in entry:
        count = len(entry["ncco"])
        return f"{entry['kind']} webhook answered an NCCO of {count} action{'' if count == 1 else 's'}"
    return None


def _result(entry: dict[str, Any]) -> str:
    if "status" not in entry:
        return ""
    return ": no answer in time" if entry["is_late"] else f": {entry['status'] or 'no answer'}"


def _voice(entry: dict[str, Any]) -> str:
    style = f", style {entry['style']}" if "style" in entry else ""
    return f"{entry['language']}{style}, {entry['seconds']:g} s{_loop(entry)}"


def _loop(entry: dict[str, Any]) -> str:
    loops = int(entry.get("loop", 1))
    return "" if loops == 1 else ", endless" if loops == 0 else f", {loops} times"


def _input(entry: dict[str, Any]) -> str:
    digits, speech = entry["dtmf"]["digits"], entry["speech"]
    if digits:
        return f"keys {digits}" + (" (time is up)" if entry["dtmf"]["timed_out"] else "")
    if speech.get("results"):
        return f'speech "{_cut(speech["results"][0]["text"])}"'
    return "nothing"


def _cut(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
