"""Pause the garbage collector while a large structure is built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the search for cycles: trees have none, and searching takes as long as building them.

    Memory is still freed by reference counting. Threads may overlap here: a thread pauses the collector only if it is
    on, and the thread that paused it turns it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
