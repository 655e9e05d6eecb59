"""Place a call of `ncco call`, follow it to its end, and hang up on Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.progress import Progress
from ncco_lang.cli.render import visible
from ncco_lang.cli.signals import Stops

if TYPE_CHECKING:
    from ncco_lang.api.events import Heard
    from ncco_lang.api.provider import Provider
    from ncco_lang.api.types import Call, NewCall
    from ncco_lang.cli.call_emulated import EmulatedCall


class _Placed(NamedTuple):
    """A call that was placed, and how to report on it.

    Attributes:
        longest: seconds after which following stops.
        emulated: the call at the emulator; None at a real provider.
    """

    provider: Provider
    application_id: str
    call: Call
    progress: Progress
    as_json: bool
    longest: float
    emulated: EmulatedCall | None


_BY = {"human": "person", "machine": "machine"}
"""Call status → who answered."""


def place_call(
    provider: Provider,
    id: str,
    create: Callable[[], Call],
    *,
    length_timer: int | None,
    emulated: EmulatedCall | None,
    no_wait: bool,
    as_json: bool,
) -> int:
    """Place a call and follow it; return the exit code. Ctrl-C hangs up, also before the provider has answered.

    Args:
        create: places the call.
        length_timer: seconds that it lasts at most, if its request says so.
        emulated: the call at the emulator; None at a real provider.
    """
    from ncco_lang.api.poll_call import longest_of

    if sys.stdout is None:
        # Checked before the call is placed.
        raise Refused("the output cannot be written: standard output is closed")
    is_shown = sys.stdout.isatty()
    in_lines = as_json or not is_shown
    is_watched = emulated is not None and not in_lines
    # If stdout is a file or a pipe, a user at the terminal still sees progress on stderr.
    is_seen = sys.stderr is not None and sys.stderr.isatty() and not is_shown
    progress = Progress(is_on=not no_wait and not is_watched and (is_seen or not in_lines))
    placed: _Placed | None = None
    with Stops(_say_heard) as stops:
        try:
            with stops.held():
                call = create()
                placed = _Placed(provider, id, call, progress, in_lines, longest_of(length_timer), emulated)
            if no_wait:
                return _leave(call, as_json=as_json)
            return _watch(placed) if is_watched else _follow(placed)
        except KeyboardInterrupt:
            progress.clear()
            if placed is None:
                _say("stopped; the call may have been placed all the same: see ncco calls")
            else:
                _hang_up(placed)
            # The shell's exit code for a process that a signal ended.
            return 128 + stops.number
        except Refused as failed:
            if placed is None:
                raise
            # The output cannot be written, but the call goes on.
            raise Refused(f"{failed}; {_how_to_end(placed.call)}") from failed


def _leave(call: Call, *, as_json: bool) -> int:
    """Print the call's UUID, or its record as JSON."""
    from ncco_lang.cli.call_records import call_as_json, json_line

    emit(json_line(call_as_json(call)) if as_json else visible(call.uuid) + "\n")
    return 0


def _say_heard() -> None:
    _say("hanging up as soon as the provider has answered (Ctrl-C again leaves at once)")


def create_call(provider: Provider, id: str, new: NewCall) -> Call:
    """Place a call; add to an error what to do about it."""
    from ncco_lang.api.errors import Invalid

    try:
        return provider.create_call(id, new)
    except Invalid as failed:
        if any(name == "event_url" for name, _ in failed.parameters):
            failed.advise("write event_url into the application's settings, then: ncco deploy")
        elif any(name == "random_from_number" for name, _ in failed.parameters):
            failed.advise("say --from, or write numbers = […] into the application's settings, then: ncco deploy")
        raise
    except ValueError as failed:
        # This provider does not support the option.
        raise Refused(str(failed)) from failed


def _follow(placed: _Placed) -> int:
    """Report the call's states until it ends; return the exit code."""
    from ncco_lang.api.errors import ApiError
    from ncco_lang.api.poll_call import EMULATOR_PAUSE, PAUSE, follow_call
    from ncco_lang.api.statuses import was_answered

    provider, id, call, progress = placed.provider, placed.application_id, placed.call, placed.progress
    answered, by = was_answered(call), None
    changes = follow_call(
        provider,
        id,
        call.uuid,
        sleep=progress.sleep,
        clock=time.monotonic,
        known=call.status,
        longest=placed.longest,
        pause=PAUSE if placed.emulated is None else EMULATOR_PAUSE,
        missed=lambda failed: progress.tell(f"asking again: {failed}"),
    )
    _tell(placed, call)
    try:
        for call in changes:
            answered = answered or was_answered(call)
            by = _BY.get(call.status or "", by)
            if _is_over(call):
                break
            _tell(placed, call)
    except ApiError as failed:
        progress.clear()
        failed.advise(_how_to_end(call))
        raise
    return _finish(placed, call, answered, by)


