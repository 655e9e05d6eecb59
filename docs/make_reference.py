"""Writes `docs/reference.md`, the page of every statement and option, from the vocabulary: `make docs`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from ncco_lang.reference.entries import anchor_of, entries
from ncco_lang.reference.render import entry_markdown

PAGE = Path(__file__).parent / "reference.md"

HEAD = """\
# Reference

<!-- Made by `make docs` from schemas/ (ncco.schema.json, flow-statements.json, examples/); edit them there. -->

Every statement of a flow with its options, as this version compiles them. `ncco explain talk` and
`ncco explain connect.timeout` print the same in the terminal. [The language](language.md) explains how statements work
together, and [the rules](rules.md) what a check finds.

How to read the tables:

- **option** is the name in a flow. An option of a block has the block's name before it: `on_answer.url` is `url` in
  `on_answer { … }`.
- **type** is what the option takes. A *duration* is written `500ms`, `2s`, `3m` or `1h`, an *address* begins with `https://`
  (or with `/`, below the base URL of the profile), a *telephone number* is in international form, a *list of leg ids* is
  `["…"]`, and a *JSON object* is `{ "key": "value" }`. Words between bars, such as `mp3 | wav`, are written without quotes.
- **default** is what the platform does without the option, or *required*.
- **since** is the year of the first NCCO reference that has the option: 2020, 2021 or 2022; *newest* is only in the newest
  one, and *SDKs of 2026* is in the SDKs and not in the reference. A provider whose platform is older may refuse newer ones.
- **in the NCCO** is the place in the action, and the unit of the number there.
"""


def render_reference() -> str:
    """The whole page."""
    groups = [(group, list(members)) for group, members in groupby(entries().values(), key=lambda entry: entry.group)]
    parts = [HEAD]
    for group, members in groups:
        links = " ·\n".join(f"[`{entry.spec.name}`](#{anchor_of(entry.topic)})" for entry in members)
        parts.append(f"**{group}**\n\n{links}\n")
    for group, members in groups:
        parts.append(f"## {group}\n")
        parts += map(entry_markdown, members)
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render_reference(), encoding="utf-8")
