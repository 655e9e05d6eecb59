"""Every capability, written out: what the client asks → who answers, and what the client is told of it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lsprotocol import types

from ncco_lang.editor.types import TRIGGERS
from ncco_lang.lsp import answers, sync
from ncco_lang.lsp.answers import Asked
from ncco_lang.lsp.convert import FIX_ALL, TOKEN_MODIFIERS, TOKEN_TYPES
from ncco_lang.lsp.sync import Heard

COMPILE = "ncco/compile"

_COMPLETION = types.CompletionOptions(trigger_characters=TRIGGERS)
_ACTIONS = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL])
_COLOURS = types.SemanticTokensLegend(list(TOKEN_TYPES), list(TOKEN_MODIFIERS))


class Request(NamedTuple):
    """A row: who answers, and how.

    Attributes:
        options: what is announced.
        is_shown: the answer is shown beside the text, and clients ask for it again after each change; so nobody waits
            for that of an older version.
    """

    answer: Callable[[Asked], Any]
    options: Any = None
    is_shown: bool = False


REQUESTS: Mapping[str, Request] = {
    types.TEXT_DOCUMENT_COMPLETION: Request(answers.completion, _COMPLETION),
    types.TEXT_DOCUMENT_HOVER: Request(answers.hover),
    types.TEXT_DOCUMENT_DEFINITION: Request(answers.definition),
    types.TEXT_DOCUMENT_REFERENCES: Request(answers.references),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: Request(answers.highlights, is_shown=True),
    types.TEXT_DOCUMENT_PREPARE_RENAME: Request(answers.prepare_rename),
    types.TEXT_DOCUMENT_RENAME: Request(answers.rename),
    types.TEXT_DOCUMENT_CODE_ACTION: Request(answers.code_actions, _ACTIONS, is_shown=True),
    types.TEXT_DOCUMENT_FORMATTING: Request(answers.formatting),
    types.TEXT_DOCUMENT_RANGE_FORMATTING: Request(answers.range_formatting),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: Request(answers.symbols, is_shown=True),
    types.TEXT_DOCUMENT_SELECTION_RANGE: Request(answers.selections),
    types.TEXT_DOCUMENT_FOLDING_RANGE: Request(answers.folds, is_shown=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: Request(answers.tokens, _COLOURS, is_shown=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA: Request(answers.tokens_delta, is_shown=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: Request(answers.tokens_range, is_shown=True),
    types.TEXT_DOCUMENT_INLAY_HINT: Request(answers.hints, is_shown=True),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: Request(answers.links, is_shown=True),
    COMPILE: Request(answers.compiled),
}

NOTIFICATIONS: Mapping[str, Callable[[Heard, Any], None]] = {
    types.TEXT_DOCUMENT_DID_OPEN: sync.opened,
    types.TEXT_DOCUMENT_DID_CHANGE: sync.changed,
    types.TEXT_DOCUMENT_DID_SAVE: sync.saved,
    types.TEXT_DOCUMENT_DID_CLOSE: sync.closed,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: sync.files_changed,
}
