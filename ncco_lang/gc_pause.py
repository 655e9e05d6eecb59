"""A rest for the garbage collector while something large is built that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave cycles alone for a while: trees have none, and looking for them takes as long as building them.

    Nothing is kept for longer by it, since what is no longer used goes at once. Threads may be in here at the same
    time: each turns the collector off only where it is on, and whoever did so turns it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
