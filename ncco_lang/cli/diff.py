"""What a command would change, as a patch."""

from __future__ import annotations

import difflib
import re

from ncco_lang.source import Source


def render_diff(before: Source, after: str) -> str:
    """A unified diff that `patch` takes; empty where nothing changes."""
    # Not splitlines: a line ends where `patch` says, and a text may hold U+2028 and its like.
    old, new = ([line for line in re.split(r"(?<=\n)", text) if line] for text in (before.text, after))
    lines = difflib.unified_diff(old, new, before.name, before.name)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
