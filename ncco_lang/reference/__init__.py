"""The reference of every statement and option, made from the vocabulary: for `ncco explain`, `docs/reference.md` and editors."""
