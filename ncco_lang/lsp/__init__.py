"""The language server: a thin skin over `editor`, for `.flow`, `ncco.toml` and NCCO JSON."""
