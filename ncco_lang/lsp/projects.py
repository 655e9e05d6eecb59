"""Find the settings of an open document: those of the nearest `ncco.toml`, with the text in the editor if it is open
there, or else from the disk.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang import __version__
from ncco_lang.checker import CheckOptions
from ncco_lang.compiler import CompileOptions
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.editor.types import DocumentSettings
from ncco_lang.project.config import CONFIG_NAME, Config, invalid_setting, parse_config
from ncco_lang.project.profiles import levels_of
from ncco_lang.project.setting_facts import UnreadSettings, UnsetVariable
from ncco_lang.source import Source
from ncco_lang.workspace.errors import InputError, SettingsError
from ncco_lang.workspace.files import read_settings
from ncco_lang.workspace.projects import Project

if TYPE_CHECKING:
    from ncco_lang.lsp.documents import OpenDocuments
    from ncco_lang.project.params import Given
    from ncco_lang.project.profiles import Profile, Unset


class LoadedProject(NamedTuple):
    """The settings of a folder.

    Attributes:
        project: the folder and its valid settings; the defaults if the file cannot be used.
        settings: the settings for the analysis of its documents.
        path: the path of the `ncco.toml`; None without one.
        findings: its findings, and the environment variables it needs that are not set.
        number: differs from that of the settings before.
    """

    project: Project
    settings: DocumentSettings
    path: str | None = None
    findings: tuple[Diagnostic, ...] = ()
    number: int = 0


class LoadedProjects:
    """The settings of every folder; each `ncco.toml` is read again when it changes."""

    __slots__ = ("_documents", "_known", "_numbers")

    def __init__(self, documents: OpenDocuments) -> None:
        self._documents = documents
        self._known: dict[str, tuple[object, LoadedProject]] = {}
        self._numbers = count(1)

    def for_path(self, path: str | None) -> LoadedProject:
        """Return the settings of a file; the defaults for a document that is not a file."""
        if path is None:
            return _default_project("")
        for folder in Path(path).parents:
            file = str(folder / CONFIG_NAME)
            opened = self._documents.at(file)
            if opened is not None:
                return self._cached(file, opened, opened.source)
            if os.path.lexists(file):
                return self._cached(file, _stamp(file), None)
        return _default_project(str(Path(path).parent))

    def _cached(self, file: str, stamp: object, source: Source | None) -> LoadedProject:
        """Return the settings of a file, read again if its stamp changed: the open version, or its status on the disk."""
        known = self._known.get(file)
        if known is None or known[0] != stamp:
            known = (stamp, _read(file, source)._replace(number=next(self._numbers)))
            self._known[file] = known
        return known[1]


def _stamp(file: str) -> object:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


_DEFAULTS = DocumentSettings()


def _default_project(folder: str, path: str | None = None, findings: tuple[Diagnostic, ...] = ()) -> LoadedProject:
    return LoadedProject(Project(folder, Config()), _DEFAULTS, path, findings)


def _read(file: str, source: Source | None) -> LoadedProject:
    folder = str(Path(file).parent)
    try:
        source = source or read_settings(file, CONFIG_NAME)
    except InputError as failed:
        unread = invalid_setting(Source(CONFIG_NAME, ""), (), UnreadSettings(reason=str(failed)))
        return _default_project(folder, file, (unread,))
    config, found = parse_config(source, __version__, is_rule, nearest_rule)
    if () in config.wrong:
        return _default_project(folder, file, tuple(found))
    settings, unset = _settings(source, config)
    project = Project(folder, config, source, file)
    return LoadedProject(project, settings, file, (*found, *unset, *_wrong_patterns(project)))


def _settings(source: Source, config: Config) -> tuple[DocumentSettings, tuple[Diagnostic, ...]]:
    """Return the settings of the project's own profile, with the findings about unset variables. An editor may run in
    another environment than a deploy, so a variable that is not set costs only its param.
    """
    profile = None if config.profile is None else config.profiles[config.profile]
    provider = config.provider if profile is None or profile.provider is None else profile.provider
    check = CheckOptions(provider=provider, levels=levels_of(profile, config.severity))
    allow = tuple(config.serve.get("allow", ()))
    if profile is None:
        alone = CompileOptions(check=check, having_base_url=config.having_base_url, allow=allow)
        return DocumentSettings(options=alone), ()
    given, unset = _params(profile)
    options = CompileOptions(
        check=check, params=given, base_url=profile.base_url, having_base_url=config.having_base_url, allow=allow
    )
    findings = tuple(_unset(source, one) for one in unset)
    return DocumentSettings(options=options, origins=_origins(source, given, profile)), findings


def _wrong_patterns(project: Project) -> tuple[Diagnostic, ...]:
    """Return the findings about `[check] json`; only using its patterns shows whether they are valid."""
    if project.config.json is None:
        return ()
    from ncco_lang.workspace.discover import is_ncco

    try:
        is_ncco(str(Path(project.folder) / "any.json"), project)
    except SettingsError as failed:
        return failed.findings
    return ()


def _params(profile: Profile) -> tuple[dict[str, Given], list[Unset]]:
    from dataclasses import replace

    from ncco_lang.project.profiles import read_params

    given, unset = read_params(profile, os.environ.get)
    missing = {one.param for one in unset if given[one.param].variable is None}
    known = {name: replace(value, is_needed=False) for name, value in given.items() if name not in missing}
    return known, unset


def _origins(source: Source, given: Mapping[str, Given], profile: Profile) -> dict[str, str]:
    return {
        name: f"{value.origin}, line {source.position(profile.params[name].span.start).line}"
        + (", from the environment" if value.from_env else "")
        for name, value in given.items()
    }


def _unset(source: Source, unset: Unset) -> Diagnostic:
    """Return the finding that a param has no value here, at its setting."""
    from dataclasses import replace

    found = invalid_setting(source, (), UnsetVariable(param=unset.param, variable=unset.variable))
    return replace(found, span=unset.span, severity="info")


def is_rule(word: str) -> bool:
    """Return whether a word is exactly the code or name of a rule: severities are looked up by it."""
    from ncco_lang.rules import find_rule

    rule = find_rule(word)
    return rule is not None and word in (rule.code, rule.name)


def nearest_rule(word: str) -> str | None:
    """Return the code or name that a misspelt word most likely means."""
    from ncco_lang.rules import nearest_rule as nearest

    return nearest(word)
