"""Answer an editor's questions about a text: completion, hover, names, fixes, semantic tokens. Pure; `lsp` wraps it."""
