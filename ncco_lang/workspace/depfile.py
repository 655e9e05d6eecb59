"""Write rules for make and ninja: the inputs of each output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# make reads backslashes as quotes only before a special character, so only those are doubled.
_SPECIAL = re.compile(r"(\\*)([ \t#:])")


def render_depfile(rules: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return `output: input input` for each output, one per line.

    Raises:
        ValueError: a name holds a line break, which a depfile cannot express.
    """
    return "".join(f"{_escape(made)}: {' '.join(map(_escape, sources))}\n" for made, sources in rules)


def _escape(name: str) -> str:
    if "\n" in name or "\r" in name:
        raise ValueError(f"a name with a line break cannot stand in a depfile: {name!r}")
    return _SPECIAL.sub(lambda found: found[1] * 2 + "\\" + found[2], name.replace("$", "$$"))
