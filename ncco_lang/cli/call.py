"""`ncco call`: place a test call and follow it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.call_options import placing_options
from ncco_lang.cli.options import choosing
from ncco_lang.cli.provider_command import Chosen, app_option, chosen, remote

if TYPE_CHECKING:
    from ncco_lang.api.provider import Provider
    from ncco_lang.api.types import NewCall
    from ncco_lang.cli.call_options import CallOptions
    from ncco_lang.project.targets import AppTarget


@click.command(
    epilog="""\b
Examples:
  ncco call "+31 20 123 4567"                  run the deployed flow
  ncco call +31201234567 --flow menu.flow      run this flow, deployed or not
  ncco call +31201234567 --flow menu.flow -p desk=+31209876543
  ncco call sip:desk@example.com --app support --from "+31 20 765 4321"
  ncco call wss://example.com/socket --header id=42 --content-type "audio/l16;rate=8000"
  ncco call +31201234567 --ringing-timer 20 --length-timer 600
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
@placing_options
@app_option
@choosing
@click.option("--no-wait", is_flag=True, help="Print the call's UUID and exit; the call goes on.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print each change as one JSON object per line, also on a terminal."
)
@click.pass_context
@remote
def command(
    ctx: click.Context, options: CallOptions, app: str | None, profile: str | None, no_wait: bool, as_json: bool
) -> None:
    """Place a test call to TO, and follow it until it ends.

    TO is a telephone number with its country code, a SIP address, a websocket (wss://…), or a user of the application
    (app:NAME). On a terminal, one line shows the call's state; otherwise each change is one line of JSON. The last
    output is the provider's record with duration and price. Ctrl-C hangs up.
    """
    if options.flow is None and (options.params or options.base_url is not None):
        raise click.UsageError("-p and --base-url go with --flow: what is deployed has its values already")
    ctx.exit(_run(options, chosen(profile), app, no_wait=no_wait, as_json=as_json))


def _run(options: CallOptions, place: Chosen, app_name: str | None, *, no_wait: bool, as_json: bool) -> int:
    """Place the call and return the exit code. Invalid options are refused before any request is sent."""
    from ncco_lang.cli.call_follow import place_call
    from ncco_lang.cli.call_request import compile_flow, make_call, with_answer_of
    from ncco_lang.deploy.open_provider import connected

    app = place.app(app_name, options.flow)
    call = make_call(options, place, app)
    ncco = None
    if options.flow is not None:
        ncco = compile_flow(options.flow, options.params, options.base_url, place, app)
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
        return place_call(provider, id, call, place, no_wait=no_wait, as_json=as_json)


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
    from ncco_lang.cli.call_follow import place_call
    from ncco_lang.cli.call_request import address_of_document, take_away, upload_flow

    name = upload_flow(ncco, place, app)
    call = replace(call, answer_url=address_of_document(name, place), answer_method="GET")
    code = place_call(provider, id, call, place, no_wait=no_wait, as_json=as_json)
    if not no_wait:
        # Not in a `finally`: after an error the call may still be running and need the document.
        take_away(name, place)
    return code
