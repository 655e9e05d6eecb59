"""Show what a command would change, as a unified diff."""

from __future__ import annotations

import difflib
import re

from ncco_lang.source import Source


def render_diff(before: Source, after: str) -> str:
    """Return a unified diff that `patch` can apply; empty if nothing changes."""
    # Not `splitlines`, which also splits at U+2028 and similar characters; `patch` splits at line feeds only.
    old, new = ([line for line in re.split(r"(?<=\n)", text) if line] for text in (before.text, after))
    lines = difflib.unified_diff(old, new, before.name, before.name)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
