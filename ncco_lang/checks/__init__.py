"""Check values and trees; every check yields findings."""
