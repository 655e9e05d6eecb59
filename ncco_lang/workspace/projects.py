"""Find the `ncco.toml` of a file, and make options of the checker and the compiler from it and the user's choices."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.project.config import CONFIG_NAME, Config, parse_config
from ncco_lang.source import Source
from ncco_lang.words import JSON
from ncco_lang.workspace.errors import SettingsError
from ncco_lang.workspace.files import read_settings

if TYPE_CHECKING:
    from ncco_lang.checker import CheckOptions
    from ncco_lang.compiler import CompileOptions
    from ncco_lang.project.params import Given
    from ncco_lang.project.profiles import Profile
    from ncco_lang.project.targets import AppTarget


class Choices(NamedTuple):
    """The user's choices for this run; they override `ncco.toml`.

    Attributes:
        profile: the profile's name; None for the default of `ncco.toml`, if it has one.
        params: values for params, in addition to those of the profile and before them.
        base_url: the base of relative addresses.
        provider: the provider whose pages count.
        silence: say how long the caller can hear nothing while servers hang.
    """

    profile: str | None = None
    params: Mapping[str, Given] = MappingProxyType({})
    base_url: str | None = None
    provider: str | None = None
    silence: bool = False


class Project(NamedTuple):
    """The settings of a folder.

    Attributes:
        folder: the base of their patterns: the folder of the `ncco.toml`, or the folder itself without one.
        config: the settings.
        source: the text of the `ncco.toml`; None if there is no such file.
        file: a path to it from the working folder.
    """

    folder: str
    config: Config
    source: Source | None = None
    file: str | None = None


class Projects:
    """The projects of one run; each `ncco.toml` is read once.

    Args:
        report: receives what is wrong in an `ncco.toml` whose other settings are usable; if None, that is raised.
    """

    __slots__ = ("_known", "_report")

    def __init__(self, report: Callable[[SettingsError], object] | None = None) -> None:
        self._known: dict[str, Project] = {}
        self._report = report

    def of_folder(self, folder: str) -> Project:
        """Return the settings for the files of a folder: the nearest `ncco.toml` at or above it.

        Raises:
            InputError: it cannot be read, or (SettingsError) it is not usable.
        """
        here = Path(os.path.realpath(folder))
        known = self._known.get(str(here))
        if known is None:
            for parent in (here, *here.parents):
                if os.path.lexists(parent / CONFIG_NAME):
                    # Also a link that leads nowhere: settings that the user wants are never skipped.
                    known = self._known.get(str(parent)) or _read_project(parent, self._report)
                    self._known[str(parent)] = known
                    break
            else:
                known = Project(str(here), Config())
            self._known[str(here)] = known
        return known

    def of_file(self, name: str) -> Project:
        """Return the settings for a file; for standard input, those of the working folder."""
        return self.of_folder(str(Path(name).parent))


def _read_project(folder: Path, report: Callable[[SettingsError], object] | None) -> Project:
    from ncco_lang import __version__

    file = from_here(folder / CONFIG_NAME)
    source = read_settings(str(folder / CONFIG_NAME), str(folder / CONFIG_NAME) if file.startswith(os.pardir) else file)
    config, found = parse_config(source, __version__, _is_rule, _nearest_rule)
    if found and (report is None or () in config.wrong):
        raise unusable_settings(source, found)
    if found and report is not None:
        what = "one setting is" if len(found) == 1 else f"{len(found)} settings are"
        report(SettingsError(f"{source.name}: {what} wrong and left out; the others hold", found))
    return Project(str(folder), config, source, file)


def unusable_settings(source: Source, findings: Sequence[Diagnostic]) -> SettingsError:
    """Return the error for an `ncco.toml` that is wrong; in another folder it says that only its files are left out."""
    folder = os.path.dirname(source.name)  # noqa: PTH120 - pathlib makes a dot of nothing
    return SettingsError(f"{source.name} is not usable; nothing was done{f' in {folder}' if folder else ''}", findings)


def refuse_wrong(project: Project, name: str | None, *, deploying: bool = False) -> None:
    """Raise an error before a profile with a wrong setting, or the wrong profile, is used.

    Args:
        name: the profile that the user chose; None for the project's default.
        deploying: whether settings that only deploying needs count too.

    Raises:
        SettingsError: the result would not be what its author meant.
    """
    from ncco_lang.project.profiles import DEPLOYING

    taken = name or project.config.profile
    for path in project.config.wrong:
        is_choice = path == ("profile",) and name is None
        is_in_it = path[:1] == ("profiles",) and (len(path) == 1 or path[1] == taken)
        if is_choice or (is_in_it and (deploying or len(path) < 3 or path[2] not in DEPLOYING)):
            assert project.source is not None
            what = "the choice of a profile" if is_choice or len(path) == 1 else f'profile "{taken}"'
            raise SettingsError(f"{project.source.name}: {what} is wrong, so nothing was done; correct it first")


def from_here(path: Path) -> str:
    """Return a path as messages name it: from the working folder."""
    try:
        return os.path.relpath(path)
    except ValueError:
        # Another drive.
        return str(path)


def _is_rule(word: str) -> bool:
    """Return whether a word is the code or name of a rule, letter for letter: severities are looked up by it."""
    from ncco_lang.rules import find_rule

    rule = find_rule(word)
    return rule is not None and word in (rule.code, rule.name)


def _nearest_rule(word: str) -> str | None:
    from ncco_lang.rules import nearest_rule

    return nearest_rule(word)


def profile_of(project: Project, name: str | None) -> Profile | None:
    """Return the profile of that name, or the project's default; None without either.

    Raises:
        SettingsError: there is no such profile.
    """
    profiles, wanted = project.config.profiles, name or project.config.profile
    if wanted is None or wanted in profiles:
        return None if wanted is None else profiles[wanted]
    if project.source is None:
        raise SettingsError(f'there is no profile "{wanted}", because no ncco.toml was found')
    from ncco_lang.project.profiles import no_such_profile

    words = no_such_profile(wanted, profiles).words(JSON)
    raise SettingsError(f"{words.message} in {project.source.name}; {words.hint}")


def check_options(project: Project, choices: Choices) -> CheckOptions:
    """Return the options for checking JSON in a project.

    Raises:
        SettingsError: the chosen profile does not exist.
    """
    from ncco_lang.checker import CheckOptions
    from ncco_lang.project.profiles import levels_of

    profile = profile_of(project, choices.profile)
    of_profile = None if profile is None else profile.provider
    return CheckOptions(
        provider=choices.provider or of_profile or project.config.provider,
        levels=levels_of(profile, project.config.severity),
    )


def compile_options(project: Project, choices: Choices) -> CompileOptions:
    """Return the options for checking and compiling flows in a project.

    Raises:
        SettingsError: the chosen profile does not exist, or needs a variable that the environment does not have.
    """
    from ncco_lang.compiler import CompileOptions

    profile = profile_of(project, choices.profile)
    params: dict[str, Given] = {} if profile is None else _params_of(profile, leave_out=choices.params)
    return CompileOptions(
        check=check_options(project, choices),
        params={**params, **choices.params},
        base_url=choices.base_url or (None if profile is None else profile.base_url),
        having_base_url=project.config.having_base_url,
        having_params=project.config.having_params,
        joins=None if profile is None else profile.joins,
        mixed_barge_in=profile is not None and profile.mixed_barge_in,
        tells_silence=choices.silence,
        allow=tuple(project.config.serve.get("allow", ())),
    )


def for_application(project: Project, profile: Profile, application: AppTarget) -> Project:
    """Return the project with the application's params among those of the profile."""
    if not application.params:
        return project
    from dataclasses import replace

    from ncco_lang.project.targets import with_params

    profiles = {**project.config.profiles, profile.name: with_params(profile, application)}
    return project._replace(config=replace(project.config, profiles=profiles))


def _params_of(profile: Profile, leave_out: Mapping[str, Given]) -> dict[str, Given]:
    """Return the params of a profile, also those from the environment; params of the command line are not read."""
    from dataclasses import replace

    from ncco_lang.project.profiles import read_params

    wanted = {name: setting for name, setting in profile.params.items() if name not in leave_out}
    given, unset = read_params(replace(profile, params=wanted), _variable)
    # One that is the whole value may be that of a secret, which the flow knows and only its server needs.
    parts = [one for one in unset if given[one.param].variable is None]
    if not parts:
        return given
    lines = [f"{profile.source.name}:{profile.source.position(one.span.start).line}" for one in parts]
    names = [f"{one.variable} ({line}, {one.param})" for one, line in zip(parts, lines, strict=True)]
    what = "a variable that is" if len(names) == 1 else "variables that are"
    raise SettingsError(f'profile "{profile.name}" wants {what} not set in the environment: {", ".join(names)}')


def _variable(name: str) -> str | None:
    value = os.environ.get(name)
    try:
        if value is not None:
            value.encode("utf-8")
    except UnicodeEncodeError as failed:
        raise SettingsError(f"the environment variable {name} is not UTF-8") from failed
    return value
