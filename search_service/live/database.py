"""One SQLite file in WAL mode, as the live state uses it: many readers, one writer at a time over all processes."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from search_service.live.errors import LiveUnavailable
from search_service.live.filelock import FileLock

BUSY_SECONDS = 10.0  # only met when a checkpoint or a foreign tool holds the file; our own writers use the lock


class Database:
    """Opens `path`, runs `schema` once (statements must be repeatable) and hands out connections.

    Every commit is on the disk when it returns (`synchronous=FULL`); what is deleted is overwritten
    (`secure_delete`), because users are erased here.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._closed = False
        self._idle: deque[sqlite3.Connection] = deque()
        with _translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path.with_suffix(".lock"))
            self._writer = self._connect()
            with self._lock.held():
                self._writer.executescript(f"PRAGMA journal_mode=WAL; {schema}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees everything committed, for this block only."""
        self._check()
        with _translated():
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                self._give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The writer in one transaction: committed when the block ends, rolled back by an exception."""
        self._check()
        with _translated(), self._lock.held():
            self._check()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def truncate(self) -> None:
        """Empty the write-ahead log into the file, so that erased rows are in neither."""
        self._check()
        with _translated(), self._lock.held():
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every idle connection; those in use close when they are given back."""
        if self._closed:
            return
        with self._lock.held():
            self._closed = True
            self._writer.close()
        while self._idle:
            self._idle.pop().close()
        self._lock.close()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _check(self) -> None:
        if self._closed:
            raise LiveUnavailable(f"{self._path.name} is closed")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        for pragma in ("synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LiveUnavailable(f"live state: {error}") from error
    except OSError as error:
        raise LiveUnavailable(f"live state: {error.strerror}") from error


def pages(database: Database, query: str, start: tuple[object, ...], size: int = 5000) -> Iterator[tuple[Any, ...]]:
    """Rows of `query`, `size` at a time, without holding a connection in between.

    `query` ends in `LIMIT ?`, takes `start` before it, and its last columns, as many as `start`, are where to go on.
    """
    position = start
    while True:
        with database.reading() as connection, closing(connection.execute(query, (*position, size))) as cursor:
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < size:
            return
        position = rows[-1][-len(start) :]
