"""Read the script of a played call: `--press`, `--say`, …, in the order of the command line, and `--ring`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

from ncco_lang.cli.options import is_text
from ncco_lang.simulate.types import LONGEST_DURATION, STATES, Act, HangUp, Plan, Press, Say, Silence, endpoint_key

_Command = TypeVar("_Command", bound=Callable[..., Any])

_WITH_VALUE = ("--press", "--say", "--speak")
_ALONE = ("--silence", "--hang-up")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|)")
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}


class ScriptCommand(click.Command):
    """A command that keeps the order of `--press 1 --say "sales" --silence`, which click does not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, and store the script for `script_of`."""
        words = list(args)
        rest = super().parse_args(ctx, args)
        ctx.meta[__name__] = None if ctx.resilient_parsing else tuple(_read_script(ctx, words))
        return rest


def script_of(ctx: click.Context) -> tuple[Act, ...]:
    """Return the caller's acts, in order."""
    script: tuple[Act, ...] = ctx.meta[__name__]
    return script


def script_options(command: _Command) -> _Command:
    """Add the options of a script to a command; `ScriptCommand` reads them in order."""
    options = (
        click.option("--press", multiple=True, metavar="KEYS", expose_value=False, help="Press keys: 0-9, * and #."),
        click.option("--say", multiple=True, metavar="WORDS", expose_value=False, help="Say words."),
        click.option(
            "--silence",
            multiple=True,
            is_flag=True,
            expose_value=False,
            help="Say and press nothing until the platform stops listening.",
        ),
        click.option("--speak", multiple=True, metavar="TIME", expose_value=False, help="Speak into a recording: 8s."),
        click.option("--hang-up", multiple=True, is_flag=True, expose_value=False, help="Hang up."),
        click.option(
            "--ring",
            "rings",
            multiple=True,
            metavar="NUMBER=STATE",
            callback=_read_rings,
            help=f"How a dialled number behaves: {', '.join(STATES)}; * is any number. "
            "NUMBER=answered,after=2s,lasts=30s sets when it answers and how long it stays; no-beep is a "
            "machine that does not beep.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _read_script(ctx: click.Context, words: Sequence[str]) -> Iterator[Act]:
    """Yield the script's acts from arguments that click has already accepted."""
    at = 0
    while at < len(words) and words[at] != "--":
        name, sign, value = words[at].partition("=")
        at += 1
        if name in _ALONE:
            yield Silence() if name == "--silence" else HangUp()
        elif name in _WITH_VALUE:
            if not sign:
                value = words[at]
                at += 1
            yield _act(ctx, name, value)


def _act(ctx: click.Context, name: str, value: str) -> Act:
    if name == "--press":
        if not re.fullmatch(r"[0-9*#]+", value):
            raise click.UsageError(f'--press takes keys (0-9, * and #), not "{value}"', ctx)
        return Press(value)
    if name == "--say":
        if not is_text(value):
            raise click.UsageError("--say takes words, and these are not UTF-8", ctx)
        if not value.strip():
            raise click.UsageError("--say takes words; --speak 2s is speech that is not recognised", ctx)
        return Say(value)
    return Say("", read_duration(ctx, name, value))


def read_duration(ctx: click.Context, name: str, value: str) -> float:
    """Return the seconds of a duration such as `8s`, `500ms` or `2m`.

    Raises:
        click.UsageError: the value is not a duration, or longer than two hours.
    """
    match = _DURATION.fullmatch(value.strip())
    if match is None or float(match[1]) * _UNITS[match[2]] > LONGEST_DURATION:
        raise click.UsageError(f'{name} takes a time up to two hours, such as 8s or 500ms, not "{value}"', ctx)
    return float(match[1]) * _UNITS[match[2]]


def read_time(ctx: click.Context, text: str) -> float:
    """Return a time of `--at` as seconds since 1970; without a zone it is in UTC.

    Raises:
        click.UsageError: the text is not a time.
    """
    from ncco_lang.simulate import scenario

    try:
        return scenario.read_time(text)
    except ValueError:
        raise click.UsageError(
            f'--at takes a time from 1970 to 9000 such as 2026-01-05T10:00, not "{text}"', ctx
        ) from None


def _read_rings(ctx: click.Context, _: click.Parameter, words: tuple[str, ...]) -> dict[str, Plan]:
    plans = {}
    for word in words:
        number, sign, rest = word.rpartition("=") if "," not in word else word.partition("=")
        state, *options = rest.split(",")
        if not sign or not number or state not in STATES:
            raise click.UsageError(f'--ring takes NUMBER=STATE with one of {", ".join(STATES)}, not "{word}"', ctx)
        plans[endpoint_key(number)] = _with_options(ctx, Plan(status=state), options)
    return plans


def _with_options(ctx: click.Context, plan: Plan, options: Sequence[str]) -> Plan:
    after, lasts, beep = plan.after, plan.lasts, plan.beep
    for option in options:
        name, _, value = option.partition("=")
        if name == "after":
            after = read_duration(ctx, "--ring … after", value)
        elif name == "lasts":
            lasts = read_duration(ctx, "--ring … lasts", value)
        elif option == "no-beep":
            beep = False
        else:
            raise click.UsageError(
                f'--ring takes after=TIME, lasts=TIME and no-beep after the state, not "{option}"', ctx
            )
    return Plan(status=plan.status, after=after, lasts=lasts, beep=beep)
