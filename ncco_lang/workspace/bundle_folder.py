"""Write a bundle into a folder: `bundle.json` for a runtime, and beside it every document that a webhook is answered with.

build/bundle.json                what a runtime reads
build/fallback.json              the NCCO for callers when the runtime does not answer
build/documents/answer.json      the first document of a call
build/documents/menu.2.1.json    the answer of the block menu.2 to key 1
build/documents/index.json       what each of these answers
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncco_lang.bundle_json import dump_bundle
from ncco_lang.ncco.emit import render_ncco
from ncco_lang.workspace.errors import OutputError, reason_of
from ncco_lang.workspace.files import make_folder, write_atomic

if TYPE_CHECKING:
    from ncco_lang.bundler import Bundled
    from ncco_lang.engine.explore import Answer

BUNDLE, FALLBACK, DOCUMENTS, INDEX = "bundle.json", "fallback.json", "documents", "documents/index.json"
_SIGNS = {"*": "star", "#": "hash"}
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST = 40
"""Characters of a label in a file name."""


def bundle_files(product: Bundled, *, minify: bool = False) -> dict[str, str]:
    """Return the text of each file of a bundle by its path in the folder, `bundle.json` last."""
    files: dict[str, str] = {}
    index: dict[str, Any] = {}
    for answer, document in product.documents():
        name = _free_name(_name_of(product, answer), index)
        index[name] = _described(product, answer)
        files[f"{DOCUMENTS}/{name}"] = render_ncco(document, minify=minify)
    files[INDEX] = json.dumps(index, ensure_ascii=False, indent=2) + "\n"
    if fallback := product.fallback():
        files[FALLBACK] = render_ncco(fallback, minify=minify)
    files[BUNDLE] = dump_bundle(product.bundle)
    return files


def write_bundle(folder: str, files: dict[str, str]) -> bool:
    """Write the files of a bundle, and remove documents of an earlier one; return False if nothing changes.

    `bundle.json` is written last, so a runtime never reads one whose documents are missing.

    Raises:
        OutputError: a file cannot be written.
    """
    for path in (folder, str(Path(folder, DOCUMENTS))):
        make_folder(path)
    before = _documents_before(Path(folder, INDEX))
    changed = [write_atomic(str(Path(folder, name)), text) for name, text in files.items()]
    gone = [Path(folder, name) for name in (*before, FALLBACK) if name not in files]
    removed = [_remove(path) for path in gone]
    return any(changed) or any(removed)


def _documents_before(index: Path) -> list[str]:
    """Return the documents that an earlier bundle in the folder has; those of other programs are left alone."""
    try:
        names = json.loads(index.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    own = re.compile(r"[\w.-]+\.json")
    return [f"{DOCUMENTS}/{name}" for name in names if own.fullmatch(name)] if isinstance(names, dict) else []


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as failed:
        raise OutputError(f"{path} cannot be removed: {reason_of(failed)}") from failed
    return True


def _name_of(product: Bundled, answer: Answer) -> str:
    found = "".join(f".{label}" for label in (*answer.lookups, *map(_way_of, answer.branches)))
    if answer.block is None:
        return f"answer{found}"
    label = "".join(_SIGNS.get(sign, sign) for sign in answer.labels[0])
    label = _NOT_IN_NAMES.sub("-", label)[:_LONGEST].strip("-.") or "other"
    again = f".{answer.count + 1}" if answer.count else ""
    return f"{product.bundle.graph.blocks[answer.block].name}.{label}{again}{found}"


def _way_of(branch: tuple[int, str]) -> str:
    """Return the way that a document takes at a branch: `if`, `else-if-1`, `else`."""
    _, label = branch
    number = label.removeprefix("case ")
    return "else" if number == label else "if" if number == "0" else f"else-if-{number}"


def _free_name(name: str, taken: dict[str, Any]) -> str:
    """Return a file name that no other document has, also where letter case does not count."""
    names = {each.lower() for each in taken}
    number, free = 1, f"{name}.json"
    while free.lower() in names or free == "index.json":
        number += 1
        free = f"{name}-{number}.json"
    return free


def _described(product: Bundled, answer: Answer) -> dict[str, Any]:
    bundle = product.bundle
    lookups: dict[str, Any] = {"lookups": list(answer.lookups)} if answer.lookups else {}
    if answer.branches:
        lookups["branches"] = [{"line": bundle.lines[each[0]][-1], "way": _way_of(each)} for each in answer.branches]
    if answer.block is None:
        return {"webhook": "answer", **lookups}
    return {
        "webhook": answer.hook,
        "block": bundle.graph.blocks[answer.block].name,
        "line": bundle.lines[answer.block][-1],
        "after": list(answer.labels),
        "asked": answer.count + 1,
        **lookups,
    }
