"""The answers to requests: each takes what the client asked of one version of a document, and calls `editor`.

They run on the thinking thread. A capability is a row of `REQUESTS` in `capabilities.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ncco_lang.diagnostics import Edit
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.types import CodeAction
from ncco_lang.lsp import convert
from ncco_lang.lsp.documents import Snapshot
from ncco_lang.lsp.positions import Positions
from ncco_lang.lsp.server_state import ClientCapabilities
from ncco_lang.source import Span

REQUEST_FAILED = -32803


class DocumentRequest(NamedTuple):
    """A request about a document: which version, what is known of it, and the client's own words."""

    document: Snapshot
    analysis: Analysis
    params: Any
    client: ClientCapabilities

    @property
    def positions(self) -> Positions:
        """The places in the text."""
        return self.document.positions

    @property
    def offset(self) -> int:
        """The place that is asked about."""
        return self.positions.offset(self.params.position)

    @property
    def span(self) -> Span:
        """The range that is asked about."""
        return self.positions.span(self.params.range)

    def edit(self, edits: Sequence[Edit]) -> types.WorkspaceEdit:
        """Edits of the document."""
        uri, version = self.document.uri, self.document.version
        return convert.workspace_edit(edits, self.positions, uri, version, versioned=self.client.versioned)

    def location(self, span: Span) -> types.Location:
        """A place in the document."""
        return types.Location(self.document.uri, self.positions.range(span))


def completion(asked: DocumentRequest) -> types.CompletionList:
    """Proposals; always all of them, so that the client filters them while more is typed."""
    from ncco_lang.editor.completion.complete import complete

    context: types.CompletionContext | None = asked.params.context
    proposals = complete(asked.analysis, asked.offset, (context and context.trigger_character) or "")
    client, positions = asked.client, asked.positions
    items = [convert.completion(each, positions, client.docs, snippets=client.snippets) for each in proposals]
    return types.CompletionList(is_incomplete=False, items=items)


def hover(asked: DocumentRequest) -> types.Hover | None:
    """What stands at a place."""
    from ncco_lang.editor.hover import hover as tell

    told = tell(asked.analysis, asked.offset)
    return None if told is None else convert.hover(told, asked.positions, asked.client.tells)


def definition(asked: DocumentRequest) -> types.Location | None:
    """Where a name is declared."""
    from ncco_lang.editor.rename import definition as find

    span = find(asked.analysis, asked.offset)
    return None if span is None else asked.location(span)


def references(asked: DocumentRequest) -> list[types.Location]:
    """Where a name is used."""
    from ncco_lang.editor.rename import references as find

    declared = asked.params.context.include_declaration
    return [asked.location(span) for span in find(asked.analysis, asked.offset, with_declaration=declared)]


def highlights(asked: DocumentRequest) -> list[types.DocumentHighlight]:
    """The name at a place, wherever it stands."""
    from ncco_lang.editor.rename import references as find

    return [types.DocumentHighlight(asked.positions.range(span)) for span in find(asked.analysis, asked.offset)]


def prepare_rename(asked: DocumentRequest) -> types.PrepareRenamePlaceholder | None:
    """The name that would be renamed."""
    from ncco_lang.editor.rename import prepare_rename as prepare

    span = prepare(asked.analysis, asked.offset)
    if span is None:
        return None
    name = asked.document.source.text[span.start : span.end]
    return types.PrepareRenamePlaceholder(asked.positions.range(span), name)


def rename(asked: DocumentRequest) -> types.WorkspaceEdit | None:
    """Give a name another one; nothing where it has that name.

    Raises:
        JsonRpcException: it cannot have that one, or nothing there can be renamed; the client shows why.
    """
    from ncco_lang.editor.rename import rename as give

    try:
        edits = give(asked.analysis, asked.offset, asked.params.new_name)
    except ValueError as refused:
        raise JsonRpcException(str(refused), REQUEST_FAILED) from refused
    return asked.edit(edits) if edits else None


def code_actions(asked: DocumentRequest) -> list[types.CodeAction]:
    """Quick fixes at a place, and the one that mends all, where the client asks for it or the user does by hand."""
    from ncco_lang.editor.fixes import actions_at, fix_all

    context: types.CodeActionContext = asked.params.context
    by_hand = context.trigger_kind != types.CodeActionTriggerKind.Automatic
    actions: list[CodeAction | None] = []
    if _wants(context, types.CodeActionKind.QuickFix):
        actions += actions_at(asked.analysis, asked.span)
    if _wants(context, convert.FIX_ALL) if context.only is not None else by_hand and actions:
        actions.append(fix_all(asked.analysis))
    return [_code_action(asked, action) for action in actions if action is not None]


