"""Measure the memory of an open call: what it keeps in a store in memory, and in the file of `ncco serve`."""

from __future__ import annotations

import gc
import json
import os
import sqlite3
import tempfile
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.measure import rounded, table
from benchmarks.menus import CALL, DESK, Act, keys, status
from ncco_lang.bundler import Bundled
from ncco_lang.compiler import compile_source
from ncco_lang.engine.events import Result
from ncco_lang.runtime.answering import Answering
from ncco_lang.runtime.answers import SHORT, Answered, Flow, Pending
from ncco_lang.runtime.call_store import REPLY_SECONDS, CallStore, MemoryStore
from ncco_lang.serve.call_store import SqliteStore
from ncco_lang.source import Source
from ncco_lang.tokens.sealed import TokenKey, Tokens
from ncco_lang.values.event_urls import read_address

FULL, QUICK = 2_000, 50
"""Open calls of each kind."""
_SECONDS = 4 * 3600.0
_TABLES = ("legs", "notes", "events", "results", "data")
_BASE = f"https://calls.example.com/ncco-{'0' * 22}"
_FLOW = f"""\
flow "Bank"

param desk: phone = "+{DESK}"

default talk en-GB style: 2

fallback colleague

step start {{
    menu "For your balance, press 1. For a colleague, press 2." {{
        1                           -> ask_code
        2                           -> colleague
        otherwise, silence, give_up -> colleague
    }}
}}

step ask_code {{
    ask code "Please key in your code." digits: 4 secret: true {{
        otherwise, silence -> retry
        give_up            -> colleague
    }}
    menu "To hear the balance, press 1." {{
        1                           -> balance
        otherwise, silence, give_up -> colleague
    }}
}}

step balance {{
    fetch "https://bank.example.com/balance" method: post json: {{ "code": code }} into: account {{
        otherwise -> colleague
    }}
    menu "It is {{account.euros}} euros. To hear the balance again, press 1." {{
        1                           -> balance
        otherwise, silence, give_up -> colleague
    }}
}}

step colleague {{
    connect phone desk from: desk timeout: 20s {{
        otherwise -> goodbye
    }}
}}

step goodbye {{ talk "Goodbye." }}
"""
_LOOKED_UP = Result(200, {"euros": 120})
_KINDS: Mapping[str, tuple[Act, ...]] = {
    "is asked by a menu": (),
    "has entered a secret": (keys("1"), keys("1234")),
    "has entered a secret and heard a lookup": (keys("1"), keys("1234"), keys("1")),
    "talks to a colleague": (keys("2"), status("ringing"), status("answered")),
}


class Kept(NamedTuple):
    """What open calls keep: bytes a call, and rows of each table a call."""

    size: float
    rows: tuple[float, ...] = ()


class _Calls:
    """Plays calls of the flow with a store, and leaves them open."""

    def __init__(self) -> None:
        compiled = compile_source(Source("bank.flow", _FLOW)).product
        assert isinstance(compiled, Bundled)
        bundle = compiled.bundle
        self._flow = Flow(name="bank", base=_BASE, newest=bundle, bundles={bundle.version[:SHORT]: bundle})
        self._tokens = Tokens((TokenKey("open calls" * 4),), _SECONDS, os.urandom)

    def open(self, store: CallStore, acts: tuple[Act, ...], number: int) -> None:
        """Play a call until it waits after these acts."""
        answering = Answering(self._tokens, store)
        own = {
            "uuid": f"aaaaaaaa-bbbb-4ccc-8ddd-{number:012x}",
            "conversation_uuid": f"CON-aaaaaaaa-bbbb-4ccc-8ddd-{number:012x}",
        }
        document = self._answered(answering.answer(self._flow, "answer", {**CALL, **own}, 0.0))
        for act in acts:
            url = next(each["eventUrl"][0] for each in document if each["action"] == act.action)
            address = read_address(urlsplit(url).path)
            assert address is not None
            fields = {**act.fields, "conversation_uuid": own["conversation_uuid"]}
            fields |= {} if act.action == "connect" else own
            outcome = answering.answer(self._flow, address.webhook, fields, 0.0, token=address.token)
            document = self._answered(outcome) or document

    def _answered(self, outcome: Answered | Pending) -> list[dict[str, Any]]:
        while isinstance(outcome, Pending):
            outcome = outcome.resume(_LOOKED_UP)
        assert outcome.status == 200
        assert not outcome.failures
        document: list[dict[str, Any]] = json.loads(outcome.body or b"[]")
        return document


def report(count: int) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "Memory of an open call\n"
        f"  {count:,} open calls of each kind, with the ids of the platform and sealed as `ncco serve` seals. Tokens are with the platform.\n"
        "  Bytes a call: in memory, what Python has allocated for the store; in SQLite, the pages of the file that are in use.\n"
        f"  At once: with the answers to its events, which are kept for {REPLY_SECONDS:g} s. Later: what is left for as long as it is open."
    )
    calls, rows = _Calls(), []
    for name, acts in _KINDS.items():
        memory, file = _in_memory(calls, acts, count), _in_file(calls, acts, count)
        kept = ", ".join(f"{number:g} {table}" for table, number in zip(_TABLES, file[1].rows, strict=True) if number)
        sizes = (memory[0], memory[1], file[0].size, file[1].size)
        rows.append((*(rounded(max(size, 0), "up") for size in sizes), f"{name}; rows later: {kept or 'none'}"))
    yield table(("memory at once", "later", "SQLite at once", "later", "the caller"), rows)


def _in_memory(calls: _Calls, acts: tuple[Act, ...], count: int) -> tuple[float, float]:
    """Return the bytes of a call in memory, at once and later: what is free again without the store."""
    tracemalloc.start()
    try:
        store = MemoryStore()
        for number in range(count):
            calls.open(store, acts, number)
        at_once = _allocated()
        store.sweep(REPLY_SECONDS + 1)
        later = _allocated()
        del store
        rest = _allocated()
    finally:
        tracemalloc.stop()
    return (at_once - rest) / count, (later - rest) / count


def _allocated() -> int:
    """Return the bytes that Python has allocated."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _in_file(calls: _Calls, acts: tuple[Act, ...], count: int) -> tuple[Kept, Kept]:
    """Return what a call keeps in the file, at once and later."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "calls.sqlite")
        with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as database:
            empty = _used(database)
            for number in range(count):
                calls.open(store, acts, number)
            kept = []
            for now in (0.0, REPLY_SECONDS + 1):
                store.sweep(now)
                rows = [database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] / count for name in _TABLES]
                kept.append(Kept((_used(database) - empty) / count, tuple(rows)))
    return kept[0], kept[1]


def _used(database: sqlite3.Connection) -> int:
    """Return the bytes of the pages that are in use."""
    size, pages, free = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    return int(size * (pages - free))
