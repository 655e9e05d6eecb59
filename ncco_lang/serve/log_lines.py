"""One line of the log for each event: what happened in which call, and where in the flow the call is then."""

from __future__ import annotations

import re
import traceback
from pathlib import PurePath
from typing import assert_never
from urllib.parse import urlsplit

from ncco_lang.bundle import Ask, BlockId, Bundle, Fetch
from ncco_lang.engine.events import (
    Connect,
    Ended,
    Fact,
    Input,
    Joined,
    Moved,
    RoomLeft,
    Started,
    Whisper,
    Woken,
)
from ncco_lang.runtime.answers import Answered, Pending
from ncco_lang.values.data import MOST_ITEMS

_SHOWN_KEYS = 2
"""More keys than this may be a code, which is not for a log."""
_SHOWN_LEG = 8
_LONGEST = 20
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_-]")


def event_line(application: str, answered: Answered) -> str:
    """Return the line of an event that was answered with 200."""
    bundle, before = answered.bundle, answered.before
    after = None if answered.reply is None else answered.reply.state
    parts = [application, _leg(answered), _words(answered)]
    if answered.is_repeated:
        parts.append("again, the same answer")
    elif bundle is not None and after is not None and answered.body:
        parts += ["→", place_of(bundle, after.block)]
    elif answered.body:
        parts += ["→", "the document"]
    elif bundle is not None and before is not None:
        parts += ["at", place_of(bundle, before.block)]
    labels = () if answered.reply is None else [label for _, label in answered.reply.trail]
    if "cut" in labels:
        parts.append(f"(a list has more than {MOST_ITEMS} items, and the others are left out)")
    if "rescue" in labels:
        parts.append("(the call takes the route for failures)")
    return " ".join(parts)


def failure_line(application: str, answered: Answered, failed: Exception) -> str:
    """Return the line of an exception on the way to an answer, with the place in the flow, and none of its values."""
    where = ""
    if answered.bundle is not None and answered.before is not None:
        where = f" at {place_of(answered.bundle, answered.before.block)}"
    return f"{application} {_leg(answered)} internal error{where}: {_exception(failed)}"


def lookup_line(application: str, pending: Pending, where: str, words: str, milliseconds: int) -> str:
    """Return the line of a lookup that has ended.

    Args:
        where: its `shown_url`.
        words: what came of it.
    """
    return f"{application} {_leg(pending)} {pending.lookup.method.upper()} {where} {words} {milliseconds} ms"


def shown_url(pending: Pending) -> str:
    """Return the host and the path of a lookup, with `…` for each value that a call puts into the path."""
    exit = pending.bundle.graph.blocks[pending.lookup.origin].exit
    written = exit.url if isinstance(exit, Fetch) else ""
    if isinstance(written, list):
        is_text = written[:1] == ["text"]
        written = "".join(each if isinstance(each, str) else "…" for each in written[2:]) if is_text else "…"
    try:
        host, path = urlsplit(pending.lookup.url).hostname or "?", urlsplit(written).path
    except ValueError:
        return "?"
    return f"[{host}]{path}" if ":" in host else f"{host}{path}"


def _leg(answered: Answered | Pending) -> str:
    return _plain(answered.leg[:_SHOWN_LEG]) or "-"


def _plain(text: str) -> str:
    """Return a text of a request so that it can be part of a line."""
    return _NOT_PLAIN.sub("?", text[:_LONGEST])


def _exception(failed: Exception) -> str:
    """Return the type of an exception and the place in our code; its message may hold what a caller said."""
    frames = traceback.extract_tb(failed.__traceback__)
    place = f" ({PurePath(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(failed).__name__}{place}"


def place_of(bundle: Bundle, block: BlockId) -> str:
    """Return the step and the source line of a block: `main_menu menu.flow:12`."""
    name = bundle.graph.blocks[block].name.rpartition(".")[0]
    lines = bundle.lines[block] if block < len(bundle.lines) else ()
    return f"{name} {bundle.source}:{lines[-1]}" if lines else name


def mask(number: str | None) -> str:
    """Return a number with its first three and its last two digits; anything else is hidden."""
    if number is None:
        return "unknown"
    digits = number.removeprefix("+")
    if not digits.isascii() or not digits.isdigit() or len(digits) < 8:
        return "•••"
    return f"{digits[:3]}•••{digits[-2:]}"


def _words(answered: Answered) -> str:
    match event := answered.event:
        case None:
            return "nothing"
        case Started():
            return f"call from {mask(event.caller)} to {mask(event.called)}"
        case Input():
            return _input(event, is_secret=_asks_for_secret(answered))
        case Joined():
            return "document played"
        case Connect():
            return f"connect {_plain(event.status)}"
        case Ended():
            return "call ended"
        case Fact():
            return f"status {_plain(event.value or 'unknown')}" if event.kind == "status" else event.kind
        case Whisper() | Moved() | RoomLeft() | Woken():
            return type(event).__name__.lower()
        case _:
            assert_never(event)


def _asks_for_secret(answered: Answered) -> bool:
    if answered.bundle is None or answered.before is None:
        return False
    graph = answered.bundle.graph
    exit = graph.blocks[answered.before.block].exit
    name = graph.questions[exit.question].name if isinstance(exit, Ask) else None
    return name is not None and graph.names[name].secret


def _input(event: Input, *, is_secret: bool) -> str:
    if event.digits:
        count = len(event.digits)
        return f"{count} keys" if is_secret or count > _SHOWN_KEYS else f"keys {event.digits}"
    return "speech" if event.heard or event.spoke else "silence"
