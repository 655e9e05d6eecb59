"""Arguments and options shared by several commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ncco_lang.project.params import Given

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Path(click.Path):
    """A path that must not be empty: the system would read an empty path as the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            raise click.UsageError("a path is empty; is a variable unset?", ctx)
        return super().convert(value, param, ctx)


# click completes file names for this type. It does not check readability: the code that reads reports errors.
PATH = _Path(readable=False, allow_dash=True)


def choosing(command: _Command) -> _Command:
    """Add the options of commands that compile flows: `-p`, `--profile` and `--base-url`."""
    options = (
        params_option,
        click.option(
            "--profile",
            metavar="NAME",
            shell_complete=complete_profile,
            help="The profile of ncco.toml to use, instead of its default.",
        ),
        click.option(
            "--base-url",
            metavar="URL",
            callback=_read_base_url,
            help="The base address for relative addresses (/events); overrides the profile's.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def complete_profile(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the matching profiles of the working folder's `ncco.toml`; `cli.completing` finds them."""
    from ncco_lang.cli.completing import profiles_of

    return profiles_of(incomplete)


def complete_param(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the matching params, each with its equals sign; `cli.completing` finds them."""
    from ncco_lang.cli.completing import params_of

    return params_of(ctx, incomplete)


def complete_argument(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the matching args, each with its equals sign; `cli.completing` finds them."""
    from ncco_lang.cli.completing import args_of

    return args_of(ctx, incomplete)


def complete_key(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the matching keys of the profile's applications; `cli.completing` finds them."""
    from ncco_lang.cli.completing import keys_of

    return keys_of(ctx, incomplete)


def _read_params(ctx: click.Context, _: click.Parameter, words: tuple[str, ...]) -> dict[str, Given]:
    """Return the values of all `-p NAME=VALUE`."""
    if not words:
        return {}
    from ncco_lang.project.params import Given

    return {name: Given(value, f"-p {name}") for name, value in read_pairs(ctx, words, "-p", "a param").items()}


def read_pairs(ctx: click.Context, words: tuple[str, ...], option: str, what: str) -> dict[str, str]:
    """Return the values of all `NAME=VALUE` of an option. Errors never show a value: it may be a secret."""
    from ncco_lang.syntax.reserved import NAME

    given: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise click.UsageError(f'{option} takes NAME=VALUE, and "{name}" has no =', ctx)
        if NAME.fullmatch(name) is None:
            raise click.UsageError(
                f'{option}: "{name}" is not a name for {what}; it is made of small letters, digits and _', ctx
            )
        if name in given:
            raise click.UsageError(f"{option} {name} is given twice", ctx)
        if not is_text(value):
            raise click.UsageError(f"{option} {name}: the value is not UTF-8", ctx)
        given[name] = value
    return given


params_option = click.option(
    "-p",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=complete_param,
    callback=_read_params,
    help="A value for a param of the flow; overrides the profile's. Can be repeated.",
)
"""The option `-p`; its value is a dict by name."""


def _read_arguments(ctx: click.Context, _: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    return read_pairs(ctx, words, "-a", "an arg")


arguments_option = click.option(
    "-a",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=complete_argument,
    callback=_read_arguments,
    help="A value for an arg of the flow in this call. Can be repeated.",
)
"""The option `-a`; its value is a dict of texts by name."""


def is_text(value: str) -> bool:
    """Return whether a value of the command line is UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _read_base_url(ctx: click.Context, _: click.Parameter, url: str | None) -> str | None:
    if url is not None:
        from ncco_lang.project.profiles import is_base_url

        if not is_base_url(url):
            raise click.UsageError(f'--base-url takes an http or https address without ? and #, not "{url}"', ctx)
    return url
