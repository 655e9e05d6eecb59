"""List every capability: the request, the function that answers it, and the options announced to the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lsprotocol import types

from ncco_lang.editor.types import TRIGGERS
from ncco_lang.lsp import answers, document_sync
from ncco_lang.lsp.answers import DocumentRequest
from ncco_lang.lsp.convert import FIX_ALL, TOKEN_MODIFIERS, TOKEN_TYPES
from ncco_lang.lsp.document_sync import SyncContext

COMPILE = "ncco/compile"

_COMPLETION = types.CompletionOptions(trigger_characters=TRIGGERS)
_ACTIONS = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL])
_COLOURS = types.SemanticTokensLegend(list(TOKEN_TYPES), list(TOKEN_MODIFIERS))


class Capability(NamedTuple):
    """A row: the function that answers, and its options.

    Attributes:
        options: the options announced to the client.
        is_shown: the answer is shown with the text, and clients ask again after each change, so an answer for an older
            version is not needed.
    """

    answer: Callable[[DocumentRequest], Any]
    options: Any = None
    is_shown: bool = False


REQUESTS: Mapping[str, Capability] = {
    types.TEXT_DOCUMENT_COMPLETION: Capability(answers.completion, _COMPLETION),
    types.TEXT_DOCUMENT_HOVER: Capability(answers.hover),
    types.TEXT_DOCUMENT_DEFINITION: Capability(answers.definition),
    types.TEXT_DOCUMENT_REFERENCES: Capability(answers.references),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: Capability(answers.highlights, is_shown=True),
    types.TEXT_DOCUMENT_PREPARE_RENAME: Capability(answers.prepare_rename),
    types.TEXT_DOCUMENT_RENAME: Capability(answers.rename),
    types.TEXT_DOCUMENT_CODE_ACTION: Capability(answers.code_actions, _ACTIONS, is_shown=True),
    types.TEXT_DOCUMENT_FORMATTING: Capability(answers.formatting),
    types.TEXT_DOCUMENT_RANGE_FORMATTING: Capability(answers.range_formatting),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: Capability(answers.symbols, is_shown=True),
    types.TEXT_DOCUMENT_SELECTION_RANGE: Capability(answers.selections),
    types.TEXT_DOCUMENT_FOLDING_RANGE: Capability(answers.folds, is_shown=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: Capability(answers.tokens, _COLOURS, is_shown=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA: Capability(answers.tokens_delta, is_shown=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: Capability(answers.tokens_range, is_shown=True),
    types.TEXT_DOCUMENT_INLAY_HINT: Capability(answers.hints, is_shown=True),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: Capability(answers.links, is_shown=True),
    COMPILE: Capability(answers.compiled),
}

NOTIFICATIONS: Mapping[str, Callable[[SyncContext, Any], None]] = {
    types.TEXT_DOCUMENT_DID_OPEN: document_sync.opened,
    types.TEXT_DOCUMENT_DID_CHANGE: document_sync.changed,
    types.TEXT_DOCUMENT_DID_SAVE: document_sync.saved,
    types.TEXT_DOCUMENT_DID_CLOSE: document_sync.closed,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: document_sync.files_changed,
}
