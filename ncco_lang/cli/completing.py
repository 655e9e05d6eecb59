"""Find what the shell completes: profiles, the keys of applications, and the params of flows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from ncco_lang.workspace.discover import FLOW
from ncco_lang.workspace.errors import WorkspaceError
from ncco_lang.workspace.projects import Projects

if TYPE_CHECKING:
    from ncco_lang.project.profiles import Profile
    from ncco_lang.syntax.ast import Arg, Param

_MOST_FLOWS = 50
"""How many flows of the working folder are read for their params."""


def profiles_of(incomplete: str) -> list[CompletionItem]:
    """Return the profiles of the working folder's `ncco.toml` that begin so."""
    return [CompletionItem(name) for name in _profiles() if name.startswith(incomplete)]


def keys_of(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the keys of the chosen profile's applications that begin so, of all profiles without a choice."""
    keys = dict.fromkeys(key for profile in _chosen(ctx) for key in profile.table.get("applications", {}))
    return [CompletionItem(key) for key in keys if key.startswith(incomplete)]


def params_of(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return `NAME=` for the params of the command's flows, or of the flows in the working folder, that begin so."""
    from ncco_lang.syntax.ast import Param

    return _declared(ctx, incomplete, Param)


def args_of(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return `NAME=` for the args of the flows in the working folder that begin so."""
    from ncco_lang.syntax.ast import Arg

    return _declared(ctx, incomplete, Arg)


def _declared(ctx: click.Context, incomplete: str, kind: type[Param | Arg]) -> list[CompletionItem]:
    from ncco_lang.syntax.parse import parse_flow
    from ncco_lang.workspace.files import read_source

    types: dict[str, str] = {}
    for name in _flows(ctx):
        try:
            file, _ = parse_flow(read_source(name))
        except WorkspaceError:
            continue
        types |= {each.name.text: each.type.text for each in file.declarations if isinstance(each, kind)}
    return [CompletionItem(f"{name}=", help=types[name]) for name in sorted(types) if name.startswith(incomplete)]


def _profiles() -> dict[str, Profile]:
    try:
        return dict(Projects(lambda _: None).of_folder(".").config.profiles)
    except WorkspaceError:
        return {}


def _chosen(ctx: click.Context) -> list[Profile]:
    """Return the profile of `--profile`, else the default profile, else all profiles."""
    profiles = _profiles()
    wanted = ctx.params.get("profile")
    if wanted is None and profiles:
        wanted = Projects(lambda _: None).of_folder(".").config.profile
    return [profiles[wanted]] if wanted in profiles else list(profiles.values())


def _flows(ctx: click.Context) -> list[str]:
    """Return the flows that the arguments and options before the cursor name, else those of the working folder."""
    # click leaves the arguments before an option without a value in `args`.
    given = (*ctx.params.values(), *ctx.args)
    named = [word for value in given for word in _words(value) if word.endswith(FLOW)]
    return named or [str(path) for path in sorted(Path().glob(f"*{FLOW}"))[:_MOST_FLOWS]]


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _words(each)
