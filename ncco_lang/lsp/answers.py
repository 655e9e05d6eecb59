"""Answer requests: each function takes a request about one version of a document, and calls `editor`.

They run on the worker thread. A capability is a row of `REQUESTS` in `capabilities.py`.
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
from ncco_lang.source import Source, Span

REQUEST_FAILED = -32803


class DocumentRequest(NamedTuple):
    """A request about a document: the version, its analysis, the request's params and the client's capabilities."""

    document: Snapshot
    analysis: Analysis
    params: Any
    client: ClientCapabilities

    @property
    def positions(self) -> Positions:
        """The converter of positions in the text."""
        return self.document.positions

    @property
    def offset(self) -> int:
        """The position of the request, as an offset."""
        return self.positions.offset(self.params.position)

    @property
    def span(self) -> Span:
        """The range of the request, as a span."""
        return self.positions.span(self.params.range)

    def edit(self, edits: Sequence[Edit]) -> types.WorkspaceEdit:
        """Return edits of the document in LSP's form."""
        uri, version = self.document.uri, self.document.version
        return convert.workspace_edit(edits, self.positions, uri, version, versioned=self.client.versioned)

    def location(self, span: Span, source: Source | None = None) -> types.Location:
        """Return a span of the document, or of another file, in LSP's form."""
        return convert.location(span, source, self.positions, self.document.uri)


def completion(request: DocumentRequest) -> types.CompletionList:
    """Return proposals, always all of them, so that the client filters them while the user types on."""
    from ncco_lang.editor.completion.complete import complete

    context: types.CompletionContext | None = request.params.context
    proposals = complete(request.analysis, request.offset, (context and context.trigger_character) or "")
    client, positions = request.client, request.positions
    items = [convert.completion(each, positions, client.docs_markup, snippets=client.snippets) for each in proposals]
    return types.CompletionList(is_incomplete=False, items=items)


def hover(request: DocumentRequest) -> types.Hover | None:
    """Return the hover at the position."""
    from ncco_lang.editor.hover import hover as describe

    found = describe(request.analysis, request.offset)
    return None if found is None else convert.hover(found, request.positions, request.client.hover_markup)


def definition(request: DocumentRequest) -> types.Location | None:
    """Return where the name at the position is declared."""
    from ncco_lang.editor.rename import definition as find

    found = find(request.analysis, request.offset)
    return None if found is None else request.location(found[1], found[0])


def references(request: DocumentRequest) -> list[types.Location]:
    """Return where the name at the position is used."""
    from ncco_lang.editor.rename import at_home, references_in_tests
    from ncco_lang.editor.rename import references as find

    home, at = at_home(request.analysis, request.offset)
    found = find(home, at, with_declaration=request.params.context.include_declaration)
    source, spans = references_in_tests(home, at) or (None, [])
    places = [*((span, home.source) for span in found), *((span, source) for span in spans)]
    return [request.location(span, source) for span, source in places]


def highlights(request: DocumentRequest) -> list[types.DocumentHighlight]:
    """Return all occurrences of the name at the position."""
    from ncco_lang.editor.rename import at_home, references_in_tests
    from ncco_lang.editor.rename import references as find

    home, at = at_home(request.analysis, request.offset)
    is_here = home is request.analysis
    _, spans = (None, find(home, at)) if is_here else references_in_tests(home, at) or (None, [])
    return [types.DocumentHighlight(request.positions.range(span)) for span in spans]


def prepare_rename(request: DocumentRequest) -> types.PrepareRenamePlaceholder | None:
    """Return the name that a rename would change."""
    from ncco_lang.editor.rename import prepare_rename as prepare

    span = prepare(request.analysis, request.offset)
    if span is None:
        return None
    name = request.document.source.text[span.start : span.end]
    return types.PrepareRenamePlaceholder(request.positions.range(span), name)


def rename(request: DocumentRequest) -> types.WorkspaceEdit | None:
    """Return the edits that rename the name at the position; None if it has the new name already.

    Raises:
        JsonRpcException: the new name is not possible, or no name there can be renamed; the client shows why.
    """
    from ncco_lang.editor.rename import at_home, rename_in_tests
    from ncco_lang.editor.rename import rename as give

    home, at = at_home(request.analysis, request.offset)
    try:
        edits = give(home, at, request.params.new_name)
        beside = rename_in_tests(home, at, request.params.new_name)
    except ValueError as refused:
        raise JsonRpcException(str(refused), REQUEST_FAILED) from refused
    if not edits:
        return None
    here, other = (edits, beside) if home is request.analysis else (beside[1] if beside else [], (home.source, edits))
    edit = request.edit(here)
    return edit if other is None else convert.with_file(edit, *other, request.positions.encoding)


def code_actions(request: DocumentRequest) -> list[types.CodeAction]:
    """Return quick fixes at a position, and the fix of all findings if the client or the user asks for it."""
    from ncco_lang.editor.fixes import actions_at, fix_all

    context: types.CodeActionContext = request.params.context
    by_hand = context.trigger_kind != types.CodeActionTriggerKind.Automatic
    actions: list[CodeAction | None] = []
    if _wants(context, types.CodeActionKind.QuickFix):
        actions += actions_at(request.analysis, request.span)
    if _wants(context, convert.FIX_ALL) if context.only is not None else by_hand and actions:
        actions.append(fix_all(request.analysis))
    return [_code_action(request, action) for action in actions if action is not None]


