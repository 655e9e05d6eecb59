"""Find the tests of flows: those in a flow, and those in the file of tests beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.render import visible
from ncco_lang.compiler import bind_parsed, compile_program
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.file_of_tests import flow_of, is_file_of_tests, tests_of
from ncco_lang.program.params import declared_params
from ncco_lang.program.walk import conditions_of
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.testing.cases import Case, cases_of
from ncco_lang.testing.in_process import Playable
from ncco_lang.workspace.discover import FLOW, discover
from ncco_lang.workspace.files import is_file, is_folder, read_source
from ncco_lang.workspace.flows import without_params
from ncco_lang.workspace.imports import DiskReader, Known
from ncco_lang.workspace.projects import Choices, Projects, compile_options, refuse_wrong

if TYPE_CHECKING:
    from ncco_lang.cli.console import Complaints
    from ncco_lang.compiler import CompileOptions, Product
    from ncco_lang.ncco.veil import Veil
    from ncco_lang.program.model import Program


@dataclass(frozen=True, slots=True)
class Suite:
    """A flow and its tests.

    Attributes:
        source: the flow.
        playable: None if the flow or its tests have errors.
        findings: these errors, and what else was found with them.
        veil: hides texts from the environment; None if there are none.
    """

    source: Source
    playable: Playable | None
    cases: tuple[Case, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    veil: Veil | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tests of a flow are wanted: those in the flow itself, and those in the file beside it."""

    own: bool = False
    beside: bool = False

    def __or__(self, other: Wanted) -> Wanted:
        """Return the tests that one of both wants."""
        return Wanted(self.own or other.own, self.beside or other.beside)


def wanted_flows(path: str, projects: Projects, complaints: Complaints) -> dict[str, Wanted]:
    """Return the flows that a path means, in order, and which of their tests.

    Raises:
        click.UsageError: it names a file that is not a flow.
    """
    if path == "-" or (not is_folder(path) and Path(path).suffix.lower() not in ("", FLOW)):
        raise click.UsageError(f"{visible(path)} is not a flow: tests are in NAME.flow and NAME_test.flow")
    flows: dict[str, Wanted] = {}
    for found in discover((path,), projects, ncco=False):
        if found.refusal is not None:
            complaints.add(found.refusal)
        elif is_file_of_tests(found.name):
            flows.setdefault(flow_of(found.name), Wanted(beside=True))
        else:
            flows[found.name] = Wanted(own=True, beside=True)
    return flows


def params_of(flows: Iterable[str]) -> frozenset[str]:
    """Return the params that flows and their files of tests declare, so that one run with `-p` serves all of them."""
    files = (file for name in flows for file in (name, tests_of(name)) if is_file(file))
    return frozenset(param for file in files for param in declared_params(parse_flow(read_source(file))[0]))


def load_suite(
    name: str, wanted: Wanted, choices: Choices, projects: Projects, known: frozenset[str] = frozenset()
) -> Suite:
    """Return the suite of a flow.

    Args:
        known: the params that some file of the run declares; a file that does not declare one is not given it.

    Raises:
        InputError: a file cannot be read, or its settings are not usable.
    """
    project = projects.of_file(name)
    refuse_wrong(project, choices.profile)
    loader = _Loader(compile_options(project, choices), project.folder, known, {})
    beside = tests_of(name)
    has_beside = wanted.beside and is_file(beside)
    if not is_file(name) and has_beside:
        return loader.orphan(beside)
    return loader.suite(name, beside if has_beside else None, is_own=wanted.own)


@dataclass(frozen=True, slots=True)
class _Loader:
    options: CompileOptions
    folder: str
    known_params: frozenset[str]
    known: Known

    def suite(self, name: str, beside: str | None, *, is_own: bool) -> Suite:
        """Return the suite of a flow."""
        program, product, findings = self._compiled(name)
        cases = [*cases_of(program)] if is_own and product is not None else []
        if beside is not None:
            tests, _, others = self._compiled(beside)
            findings = (*findings, *others)
            if not any(each.severity == "error" for each in others):
                cases += cases_of(tests)
        if product is None or any(each.severity == "error" for each in findings):
            return Suite(program.source, None, findings=findings)
        return Suite(program.source, playable_of(product, program), tuple(cases), veil=self._veil())

    def orphan(self, name: str) -> Suite:
        """Return the suite of a file of tests without its flow: a finding."""
        program, _, findings = self._compiled(name)
        return Suite(program.source, None, findings=findings)

    def _compiled(self, name: str) -> tuple[Program, Product | None, tuple[Diagnostic, ...]]:
        source = read_source(name)
        file, syntax = parse_flow(source)
        own = {*declared_params(file)}
        if is_file_of_tests(name) and is_file(flow_of(name)):
            own |= params_of([flow_of(name)])
        options = without_params(self.options, self.known_params - own)
        program = bind_parsed(source, file, options, DiskReader(self.folder, name, self.known))
        compiled = compile_program(program, syntax, options)
        return program, compiled.product, compiled.diagnostics

    def _veil(self) -> Veil:
        from ncco_lang.ncco.veil import veil_of_texts

        return veil_of_texts(given.value for given in self.options.params.values() if given.from_env)


def playable_of(product: Product, program: Program) -> Playable:
    """Return what a bound flow compiles to as something that can be called."""
    from ncco_lang.product import Document

    if isinstance(product, Document):
        return Playable(ncco=product.ncco, places={(-1, at): span for at, span in enumerate(product.spans)})
    return Playable(product.bundle, places=product.places, conditions=conditions_of(program.statements))
