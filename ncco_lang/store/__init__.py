"""Where documents lie: a folder, or an object store that fsspec knows."""
