"""The error of a store of documents."""

from __future__ import annotations


class StoreError(Exception):
    """A document cannot be written, read or deleted; one sentence says which, where and why."""
