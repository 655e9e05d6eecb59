"""Documents per second: our verdict and our full checks beside other validators.

Every peer is asked for its verdict on all documents before it is timed. One that refuses a valid document is timed on
the rest, and ours with it on the same rest; the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.documents import Document, valid_documents, wrong_documents
from benchmarks.measure import Comparison, compare, passes_over, rounded, table
from benchmarks.peers import Peer, make_peers
from ncco_lang import is_valid, validate, validate_value
from ncco_lang.resources import load_json_resource

SIZES = (5, 1, 20)
DOCUMENTS = 24
GOAL = 30

_HEADS = ("ratio", "min–max", "ours µs", "peer µs", "ours docs/s", "peer docs/s", "ours against peer")


def report(pairs: int, seconds: float) -> Iterator[str]:
    """The report, block by block, as it is measured."""
    schema = load_json_resource("schemas/ncco.schema.json")
    peers, missing = make_peers(schema)
    yield (
        "Documents per second\n"
        f"  CPU time of runs in turn (ours, peer, ours, peer …), {pairs} pairs a line, {DOCUMENTS} documents a pass.\n"
        "  ratio: the peer's time ÷ ours, median of the pairs; above 1 we are faster."
    )
    for name in missing:
        yield f"note: {name} is not installed, so it is not compared"
    yield _verdicts(peers)
    goal: dict[str, Comparison] = {}
    for actions in SIZES:
        rows = []
        for peer in peers:
            for name, comparison in _against(peer, valid_documents(actions, DOCUMENTS), pairs, seconds):
                rows.append(_row(comparison, f"{name} against {peer.name}"))
                if actions == 5 and peer.name.startswith("jsonschema "):
                    goal[name] = comparison
        yield f"Valid documents of {_many(actions)}\n" + table(_HEADS, rows)
    yield _goal(goal)
    rows = [_row(comparison, words) for words, comparison in _wrong(schema, pairs, seconds)]
    yield "Wrong documents of 5 actions, one error in each, every finding asked for\n" + table(_HEADS, rows)


def _many(actions: int) -> str:
    return f"{actions} action" + ("" if actions == 1 else "s")


def _verdicts(peers: list[Peer]) -> str:
    """What each peer accepts and refuses, ours first."""
    valid = [document for actions in SIZES for document in valid_documents(actions, DOCUMENTS)]
    wrong = wrong_documents(5, DOCUMENTS)
    ours = Peer("ncco-lang is_valid", is_valid, is_valid)
    full = Peer("ncco-lang validate_value", validate_value, lambda document: not validate_value(document))
    lines = ["Verdicts, before anything is timed"]
    for peer in (ours, full, *peers):
        accepted = sum(map(peer.accepts, map(peer.prepare, valid)))
        refused = len(wrong) - sum(map(peer.accepts, map(peer.prepare, wrong)))
        right = accepted == len(valid) and refused == len(wrong)
        lines.append(
            f"  {peer.name}: accepts {accepted} of {len(valid)} valid documents, refuses {refused} of {len(wrong)} "
            f"wrong ones{'' if right else ' (NOT the right verdict on all)'}{'; ' if peer.note else ''}{peer.note}"
        )
    return "\n".join(lines)


def _against(
    peer: Peer, documents: list[Document], pairs: int, seconds: float
) -> Iterator[tuple[str, Comparison | None]]:
    """Our verdict, our full check of a value, and our full check of a text, each beside one peer."""
    usable = [document for document in documents if peer.accepts(peer.prepare(document))]
    left_out = "" if len(usable) == len(documents) else f" (on the {len(usable)} documents that the peer accepts)"
    theirs = passes_over(peer.check, map(peer.prepare, usable))
    ways: list[tuple[str, Callable[[Any], object]]] = [("is_valid", is_valid), ("validate_value", validate_value)]
    for name, check in ways:
        found = compare(passes_over(check, usable), theirs, pairs, seconds) if usable else None
        yield name + left_out, _per_document(found, len(usable))
    if peer.schema:
        texts = [json.dumps(document, indent=2) for document in usable]
        check_text = passes_over(lambda text: peer.check(json.loads(text)), texts)
        found = compare(passes_over(validate, texts), check_text, pairs, seconds) if usable else None
        yield "validate(text)" + left_out + ", json.loads and", _per_document(found, len(usable))


def _wrong(schema: dict[str, Any], pairs: int, seconds: float) -> Iterator[tuple[str, Comparison | None]]:
    """Our full checks beside all errors of `jsonschema`, on wrong documents."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema)
    documents = wrong_documents(5, DOCUMENTS)
    texts = [json.dumps(document, indent=2) for document in documents]
    found = compare(
        passes_over(validate_value, documents),
        passes_over(lambda document: list(validator.iter_errors(document)), documents),
        pairs,
        seconds,
    )
    yield "validate_value against jsonschema iter_errors", _per_document(found, len(documents))
    found = compare(
        passes_over(validate, texts),
        passes_over(lambda text: list(validator.iter_errors(json.loads(text))), texts),
        pairs,
        seconds,
    )
    yield "validate(text), with lines and fixes, against json.loads and iter_errors", _per_document(
        found, len(documents)
    )
