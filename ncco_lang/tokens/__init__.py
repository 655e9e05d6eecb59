"""JWTs, key pairs and throw-away certificates."""
