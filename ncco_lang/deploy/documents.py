"""Compile the flows of a profile's applications to documents (NCCO as bytes), and collect their findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.project.targets import Target
from ncco_lang.source import Source
from ncco_lang.workspace.files import read_source
from ncco_lang.workspace.flows import params_of_others, without_params
from ncco_lang.workspace.imports import DiskReader, Known
from ncco_lang.workspace.projects import Choices, Project, compile_options, for_application

if TYPE_CHECKING:
    from ncco_lang.bundler import Bundled
    from ncco_lang.ncco.veil import Veil
    from ncco_lang.project.params import Given


@dataclass(frozen=True, slots=True)
class CompiledFlows:
    """The documents and bundles by the keys of their applications, and the findings of each flow.

    A flow with a finding at error level has neither; one that branches has a bundle. `params` are the params that each flow declares, by its path
    in the settings. `veils` belong to the documents that hold values from the environment; None hides all lines.
    """

    documents: Mapping[str, bytes]
    bundles: Mapping[str, Bundled]
    findings: tuple[tuple[Diagnostic, ...], ...]
    params: Mapping[str, tuple[str, ...]]
    veils: Mapping[str, Veil | None] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the applications whose flow has no errors."""
        return (*self.documents, *self.bundles)

    @property
    def has_errors(self) -> bool:
        """Return whether nothing may be deployed."""
        return any(each.severity == "error" for findings in self.findings for each in findings)


def compile_applications(
    project: Project, target: Target, keys: Iterable[str], params: Mapping[str, Given], *, typed: str | None = None
) -> CompiledFlows:
    """Compile the flow of each application. `params` override the application's params, which override the profile's.

    Args:
        typed: how messages name the flow, if the user has named the only one.

    Raises:
        InputError: a flow cannot be read, or the environment lacks a variable that the profile names.
    """
    from ncco_lang.bundler import Bundled
    from ncco_lang.compiler import compile_parsed
    from ncco_lang.gc_pause import uncollected
    from ncco_lang.ncco.emit import render_ncco
    from ncco_lang.ncco.veil import veil_of_texts
    from ncco_lang.program.params import declared_params
    from ncco_lang.syntax.parse import parse_flow

    applications = [target.applications[key] for key in keys]
    sources = {flow: _read(project, flow, typed) for flow in dict.fromkeys(each.flow for each in applications)}
    not_for = params_of_others(sources.values(), params) if params and len(sources) > 1 else {}
    documents: dict[str, bytes] = {}
    bundles: dict[str, Bundled] = {}
    findings: dict[tuple[str, tuple[str, ...]], tuple[Diagnostic, ...]] = {}
    declared: dict[str, tuple[str, ...]] = {}
    veils: dict[str, Veil | None] = {}
    imported: Known = {}
    for application in applications:
        source = sources[application.flow]
        options = compile_options(
            for_application(project, target.profile, application),
            Choices(profile=target.profile.name, params=params),
        )
        reader = DiskReader(project.folder, str(Path(project.folder, application.flow)), imported)
        with uncollected():
            file, syntax = parse_flow(source)
            given = without_params(options, not_for.get(source.name, ()))
            compiled = compile_parsed(source, file, syntax, replace(given, is_written=True), reader)
        declared[application.flow] = declared_params(file)
        if compiled.diagnostics:
            # Report a finding of a flow once, also if two applications have the flow.
            reported = tuple(f"{each.rule.code} {each.span} {each.message}" for each in compiled.diagnostics)
            findings.setdefault((application.flow, reported), compiled.diagnostics)
        product = compiled.product
        if isinstance(product, Bundled):
            bundles[application.key] = product
            if product.secret:
                veils[application.key] = None
        elif product is not None:
            documents[application.key] = render_ncco(product.ncco).encode("utf-8")
            unused = [given.value for given in options.params.values() if given.from_env]
            if product.secret:
                veils[application.key] = product.veil
            elif unused:
                veils[application.key] = veil_of_texts(unused)
    return CompiledFlows(documents, bundles, tuple(findings.values()), declared, veils)


def _read(project: Project, flow: str, typed: str | None) -> Source:
    """Read a flow by its path from the folder of `ncco.toml`; messages show its path from the working directory."""
    import os

    path = Path(project.folder) / flow
    if typed is not None:
        return read_source(str(path), typed)
    try:
        shown = os.path.relpath(path)
    except ValueError:
        shown = str(path)
    return read_source(str(path), str(path) if shown.startswith(os.pardir) else shown)
