"""Live state in two SQLite files of one folder: `live.sqlite3` for state, `events.sqlite3` for the logs.

Two files, so that a long load of stock never stands between a customer's event and its commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from search_service.live.database import Database, pages
from search_service.live.errors import LiveUnavailable
from search_service.live.model import Event, Price, PriceChange, PriceRow, Query, StockChange, StockRow, Who
from search_service.live.port import Forgotten, Kind
from search_service.live.retention import Retention
from search_service.live.sqlite_log import EventLog

SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (kind TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (kind TEXT, key TEXT, body BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock (part_id TEXT, store_id TEXT, quantity INTEGER, updated_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL, flipped INTEGER NOT NULL, PRIMARY KEY (part_id, store_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stock_sequence ON stock (sequence);
CREATE INDEX IF NOT EXISTS stock_flipped ON stock (flipped);
CREATE TABLE IF NOT EXISTS prices (part_id TEXT PRIMARY KEY, amount REAL, currency TEXT, sequence INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS prices_sequence ON prices (sequence);
"""

_NEXT = "INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
_STOCK = """
INSERT INTO stock VALUES (:part_id, :store_id, :quantity, :updated_at, :sequence,
    CASE WHEN coalesce(:quantity, 0) > 0 THEN :sequence ELSE 0 END)
ON CONFLICT DO UPDATE SET quantity = excluded.quantity, updated_at = excluded.updated_at, sequence = excluded.sequence,
    flipped = CASE WHEN (coalesce(quantity, 0) > 0) <> (coalesce(excluded.quantity, 0) > 0)
        THEN excluded.sequence ELSE flipped END
WHERE quantity IS NOT excluded.quantity
"""
_PRICE = """
INSERT INTO prices VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET amount = excluded.amount, currency = excluded.currency, sequence = excluded.sequence
WHERE amount IS NOT excluded.amount OR currency IS NOT excluded.currency
"""
_STOCK_SINCE = """
SELECT part_id, store_id, quantity, sequence, sequence, part_id, store_id FROM stock
WHERE (sequence, part_id, store_id) > (?, ?, ?) ORDER BY sequence, part_id, store_id LIMIT ?
"""
_PRICES_SINCE = """
SELECT part_id, amount, currency, sequence, sequence, part_id FROM prices
WHERE (sequence, part_id) > (?, ?) ORDER BY sequence, part_id LIMIT ?
"""
_ITEMS = "SELECT key, body, kind, key FROM documents WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"
_LAST_KEY = "\U0010ffff"  # sorts after every id, so that paging starts after the sequence asked for
LOAD_GROUP = 2000  # events a loading file hands to the committing thread at once


