"""What the editor's questions are answered with. Places are spans of the text, in code points; `lsp` turns them into
what editors count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ncco_lang.compiler import CompileOptions
from ncco_lang.diagnostics import Diagnostic, Edit
from ncco_lang.source import Source, Span

Kind: TypeAlias = Literal["flow", "ncco", "toml"]
"""A `.flow` file, NCCO JSON, or an `ncco.toml`."""
TRIGGERS = ("{", "|", ":", '"')
"""Signs behind which an editor asks for proposals by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettings:
    """What holds for a document besides its text.

    Attributes:
        options: params, base URL, provider, severities, as the project's `ncco.toml` says.
        origins: param → where its value comes from, in words for hover.
    """

    options: CompileOptions = field(default_factory=CompileOptions)
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal.

    Attributes:
        label: what the list shows, and what is filtered by.
        kind: what it is.
        span: what it replaces.
        insert: what is written; with `$1`, `${2:text}` in it when `is_snippet`.
        detail: a few words beside the label: type, unit, default.
        docs: Markdown.
        sort: where it stands in the list.
    """

    label: str
    kind: Literal["verb", "option", "value", "language", "param", "let", "filter", "keyword", "key", "snippet"]
    span: Span
    insert: str
    detail: str = ""
    docs: str = ""
    is_snippet: bool = False
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Hover:
    """What is told of what stands at a place, as Markdown."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class CodeAction:
    """Something that can be done to a text: a fix of a finding (`findings`), or one of all of them (`is_all`).

    `is_preferred` says that it is what most people want, and that calls behave afterwards as they did before.
    """

    title: str
    edits: tuple[Edit, ...]
    findings: tuple[Diagnostic, ...] = ()
    is_all: bool = False
    is_preferred: bool = True


@dataclass(frozen=True, slots=True)
class Symbol:
    """A declaration or a statement for the outline; `name_span` lies in `span`."""

    name: str
    detail: str
    kind: Literal["flow", "param", "let", "default", "step", "statement", "test", "text", "hours", "key"]
    span: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


TokenType: TypeAlias = Literal[
    "keyword",
    "function",
    "property",
    "parameter",
    "variable",
    "enumMember",
    "string",
    "number",
    "comment",
    "operator",
    "type",
    "macro",
]
"""LSP's names of what a word is coloured as."""


@dataclass(frozen=True, slots=True)
class SemanticToken:
    """A coloured word: `modifiers` are LSP's names (`declaration`, `readonly`, `deprecated`)."""

    span: Span
    type: TokenType
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words shown in the text that are not in it, behind `offset`."""

    offset: int
    text: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """An address in the text; `target` is a URI, or a path from the text's folder."""

    span: Span
    target: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class FoldingRange:
    """Lines that can be folded away, from 1, both included."""

    first: int
    last: int
    kind: Literal["region", "comment"] = "region"


__all__ = [
    "TRIGGERS",
    "CodeAction",
    "Completion",
    "DocumentLink",
    "DocumentSettings",
    "FoldingRange",
    "Hint",
    "Hover",
    "Kind",
    "SemanticToken",
    "Source",
    "Span",
    "Symbol",
]
