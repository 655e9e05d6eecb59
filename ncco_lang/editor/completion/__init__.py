"""Propose what can be written at a place in a flow, a document or ncco.toml."""
