"""`ncco call`: place a test call and follow it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.options import choosing
from ncco_lang.cli.progress import Progress
from ncco_lang.cli.provider_command import Chosen, app_option, chosen, remote
from ncco_lang.cli.render import visible
from ncco_lang.cli.signals import Stops

if TYPE_CHECKING:
    from ncco_lang.api.events import Heard
    from ncco_lang.api.provider import Provider
    from ncco_lang.api.types import Call, NewCall
    from ncco_lang.cli.call_request import CallOptions
    from ncco_lang.project.params import Given
    from ncco_lang.project.targets import AppTarget


class _Placed(NamedTuple):
    """A call that was placed, and how to report on it. `heard` reads the call's events where possible."""

    provider: Provider
    application_id: str
    call: Call
    progress: Progress
    as_json: bool
    heard: Callable[[str], Heard]


_BY = {"human": "person", "machine": "machine"}
"""Call status → who answered."""


@click.command(
    epilog="""\b
Examples:
  ncco call "+31 20 123 4567"                  run the deployed flow
  ncco call +31201234567 --flow menu.flow      run this flow, deployed or not
  ncco call +31201234567 --flow menu.flow -p desk=+31209876543
  ncco call sip:desk@example.com --app support --from "+31 20 765 4321"
  ncco call +31201234567 --detect beep         start the flow after an answering machine's beep
  ncco call +31201234567 --json | jq -r .status
  ncco call +31201234567 --no-wait             print the call's UUID and exit

Before placing the call, the command fetches the answer URL that ncco deploy has set, and warns if it returns no NCCO.

Exit codes: 0 answered, 1 not answered (busy, timeout, rejected ...), answered without an NCCO, or the flow has errors,
2 wrong usage or settings, 3 the provider, the network or the state refused, 130 Ctrl-C, 143 SIGTERM. Ctrl-C and SIGTERM
hang up.
"""
)
@click.argument("to", metavar="TO")
@click.option(
    "--from", "sender", metavar="NUMBER", help="The caller's number. Default: the application's first number."
)
@click.option("--flow", metavar="FILE", help="Compile and run this flow instead of the deployed one.")
@app_option
@click.option(
    "--detect",
    type=click.Choice(["continue", "hangup", "beep"]),
    help="If a machine answers: continue and report it, hang up, or continue after the beep (Vonage only).",
)
@choosing
@click.option("--no-wait", is_flag=True, help="Print the call's UUID and exit; the call goes on.")
@click.option("--no-check", is_flag=True, help="Do not check first that the deployed answer URL returns an NCCO.")
@click.option("--force", is_flag=True, help="Also call premium-rate and emergency numbers.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print each change as one JSON object per line, also on a terminal."
)
@click.pass_context
@remote
def command(
    ctx: click.Context,
    to: str,
    sender: str | None,
    flow: str | None,
    app: str | None,
    detect: Literal["continue", "hangup", "beep"] | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
    no_wait: bool,
    no_check: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Place a test call to TO, a telephone number or a SIP address, and follow it until it ends.

    Write a number with its country code. On a terminal, one line shows the call's state; otherwise each change is one
    line of JSON. The last output is the provider's record with duration and price. Ctrl-C hangs up.
    """
    from ncco_lang.cli.call_request import CallOptions

    if flow is None and (params or base_url is not None):
        raise click.UsageError("-p and --base-url go with --flow: what is deployed has its values already")
    options = CallOptions(to, sender, flow, detect, params, base_url, force, no_check)
    ctx.exit(_run(options, chosen(profile), app, no_wait=no_wait, as_json=as_json))


def _run(options: CallOptions, place: Chosen, app_name: str | None, *, no_wait: bool, as_json: bool) -> int:
    """Place the call and return the exit code. Invalid options are refused before any request is sent."""
    from ncco_lang.cli.call_request import compile_flow, make_call, with_answer_of
    from ncco_lang.deploy.open_provider import connected

    app = place.app(app_name, options.flow)
    call = make_call(options, place, app)
    ncco = None
    if options.flow is not None:
        ncco = compile_flow(options, place, app)
        if ncco is None:
            return 1
    id = place.application_id(app)
    with connected(place.target, place.project.folder) as provider:
        if ncco is None:
            call = with_answer_of(call, provider, id, app, place, checking=not options.no_check)
        elif place.target.uploads_calls:
            return _place_uploaded(provider, id, call, ncco, place, app, no_wait=no_wait, as_json=as_json)
        else:
            call = replace(call, ncco=json.loads(ncco))
        return _place(provider, id, call, place, no_wait=no_wait, as_json=as_json)


def _place_uploaded(
    provider: Provider,
    id: str,
    call: NewCall,
    ncco: bytes,
    place: Chosen,
    app: AppTarget,
    *,
    no_wait: bool,
    as_json: bool,
) -> int:
    """Upload the NCCO, place a call that fetches it, and delete it after the call."""
    from ncco_lang.cli.call_request import address_of_document, take_away, upload_flow

    name = upload_flow(ncco, place, app)
    call = replace(call, answer_url=address_of_document(name, place), answer_method="GET")
    code = _place(provider, id, call, place, no_wait=no_wait, as_json=as_json)
    if not no_wait:
        # Not in a `finally`: after an error the call may still be running and need the document.
        take_away(name, place)
    return code


def _place(provider: Provider, id: str, new: NewCall, place: Chosen, *, no_wait: bool, as_json: bool) -> int:
    """Place the call and follow it. Ctrl-C hangs up, also before the provider has answered."""
    if sys.stdout is None:
        # Checked before the call is placed.
        raise Refused("the output cannot be written: standard output is closed")
    is_shown = sys.stdout.isatty()
    in_lines = as_json or not is_shown
    # If stdout is a file or a pipe, a user at the terminal still sees progress on stderr.
    is_seen = sys.stderr is not None and sys.stderr.isatty() and not is_shown
    progress = Progress(is_on=not no_wait and (is_seen or not in_lines))
    placed: _Placed | None = None
    with Stops(_say_heard) as stops:
        try:
            with stops.held():
                call = _create(provider, id, new)
                placed = _Placed(provider, id, call, progress, in_lines, lambda uuid: _hear(place, uuid))
            return _leave(call, as_json=as_json) if no_wait else _follow(placed)
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


def _create(provider: Provider, id: str, new: NewCall) -> Call:
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
    from ncco_lang.api.events import NOTHING_HEARD
    from ncco_lang.api.poll_call import follow_call
    from ncco_lang.api.statuses import was_answered

    provider, id, call, progress, _, hear = placed
    answered, by = was_answered(call), None
    changes = follow_call(
        provider,
        id,
        call.uuid,
        sleep=progress.sleep,
        clock=time.monotonic,
        known=call.status,
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
    heard = hear(call.uuid) if answered else NOTHING_HEARD
    heard = heard._replace(answered_by=heard.answered_by or by)
    _end(placed, call, answered, heard)
    return 0 if answered and call.status == "completed" and heard.no_ncco is None else 1


def _hear(place: Chosen, uuid: str) -> Heard:
    """Return what a call's events say. Only the emulator keeps events; for a provider nothing is known."""
    from ncco_lang.api.events import NOTHING_HEARD, events_at_emulator
    from ncco_lang.deploy.open_provider import ca_of
    from ncco_lang.net.http_client import HttpClient

    target = place.target
    if not target.emulator or target.address is None:
        return NOTHING_HEARD
    with HttpClient(connect=target.connect, read=target.read, ca=ca_of(target, place.project.folder)) as wire:
        return events_at_emulator(target.address, uuid, wire)


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


def _has_ended_already(placed: _Placed) -> bool:
    from ncco_lang.api.errors import ApiError

    try:
        return _is_over(placed.provider.read_call(placed.application_id, placed.call.uuid))
    except (ApiError, KeyboardInterrupt):
        return False


def _say(words: str) -> None:
    Refused(words).show()