def _wants(context: types.CodeActionContext, kind: str) -> bool:
    """Return whether the client asks for a kind of action; a kind includes its subkinds."""
    if context.only is None:
        return True
    wanted = [str(getattr(each, "value", each)) for each in context.only]
    return any(each in ("", kind) or kind.startswith(f"{each}.") for each in wanted)


def _code_action(request: DocumentRequest, action: CodeAction) -> types.CodeAction:
    positions, uri, linked = request.positions, request.document.uri, request.client.links_rules
    fixed = [convert.diagnostic(finding, positions, uri, linked=linked) for finding in action.findings]
    return convert.code_action(action, request.edit(action.edits), fixed)


def formatting(request: DocumentRequest) -> list[types.TextEdit]:
    """Return the edits that format the whole text."""
    from ncco_lang.editor.formatting import format_document

    return convert.text_edits(format_document(request.analysis), request.positions)


def range_formatting(request: DocumentRequest) -> list[types.TextEdit]:
    """Return the edits that format some lines."""
    from ncco_lang.editor.formatting import format_range

    return convert.text_edits(format_range(request.analysis, request.span), request.positions)


def symbols(request: DocumentRequest) -> list[types.DocumentSymbol]:
    """Return the outline."""
    from ncco_lang.editor.symbols import symbols as outline

    return [convert.symbol(each, request.positions) for each in outline(request.analysis)]


def folds(request: DocumentRequest) -> list[types.FoldingRange]:
    """Return the folding ranges."""
    from ncco_lang.editor.folding import folds as find

    return [convert.fold(each) for each in find(request.analysis)]


def selections(request: DocumentRequest) -> list[types.SelectionRange]:
    """Return the selection ranges at several positions."""
    from ncco_lang.editor.selection_ranges import selections as find

    offsets = [request.positions.offset(position) for position in request.params.positions]
    return [convert.selection(spans, request.positions) for spans in find(request.analysis, offsets)]


def hints(request: DocumentRequest) -> list[types.InlayHint]:
    """Return the inlay hints in the range."""
    from ncco_lang.editor.inlay_hints import hints as find

    return [convert.hint(each, request.positions) for each in find(request.analysis, request.span)]


def links(request: DocumentRequest) -> list[types.DocumentLink]:
    """Return the links of the document."""
    from ncco_lang.editor.links import links as find

    path = request.document.path
    found = (convert.link(each, request.positions, path) for each in find(request.analysis))
    return [each for each in found if each is not None]


def tokens(request: DocumentRequest) -> types.SemanticTokens:
    """Return the semantic tokens of the document, with its version as the id for a later delta."""
    return types.SemanticTokens(_token_data(request), result_id=_token_id(request.document))


def tokens_range(request: DocumentRequest) -> types.SemanticTokens:
    """Return the semantic tokens in the range."""
    from ncco_lang.editor.semantic_tokens import tokens as find

    return types.SemanticTokens(convert.token_data(find(request.analysis, request.span), request.positions))


def tokens_delta(request: DocumentRequest) -> types.SemanticTokens | types.SemanticTokensDelta:
    """Return what changed in the semantic tokens, or all tokens if the client's earlier ones are not kept."""
    known = dict(filter(None, (request.document.colours_before, request.document.colours)))
    old = known.get(request.params.previous_result_id)
    data = _token_data(request)
    if old is None:
        return types.SemanticTokens(data, result_id=_token_id(request.document))
    head, tail = _alike(old, data)
    edit = types.SemanticTokensEdit(head, len(old) - head - tail, data[head : len(data) - tail])
    edits = [edit] if edit.delete_count or edit.data else []
    return types.SemanticTokensDelta(edits, result_id=_token_id(request.document))


def _token_data(request: DocumentRequest) -> list[int]:
    from ncco_lang.editor.semantic_tokens import tokens as find

    data = convert.token_data(find(request.analysis), request.positions)
    request.document.colours = (_token_id(request.document), data)
    return data


def _token_id(document: Snapshot) -> str:
    return str(document.version)


def _alike(old: list[int], new: list[int]) -> tuple[int, int]:
    """Return how many numbers two lists have in common at their beginning and at their end."""
    short = min(len(old), len(new))
    head = next((at for at in range(short) if old[at] != new[at]), short)
    short -= head
    tail = next((at for at in range(short) if old[-1 - at] != new[-1 - at]), short)
    return head, tail


def compiled(request: DocumentRequest) -> Mapping[str, Any]:
    """Answer `ncco/compile` with the NCCO of a flow, for clients that show both side by side."""
    from ncco_lang.ncco.emit import render_ncco

    ncco = request.analysis.ncco
    return {
        "ncco": None if ncco is None else render_ncco(ncco, minify=False),
        "findings": len(request.analysis.findings),
        "version": request.document.version,
    }
