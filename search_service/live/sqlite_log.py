"""The event and query logs in one SQLite file, written by one committing thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from search_service.live.committer import GroupCommit
from search_service.live.database import Database, pages
from search_service.live.model import Event, Query, Who
from search_service.live.retention import Retention
from search_service.live.ubi import clean_event, clean_query

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (key BLOB NOT NULL UNIQUE, at INTEGER NOT NULL, action TEXT NOT NULL,
    body BLOB NOT NULL, application TEXT, query_id TEXT, session_id TEXT, client_id TEXT, user_id TEXT, object_id TEXT,
    ordinal INTEGER);
CREATE INDEX IF NOT EXISTS events_at ON events (at);
CREATE INDEX IF NOT EXISTS events_user ON events (user_id, at) WHERE user_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_session ON events (session_id, at) WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_client ON events (client_id, at) WHERE client_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS queries (query_id TEXT PRIMARY KEY, at INTEGER NOT NULL,
    session_id TEXT, client_id TEXT, user_id TEXT, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS queries_at ON queries (at);
CREATE INDEX IF NOT EXISTS queries_user ON queries (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS queries_session ON queries (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS queries_client ON queries (client_id) WHERE client_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS opt_outs (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_COLUMNS = "key, at, action, body, application, query_id, session_id, client_id, user_id, object_id, ordinal"
_ADD_EVENT = f"INSERT OR IGNORE INTO events ({_COLUMNS}) VALUES ({', '.join('?' * 11)})"
_ADD_QUERY = "INSERT OR REPLACE INTO queries VALUES (?, ?, ?, ?, ?, ?)"
_EVENTS = f"SELECT {_COLUMNS}, at, rowid FROM events WHERE (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?"
_QUERIES = "SELECT body, at, rowid FROM queries WHERE (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?"
_RECENT = f"SELECT {_COLUMNS}, rowid FROM events WHERE {{}} ORDER BY at DESC, rowid DESC LIMIT ?"
_OF_USER = _RECENT.format("user_id = ?")
_OF_SESSION = _RECENT.format("session_id = ? AND (user_id IS NULL OR ? IS NULL OR user_id = ?)")
_OF_CLIENT = _RECENT.format("client_id = ? AND (user_id IS NULL OR user_id = ?)")
_LAST = 2**62

Item: TypeAlias = "Event | Query"


class EventLog:
    """Opens `path` and starts the committing thread; `queue` items may wait for it."""

    def __init__(self, path: Path, queue: int, retention: Retention) -> None:
        self._database = Database(path, SCHEMA)
        self._retention = retention
        self._commits: GroupCommit[Item] = GroupCommit(self._write, queue)

    async def submit(self, events: Sequence[Event]) -> None:
        """Return once the events are on the disk."""
        await self._commits.submit(events)

    def wait(self, events: Sequence[Event]) -> None:
        """The same, blocking and without a limit."""
        self._commits.wait(events, room=_LAST)

    def offer(self, query: Query) -> bool:
        """Queue a query without waiting."""
        return self._commits.offer([query])

    def ping(self) -> None:
        """Read something."""
        with self._database.reading() as connection:
            connection.execute("SELECT 1 FROM opt_outs LIMIT 1").fetchall()

    def close(self) -> None:
        """Commit what is queued, then close."""
        self._commits.close()
        self._database.close()

    def recent(self, who: Who, limit: int) -> list[Event]:
        """Newest first; equal times by arrival."""
        found: dict[int, tuple[Any, ...]] = {}
        with self._database.reading() as connection:
            for statement, values in _recent_statements(who):
                rows = connection.execute(statement, (*values, limit)).fetchall()
                found |= {row[-1]: row for row in rows}
        newest = sorted(found.values(), key=lambda row: (row[1], row[-1]), reverse=True)[:limit]
        return [Event(*row[:11]) for row in newest]

    def events(self, since: int, until: int | None) -> Iterator[Event]:
        """By time, then arrival."""
        for row in pages(self._database, _EVENTS, (since - 1, _LAST)):
            event = Event(*row[:11])
            if until is not None and event.at >= until:
                return
            yield event

    def queries(self, since: int, until: int | None) -> Iterator[Query]:
        """By time, then arrival."""
        for body, at, _ in pages(self._database, _QUERIES, (since - 1, _LAST)):
            if until is not None and at >= until:
                return
            yield msgspec.json.decode(body, type=Query)

    def opt_out(self, identity: str, out: bool) -> None:
        """Add or remove one id."""
        statement = "INSERT OR IGNORE INTO opt_outs VALUES (?)" if out else "DELETE FROM opt_outs WHERE id = ?"
        with self._database.writing() as connection:
            connection.execute(statement, (identity,))

    def opted_out(self, who: Who) -> bool:
        """Look all ids up."""
        with self._database.reading() as connection:
            return bool(_opted_out(connection, [who]))

    def forget(self, user_id: str) -> tuple[int, int]:
        """Erase the user's rows, and rows without a user of the sessions and clients he used. (events, queries)"""
        self._commits.wait([], room=_LAST)
        with self._database.writing() as connection:
            _note_traces(connection, user_id)
            events, queries = (_erase(connection, table, user_id) for table in ("events", "queries"))
            connection.execute("DELETE FROM temp.traces")
        self._database.truncate()
        return events, queries

    def expire(self, before: int) -> int:
        """Erase rows older than `before`."""
        with self._database.writing() as connection:
            gone = sum(
                connection.execute(f"DELETE FROM {table} WHERE at < ?", (before,)).rowcount
                for table in ("events", "queries")
            )
        self._database.truncate()
        return gone

    def _write(self, items: list[Item]) -> None:
        if not items:
            return
        with self._database.writing() as connection:
            out = _opted_out(connection, items)
            events = [clean_event(item, out) for item in items if isinstance(item, Event)]
            queries = [clean_query(item, out) for item in items if isinstance(item, Query)]
            connection.executemany(_ADD_EVENT, [msgspec.structs.astuple(event) for event in events])
            connection.executemany(_ADD_QUERY, [_query_row(query) for query in queries])
        self._retention.apply(self.expire)


