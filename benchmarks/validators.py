"""Measure documents per second: our verdict and our full checks, compared with other validators.

Every peer gives its verdict on all documents before it is timed. A peer that rejects a valid document is timed on the
rest, and ours on the same rest; the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from benchmarks.documents import Document, valid_documents, wrong_documents
from benchmarks.measure import Comparison, Lane, compare, rounded, shown, table
from benchmarks.peers import Peer, make_peers
from ncco_lang import is_valid, validate, validate_value
from ncco_lang.resources import load_json_resource

SIZES = (5, 1, 20)
DOCUMENTS = 24
GOAL = 30

_HEADS = ("ratio", "quartiles", "min–max", "ours µs", "peer µs", "ours docs/s", "peer docs/s", "ours against peer")


def report(pairs: int, seconds: float) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
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
    for actions in SIZES:
        documents = valid_documents(actions, DOCUMENTS)
        found = [line for peer in peers for line in _against(peer, documents, pairs, seconds)]
        yield f"Valid documents of {_many(actions)}\n" + table(_HEADS, [_row(*line) for line in found])
        if actions == 5:
            # Plain jsonschema comes first among the peers, and its verdict and full check first among the lines.
            yield _goal(found[0][1], found[1][1])
    rows = [_row(*line) for line in _wrong(schema, pairs, seconds)]
    yield "Wrong documents of 5 actions, one error in each\n" + table(_HEADS, rows)


def _many(actions: int) -> str:
    return f"{actions} action" + ("" if actions == 1 else "s")


def _verdicts(peers: list[Peer]) -> str:
    """Return the table of what each peer accepts and rejects, ours first."""
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


def _against(peer: Peer, documents: list[Document], pairs: int, seconds: float) -> Iterator[tuple[str, Comparison]]:
    """Yield our verdict, our full check of a value, and our full check of a text, each compared with one peer."""
    usable = tuple(document for document in documents if peer.accepts(peer.prepare(document)))
    if not usable:
        return
    left_out = "" if len(usable) == len(documents) else f" (on the {len(usable)} documents that the peer accepts)"
    theirs = Lane(peer.check, tuple(map(peer.prepare, usable)))
    for name, check in (("is_valid", is_valid), ("validate_value", validate_value)):
        yield f"{name} against {peer.name}{left_out}", compare(Lane(check, usable), theirs, pairs, seconds)
    if peer.schema:
        texts = tuple(json.dumps(document, indent=2) for document in usable)
        loaded = Lane(lambda text: peer.check(json.loads(text)), texts)
        name = f"validate(text) against json.loads and {peer.name}{left_out}"
        yield name, compare(Lane(validate, texts), loaded, pairs, seconds)


def _wrong(schema: dict[str, Any], pairs: int, seconds: float) -> Iterator[tuple[str, Comparison]]:
    """Yield our verdict and full checks compared with `jsonschema`, on invalid documents."""
    judge = Draft202012Validator(schema)
    documents = tuple(wrong_documents(5, DOCUMENTS))
    texts = tuple(json.dumps(document, indent=2) for document in documents)
    lanes: tuple[tuple[str, Lane, Lane], ...] = (
        (
            "is_valid against jsonschema is_valid",
            Lane(is_valid, documents),
            Lane(judge.is_valid, documents),
        ),
        (
            "validate_value against jsonschema iter_errors",
            Lane(validate_value, documents),
            Lane(lambda document: list(judge.iter_errors(document)), documents),
        ),
        (
            "validate(text), with places and fixes, against json.loads and iter_errors",
            Lane(validate, texts),
            Lane(lambda text: list(judge.iter_errors(json.loads(text))), texts),
        ),
    )
    for words, ours, theirs in lanes:
        yield words, compare(ours, theirs, pairs, seconds)


def _row(words: str, found: Comparison) -> tuple[str, ...]:
    return (
        *shown(found.ratio, "down"),
        rounded(found.ours * 1e6, "up"),
        rounded(found.peer * 1e6, "down"),
        rounded(1 / found.ours, "down"),
        rounded(1 / found.peer, "up"),
        words,
    )


def _goal(verdict: Comparison, full: Comparison) -> str:
    met = "met" if verdict.ratio.median >= GOAL else "NOT met"
    median, quartiles, ends = shown(verdict.ratio, "down")
    return (
        f"Goal: at least {GOAL} times plain jsonschema on valid documents of 5 actions\n"
        f"  {met}: is_valid, which gives the same verdict, {median} times (quartiles {quartiles}, ends {ends})\n"
        f"  validate_value, which also looks at voices, wording, order and numbers, "
        f"{rounded(full.ratio.median, 'down')} times"
    )