class SqliteLive:
    """The store of the embedded engine. Use `open_sqlite`."""

    def __init__(self, state: Database, log: EventLog) -> None:
        self._state = state
        self._log = log

    def ping(self) -> None:
        """Read something from both files."""
        self.versions()
        self._log.ping()

    def close(self) -> None:
        """Write what is queued and close both files."""
        self._log.close()
        self._state.close()

    def versions(self) -> Mapping[str, int]:
        """All change counters."""
        with self._state.reading() as connection:
            return dict(connection.execute("SELECT kind, value FROM counters").fetchall())

    def get(self, kind: Kind, key: str) -> bytes | None:
        """One document."""
        with self._state.reading() as connection:
            found = connection.execute("SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return found[0] if found else None

    def items(self, kind: Kind) -> Iterator[tuple[str, bytes]]:
        """Documents by key; the empty key is never used."""
        for key, body, *_ in pages(self._state, _ITEMS, (kind, "")):
            yield key, body

    def put(self, kind: Kind, documents: Mapping[str, bytes | None]) -> None:
        """One transaction."""
        if not documents:
            return
        gone = [(kind, key) for key, body in documents.items() if body is None]
        kept = [(kind, key, body) for key, body in documents.items() if body is not None]
        with self._state.writing() as connection:
            connection.executemany("DELETE FROM documents WHERE kind = ? AND key = ?", gone)
            connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", kept)
            connection.execute(_NEXT, (kind,)).fetchone()

    def swap(self, kind: Kind, key: str, expected: bytes | None, new: bytes) -> bool:
        """Compare and write in one transaction."""
        with self._state.writing() as connection:
            found = connection.execute("SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)).fetchone()
            if (found[0] if found else None) != expected:
                return False
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, new))
            connection.execute(_NEXT, (kind,)).fetchone()
        return True

    def put_stock(self, rows: Sequence[StockRow]) -> int:
        """One transaction and one sequence number for all rows."""
        with self._state.writing() as connection:
            sequence = int(connection.execute(_NEXT, (Kind.STOCK,)).fetchone()[0])
            connection.executemany(
                _STOCK,
                ({name: getattr(row, name) for name in row.__struct_fields__} | {"sequence": sequence} for row in rows),
            )
        return sequence

    def stock_since(self, sequence: int) -> Iterator[StockChange]:
        """By sequence, then ids."""
        for row in pages(self._state, _STOCK_SINCE, (sequence, _LAST_KEY, _LAST_KEY)):
            yield StockChange(*row[:4])

    def flipped_since(self, sequence: int) -> Iterator[str]:
        """In no particular order."""
        with self._state.reading() as connection:
            found = connection.execute("SELECT DISTINCT part_id FROM stock WHERE flipped > ?", (sequence,)).fetchall()
        return (part_id for (part_id,) in found)

    def put_prices(self, rows: Sequence[PriceRow]) -> int:
        """One transaction and one sequence number for all rows."""
        with self._state.writing() as connection:
            sequence = int(connection.execute(_NEXT, (Kind.PRICES,)).fetchone()[0])
            connection.executemany(
                _PRICE,
                (
                    (row.part_id, row.price and row.price.amount, row.price and row.price.currency, sequence)
                    for row in rows
                ),
            )
        return sequence

    def prices_since(self, sequence: int) -> Iterator[PriceChange]:
        """By sequence, then part id."""
        for part_id, amount, currency, number, *_ in pages(self._state, _PRICES_SINCE, (sequence, _LAST_KEY)):
            price = None if amount is None else Price(amount, currency)
            yield PriceChange(part_id, price, number)

    async def submit(self, events: Sequence[Event]) -> None:
        """Through the committing thread."""
        await self._log.submit(events)

    def append(self, events: Iterable[Event]) -> None:
        """In groups, through the committing thread."""
        rest = iter(events)
        while group := list(islice(rest, LOAD_GROUP)):
            self._log.wait(group)

    def log(self, query: Query) -> bool:
        """Queue a query."""
        return self._log.offer(query)

    def flush(self) -> None:
        """Wait for the committing thread."""
        self._log.wait([])

    def recent(self, who: Who, limit: int = 50) -> list[Event]:
        """From the log."""
        return self._log.recent(who, limit)

    def events(self, since: int = 0, until: int | None = None) -> Iterator[Event]:
        """From the log."""
        return self._log.events(since, until)

    def queries(self, since: int = 0, until: int | None = None) -> Iterator[Query]:
        """From the log."""
        return self._log.queries(since, until)

    def opt_out(self, identity: str, out: bool = True) -> None:
        """In the log's file, because its writer asks."""
        self._log.opt_out(identity, out)

    def opted_out(self, who: Who) -> bool:
        """From the log's file."""
        return self._log.opted_out(who)

    def forget(self, user_id: str) -> Forgotten:
        """Profile, events and queries, out of the write-ahead logs too."""
        known = self.get(Kind.USERS, user_id) is not None
        if known:
            self.put(Kind.USERS, {user_id: None})
            self._state.truncate()
        events, queries = self._log.forget(user_id)
        return Forgotten(events, queries, known)

    def expire(self, before: int) -> int:
        """Events and queries."""
        return self._log.expire(before)


def open_sqlite(folder: Path, queue: int = 20_000, retention: Retention | None = None) -> SqliteLive:
    """The store in `folder` (made when missing); `queue` is how many events may wait. Raises `LiveUnavailable`.

    Without a `retention` every event is kept.
    """
    try:
        state = Database(folder / "live.sqlite3", SCHEMA)
        return SqliteLive(state, EventLog(folder / "events.sqlite3", queue, retention or Retention(None)))
    except OSError as error:
        raise LiveUnavailable(f"{folder}: {error.strerror}") from error
