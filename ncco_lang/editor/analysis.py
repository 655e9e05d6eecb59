"""Analyse one version of a text. Each part is computed when it is first asked for, and once: semantic tokens need only
the bound program and must not wait for findings.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.editor.types import DocumentSettings, Kind
from ncco_lang.gc_pause import uncollected
from ncco_lang.project.config import CONFIG_NAME
from ncco_lang.source import Source

if TYPE_CHECKING:
    from ncco_lang.compiler import Compiled
    from ncco_lang.program.bindings import Scopes
    from ncco_lang.program.imports import Reader
    from ncco_lang.program.model import Program
    from ncco_lang.syntax import ast

ANY_VERSION = "999999"
"""A version that satisfies every `requires` of an `ncco.toml`."""

_SUFFIXES: dict[str, Kind] = {".flow": "flow", ".json": "ncco"}


class Analysis:
    """The analysis of one version of a text. Immutable from outside.

    Attributes:
        source: the text and its name.
        kind: the language of the text.
        settings: the settings that apply to it.
        version: the version of this tool, for the `requires` of an `ncco.toml`.
        reader: gives the files that a flow imports.
    """

    __slots__ = (
        "_compiled",
        "_findings",
        "_parsed",
        "_program",
        "_shown_program",
        "kind",
        "reader",
        "settings",
        "source",
        "version",
    )

    def __init__(
        self, source: Source, kind: Kind, settings: DocumentSettings, version: str, reader: Reader | None
    ) -> None:
        self.source = source
        self.kind = kind
        self.settings = settings
        self.version = version
        self.reader = reader
        self._parsed: tuple[ast.File, list[Diagnostic]] | None = None
        self._program: Program | None = None
        self._shown_program: Program | None = None
        self._compiled: Compiled | None = None
        self._findings: tuple[Diagnostic, ...] | None = None

    @property
    def file(self) -> ast.File | None:
        """The syntax tree of a flow, without the statements with syntax errors; None for other kinds."""
        return self._parse()[0] if self.kind == "flow" else None

    @property
    def program(self) -> Program | None:
        """The bound program of a flow; None for other kinds. Its values may be from the environment: see `shown_program`."""
        if self._program is None and self.file is not None:
            from ncco_lang.compiler import bind_parsed

            with uncollected():
                self._program = bind_parsed(self.source, self.file, self.settings.options, self.reader)
        return self._program

    @property
    def shown_program(self) -> Program | None:
        """The bound program of a flow, with values from the environment masked; None for other kinds."""
        if self._shown_program is None and self.program is not None:
            from ncco_lang.compiler import masked_program

            self._shown_program = masked_program(self.program, self.settings.options)
        return self._shown_program

    @property
    def scopes(self) -> Scopes | None:
        """The names of a flow; None for other kinds."""
        return None if self.program is None else self.program.scopes

    @property
    def syntax(self) -> list[Diagnostic]:
        """The syntax errors and warnings of a flow; empty for other kinds."""
        return self._parse()[1] if self.kind == "flow" else []

    @property
    def has_syntax_errors(self) -> bool:
        """Whether a flow has syntax errors."""
        return any(finding.severity == "error" for finding in self.syntax)

    @property
    def ncco(self) -> list[dict[str, Any]] | None:
        """The NCCO that a flow becomes, without values from the environment; None if none can be shown."""
        product = self._compile().product if self.kind == "flow" else None
        return None if product is None else product.shown

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Every finding, in the order of the text."""
        if self._findings is None:
            self._findings = self._find()
        return self._findings

    def _find(self) -> tuple[Diagnostic, ...]:
        match self.kind:
            case "flow":
                return self._compile().diagnostics
            case "ncco":
                from ncco_lang.checker import check_ncco

                return tuple(check_ncco(self.source, self.settings.options.check))
            case "toml":
                return tuple(_check_settings(self.source, self.version))

    def _parse(self) -> tuple[ast.File, list[Diagnostic]]:
        if self._parsed is None:
            from ncco_lang.syntax.parse import parse_flow

            with uncollected():
                self._parsed = parse_flow(self.source)
        return self._parsed

    def _compile(self) -> Compiled:
        if self._compiled is None:
            from ncco_lang.compiler import compile_program

            program = self.program
            assert program is not None  # only a flow is compiled
            with uncollected():
                self._compiled = compile_program(program, self.syntax, self.settings.options)
        return self._compiled


def analyse(
    source: Source,
    kind: Kind,
    settings: DocumentSettings,
    *,
    version: str = ANY_VERSION,
    reader: Reader | None = None,
) -> Analysis:
    """Return the analysis of a text. Neither this nor any property of the result raises on user text.

    Args:
        source: the text and its name.
        kind: the language of the text.
        settings: the settings that apply to it.
        version: the version of this tool, for the `requires` of an `ncco.toml`.
        reader: gives the files that a flow imports; without one they are not looked at.
    """
    return Analysis(source, kind, settings, version, reader)


def kind_of(name: str, text: str) -> Kind | None:
    """Return the kind of a file by its name, or by its first character if the name has no suffix; None for other files."""
    path = PurePath(name)
    if path.name == CONFIG_NAME:
        return "toml"
    if path.suffix:
        return _SUFFIXES.get(path.suffix.lower())
    return "ncco" if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{") else None


def _check_settings(source: Source, version: str) -> list[Diagnostic]:
    """Return the findings of an `ncco.toml`, including what its deployable profiles lack."""
    from ncco_lang.project.config import parse_config
    from ncco_lang.project.targets import read_target
    from ncco_lang.rules import find_rule, nearest_rule

    def is_rule(word: str) -> bool:
        rule = find_rule(word)
        return rule is not None and word in (rule.code, rule.name)

    config, found = parse_config(source, version, is_rule, nearest_rule)
    for profile in config.profiles.values():
        # A profile may hold only params, for `ncco compile`; such a profile is complete.
        is_whole = all(path[:2] != ("profiles", profile.name) for path in config.wrong)
        if is_whole and ("applications" in profile.table or "documents" in profile.table):
            found += read_target(profile)[1]
    return sorted(found, key=lambda finding: finding.span)
