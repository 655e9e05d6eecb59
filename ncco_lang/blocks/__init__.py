"""The bound program → the graph of blocks that a call walks."""