def _watch(placed: _Placed) -> int:
    """Show a call at the emulator as it happens, with the keyboard as its person; return the exit code."""
    from ncco_lang.api.errors import ApiError
    from ncco_lang.api.statuses import was_answered
    from ncco_lang.cli.typing_keys import keyboard

    assert placed.emulated is not None
    try:
        with keyboard() as keys:
            placed.emulated.watch(placed.call, keys)
        call = placed.provider.read_call(placed.application_id, placed.call.uuid)
    except ApiError as failed:
        failed.advise(_how_to_end(placed.call))
        raise
    return _finish(placed, call, was_answered(call), None)


def _finish(placed: _Placed, call: Call, answered: bool, by: str | None) -> int:
    """Print the record of an ended call; return the exit code."""
    from ncco_lang.api.events import NOTHING_HEARD

    emulated = placed.emulated
    heard = emulated.heard(call) if answered and emulated is not None else NOTHING_HEARD
    heard = heard._replace(answered_by=heard.answered_by or by)
    _end(placed, call, answered, heard)
    has_problems = emulated is not None and emulated.finish(call)
    return 0 if answered and call.status == "completed" and heard.no_ncco is None and not has_problems else 1


def _tell(placed: _Placed, call: Call) -> None:
    """Report the call's current state."""
    from ncco_lang.api.statuses import meaning_of
    from ncco_lang.cli.call_records import call_as_json, json_line

    words = meaning_of(call.status or "started").words
    if placed.as_json:
        # The program that reads the lines may print to this terminal too, so do not draw over its output.
        placed.progress.clear()
        emit(json_line(call_as_json(call, words=words)))
    placed.progress.tell(words, at_once=not placed.as_json)


def _is_over(call: Call) -> bool:
    from ncco_lang.api.statuses import has_ended

    return has_ended(call)


def _end(placed: _Placed, call: Call, answered: bool, heard: Heard) -> None:
    """Print the provider's record, and what to do if the call was not answered."""
    from ncco_lang.api.statuses import outcome_of
    from ncco_lang.cli.call_records import call_as_json, json_line, render_call

    placed.progress.clear()
    outcome = outcome_of(call, answered, heard)
    if placed.as_json:
        more = {
            "words": outcome.words,
            "advice": outcome.advice,
            "answered": answered,
            "answered_by": heard.answered_by,
            "no_ncco": heard.no_ncco,
            "ended": True,
        }
        emit(json_line(call_as_json(call, **more)))
        return
    emit(render_call(call, outcome.words))
    if outcome.advice is not None:
        emit(f"what to do: {outcome.advice}\n")


def _how_to_end(call: Call) -> str:
    return f"the call may go on, end it with: ncco calls {visible(call.uuid)} --hang-up"


def _hang_up(placed: _Placed) -> None:
    """Hang up, and report the result."""
    from ncco_lang.api.errors import ApiError

    provider, id, call = placed.provider, placed.application_id, placed.call
    uuid = visible(call.uuid)
    later = f"it may go on, end it with: ncco calls {uuid} --hang-up"
    try:
        provider.hang_up(id, call.uuid)
    except KeyboardInterrupt:
        _say(f"stopped before the provider said that the call {uuid} has ended; {later}")
    except ApiError as failed:
        if _has_ended_already(placed):
            _say(f"the call {uuid} had ended already")
        else:
            _say(f"the call {uuid} could not be hung up: {failed}; {later}")
    else:
        _say(f"hung up: the call {uuid}")
    if placed.emulated is not None and placed.emulated.transcript is not None:
        with suppress(ApiError, KeyboardInterrupt):
            placed.emulated.finish(call)


def _has_ended_already(placed: _Placed) -> bool:
    from ncco_lang.api.errors import ApiError

    try:
        return _is_over(placed.provider.read_call(placed.application_id, placed.call.uuid))
    except (ApiError, KeyboardInterrupt):
        return False


def _say(words: str) -> None:
    Refused(words).show()
