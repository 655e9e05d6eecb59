"""The graph of a flow → findings about the paths of a call."""
