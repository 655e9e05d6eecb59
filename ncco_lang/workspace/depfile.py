"""Rules for make and ninja: which files an output was made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Backslashes count only before what they would then quote, so those are doubled, and no others.
_SPECIAL = re.compile(r"(\\*)([ \t#:])")


def render_depfile(rules: Iterable[tuple[str, Sequence[str]]]) -> str:
    """`output: input input` for each output, a line each.

    Raises:
        ValueError: a name holds a line break, which such a file cannot say.
    """
    return "".join(f"{_escape(made)}: {' '.join(map(_escape, sources))}\n" for made, sources in rules)


def _escape(name: str) -> str:
    if "\n" in name or "\r" in name:
        raise ValueError(f"a name with a line break cannot stand in a depfile: {name!r}")
    return _SPECIAL.sub(lambda found: found[1] * 2 + "\\" + found[2], name.replace("$", "$$"))
