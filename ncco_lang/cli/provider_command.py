"""What the commands that reach a provider share: how its refusals end them, the profile and the application."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

import click

from ncco_lang.cli.console import Refused, complain, emit_findings
from ncco_lang.cli.options import complete_profile
from ncco_lang.workspace.errors import SettingsError
from ncco_lang.workspace.projects import Project, Projects, from_here, profile_of, refuse_wrong

if TYPE_CHECKING:
    from ncco_lang.deploy.state import State
    from ncco_lang.project.targets import AppTarget, Target

_P = ParamSpec("_P")
_R = TypeVar("_R")


class RefusedOutside(Refused):
    """The provider, the network or the store said no."""

    exit_code = 3


class AnswerIsNo(Refused):
    """What was asked is not so, or must not be done as things stand."""

    exit_code = 1


_KINDS: Mapping[int, type[Refused]] = {kind.exit_code: kind for kind in (AnswerIsNo, Refused, RefusedOutside)}


def remote(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a command end with one sentence when the outside says no (exit 3).

    It stands directly above `def`, below click's decorators.
    """

    @wraps(command)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        # Imported here, so that `--help` pays for nothing of it.
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
    help="The profile of ncco.toml to take, instead of the one that it names itself.",
)
app_option = click.option(
    "--app", metavar="KEY", help="The application: its key in the profile, or its name; the only one by default."
)


class Chosen(NamedTuple):
    """The project of the working folder, and what its profile says about a provider."""

    project: Project
    target: Target

    def path(self, name: str) -> str:
        """A path of the settings, which counts from the folder of `ncco.toml`."""
        return str(Path(self.project.folder) / name)

    def state(self) -> State:
        """What was deployed with this profile."""
        from ncco_lang.deploy.state_file import read_state

        path = self.path(self.target.state)
        return read_state(path, from_here(Path(path)))

    def application_id(self, app: AppTarget) -> str:
        """The id that the provider gave to an application when it was deployed.

        Raises:
            Refused: it was not deployed.
        """
        found = self.state().applications.get(app.key)
        if found is None:
            name = self.target.profile.name
            raise Refused(f'"{app.key}" of profile "{name}" is not deployed yet; first: ncco deploy --profile {name}')
        return found.id

    def app(self, wanted: str | None, flow: str | None = None) -> AppTarget:
        """The application that is meant: the one of that key or name, else that of the flow, else the only one.

        Raises:
            Refused: there is none, or there are several and nothing says which.
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
    """What the working folder's `ncco.toml` says about the profile that was asked for, or that it names itself.

    Args:
        deploying: whether it has to say where documents go, and to have applications.

    Raises:
        SettingsError: it is not there, or not enough for a provider to be reached.
        Refused: nothing says which profile.
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
    """Why nobody knows which provider is meant, and what to do."""
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
    """JSON from a provider without what is secret in it: private keys, secrets, passwords in addresses."""
    if isinstance(value, Mapping):
        return {key: without_secrets(item) for key, item in value.items() if _SECRET.search(str(key)) is None}
    if isinstance(value, (list, tuple)):
        return [without_secrets(item) for item in value]
    return without_password(value) if isinstance(value, str) else value


def without_password(address: str) -> str:
    """An address without the password that may stand before its host."""
    return _PASSWORD.sub(r"\1:…@", address)


_SECRET = re.compile("private_?key|secret|passw|token|authorization|credential", re.IGNORECASE)
_PASSWORD = re.compile(r"(//[^/@:\s]*):[^/\s]*@")
