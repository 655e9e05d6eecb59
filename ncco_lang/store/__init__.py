"""Store documents in a folder, or in an object store that fsspec supports."""
