"""Read what a played call starts from: an NCCO from a file, a flow or standard input, or an answer URL."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ncco_lang.cli.console import Complaints, Refused, emit, emit_findings
from ncco_lang.cli.render import visible
from ncco_lang.workspace.discover import is_flow
from ncco_lang.workspace.files import is_folder, read_source
from ncco_lang.workspace.imports import DiskReader
from ncco_lang.workspace.projects import Choices, Projects, compile_options, refuse_wrong

if TYPE_CHECKING:
    from ncco_lang.bundle import Bundle
    from ncco_lang.ncco.veil import Veil
    from ncco_lang.project.params import Given
    from ncco_lang.source import Source


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a call starts from; exactly one of `ncco`, `url` and `bundle` is set.

    Attributes:
        name: the path of the file; empty for a URL.
        place_of: index of an action → file and line; None if unknown.
        hidden: hides texts from the environment; None if there are none.
    """

    ncco: list[dict[str, Any]] | None
    url: str | None
    place_of: Callable[[int], str | None]
    hidden: Veil | None = None
    bundle: Bundle | None = None
    name: str = ""

    def veiled(self, entry: Any) -> Any:
        """Return a line of the transcript, or a part of it, without texts from the environment."""
        return entry if self.hidden is None else veiled(entry, self.hidden)


def veiled(entry: Any, veil: Veil) -> Any:
    """Return a line of a transcript, or a part of it, with marks in place of texts from the environment.

    What the caller hears is left as it is, because that is what is played.
    """
    if isinstance(entry, dict):
        if entry.get("what") == "talk":
            return entry
        return {name: each if name == "what" else veiled(each, veil) for name, each in entry.items()}
    if isinstance(entry, list | tuple):
        return [veiled(each, veil) for each in entry]
    if isinstance(entry, str):
        for text in veil.texts:
            entry = entry.replace(text, veil.mark)
    return entry


def read_beginning(name: str | None, choices: Choices) -> Beginning | None:
    """Return what a call starts from; print findings and return None if they prevent the call.

    Raises:
        Refused, WorkspaceError: the source cannot be read.
    """
    complaints = Complaints()
    if name is None:
        name = _only_flow(choices, complaints)
    if name.lower().startswith(("http://", "https://")):
        if not is_web_address(name):
            raise click.UsageError(f'"{visible(name)}" is not a URL that a request can be sent to')
        return Beginning(None, name, lambda _: None)
    if is_folder(name):
        name = str(Path(name, "bundle.json"))
    source = read_source(name)
    return _of_flow(source, name, choices, complaints) if is_flow(name, source.text) else _of_json(source)


def is_web_address(text: str) -> bool:
    """Return whether a text is an HTTP URL with a host, and a valid port if it has one."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _only_flow(choices: Choices, complaints: Complaints) -> str:
    """Return the path of the only flow of the profile, which needs neither credentials nor an address."""
    from ncco_lang.workspace.projects import from_here, profile_of

    project = Projects(complaints.add).of_folder(".")
    refuse_wrong(project, choices.profile)
    profile = profile_of(project, choices.profile)
    applications = {} if profile is None else profile.table.get("applications", {})
    flows = sorted({str(each["flow"]) for each in applications.values() if "flow" in each})
    if len(flows) == 1:
        return from_here(Path(project.folder) / flows[0])
    known = ", ".join(map(visible, flows)) or "a .flow or .json file, the answer URL of a server, or -"
    raise click.UsageError(f"name what to play: {known}")


def _of_flow(source: Source, name: str, choices: Choices, complaints: Complaints) -> Beginning | None:
    from ncco_lang.compiler import compile_source
    from ncco_lang.product import Document
    from ncco_lang.program.file_of_tests import is_file_of_tests

    if is_file_of_tests(name):
        raise Refused(f"{visible(name)} has tests: ncco test runs them")
    project = Projects(complaints.add).of_file(name)
    refuse_wrong(project, choices.profile)
    options = compile_options(project, choices)
    compiled = compile_source(source, options, DiskReader(project.folder, name))
    if compiled.product is None:
        emit_findings(compiled.diagnostics, err=True)
        return None
    if not isinstance(compiled.product, Document):
        return Beginning(None, None, _nowhere, _hidden(options.params), compiled.product.bundle, source.name)
    lines = [source.position(span.start).line for span in compiled.product.spans]
    return Beginning(compiled.product.ncco, None, _places(source.name, lines), _hidden(options.params))


def _hidden(params: Mapping[str, Given]) -> Veil:
    from ncco_lang.ncco.veil import veil_of_texts

    return veil_of_texts(given.value for given in params.values() if given.from_env)


def _of_json(source: Source) -> Beginning | None:
    from ncco_lang.checker import check_ncco
    from ncco_lang.simulate.nccos import read_ncco
    from ncco_lang.syntax.json import parse_json

    root, syntax = parse_json(source)
    value = None if root is None else root.to_value()
    if isinstance(value, dict) and "graph" in value:
        return _of_bundle(source)
    read = read_ncco(value)
    # The platform plays only JSON, also where the intended value is known.
    if read.actions is None or any(each.severity == "error" for each in syntax):
        findings = [each for each in check_ncco(source) if each.severity == "error"]
        emit_findings(findings, err=True)
        if not findings:
            raise Refused(f"{source.name} is not a valid NCCO: {read.wrong}")
        return None
    nodes = [] if root is None or root.items is None else root.items
    lines = [source.position(node.start).line for node in nodes]
    # Older forms may become more or fewer actions; then the lines would be wrong.
    return Beginning(read.actions, None, _places(source.name, lines if len(lines) == len(read.actions) else []))


def _of_bundle(source: Source) -> Beginning:
    from ncco_lang.bundle_json import BundleError, load_bundle

    try:
        return Beginning(None, None, _nowhere, bundle=load_bundle(source.text), name=source.name)
    except BundleError as failed:
        raise Refused(f"{source.name} is not a bundle that this ncco plays: {failed}") from failed


def _nowhere(_: int) -> None:
    return None


def _places(name: str, lines: list[int]) -> Callable[[int], str | None]:
    return lambda index: f"{visible(name)}:{lines[index]}" if index < len(lines) else None


def read_answers(ctx: click.Context, words: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """Read the files of `--webhook GLOB=FILE`; return pairs of a glob and the file's content.

    Raises:
        click.UsageError: a value does not have that form, or a file is not JSON.
    """
    found = []
    for word in words:
        glob, sign, file = word.rpartition("=")
        if not sign or not glob or not file:
            raise click.UsageError(f'--webhook takes GLOB=FILE.json, not "{word}"', ctx)
        text = read_source(file).text
        try:
            json.loads(text)
        except ValueError as failed:
            raise click.UsageError(f"{visible(file)} is not JSON: {failed}", ctx) from failed
        found.append((glob, text.encode()))
    return found


def say(words: str) -> None:
    """Print a line on standard error."""
    emit(f"{words}\n", err=True)
