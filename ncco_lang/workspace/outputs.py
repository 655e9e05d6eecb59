"""Recognise what `ncco compile -o` wrote among the files of a folder, so that `ncco check` does not check it again.

An output has the name of a flow of the same run and the text that the compiler would write: `menu.ncco.json`, or the
folder `menu` of a bundle. A file that a person wrote or changed in another style is not an output.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ncco_lang.workspace.discover import FLOW, Found
from ncco_lang.workspace.file_stamps import read_regular, settled_stamp

OUTPUT_SUFFIX = ".ncco.json"
"""The suffix of an output; in a folder, `ncco check` treats such files as NCCO."""
_BUNDLE = ("bundle.json", "fallback.json")
_DOCUMENTS = "documents"


def outputs_among(found: Sequence[Found]) -> Iterator[tuple[Found, str | None]]:
    """Yield the files found in folders that `ncco compile -o` wrote, each with its stamp from before it was read."""
    flows = {os.path.basename(each.name).removesuffix(FLOW) for each in found if each.name.endswith(FLOW)}  # noqa: PTH119
    for each in found:
        if each.real is None or each.refusal is not None or _flow_of(each.real) not in flows:
            continue
        before = settled_stamp(each.real)
        if _is_written(read_regular(each.real)):
            yield each, before


def _flow_of(path: str) -> str | None:
    """Return the name of the flow, without its suffix, whose output would have this path."""
    folder, name = os.path.split(path)
    if name.endswith(OUTPUT_SUFFIX):
        return name.removesuffix(OUTPUT_SUFFIX)
    above, last = os.path.split(folder)
    if name in _BUNDLE:
        return last
    return os.path.basename(above) if last == _DOCUMENTS and name.endswith(".json") else None  # noqa: PTH119


def _is_written(data: bytes | None) -> bool:
    """Return whether a text is as the compiler writes JSON, on lines or on one line."""
    import json

    try:
        text = (data or b"").decode("utf-8")
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    lines = json.dumps(value, ensure_ascii=False, indent=2)
    return text.rstrip("\n") in (lines, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
