"""Which flows are served: those of the profile's applications, or those that the user names, compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ncco_lang.bundle import Bundle
from ncco_lang.bundle_json import BundleError, load_bundle
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.file_of_tests import is_file_of_tests
from ncco_lang.project.profiles import Profile
from ncco_lang.project.targets import AppTarget, read_applications, read_reference
from ncco_lang.workspace.errors import InputError, SettingsError
from ncco_lang.workspace.file_stamps import look, stamp
from ncco_lang.workspace.files import is_file, is_folder, read_source
from ncco_lang.workspace.flows import params_of_others, without_params
from ncco_lang.workspace.imports import DiskReader
from ncco_lang.workspace.projects import (
    Choices,
    Project,
    Projects,
    compile_options,
    for_application,
    from_here,
    profile_of,
    refuse_wrong,
)
from ncco_lang.workspace.secrets import read_secret

if TYPE_CHECKING:
    from ncco_lang.source import Source

BUNDLE = "bundle.json"
"""The name of a bundle in the folder that `ncco compile` writes."""
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_-]+")


class Sources(NamedTuple):
    """What is served: paths of flows and bundles, or all applications of the profile if there are none."""

    operands: tuple[str, ...]
    choices: Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application that is served.

    Attributes:
        key: its key in the settings, or a name made of that of the file.
        bundle: its flow; None if that is one document.
        document: the NCCO of a flow that is one document.
        has_fallback: the platform asks a fallback URL where this server does not answer.
        secret: signs its webhooks; None if they are not signed.
    """

    key: str
    bundle: Bundle | None = None
    document: list[dict[str, Any]] | None = None
    has_fallback: bool = False
    secret: str | None = field(default=None, repr=False)


class Loaded(NamedTuple):
    """The applications, the findings about their flows, and each file that was read with its stamp from before.

    Flows with a finding at error level are left out of the applications; `has_errors` tells whether there are any.
    """

    applications: tuple[Application, ...]
    findings: tuple[Diagnostic, ...]
    stamps: Mapping[str, str]

    @property
    def has_errors(self) -> bool:
        """Whether an application is missing."""
        return any(each.severity == "error" for each in self.findings)


class _Flow(NamedTuple):
    """A flow to compile, for an application of the settings or for none."""

    key: str
    path: Path
    target: AppTarget | None = None


def read_project(
    sources: Sources, report: Callable[[SettingsError], object] | None = None
) -> tuple[Project, Profile | None]:
    """Return the settings for what is served: those of the first path, else of the working folder.

    Args:
        report: receives what is wrong in settings that are not needed; if None, that is raised.

    Raises:
        InputError: `ncco.toml` cannot be read or used, or has no such profile.
    """
    projects, operands = Projects(report), sources.operands
    if operands and is_folder(operands[0]):
        project = projects.of_folder(operands[0])
    else:
        project = projects.of_file(operands[0]) if operands else projects.of_folder(".")
    refuse_wrong(project, sources.choices.profile)
    if project.source is not None and any(path[:1] == ("serve",) for path in project.config.wrong):
        raise SettingsError(f"{project.source.name}: [serve] is wrong, so nothing was done; correct it first")
    return project, profile_of(project, sources.choices.profile)


def load_applications(sources: Sources, project: Project, profile: Profile | None) -> Loaded:
    """Compile what is served.

    Args:
        sources: their `base_url` is that of this server.
        project, profile: those of `read_project`.

    Raises:
        InputError: a file cannot be read, or is neither a flow nor a bundle; nothing is served.
    """
    flows, bundles = _found(sources, project, profile)
    if not flows and not bundles:
        raise SettingsError("there is nothing to serve; name a flow, or put applications into a profile of ncco.toml")
    stamps = {} if project.source is None else _stamps([Path(project.folder, "ncco.toml")])
    stamps |= _stamps([each.path for each in flows] + list(bundles.values()))
    texts = {each.path: read_source(str(each.path), from_here(each.path)) for each in flows}
    not_for = params_of_others(texts.values(), sources.choices.params) if sources.choices.params else {}
    made, findings = [], dict[str, Diagnostic]()
    for flow in flows:
        source = texts[flow.path]
        compiled, reader = _compiled(flow, source, sources, project, not_for.get(source.name, ()))
        stamps |= {path: seen or "" for path, seen in reader.stamps.items()}
        # An error is reported once, also if two applications have the flow.
        findings |= {
            f"{each.rule.code} {each.span} {source.name} {each.message}": each for each in compiled.diagnostics
        }
        if compiled.product is not None:
            made.append(_application(flow.key, compiled.product, project, profile, flow.target))
    for key, path in bundles.items():
        made.append(_application(key, _read_bundle(path), project, profile, None))
    return Loaded(tuple(made), tuple(findings.values()), stamps)


