"""Text to trees: the flow language, and JSON with positions."""
