"""One pure function that walks the blocks of a bundle: a state and an event → a document and the next state."""
