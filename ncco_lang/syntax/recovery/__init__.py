"""What the parser does at a token that does not fit: known mistakes, searching for a repair, and giving up."""
