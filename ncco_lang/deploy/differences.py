"""Show the changes of a document as lines of the flow language."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ncco_lang.deploy.plan import Change
from ncco_lang.deploy.state import ServedFlow

if TYPE_CHECKING:
    from ncco_lang.ncco.veil import Veil

HIDDEN = "the lines are not shown, because values from the environment may be among them"
SAME = "only what is not shown changes"
LOST = "the document before this is not in the store any more; this is all of the new one"
UNKNOWN_STEPS = "its steps are not known here, so this shows only the versions"
SAME_STEPS = "the steps stay; voices, texts, values or lines change"
_CONTEXT = 2


def diff_of(
    change: Change,
    content: bytes,
    get: Callable[[str], bytes | None],
    lines_of: Callable[[bytes], list[str]] | None = None,
) -> list[str]:
    """Return lines that begin with `+`, `-` or a blank, or are `…` for omitted lines; empty if the document stays.

    Args:
        content: the document after the change.
        get: returns a document of the store by its name.
        lines_of: returns the lines of a document that may be shown; `flow_lines` by default.
    """
    lines_of = lines_of or flow_lines
    before, after = change.document_before, change.document_after
    if not after or (before is not None and before.partition("/")[2] == after.partition("/")[2]):
        return []
    new = lines_of(content)
    if new == [HIDDEN]:
        return [f"… {HIDDEN}"]
    if not before:
        return [f"+ {line}" for line in new]
    old = get(before)
    if old is None:
        return [f"… {LOST}", *(f"+ {line}" for line in new)]
    lines = list(difflib.unified_diff(lines_of(old), new, n=_CONTEXT, lineterm=""))[2:]
    if not lines:
        return [f"… {SAME}"]
    if lines[0].startswith(("@@ -1,", "@@ -1 ")):
        # No line is omitted before the first one.
        del lines[0]
    return ["…" if line.startswith("@@") else f"{line[0]} {line[1:]}".rstrip() for line in lines]


def steps_diff(before: ServedFlow | None, after: ServedFlow) -> list[str]:
    """Return how a flow that branches changes, step by step; empty if it stays.

    The lines begin with `+`, `-` or `~` for a step that changes, or are `…` for what is not known.
    """
    if before is not None and before.version == after.version:
        return []
    if not after.steps or (before is not None and not before.steps):
        return [f"… {UNKNOWN_STEPS}"]
    known = {} if before is None else before.steps
    lines = [f"- step {name}" for name in known if name not in after.steps]
    for name, digest in after.steps.items():
        if known.get(name) != digest:
            lines.append(f"{'~' if name in known else '+'} step {name}")
    return lines or [f"… {SAME_STEPS}"]


def flow_lines(document: bytes) -> list[str]:
    """Return a document as lines of a flow, or its own lines if it is not an NCCO."""
    from ncco_lang.decompiler import decompile

    try:
        return decompile(json.loads(document)).splitlines()
    except (ValueError, RecursionError):
        return document.decode("utf-8", "replace").splitlines()


def veiled_lines(veil: Veil | None) -> Callable[[bytes], list[str]]:
    """Return a `lines_of` for documents that hold values from the environment; with None it shows no lines."""
    if veil is None:
        return lambda _: [HIDDEN]

    def lines(document: bytes) -> list[str]:
        from ncco_lang.ncco.veil import veil_document

        try:
            shown = veil_document(json.loads(document), veil)
        except (ValueError, RecursionError):
            return [HIDDEN]
        return flow_lines(json.dumps(shown).encode("ascii"))

    return lines