def _wants(context: types.CodeActionContext, kind: str) -> bool:
    """Whether the client asks for a kind of action; a kind stands for those below it."""
    if context.only is None:
        return True
    wanted = [str(getattr(each, "value", each)) for each in context.only]
    return any(each in ("", kind) or kind.startswith(f"{each}.") for each in wanted)


def _code_action(asked: DocumentRequest, action: CodeAction) -> types.CodeAction:
    mended = [convert.diagnostic(finding, asked.positions, asked.document.uri) for finding in action.findings]
    return convert.code_action(action, asked.edit(action.edits), mended)


def formatting(asked: DocumentRequest) -> list[types.TextEdit]:
    """The whole text in its one form."""
    from ncco_lang.editor.formatting import format_document

    return convert.text_edits(format_document(asked.analysis), asked.positions)


def range_formatting(asked: DocumentRequest) -> list[types.TextEdit]:
    """Some lines in their one form."""
    from ncco_lang.editor.formatting import format_range

    return convert.text_edits(format_range(asked.analysis, asked.span), asked.positions)


def symbols(asked: DocumentRequest) -> list[types.DocumentSymbol]:
    """The outline."""
    from ncco_lang.editor.symbols import symbols as outline

    return [convert.symbol(each, asked.positions) for each in outline(asked.analysis)]


def folds(asked: DocumentRequest) -> list[types.FoldingRange]:
    """What can be folded away."""
    from ncco_lang.editor.folding import folds as find

    return [convert.fold(each) for each in find(asked.analysis)]


def selections(asked: DocumentRequest) -> list[types.SelectionRange]:
    """What a selection grows to, at each of several places."""
    from ncco_lang.editor.selection_ranges import selections as find

    offsets = [asked.positions.offset(position) for position in asked.params.positions]
    return [convert.selection(spans, asked.positions) for spans in find(asked.analysis, offsets)]


def hints(asked: DocumentRequest) -> list[types.InlayHint]:
    """What is shown between the words."""
    from ncco_lang.editor.inlay_hints import hints as find

    return [convert.hint(each, asked.positions) for each in find(asked.analysis, asked.span)]


def links(asked: DocumentRequest) -> list[types.DocumentLink]:
    """Addresses."""
    from ncco_lang.editor.links import links as find

    path = asked.document.path
    found = (convert.link(each, asked.positions, path) for each in find(asked.analysis))
    return [each for each in found if each is not None]


def tokens(asked: DocumentRequest) -> types.SemanticTokens:
    """The colours of all words; the version is their name, for who asks later what changed."""
    return types.SemanticTokens(_token_data(asked), result_id=_token_id(asked.document))


def tokens_range(asked: DocumentRequest) -> types.SemanticTokens:
    """The colours of the words in a range."""
    from ncco_lang.editor.semantic_tokens import tokens as find

    return types.SemanticTokens(convert.token_data(find(asked.analysis, asked.span), asked.positions))


def tokens_delta(asked: DocumentRequest) -> types.SemanticTokens | types.SemanticTokensDelta:
    """What changed in the colours, where we still know what the client has; else all of them."""
    known = dict(filter(None, (asked.document.colours_before, asked.document.colours)))
    old = known.get(asked.params.previous_result_id)
    data = _token_data(asked)
    if old is None:
        return types.SemanticTokens(data, result_id=_token_id(asked.document))
    head, tail = _alike(old, data)
    edit = types.SemanticTokensEdit(head, len(old) - head - tail, data[head : len(data) - tail])
    edits = [edit] if edit.delete_count or edit.data else []
    return types.SemanticTokensDelta(edits, result_id=_token_id(asked.document))


def _token_data(asked: DocumentRequest) -> list[int]:
    from ncco_lang.editor.semantic_tokens import tokens as find

    data = convert.token_data(find(asked.analysis), asked.positions)
    asked.document.colours = (_token_id(asked.document), data)
    return data


def _token_id(document: Snapshot) -> str:
    return str(document.version)


def _alike(old: list[int], new: list[int]) -> tuple[int, int]:
    """How many numbers two lists have in common at their beginning and at their end."""
    short = min(len(old), len(new))
    head = next((at for at in range(short) if old[at] != new[at]), short)
    short -= head
    tail = next((at for at in range(short) if old[-1 - at] != new[-1 - at]), short)
    return head, tail


def compiled(asked: DocumentRequest) -> Mapping[str, Any]:
    """`ncco/compile`: the NCCO that a flow becomes, for who shows both side by side."""
    from ncco_lang.ncco.emit import render_ncco

    ncco = asked.analysis.ncco
    return {
        "ncco": None if ncco is None else render_ncco(ncco, minify=False),
        "findings": len(asked.analysis.findings),
        "version": asked.document.version,
    }
