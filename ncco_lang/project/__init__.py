"""Parse `ncco.toml` and its profiles."""
