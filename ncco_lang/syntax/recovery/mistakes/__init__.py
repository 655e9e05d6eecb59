"""Known mistakes: one module for each kind, and `mistake` for what all of them share."""
