"""The options of `ncco call` that say which call is placed, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from ncco_lang.project.params import Given

RATES = ("audio/l16;rate=8000", "audio/l16;rate=16000", "audio/l16;rate=24000")
LONGEST_AT_KPN = 7200
"""Seconds of `length_timer` (voice-api.md B5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """The options of `ncco call`, by the names of the command line."""

    to: str
    sender: str | None
    random_from: bool
    flow: str | None
    params: Mapping[str, Given]
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


def placing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a call to a command, which gets them as `options`, and TO and those of flows with them."""

    @wraps(command)
    def collected(*args: Any, **given: Any) -> Any:
        names = [field.name for field in fields(CallOptions)]
        return command(*args, options=CallOptions(**{name: given.pop(name) for name in names}), **given)

    options = (
        click.option(
            "--from",
            "sender",
            metavar="NUMBER",
            help="The caller's number, or a SIP address. Default: the application's first number.",
        ),
        click.option("--random-from", is_flag=True, help="Call from any number of the application (Vonage only)."),
        click.option("--flow", metavar="FILE", help="Compile and run this flow instead of the deployed one."),
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
        click.option(
            "--content-type", type=click.Choice(RATES), help="The audio of a websocket; rate=16000 by default."
        ),
        click.option(
            "--header",
            "headers",
            multiple=True,
            metavar="NAME=VALUE",
            help="A header for a websocket or a SIP address.",
        ),
        click.option(
            "--no-check", is_flag=True, help="Do not check first that the deployed answer URL returns an NCCO."
        ),
        click.option("--force", is_flag=True, help="Also call premium-rate and emergency numbers."),
    )
    for option in reversed(options):
        collected = option(collected)
    return collected
