"""The call store in SQLite: for one process, or several on one machine."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ncco_lang.engine.events import Facts, Note
from ncco_lang.runtime.call_store import MOST_NOTES, REFERENCE_BYTES, REPLY_SECONDS, Begun, Kept
from ncco_lang.serve.store_file import identify, make_store_file
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.projects import from_here

_VERSION = 2
_BUSY = 2.0
"""Seconds to wait for another process that writes."""
_TABLES = """
CREATE TABLE legs (leg TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL, serial INTEGER, until REAL NOT NULL);
CREATE INDEX legs_by_conversation ON legs (conversation);
CREATE TABLE notes (leg TEXT NOT NULL, kind TEXT NOT NULL, wait INTEGER NOT NULL, value TEXT NOT NULL, time REAL NOT NULL);
CREATE INDEX notes_by_leg ON notes (leg);
CREATE TABLE events (key TEXT PRIMARY KEY, time REAL NOT NULL, until REAL NOT NULL, held REAL NOT NULL, holder TEXT, body BLOB);
CREATE TABLE results (key TEXT NOT NULL, number INTEGER NOT NULL, until REAL NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE data (reference BLOB PRIMARY KEY, leg TEXT NOT NULL, until REAL NOT NULL, data BLOB NOT NULL);
CREATE INDEX data_by_leg ON data (leg);
"""
_FACTS = (
    "SELECT serial, kind, wait, value, time FROM legs LEFT JOIN notes ON notes.leg = legs.leg WHERE legs.leg = ?"
    " ORDER BY notes.rowid"
)
# A value that a statement needs twice is named: Python 3.12.1 warns of a number such as ?1.
_BEGIN = (
    "INSERT INTO events VALUES (:key, :time, :until, 0, NULL, NULL) ON CONFLICT (key) DO UPDATE SET time = excluded.time,"
    " body = NULL, holder = NULL, held = 0, until = excluded.until WHERE until <= :time"
)
_REPLY = (
    "INSERT INTO events VALUES (:key, :now, :until, 0, NULL, :body) ON CONFLICT (key) DO UPDATE SET body = excluded.body,"
    " holder = NULL, until = excluded.until WHERE body IS NULL OR until <= :now"
)
_HOLD = (
    "UPDATE events SET holder = :holder, held = :until WHERE key = :key AND body IS NULL"
    " AND (holder IS NULL OR holder = :holder OR held <= :now)"
    " AND (SELECT count(*) FROM results WHERE results.key = :key) = :number"
)
_NOTE = (
    "INSERT INTO notes SELECT :leg, :kind, :wait, :value, :time"
    f" WHERE (SELECT count(*) FROM notes WHERE leg = :leg AND kind = :kind) < {MOST_NOTES}"
)
_EXPIRING = {"events": "key", "results": "key", "data": "reference", "legs": "leg"}
"""The tables whose rows expire, and the column that names a row."""
_BATCH = 200
"""Rows that are deleted at once, so that no other process waits long."""
_LOG_PAGES = 16_000
"""Pages (of 4 KiB) of the log from which on a commit writes them into the file, because no checkpoint did."""
_COPIED_PAGES = 100
"""Pages that are copied at once, in which no event can use the store."""
_LEG = (
    "INSERT INTO legs VALUES (?, ?, ?, ?) ON CONFLICT (leg) DO UPDATE SET until = max(until, excluded.until),"
    " serial = max(ifnull(serial, excluded.serial), ifnull(excluded.serial, serial))"
)


class SqliteStore:
    """A store in a file; a `CallStore`. What it keeps outlives the process, also if that is killed.

    Args:
        before: a store whose file may be gone; a new file begins with what that has.

    Raises:
        InputError: the file cannot be opened, or another version of ncco has made it.
    """

    __slots__ = ("_database", "_identity", "_path")

    def __init__(self, path: Path, *, before: SqliteStore | None = None) -> None:
        shown = from_here(path)
        self._path = path
        try:
            _make(path, before)
            self._identity = identify(path)
            self._database = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
            try:
                version = self._prepare()
            except BaseException:
                self._database.close()
                raise
        except (sqlite3.Error, OSError) as failed:
            words = f"cannot open the call store {shown}: {failed}"
            hint = "; without calls it may be deleted" if _is_damaged(failed) else ""
            raise InputError(words + hint) from failed
        if version != _VERSION:
            self._database.close()
            raise InputError(f"the call store {shown} is of another version of ncco; without calls it may be deleted")

    def _prepare(self) -> int:
        # A commit survives the end of the process. Only a power failure may lose the last ones, and then the calls are gone
        # as well.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        with _Transaction(self._database):
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in filter(str.strip, _TABLES.split(";")):
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {_VERSION}")
                return _VERSION
        return int(version)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # ── The file ──────────────────────────────────────────────────────────────────────────────────────

    def is_moved(self) -> bool:
        """Return whether the file was deleted or replaced, so that what is kept now would be lost."""
        return identify(self._path) != self._identity

    def go_on_with(self, fresh: SqliteStore) -> None:
        """Use the file of another store, which is not used then."""
        self._database, old = fresh._database, self._database
        self._identity = fresh._identity
        old.close()

    def probe(self) -> None:
        """Write something that changes nothing. Raises what the disk raises."""
        self._database.execute(f"PRAGMA user_version = {_VERSION}")

    def copy(self, path: Path) -> None:
        """Write what it has into an empty file."""
        with closing(sqlite3.connect(path)) as target:
            self._database.backup(target, pages=_COPIED_PAGES, sleep=0)

    # ── What is kept ──────────────────────────────────────────────────────────────────────────────────

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg."""
        rows = self._database.execute(_FACTS, (leg,)).fetchall()
        notes = tuple(Note(kind, wait, json.loads(value), time) for _, kind, wait, value, time in rows if kind)
        return Facts(notes, rows[0][0] if rows else None)

    def legs(self, conversation: str) -> list[str]:
        """Return the legs of a conversation."""
        rows = self._database.execute("SELECT leg FROM legs WHERE conversation = ? ORDER BY rowid", (conversation,))
        return [leg for (leg,) in rows]

    def begun(self, key: str, now: float) -> Begun | None:
        """Return what is known of an event that came in the last minute."""
        row = self._database.execute("SELECT time, body FROM events WHERE key = ? AND until > ?", (key, now)).fetchone()
        if row is None:
            return None
        time, body = row
        rows = self._database.execute("SELECT data FROM results WHERE key = ? ORDER BY number", (key,))
        return Begun(time, tuple(bytes(data) for (data,) in rows), None if body is None else bytes(body))

    def begin(self, key: str, time: float) -> float:
        """Note that an event looks up."""
        with _Transaction(self._database):
            if self._database.execute(_BEGIN, {"key": key, "time": time, "until": time + REPLY_SECONDS}).rowcount > 0:
                self._database.execute("DELETE FROM results WHERE key = ?", (key,))
                return time
            (first,) = self._database.execute("SELECT time FROM events WHERE key = ?", (key,)).fetchone()
        return float(first)

    def keep_result(self, key: str, number: int, data: bytes, now: float) -> bytes:
        """Keep the result of a lookup of an event."""
        row = (key, number, now + REPLY_SECONDS, data)
        if self._database.execute("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?)", row).rowcount > 0:
            return data
        query = "SELECT data FROM results WHERE key = ? AND number = ?"
        found = self._database.execute(query, (key, number)).fetchone()
        return data if found is None else bytes(found[0])

    def hold(self, key: str, number: int, holder: str, now: float, until: float) -> str | None:
        """Hold an event while a lookup of it is made; return who holds it, None if it has gone on meanwhile.

        Args:
            number: how many results it has.
            holder: the one who would hold it; it may hold it already.
            until: when another one may hold it.
        """
        row = {"key": key, "holder": holder, "until": until, "now": now, "number": number}
        if self._database.execute(_HOLD, row).rowcount > 0:
            return holder
        found = self._database.execute("SELECT holder FROM events WHERE key = ? AND body IS NULL", (key,)).fetchone()
        return None if found is None else found[0]

    def release(self, key: str, holder: str) -> None:
        """Let another one hold an event."""
        self._database.execute("UPDATE events SET holder = NULL WHERE key = ? AND holder = ?", (key, holder))

    def keep(self, kept: Kept, now: float) -> bytes:
        """Keep what later events need of one."""
        row = {"key": kept.key, "body": kept.body, "now": now, "until": now + REPLY_SECONDS}
        if not kept.leg or (kept.serial is None and not kept.notes):
            # One statement is a transaction of its own, which costs a third.
            is_first = self._database.execute(_REPLY, row).rowcount > 0
        else:
            with _Transaction(self._database):
                is_first = self._database.execute(_REPLY, row).rowcount > 0
                if is_first:
                    self._keep_facts(kept)
        if is_first:
            return kept.body
        found = self._database.execute("SELECT body FROM events WHERE key = ?", (kept.key,)).fetchone()
        return kept.body if found is None or found[0] is None else bytes(found[0])

    def _keep_facts(self, kept: Kept) -> None:
        self._database.execute(_LEG, (kept.leg, kept.conversation, kept.serial, kept.until))
        for each in kept.notes:
            value = json.dumps(each.value)
            row = {"leg": kept.leg, "kind": each.kind, "wait": each.wait, "value": value, "time": each.time}
            self._database.execute(_NOTE, row)

    def put(self, leg: str, data: bytes, until: float) -> bytes:
        """Keep data of a leg."""
        reference = os.urandom(REFERENCE_BYTES)
        self._database.execute("INSERT INTO data VALUES (?, ?, ?, ?)", (reference, leg, until, data))
        return reference

    def get(self, reference: bytes) -> bytes | None:
        """Return the data of a reference."""
        found = self._database.execute("SELECT data FROM data WHERE reference = ?", (reference,)).fetchone()
        return None if found is None else bytes(found[0])

    def set_until(self, reference: bytes, until: float) -> None:
        """Change how long data are kept."""
        self._database.execute("UPDATE data SET until = ? WHERE reference = ?", (until, reference))

    def forget(self, leg: str) -> None:
        """Forget the facts and the data of a leg."""
        with _Transaction(self._database):
            for table in ("notes", "legs", "data"):
                self._database.execute(f"DELETE FROM {table} WHERE leg = ?", (leg,))

    def sweep(self, now: float) -> None:
        """Forget all that has expired."""
        for table, column in _EXPIRING.items():
            expired = self._database.execute(f"SELECT {column} FROM {table} WHERE until <= ?", (now,)).fetchall()
            for start in range(0, len(expired), _BATCH):
                with _Transaction(self._database):
                    self._forget_expired(table, column, expired[start : start + _BATCH], now)

    def _forget_expired(self, table: str, column: str, rows: list[tuple[Any]], now: float) -> None:
        """Delete rows of a table, unless another process keeps them longer now."""
        self._database.executemany(
            f"DELETE FROM {table} WHERE {column} = ? AND until <= ?", [(*row, now) for row in rows]
        )
        if table == "legs":
            gone = "DELETE FROM notes WHERE leg = ? AND NOT EXISTS (SELECT 1 FROM legs WHERE legs.leg = notes.leg)"
            self._database.executemany(gone, rows)

    def checkpoint(self) -> None:
        """Write what the log has into the file, as far as that makes no other process wait."""
        self._database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _make(path: Path, before: SqliteStore | None) -> None:
    """Make the file of a store where it is missing, with what the store before it still holds."""
    if before is not None:
        try:
            make_store_file(path, before.copy)
        except sqlite3.DatabaseError as failed:
            if not _is_damaged(failed):
                raise
    make_store_file(path)


def _is_damaged(failed: Exception) -> bool:
    """Return whether an error is about what a file has, and not about the disk."""
    return isinstance(failed, sqlite3.DatabaseError) and not isinstance(failed, sqlite3.OperationalError)


class _Transaction:
    """A block whose changes are all made, or none if it raises."""

    __slots__ = ("_database",)

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._database.execute("COMMIT")
        finally:
            # After some errors, as of a full disk, SQLite has ended the transaction by itself.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