def _recent_statements(who: Who) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    if who.user_id is not None:
        yield _OF_USER, (who.user_id,)
    if who.session_id is not None:
        yield _OF_SESSION, (who.session_id, who.user_id, who.user_id)
    if who.client_id is not None:
        yield _OF_CLIENT, (who.client_id, who.user_id)


def _note_traces(connection: sqlite3.Connection, user_id: str) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS traces (id TEXT PRIMARY KEY) WITHOUT ROWID")
    for table in ("events", "queries"):
        for column in ("session_id", "client_id"):
            connection.execute(
                f"INSERT OR IGNORE INTO temp.traces SELECT {column} FROM {table} "
                f"WHERE user_id = ? AND {column} IS NOT NULL",
                (user_id,),
            )


def _erase(connection: sqlite3.Connection, table: str, user_id: str) -> int:
    gone = connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,)).rowcount
    for column in ("session_id", "client_id"):
        gone += connection.execute(
            f"DELETE FROM {table} WHERE user_id IS NULL AND {column} IN (SELECT id FROM temp.traces)"
        ).rowcount
    return gone


def _opted_out(connection: sqlite3.Connection, items: Iterable[Item | Who]) -> frozenset[str]:
    if connection.execute("SELECT 1 FROM opt_outs LIMIT 1").fetchone() is None:
        return frozenset()
    ids = {identity for item in items for identity in (item.user_id, item.session_id, item.client_id) if identity}
    found = connection.execute(
        "SELECT id FROM opt_outs WHERE id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(list(ids)).decode(),),
    )
    return frozenset(identity for (identity,) in found.fetchall())


def _query_row(query: Query) -> tuple[Any, ...]:
    body = msgspec.json.encode(query)
    return query.query_id, query.at, query.session_id, query.client_id, query.user_id, body
