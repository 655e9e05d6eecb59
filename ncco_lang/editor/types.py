"""Types of the editor's results. Positions are spans of the text, in code points; `lsp` converts them for clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from ncco_lang.compiler import CompileOptions
from ncco_lang.diagnostics import Diagnostic, Edit
from ncco_lang.source import Source, Span

Kind: TypeAlias = Literal["flow", "ncco", "toml"]
"""A `.flow` file, NCCO JSON, or an `ncco.toml`."""
TRIGGERS = ("{", "|", ":", '"')
"""Characters after which an editor asks for proposals by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettings:
    """The settings that apply to a document.

    Attributes:
        options: params, base URL, provider, severities, from the project's `ncco.toml`.
        origins: param → the origin of its value, in words for hover.
    """

    options: CompileOptions = field(default_factory=CompileOptions)
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal.

    Attributes:
        label: what the list shows and filters by.
        kind: the kind of thing proposed.
        span: the text that it replaces.
        insert: the text that it inserts; contains `$1`, `${2:text}` if `is_snippet`.
        detail: a few words beside the label: type, unit, default.
        docs: documentation, as Markdown.
        sort: the key that orders the list.
    """

    label: str
    kind: Literal[
        "verb", "step", "option", "value", "language", "param", "let", "filter", "function", "keyword", "key", "snippet"
    ]
    span: Span
    insert: str
    detail: str = ""
    docs: str = ""
    is_snippet: bool = False
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Hover:
    """The Markdown to show for a span of the text.

    Attributes:
        topic: where the reference has more (`ncco_lang/reference/`): `talk`, `connect.timeout`; empty for nowhere.
    """

    span: Span
    text: str
    topic: str = ""


class WordDocs(NamedTuple):
    """The docs of a word as Markdown, and its topic in the reference, as `Hover` has them."""

    text: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class CodeAction:
    """A change that a user can apply: a fix of some findings (`findings`), or of all (`is_all`).

    `is_preferred` marks the usual choice, which does not change how calls behave.
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
"""LSP's names of semantic token types."""


@dataclass(frozen=True, slots=True)
class SemanticToken:
    """A word with its token type; `modifiers` are LSP's names (`declaration`, `readonly`, `deprecated`)."""

    span: Span
    type: TokenType
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words shown after `offset` that are not in the text."""

    offset: int
    text: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """An address in the text; `target` is a URI, or a path relative to the text's folder."""

    span: Span
    target: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class FoldingRange:
    """A range of lines that can be folded, numbered from 1, both ends included."""

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
