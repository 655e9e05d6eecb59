"""The language server: the LSP protocol around `editor`, for `.flow`, `ncco.toml` and NCCO JSON."""
