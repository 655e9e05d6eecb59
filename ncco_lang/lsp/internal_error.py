"""Format an internal error for the log of an editor."""

from __future__ import annotations

import sys
import traceback


def format_internal_error() -> str:
    """Return the exception that is being handled: its type and the lines that raised it.

    The message is left out, because it may hold a user's value, and logs are copied into bug reports.
    """
    kind, _, trace = sys.exc_info()
    frames = "".join(traceback.format_tb(trace))
    return f"a mistake of ours: {'' if kind is None else kind.__name__}\n{frames}".rstrip()
