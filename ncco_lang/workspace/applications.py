"""Check the applications of `ncco.toml` against the flows on the disk: flows that are missing, params without a use."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic, Severity, place_facts
from ncco_lang.diagnostics import Path as SettingPath
from ncco_lang.program.param_facts import UnusedParam
from ncco_lang.project.config import discreet, find_setting, invalid_setting
from ncco_lang.project.profiles import TomlValue
from ncco_lang.project.setting_facts import NoSuchFlow
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.words import JSON
from ncco_lang.workspace.discover import FLOW
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.files import is_file, read_source
from ncco_lang.workspace.projects import Project

if TYPE_CHECKING:
    from ncco_lang.project.profiles import Profile
    from ncco_lang.source import Source

_UNKNOWN = None
"""The params of a flow that cannot be read, or that has syntax errors."""


def check_applications(project: Project, flows: Collection[str]) -> list[Diagnostic]:
    """Return the findings about the applications of a project, each at its place in `ncco.toml`.

    Args:
        flows: the paths of the flows of the project, which may use a profile's params without an application.
    """
    declared: dict[str, tuple[str, ...] | None] = {}
    found = [
        finding
        for profile in project.config.profiles.values()
        if profile.table.get("applications")
        for finding in _of_profile(project, profile, flows, declared)
    ]
    if project.source is None or not found:
        return []
    return sorted(discreet(project.source, found), key=lambda finding: finding.span)


def _of_profile(
    project: Project, profile: Profile, flows: Collection[str], declared: dict[str, tuple[str, ...] | None]
) -> Iterator[Diagnostic]:
    used: list[tuple[str, ...] | None] = []
    for key, application in profile.table["applications"].items():
        flow = application.get("flow")
        if flow is None:
            used.append(_UNKNOWN)
            continue
        path = str(Path(project.folder, flow))
        if not is_file(path):
            yield _missing(project, profile, key, flow)
            used.append(_UNKNOWN)
            continue
        used.append(own := _declared(path, declared))
        if own is not _UNKNOWN:
            place: SettingPath = ("profiles", profile.name, "applications", key, "params")
            given = {
                name: TomlValue(value, find_setting(profile.source, (*place, name)))
                for name, value in application.get("params", {}).items()
            }
            yield from unknown_params(profile.source, given, own, f"{flow} has no", "error")
    if not profile.params or _UNKNOWN in used:
        return
    known = {name for own in used for name in own or ()}
    if all(name in known for name in profile.params):
        return
    others = [_declared(os.path.realpath(flow), declared) for flow in flows]
    if _UNKNOWN not in others:
        known |= {name for own in others for name in own or ()}
        origin = f'no flow of profile "{profile.name}" has a'
        yield from unknown_params(profile.source, profile.params, sorted(known), origin, "warning")


def unknown_params(
    source: Source, given: Mapping[str, TomlValue], declared: Collection[str], origin: str, severity: Severity
) -> Iterator[Diagnostic]:
    """Yield a finding for each param of `ncco.toml` that is not declared; `origin` is that of `UnusedParam`."""
    for name, setting in given.items():
        if name not in declared:
            near = did_you_mean(name, declared)
            facts = UnusedParam(origin=origin, name=name, near=near, params=tuple(declared))
            yield replace(place_facts(facts, source, setting.span, JSON), severity=severity)


def _missing(project: Project, profile: Profile, key: str, flow: str) -> Diagnostic:
    """Return the finding about an application whose flow does not exist."""
    folder = Path(project.folder, flow).parent
    try:
        beside = [path.name for path in folder.iterdir() if path.suffix == FLOW]
    except OSError:
        beside = []
    name = Path(flow).name
    meant = did_you_mean(name, beside) or (beside[0] if len(beside) == 1 else None)
    near = None if meant is None else flow[: len(flow) - len(name)] + meant
    path = ("profiles", profile.name, "applications", key, "flow")
    return invalid_setting(profile.source, path, NoSuchFlow(application=key, flow=flow, near=near))


def _declared(path: str, known: dict[str, tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """Return the params that a flow declares; None if that is not known for certain."""
    if path not in known:
        from ncco_lang.program.params import declared_params
        from ncco_lang.syntax.parse import parse_flow

        try:
            file, found = parse_flow(read_source(path))
            is_broken = any(finding.severity == "error" for finding in found)
            known[path] = _UNKNOWN if is_broken else declared_params(file)
        except InputError:
            known[path] = _UNKNOWN
    return known[path]
