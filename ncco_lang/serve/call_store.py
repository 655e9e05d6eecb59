"""The call store in SQLite: for one process, or several on one machine."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from ncco_lang.engine.events import Facts, Note
from ncco_lang.runtime.call_store import REPLY_SECONDS, Kept
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.projects import from_here

_VERSION = 1
_BUSY = 2.0
"""Seconds to wait for another process that writes."""
_TABLES = """
CREATE TABLE legs (leg TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL, serial INTEGER, until REAL NOT NULL);
CREATE INDEX legs_by_conversation ON legs (conversation);
CREATE TABLE notes (leg TEXT NOT NULL, kind TEXT NOT NULL, wait INTEGER NOT NULL, value TEXT NOT NULL, time REAL NOT NULL);
CREATE INDEX notes_by_leg ON notes (leg);
CREATE TABLE replies (key TEXT PRIMARY KEY, body BLOB NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE states (name TEXT PRIMARY KEY, data BLOB NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
"""
_FACTS = (
    "SELECT serial, kind, wait, value, time FROM legs LEFT JOIN notes ON notes.leg = legs.leg WHERE legs.leg = ?"
    " ORDER BY notes.rowid"
)
_REPLY = (
    "INSERT INTO replies VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body, until = excluded.until"
    " WHERE until <= ?"
)
_LEG = (
    "INSERT INTO legs VALUES (?, ?, ?, ?) ON CONFLICT (leg) DO UPDATE SET until = max(until, excluded.until),"
    " serial = max(ifnull(serial, excluded.serial), ifnull(excluded.serial, serial))"
)


class SqliteStore:
    """A store in a file; a `CallStore`. What it keeps outlives the process, also if that is killed.

    Raises:
        InputError: the file cannot be opened, or another version of ncco has made it.
    """

    __slots__ = ("_database",)

    def __init__(self, path: Path) -> None:
        shown = from_here(path)
        try:
            # SQLite gives the files beside it the same mode.
            path.touch(0o600)
            self._database = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
            # A commit survives the end of the process. Only a power failure may lose the last ones, and then the
            # calls are gone as well.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            version = self._prepare()
        except (sqlite3.Error, OSError) as failed:
            raise InputError(
                f"cannot open the call store {shown}: {failed}; without calls it may be deleted"
            ) from failed
        if version != _VERSION:
            raise InputError(f"the call store {shown} is of another version of ncco; without calls it may be deleted")

    def _prepare(self) -> int:
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

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg."""
        rows = self._database.execute(_FACTS, (leg,)).fetchall()
        notes = tuple(Note(kind, wait, json.loads(value), time) for _, kind, wait, value, time in rows if kind)
        return Facts(notes, rows[0][0] if rows else None)

    def legs(self, conversation: str) -> list[str]:
        """Return the legs of a conversation."""
        rows = self._database.execute("SELECT leg FROM legs WHERE conversation = ? ORDER BY rowid", (conversation,))
        return [leg for (leg,) in rows]

    def reply(self, key: str, now: float) -> bytes | None:
        """Return the answer that was kept under a key in the last minute."""
        found = self._database.execute("SELECT body FROM replies WHERE key = ? AND until > ?", (key, now)).fetchone()
        return None if found is None else bytes(found[0])

    def keep(self, kept: Kept, now: float) -> bytes:
        """Keep what later events need of one."""
        row = (kept.key, kept.body, now + REPLY_SECONDS, now)
        if not kept.leg or (kept.serial is None and not kept.notes):
            # One statement is a transaction of its own, which costs a third.
            is_first = self._database.execute(_REPLY, row).rowcount > 0
        else:
            with _Transaction(self._database):
                is_first = self._database.execute(_REPLY, row).rowcount > 0
                if is_first:
                    self._keep_facts(kept)
        return kept.body if is_first else self.reply(kept.key, now) or kept.body

    def _keep_facts(self, kept: Kept) -> None:
        self._database.execute(_LEG, (kept.leg, kept.conversation, kept.serial, kept.until))
        for each in kept.notes:
            row = (kept.leg, each.kind, each.wait, json.dumps(each.value), each.time)
            self._database.execute("INSERT INTO notes VALUES (?, ?, ?, ?, ?)", row)

    def keep_state(self, name: str, data: bytes, until: float) -> None:
        """Keep a state that is too large for a URL."""
        self._database.execute("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", (name, data, until))

    def state(self, name: str) -> bytes | None:
        """Return a state that was kept."""
        found = self._database.execute("SELECT data FROM states WHERE name = ?", (name,)).fetchone()
        return None if found is None else bytes(found[0])

    def forget(self, leg: str) -> None:
        """Forget the facts of a leg."""
        with _Transaction(self._database):
            self._database.execute("DELETE FROM notes WHERE leg = ?", (leg,))
            self._database.execute("DELETE FROM legs WHERE leg = ?", (leg,))

    def sweep(self, now: float) -> None:
        """Forget all that has expired."""
        with _Transaction(self._database):
            self._database.execute("DELETE FROM notes WHERE leg IN (SELECT leg FROM legs WHERE until <= ?)", (now,))
            for table in ("legs", "replies", "states"):
                self._database.execute(f"DELETE FROM {table} WHERE until <= ?", (now,))


class _Transaction:
    """A block whose changes are all made, or none if it raises."""

    __slots__ = ("_database",)

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
