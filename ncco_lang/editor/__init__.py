"""What an editor asks of a text: completion, hover, names, fixes, colours. Pure; `lsp` is the skin over it."""
