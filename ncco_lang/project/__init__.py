"""`ncco.toml` and what it says."""
