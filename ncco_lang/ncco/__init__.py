"""Turn a checked tree into an NCCO with a source map, and an NCCO back into a tree."""
