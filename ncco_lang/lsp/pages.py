"""Link to the pages of rules and of statements that are installed with the package.

The pages have no address on the web. A link is the URI of the file with the line of the heading, `#L120`, which editors open
at that line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, TypeAlias

from ncco_lang.lsp.uris import uri_of
from ncco_lang.resources import read_resource, resource_path

Page: TypeAlias = Literal["docs/rules.md", "docs/reference.md"]
RULES: Final = "docs/rules.md"
REFERENCE: Final = "docs/reference.md"
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def page_link(page: Page, anchor: str) -> str | None:
    """Return the URI of an anchor in a page; None if the page does not have it, or is not installed."""
    line = _lines(page).get(anchor)
    return None if line is None else f"{uri_of(resource_path(page))}#L{line}"


@cache
def _lines(page: Page) -> Mapping[str, int]:
    """Return the line of each anchor; that of a heading is two lines below its anchor."""
    try:
        text = read_resource(page)
    except OSError:
        return {}
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for anchor in _ANCHOR.finditer(line):
            found[anchor[1]] = number if line.startswith("|") else number + 2
    return found
