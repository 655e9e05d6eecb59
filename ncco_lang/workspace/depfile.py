"""Write rules for make and ninja: the inputs of each output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# make reads backslashes as quotes only before a special character, so only those are doubled.
_SPECIAL = re.compile(r"(\\*)([ \t#:])")


def render_depfile(rules: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return `output: input input` for each output, one per line, then an empty rule for each input, as `gcc -MP` does.

    By the empty rules, make goes on after an input was renamed or removed.

    Raises:
        ValueError: a name holds a line break, which a depfile cannot express.
    """
    rules = list(rules)
    made = {output for output, _ in rules}
    inputs = dict.fromkeys(name for _, sources in rules for name in sources if name not in made)
    lines = [f"{_escape(output)}: {' '.join(map(_escape, sources))}\n" for output, sources in rules]
    return "".join([*lines, *(f"{_escape(name)}:\n" for name in inputs)])


def _escape(name: str) -> str:
    if "\n" in name or "\r" in name:
        raise ValueError(f"a name with a line break cannot stand in a depfile: {name!r}")
    return _SPECIAL.sub(lambda found: found[1] * 2 + "\\" + found[2], name.replace("$", "$$"))
