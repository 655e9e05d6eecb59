"""Make JWTs, key pairs and short-lived certificates."""
