"""Convert the results of `editor` to LSP types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import get_args

from lsprotocol import types

from ncco_lang.diagnostics import Diagnostic, Edit
from ncco_lang.editor.types import (
    CodeAction,
    Completion,
    DocumentLink,
    FoldingRange,
    Hint,
    Hover,
    SemanticToken,
    Symbol,
    TokenType,
)
from ncco_lang.lsp.pages import REFERENCE, RULES, page_link
from ncco_lang.lsp.positions import Encoding, Positions
from ncco_lang.lsp.uris import uri_of
from ncco_lang.reference.entries import anchor_of
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.legacy_rules import RULES as LEGACY_FORMS

TOKEN_TYPES: tuple[str, ...] = get_args(TokenType)
TOKEN_MODIFIERS = ("declaration", "readonly", "deprecated")
FIX_ALL = "source.fixAll.ncco"

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_UNNECESSARY = frozenset(
    {"unused-name", "unused-allow", "idle-default", "unreachable-action", "unreachable-statement", "unreachable-step"}
)
_DEPRECATED = frozenset(rule.name for rule in LEGACY_FORMS) | {"legacy-voice", "retired-action"}
_COMPLETIONS: Mapping[str, types.CompletionItemKind] = {
    "verb": types.CompletionItemKind.Function,
    "step": types.CompletionItemKind.Reference,
    "option": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "language": types.CompletionItemKind.EnumMember,
    "param": types.CompletionItemKind.Variable,
    "let": types.CompletionItemKind.Constant,
    "filter": types.CompletionItemKind.Method,
    "function": types.CompletionItemKind.Function,
    "keyword": types.CompletionItemKind.Keyword,
    "key": types.CompletionItemKind.Property,
    "snippet": types.CompletionItemKind.Snippet,
}
_SYMBOLS: Mapping[str, types.SymbolKind] = {
    "flow": types.SymbolKind.Module,
    "param": types.SymbolKind.Variable,
    "let": types.SymbolKind.Constant,
    "default": types.SymbolKind.Property,
    "step": types.SymbolKind.Function,
    "statement": types.SymbolKind.Event,
    "test": types.SymbolKind.Method,
    "text": types.SymbolKind.String,
    "hours": types.SymbolKind.Object,
    "key": types.SymbolKind.Key,
}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_PLACEHOLDER = re.compile(
    r"""\\(?P<sign>.) | \$\d+ | \$\{\d+ (?:
        : (?P<word>(?:\\.|[^}\\])*)                               # ${1:word}
        | \| (?P<first>(?:\\.|[^,|\\])*) (?:\\.|[^|\\])* \|      # ${1|first,second|}
    )? \}""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


def diagnostic(finding: Diagnostic, positions: Positions, uri: str, *, linked: bool = False) -> types.Diagnostic:
    """Return a finding in LSP's form, with the hint on a line after the message. The name of another file is its path.

    Args:
        linked: the client shows a link to the rule.
    """
    name = finding.rule.name
    tags = [types.DiagnosticTag.Unnecessary] if name in _UNNECESSARY else []
    tags += [types.DiagnosticTag.Deprecated] if name in _DEPRECATED else []
    related = [
        types.DiagnosticRelatedInformation(location(each.span, each.source, positions, uri), each.text)
        for each in finding.labels
    ]
    rule = page_link(RULES, finding.rule.code.lower()) if linked else None
    return types.Diagnostic(
        range=positions.range(finding.span),
        severity=_SEVERITIES[finding.severity],
        code=finding.rule.code,
        code_description=None if rule is None else types.CodeDescription(rule),
        source="ncco",
        message=finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}",
        tags=tags or None,
        related_information=related or None,
        data={"rule": name, "facts": finding.facts.as_data()},
    )


def location(span: Span, source: Source | None, positions: Positions, uri: str) -> types.Location:
    """Return a span of another file, whose name is its path, or without one of the document, in LSP's form."""
    if source is None or source is positions.source:
        return types.Location(uri, positions.range(span))
    return types.Location(uri_of(source.name), Positions(source, positions.encoding).range(span))


def text_edit(edit: Edit, positions: Positions) -> types.TextEdit:
    """Return an edit in LSP's form. LSP has no position inside CR LF, so an edit from or to there includes both."""
    source, (start, end), new = positions.source.text, edit.span, edit.text
    if source[start - 1 : start + 1] == "\r\n" and start > 0:
        start, new = start - 1, "\r" + new
    if source[end - 1 : end + 1] == "\r\n" and end > 0:
        end, new = end + 1, new + "\n"
    return types.TextEdit(positions.range(Span(start, end)), new)


def text_edits(edits: Iterable[Edit], positions: Positions) -> list[types.TextEdit]:
    """Return edits of one text in LSP's form."""
    return [text_edit(edit, positions) for edit in edits]


def workspace_edit(
    edits: Iterable[Edit], positions: Positions, uri: str, version: int, *, versioned: bool
) -> types.WorkspaceEdit:
    """Return edits of one document, bound to the version they were made for if the client supports versions."""
    changes = text_edits(edits, positions)
    if not versioned:
        return types.WorkspaceEdit(changes={uri: changes})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(changes))])


