"""`ncco call`: place a test call and follow it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ncco_lang.cli.call_options import placing_options
from ncco_lang.cli.console import Refused
from ncco_lang.cli.options import choosing, is_text
from ncco_lang.cli.provider_command import Chosen, app_option, chosen, remote
from ncco_lang.cli.script_options import ScriptCommand, read_time, script_of
from ncco_lang.simulate.types import endpoint_key

if TYPE_CHECKING:
    from ncco_lang.api.emulator_control import EmulatorControl
    from ncco_lang.api.provider import Provider
    from ncco_lang.api.types import Call, NewCall
    from ncco_lang.cli.call_emulated import EmulatedCall
    from ncco_lang.cli.call_options import CallOptions
    from ncco_lang.project.targets import AppTarget
    from ncco_lang.simulate.types import Act


@click.command(
    cls=ScriptCommand,
    epilog="""\b
Examples:
  ncco call "+31 20 123 4567"                  run the deployed flow
  ncco call +31201234567 -a patient=Okafor     give the arg patient of the flow a value
  ncco call +31201234567 --flow menu.flow      run this flow, deployed or not
  ncco call +31201234567 --flow menu.flow -p desk=+31209876543
  ncco call sip:desk@example.com --app support --from "+31 20 765 4321"
  ncco call wss://example.com/socket --header id=42 --content-type "audio/l16;rate=8000"
  ncco call +31201234567 --ringing-timer 20 --length-timer 600
  ncco call +31201234567 --detect beep         start the flow after an answering machine's beep
  ncco call +31201234567 --json | jq -r .status
  ncco call +31201234567 --no-wait             print the call's UUID and exit
  ncco call --inbound +31201234567 --press 1   call the application at the emulator

Before placing the call, the command fetches the answer URL that ncco deploy has set, and warns if it returns no NCCO.

Exit codes: 0 answered, 1 not answered (busy, timeout, rejected ...), answered without an NCCO, an error or dead air was
heard (emulator only), or the flow has errors, 2 wrong usage or settings, 3 the provider, the network or the state refused, 130 Ctrl-C, 143 SIGTERM. Ctrl-C and SIGTERM
hang up.
""",
)
@click.argument("to", required=False, metavar="[TO]")
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

    With the emulator, --inbound NUMBER calls the application instead, the options of a script (--press, --say …) say
    what the person does, and a terminal shows what happens in the call and takes the person's keys and words.
    """
    from ncco_lang.cli.call_arguments import read_given
    from ncco_lang.cli.call_emulated import control_of_emulator, refuse_at_provider
    from ncco_lang.cli.call_request import compile_flow, make_call
    from ncco_lang.deploy.open_provider import connected

    options.check_usage()
    if no_wait and options.transcript is not None:
        raise click.UsageError("--transcript needs the end of the call, so it does not go with --no-wait")
    at = None if options.at is None else read_time(ctx, options.at)
    script = script_of(ctx)
    place = chosen(profile)
    refuse_at_provider(options, script, place)
    application = place.app(app or _key_of(options, place), options.flow)
    call = make_call(options, place, application) if options.inbound is None else None
    arguments = {} if call is None or options.flow is not None else read_given(options.arguments, place, application)
    ncco = None
    if options.flow is not None:
        ncco = compile_flow(options.flow, options.params, options.base_url, place, application)
        if ncco is None:
            ctx.exit(1)
    id = place.application_id(application)
    with connected(place.target, place.project.folder) as provider, control_of_emulator(place) as control:
        job = _Job(options, script, at, place, application, id, provider, control, arguments, no_wait, as_json)
        ctx.exit(job.receive(ncco) if call is None else job.place(call, ncco))


def _key_of(options: CallOptions, place: Chosen) -> str | None:
    """Return the key of the application that has the number of --inbound, by the settings; None if none has it."""
    applications = place.target.applications.items() if options.inbound is not None else ()
    return next((key for key, each in applications if _digits(options.number) in each.numbers), None)


