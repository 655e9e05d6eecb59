"""The options of `ncco call` that say which call is placed, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from ncco_lang.cli.options import PATH, arguments_option
from ncco_lang.cli.script_options import script_options
from ncco_lang.cli.transcript_output import transcript_file
from ncco_lang.simulate.types import endpoint_key

if TYPE_CHECKING:
    from ncco_lang.project.params import Given
    from ncco_lang.simulate.types import Plan

RATES = ("audio/l16;rate=8000", "audio/l16;rate=16000", "audio/l16;rate=24000")
LONGEST_AT_KPN = 7200
"""Seconds of `length_timer` (voice-api.md B5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """The operand and the options of `ncco call`, by the names of the command line."""

    to: str | None
    inbound: str | None
    called: str | None
    sender: str | None
    random_from: bool
    flow: str | None
    params: Mapping[str, Given]
    arguments: Mapping[str, str]
    base_url: str | None
    detect: Literal["continue", "hangup", "beep"] | None
    detect_mode: Literal["default", "detect", "detect_beep"] | None
    beep_timeout: int | None
    ringing_timer: int | None
    length_timer: int | None
    content_type: str | None
    headers: tuple[str, ...]
    force: bool
    no_check: bool
    rings: Mapping[str, Plan]
    at: str | None
    transcript: str | None

    @property
    def number(self) -> str:
        """The called number: TO, the number of --inbound, or --to. `check_usage` makes sure that there is one."""
        return self.to or self.inbound or self.called or ""

    def check_usage(self) -> None:
        """Refuse options that do not go together.

        Raises:
            click.UsageError: they do not.
        """
        numbers = [each for each in (self.to, self.inbound, self.called) if each is not None]
        if self.inbound is not None and self.to is not None:
            raise click.UsageError("--inbound takes no TO: it calls a number of the application")
        if not numbers:
            raise click.UsageError("name whom to call: TO; or the number that is called: --inbound NUMBER")
        if len({endpoint_key(each) for each in numbers}) > 1:
            raise click.UsageError(f"{numbers[0]} and --to {numbers[1]} are two numbers; give one of them")
        if self.flow is None and (self.params or self.base_url is not None):
            raise click.UsageError("-p and --base-url go with --flow: what is deployed has its values already")
        if self.flow is not None and self.arguments:
            raise click.UsageError("-a is for the deployed flow, whose server reads args; --flow runs one NCCO")
        if self.inbound is not None:
            self._check_inbound()

    def _check_inbound(self) -> None:
        placing = {
            "--random-from": self.random_from or None,
            "--detect": self.detect,
            "--detect-mode": self.detect_mode,
            "--beep-timeout": self.beep_timeout,
            "--ringing-timer": self.ringing_timer,
            "--length-timer": self.length_timer,
            "--content-type": self.content_type,
            "--header": self.headers or None,
            "-a": self.arguments or None,
        }
        for name, value in placing.items():
            if value is not None:
                raise click.UsageError(f"{name} is for calls that the application places, not for --inbound")


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--from",
        "sender",
        metavar="NUMBER",
        help="The caller's number, or a SIP address. Default: the application's first number.",
    ),
    click.option(
        "--inbound", metavar="NUMBER", help="Call this number of the application, instead of TO (emulator only)."
    ),
    click.option("--to", "called", metavar="NUMBER", help="The same as TO, or as the number of --inbound."),
    click.option("--random-from", is_flag=True, help="Call from any number of the application (Vonage only)."),
    click.option("--flow", metavar="FILE", help="Compile and run this flow instead of the deployed one."),
    arguments_option,
    click.option(
        "--detect",
        type=click.Choice(["continue", "hangup", "beep"]),
        help="If a machine answers: continue and report it, hang up, or continue after the beep (Vonage only).",
    ),
    click.option(
        "--detect-mode",
        type=click.Choice(["default", "detect", "detect_beep"]),
        help="When the flow begins: at once, after the detection, or after the beep (Vonage only).",
    ),
    click.option(
        "--beep-timeout",
        type=click.IntRange(30, 120),
        metavar="SECONDS",
        help="How long to wait for the beep: 30 to 120 (Vonage only).",
    ),
    click.option(
        "--ringing-timer", type=click.IntRange(1, 120), metavar="SECONDS", help="How long it rings: up to 120."
    ),
    click.option(
        "--length-timer",
        type=click.IntRange(1, 86_400),
        metavar="SECONDS",
        help="How long the call lasts at most: up to 86400, at KPN 7200.",
    ),
    click.option("--content-type", type=click.Choice(RATES), help="The audio of a websocket; rate=16000 by default."),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="NAME=VALUE",
        help="A header for a websocket or a SIP address.",
    ),
    click.option("--no-check", is_flag=True, help="Do not check first that the deployed answer URL returns an NCCO."),
    click.option(
        "--at",
        metavar="TIME",
        help="When the call begins, in UTC (emulator only). Default: now, with --inbound 2026-01-05T10:00.",
    ),
    script_options,
    click.option(
        "--transcript",
        metavar="FILE",
        type=PATH,
        callback=transcript_file,
        help="Write all events of the call as JSON (emulator only).",
    ),
    click.option("--force", is_flag=True, help="Also call premium-rate and emergency numbers."),
)


def placing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a call to a command, which gets them as `options`, and TO and those of flows with them."""

    @wraps(command)
    def collected(*args: Any, **given: Any) -> Any:
        names = [field.name for field in fields(CallOptions)]
        return command(*args, options=CallOptions(**{name: given.pop(name) for name in names}), **given)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected
