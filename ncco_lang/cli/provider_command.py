"""Shared by commands that reach a provider: errors and exit codes, the profile and the application."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

import click

from ncco_lang.cli.console import Refused, complain, emit_findings
from ncco_lang.cli.options import complete_key, complete_profile
from ncco_lang.workspace.errors import SettingsError
from ncco_lang.workspace.projects import Project, Projects, from_here, profile_of, refuse_wrong

if TYPE_CHECKING:
    from ncco_lang.deploy.state import State
    from ncco_lang.project.targets import AppTarget, Target

_P = ParamSpec("_P")
_R = TypeVar("_R")


class RefusedOutside(Refused):
    """The provider, the network or the store refused."""

    exit_code = 3


class AnswerIsNo(Refused):
    """The answer is no, or the current state does not allow the action."""

    exit_code = 1


_KINDS: Mapping[int, type[Refused]] = {kind.exit_code: kind for kind in (AnswerIsNo, Refused, RefusedOutside)}


def remote(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn errors of the provider, the network, the store and the state into a message and an exit code.

    Put this decorator directly above `def`, below click's decorators.
    """

    @wraps(command)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        # Imported here, so that `--help` does not load them.
        from ncco_lang.api.errors import ApiError
        from ncco_lang.deploy.errors import DeployError
        from ncco_lang.store.errors import StoreError

        try:
            return command(*args, **kwargs)
        except (ApiError, StoreError) as failed:
            raise RefusedOutside(str(failed)) from failed
        except DeployError as failed:
            raise _KINDS[failed.exit_code](str(failed)) from failed

    return guarded


profile_option = click.option(
    "--profile",
    metavar="NAME",
    shell_complete=complete_profile,
    help="The profile of ncco.toml to use, instead of its default.",
)
app_option = click.option(
    "--app",
    metavar="KEY",
    shell_complete=complete_key,
    help="The application's key in the profile, or its name. Default: the only application.",
)


class Chosen(NamedTuple):
    """The project of the working folder, and the deploy settings of the chosen profile."""

    project: Project
    target: Target

    def path(self, name: str) -> str:
        """Return a path from the settings, which is relative to the folder of `ncco.toml`."""
        return str(Path(self.project.folder) / name)

    def state(self) -> State:
        """Return the state: what was deployed with this profile."""
        from ncco_lang.deploy.state_file import read_state

        path = self.path(self.target.state)
        return read_state(path, from_here(Path(path)))

    def application_id(self, app: AppTarget) -> str:
        """Return the id that the provider gave the application.

        Raises:
            Refused: the application is not deployed.
        """
        found = self.state().applications.get(app.key)
        if found is None:
            name = self.target.profile.name
            raise Refused(f'"{app.key}" of profile "{name}" is not deployed yet; first: ncco deploy --profile {name}')
        return found.id

    def app(self, wanted: str | None, flow: str | None = None) -> AppTarget:
        """Return the application with this key or name, else the one of this flow, else the only one.

        Raises:
            Refused: the profile has no such application, or several, and no option chooses one.
        """
        apps = self.target.applications
        name = self.target.profile.name
        if not apps:
            raise Refused(f'profile "{name}" has no applications; begin one with [profiles.{name}.applications.main]')
        if wanted is not None:
            return _named_app(apps, wanted, name)
        meant = [app for app in apps.values() if flow is not None and _is_same(self.path(app.flow), flow)]
        meant = meant or list(apps.values())
        if len(meant) > 1:
            raise Refused(f'profile "{name}" has several applications; say which: {_choices("--app ", meant)}')
        return meant[0]


def chosen(profile: str | None, *, deploying: bool = False) -> Chosen:
    """Return the project of the working folder, with this profile or the default one.

    Args:
        deploying: whether the profile needs a documents store and applications.

    Raises:
        SettingsError: the profile lacks settings that are needed to reach its provider.
        Refused: no profile is chosen.
    """
    from ncco_lang.project.targets import read_target

    project = Projects(complain).of_folder(".")
    refuse_wrong(project, profile, deploying=True)
    taken = profile_of(project, profile)
    if taken is None:
        raise Refused(_no_profile(project))
    target, found = read_target(taken, deploying=deploying)
    if target is None:
        raise SettingsError(f'profile "{taken.name}" does not say how its provider is reached', found)
    if found:
        emit_findings(found, err=True)
    return Chosen(project, target)


def _no_profile(project: Project) -> str:
    """Return the message for a missing profile: why it is not known, and what to do."""
    if project.source is None:
        return "there is no ncco.toml here or above, so nothing says which provider; begin one with: ncco init"
    names = list(project.config.profiles)
    if not names:
        return f"{project.source.name} has no profiles, so nothing says which provider; [profiles.live] begins one"
    ways = " or ".join(f"--profile {name}" for name in names)
    return f'no profile is chosen: take {ways}, or write profile = "{names[0]}" at the top of {project.source.name}'


def _named_app(apps: Mapping[str, AppTarget], wanted: str, profile: str) -> AppTarget:
    if wanted in apps:
        return apps[wanted]
    named = [app for app in apps.values() if app.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        raise Refused(f'several applications have the name "{wanted}"; say which: {_choices("--app ", named)}')
    those = _choices("", list(apps.values()))
    raise Refused(f'profile "{profile}" has no application "{wanted}"; it has {those}')


def _choices(before: str, apps: list[AppTarget]) -> str:
    return " or ".join(before + app.key for app in apps)


def _is_same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def without_secrets(value: Any) -> Any:
    """Return JSON from a provider without private keys, secrets and passwords in addresses."""
    if isinstance(value, Mapping):
        return {key: without_secrets(item) for key, item in value.items() if _SECRET.search(str(key)) is None}
    if isinstance(value, (list, tuple)):
        return [without_secrets(item) for item in value]
    return without_password(value) if isinstance(value, str) else value


def without_password(address: str) -> str:
    """Return an address without the password before its host."""
    return _PASSWORD.sub(r"\1:…@", address)


_SECRET = re.compile("private_?key|secret|passw|token|authorization|credential", re.IGNORECASE)
_PASSWORD = re.compile(r"(//[^/@:\s]*):[^/\s]*@")