def with_file(
    edit: types.WorkspaceEdit, source: Source, edits: Iterable[Edit], encoding: Encoding
) -> types.WorkspaceEdit:
    """Return edits of a document together with those of another file, whose name is its path."""
    uri, changes = uri_of(source.name), list(text_edits(edits, Positions(source, encoding)))
    if edit.document_changes is None:
        return types.WorkspaceEdit(changes={**(edit.changes or {}), uri: changes})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=None)
    return types.WorkspaceEdit(document_changes=[*edit.document_changes, types.TextDocumentEdit(document, changes)])


def code_action(
    action: CodeAction, edit: types.WorkspaceEdit, diagnostics: Sequence[types.Diagnostic]
) -> types.CodeAction:
    """Return an action in LSP's form: a quick fix, or the fix of all findings."""
    return types.CodeAction(
        title=action.title,
        kind=FIX_ALL if action.is_all else types.CodeActionKind.QuickFix,
        diagnostics=list(diagnostics) or None,
        edit=edit,
        is_preferred=None if action.is_all else action.is_preferred,
    )


def completion(
    item: Completion, positions: Positions, markup: types.MarkupKind | None, *, snippets: bool
) -> types.CompletionItem:
    """Return a proposal in LSP's form, without placeholders if the client does not support snippets."""
    as_snippet = item.is_snippet and snippets
    new = item.insert if as_snippet or not item.is_snippet else without_placeholders(item.insert)
    return types.CompletionItem(
        label=item.label,
        kind=_COMPLETIONS[item.kind],
        detail=item.detail or None,
        documentation=_marked(markup, item.docs) if item.docs else None,
        sort_text=item.sort or None,
        insert_text_format=types.InsertTextFormat.Snippet if as_snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(positions.range(item.span), new),
    )


def without_placeholders(snippet: str) -> str:
    """Return the text of a snippet: `$1` is empty, `${1:word}` its word, `${1|first,second|}` the first."""
    return _PLACEHOLDER.sub(
        lambda found: found["sign"] or _ESCAPED.sub(r"\1", found["word"] or found["first"] or ""), snippet
    )


def hover(item: Hover, positions: Positions, markup: types.MarkupKind | None) -> types.Hover:
    """Return a hover in LSP's form, with a link to the reference if the client shows Markdown."""
    link = page_link(REFERENCE, anchor_of(item.topic)) if item.topic and markup == types.MarkupKind.Markdown else None
    text = item.text if link is None else f"{item.text}\n\n[{item.topic} in the reference](<{link}>)"
    return types.Hover(_marked(markup, text), positions.range(item.span))


def symbol(each: Symbol, positions: Positions) -> types.DocumentSymbol:
    """Return a symbol and its children in LSP's form, which requires a name."""
    return types.DocumentSymbol(
        name=each.name.strip() or each.kind,
        detail=each.detail or None,
        kind=_SYMBOLS[each.kind],
        range=positions.range(each.span),
        selection_range=positions.range(each.name_span),
        children=[symbol(child, positions) for child in each.children] or None,
    )


def selection(spans: Sequence[Span], positions: Positions) -> types.SelectionRange:
    """Return spans that contain each other, smallest first, as nested selection ranges."""
    outer: types.SelectionRange | None = None
    for span in reversed(spans):
        outer = types.SelectionRange(positions.range(span), outer)
    assert outer is not None
    return outer


def fold(each: FoldingRange) -> types.FoldingRange:
    """Return a fold in LSP's form; ours count lines from 1."""
    kind = types.FoldingRangeKind.Comment if each.kind == "comment" else types.FoldingRangeKind.Region
    return types.FoldingRange(start_line=each.first - 1, end_line=each.last - 1, kind=kind)


def hint(each: Hint, positions: Positions) -> types.InlayHint:
    """Return an inlay hint in LSP's form."""
    return types.InlayHint(
        position=positions.position(each.offset), label=each.text, tooltip=each.tooltip or None, padding_left=True
    )


def link(each: DocumentLink, positions: Positions, path: str | None) -> types.DocumentLink | None:
    """Return a link; a path is relative to the document's folder, so a document without one has no such link."""
    target = each.target
    if not _SCHEME.match(target):
        if path is None:
            return None
        target = uri_of(str(Path(path).parent / target))
    return types.DocumentLink(positions.range(each.span), target, each.tooltip or None)


def token_data(tokens: Sequence[SemanticToken], positions: Positions) -> list[int]:
    """Return five numbers for each token: the distance to the one before (two), its length, type and modifiers."""
    kinds = {name: number for number, name in enumerate(TOKEN_TYPES)}
    bits = {name: 1 << number for number, name in enumerate(TOKEN_MODIFIERS)}
    rows = []
    line = character = 0
    for token, (row, first, last) in zip(tokens, positions.rows(token.span for token in tokens), strict=True):
        if last <= first:
            continue
        if row != line:
            character = 0
        modifiers = sum(bits.get(name, 0) for name in token.modifiers) if token.modifiers else 0
        rows.append((row - line, first - character, last - first, kinds[token.type], modifiers))
        line, character = row, first
    return list(chain.from_iterable(rows))


def _marked(markup: types.MarkupKind | None, text: str) -> types.MarkupContent | str:
    return text if markup is None else types.MarkupContent(markup, text)
