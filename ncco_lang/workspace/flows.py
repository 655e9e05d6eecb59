"""Compile and check files with the settings of their project: the calls of the library and of the command line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source
from ncco_lang.workspace.discover import is_flow
from ncco_lang.workspace.files import read_source
from ncco_lang.workspace.imports import DiskReader
from ncco_lang.workspace.projects import Choices, Project, Projects, check_options, compile_options

if TYPE_CHECKING:
    from ncco_lang.compiler import Compiled, CompileOptions
    from ncco_lang.program.imports import Reader


def compile_file(
    path: str | PathLike[str],
    *,
    profile: str | None = None,
    params: Mapping[str, Any] | None = None,
    base_url: str | None = None,
) -> Compiled:
    """Compile a `.flow` file with the settings of the nearest `ncco.toml` at or above it.

    Args:
        path: the file.
        profile: the profile of `ncco.toml` to use instead of its default.
        params: values for params of the flow, before those of the profile: strings, numbers, booleans, lists, dicts.
        base_url: the base of relative addresses, before that of the profile.

    Raises:
        InputError: the file cannot be read, `ncco.toml` is not usable, or an environment variable is not set.
        ValueError: the base_url is not an http(s) address.
    """
    from ncco_lang.compiler import compile_source

    name = fspath(path)
    project = Projects().of_file(name)
    options = compile_options(project, _choices(profile, params, base_url))
    return compile_source(read_source(name, allowed="pipes"), options, DiskReader(project.folder, name))


def check_file(
    path: str | PathLike[str],
    *,
    profile: str | None = None,
    params: Mapping[str, Any] | None = None,
    base_url: str | None = None,
) -> list[Diagnostic]:
    """Return every finding about a `.flow` file or an NCCO JSON file, with the settings of the nearest `ncco.toml`.

    Arguments and errors are those of `compile_file`.
    """
    name = fspath(path)
    source = read_source(name, allowed="pipes")
    project = Projects().of_file(name)
    return checker_of(name, source, project, _choices(profile, params, base_url), DiskReader(project.folder, name))(
        source
    )


def checker_of(
    name: str,
    source: Source,
    project: Project,
    choices: Choices,
    reader: Reader,
    not_for_it: Collection[str] = (),
) -> Callable[[Source], list[Diagnostic]]:
    """Return the check for a file, of flows or of NCCO JSON: by its suffix, else by its text.

    The reader gives the files that a flow imports; `not_for_it` are given params that belong to other files
    (`params_of_others`).

    Raises:
        SettingsError: the chosen profile does not exist, or needs a variable that the environment does not have.
    """
    if is_flow(name, source.text):
        from ncco_lang.compiler import check_flow

        flow_options = without_params(compile_options(project, choices), not_for_it)
        return lambda text: check_flow(text, flow_options, reader)
    from ncco_lang.checker import check_ncco

    options = check_options(project, choices)
    return lambda text: check_ncco(text, options)


def params_of_others(flows: Iterable[Source], given: Collection[str]) -> dict[str, frozenset[str]]:
    """Return for each of several flows, by name: the given params that other flows declare and this one does not.

    So one run with `-p` serves flows with different params. A param that no flow declares is a mistake: it is in no set
    here, and each flow reports it.
    """
    from ncco_lang.program.params import declared_params
    from ncco_lang.syntax.parse import parse_flow

    has = {source.name: frozenset(declared_params(parse_flow(source)[0])) for source in flows}
    known = frozenset().union(*has.values()).intersection(given)
    return {name: known - own for name, own in has.items()}


def without_params(options: CompileOptions, names: Collection[str]) -> CompileOptions:
    """Return the options without some of their params."""
    if not names:
        return options
    from dataclasses import replace

    return replace(options, params={name: given for name, given in options.params.items() if name not in names})


def _choices(profile: str | None, params: Mapping[str, Any] | None, base_url: str | None) -> Choices:
    if base_url is not None:
        from ncco_lang.project.profiles import is_base_url

        if not is_base_url(base_url):
            raise ValueError(f"base_url is no http(s) address: {base_url!r}")
    if not params:
        return Choices(profile, {}, base_url)
    from ncco_lang.project.params import Given

    return Choices(profile, {name: Given(value, f'params["{name}"]') for name, value in params.items()}, base_url)