def _digits(text: str) -> str:
    from ncco_lang.values.phone import e164_digits

    return e164_digits(text) or endpoint_key(text)


@dataclass(frozen=True, slots=True)
class _Job:
    """One run of `ncco call`: its options, and where the call is placed.

    Attributes:
        at: seconds since 1970 at which the call begins; None for the default.
        id: the application's id at the provider.
        control: the emulator; None at a real provider.
        arguments: the values of the flow's args by name.
    """

    options: CallOptions
    script: tuple[Act, ...]
    at: float | None
    target: Chosen
    app: AppTarget
    id: str
    provider: Provider
    control: EmulatorControl | None
    arguments: Mapping[str, Any]
    no_wait: bool
    as_json: bool

    def place(self, call: NewCall, ncco: bytes | None) -> int:
        """Place a call with an NCCO, or with the deployed one, and return the exit code."""
        from ncco_lang.cli.call_arguments import with_arguments_of
        from ncco_lang.cli.call_request import address_of_document, take_away, upload_flow, with_answer_of

        if ncco is None:
            checking = not self.options.no_check
            new = with_answer_of(call, self.provider, self.id, self.app, self.target, checking=checking)
            if self.arguments:
                new = with_arguments_of(new, self.arguments, self.target, self.app)
            return self._follow_new(new)
        if not self.target.target.uploads_calls:
            return self._follow_new(replace(call, ncco=json.loads(ncco)))
        name = upload_flow(ncco, self.target, self.app)
        code = self._follow_new(replace(call, answer_url=address_of_document(name, self.target), answer_method="GET"))
        if not self.no_wait:
            # Not in a `finally`: after an error the call may still be running and need the document.
            take_away(name, self.target)
        return code

    def _follow_new(self, new: NewCall) -> int:
        from ncco_lang.cli.call_emulated import scenario_fields
        from ncco_lang.cli.call_follow import create_call

        def create() -> Call:
            if self.control is not None and (self.script or self.options.rings or self.at is not None):
                scenario = scenario_fields(self.options, self.script, self.at)
                self.control.prepare_call({"to": new.to.address, **scenario})
            return create_call(self.provider, self.id, new)

        return self._follow(create, new.length_timer)

    def receive(self, ncco: bytes | None) -> int:
        """Let the application be called, at the emulator, and return the exit code."""
        from ncco_lang.cli.call_emulated import scenario_fields
        from ncco_lang.simulate.player import CALLER, MONDAY

        control = self.control
        assert control is not None
        number, caller = _digits(self.options.number), endpoint_key(self.options.sender or CALLER)
        if not number.isdigit():
            raise Refused(f'--inbound takes a number of the application, not "{self.options.number}"')
        if not is_text(caller):
            raise Refused(f'--from takes the caller\'s number, not "{caller}"')
        known = self.provider.find_number(number)
        if known is not None and known.application_id not in (None, self.id):
            raise Refused(f"{number} belongs to another application than {self.app.key}; --app says which is called")
        at = MONDAY if self.at is None else self.at
        body: dict[str, Any] = {
            "to": number,
            "from": caller,
            **scenario_fields(self.options, self.script, at),
        }
        if ncco is not None:
            body["ncco"] = json.loads(ncco)
        return self._follow(lambda: control.receive_call(body), None)

    def _follow(self, create: Callable[[], Call], length_timer: int | None) -> int:
        from ncco_lang.cli.call_follow import place_call

        return place_call(
            self.provider,
            self.id,
            create,
            length_timer=length_timer,
            emulated=self._emulated(),
            no_wait=self.no_wait,
            as_json=self.as_json,
        )

    def _emulated(self) -> EmulatedCall | None:
        from ncco_lang.cli.call_emulated import EmulatedCall, veil_of_app

        if self.control is None:
            return None
        veil = veil_of_app(self.target, self.app, self.options.params)
        return EmulatedCall(self.control, self.options.transcript, veil)