def _found(sources: Sources, project: Project, profile: Profile | None) -> tuple[list[_Flow], dict[str, Path]]:
    """Return the flows, and the bundles by key."""
    targets = {} if profile is None else read_applications(profile)
    all_flows = [_Flow(key, Path(project.folder, each.flow), each) for key, each in targets.items()]
    if not sources.operands:
        return all_flows, {}
    flows, bundles = list[_Flow](), dict[str, Path]()
    for name in sources.operands:
        path = Path(name)
        if is_file_of_tests(name):
            raise InputError(f"{name} has tests, and is not served: ncco test runs them")
        if is_folder(path) or path.suffix.lower() == ".json":
            bundles |= _bundles_of(path, bundles)
            continue
        own = [each for each in all_flows if each.path.resolve() == path.resolve()]
        flows += own or [_Flow(_key_of(path.stem), path)]
    keys = [each.key for each in flows] + list(bundles)
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(f'two of the files would be the application "{twice}"; serve them from two folders')
    return flows, bundles


def _bundles_of(path: Path, known: Mapping[str, Path]) -> dict[str, Path]:
    """Return the bundles of an operand by key: a file, a folder with one, or a folder of such folders."""
    files = [path]
    if is_folder(path):
        files = [path / BUNDLE] if is_file(path / BUNDLE) else sorted(path.glob(f"*/{BUNDLE}"))
        if not files:
            raise InputError(f"there is no {BUNDLE} in {path}; ncco compile writes it: ncco compile FILE -o {path}")
    found = {}
    for file in files:
        key = _key_of(file.resolve().parent.name if file.name == BUNDLE else file.stem)
        if key in known:
            raise InputError(f'two of the bundles would be the application "{key}"; rename a folder')
        found[key] = file
    return found


def _key_of(name: str) -> str:
    return _NOT_IN_KEYS.sub("-", name).strip("-") or "flow"


def _stamps(paths: list[Path]) -> dict[str, str]:
    return {str(path): stamp(look(str(path))) for path in paths}


def _compiled(flow: _Flow, source: Source, sources: Sources, project: Project, left_out: Any) -> tuple[Any, DiskReader]:
    from ncco_lang.compiler import compile_source

    if flow.target is not None and (profile := profile_of(project, sources.choices.profile)) is not None:
        project = for_application(project, profile, flow.target)
    options = without_params(compile_options(project, sources.choices), left_out)
    reader = DiskReader(project.folder, str(flow.path))
    return compile_source(source, options, reader), reader


def _read_bundle(path: Path) -> Bundle:
    try:
        return load_bundle(read_source(str(path)).text)
    except BundleError as failed:
        raise InputError(f"cannot serve {path}: {failed}") from None


def _application(
    key: str, product: Any, project: Project, profile: Profile | None, target: AppTarget | None
) -> Application:
    settings: Mapping[str, Any] = {} if target is None else target.settings
    table: Mapping[str, Any] = {} if profile is None else profile.table
    return Application(
        key=key,
        bundle=product if isinstance(product, Bundle) else getattr(product, "bundle", None),
        document=getattr(product, "ncco", None),
        has_fallback="fallback_url" in settings or ("documents" in table and table.get("provider") != "kpn"),
        secret=_secret(table, project) if settings.get("signed_callbacks", True) else None,
    )


def _secret(table: Mapping[str, Any], project: Project) -> str | None:
    """Return the secret that signs the account's webhooks, if the profile has it."""
    reference = table.get("credentials", {}).get("signature_secret")
    return None if reference is None else read_secret(read_reference(reference), project.folder)


def changed(stamps: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that have changed since they were read."""
    for path, seen in stamps.items():
        if stamp(look(path)) != seen:
            yield path
