"""One writer at a time over all processes of a machine, in the order in which they came.

SQLite's own busy handler sleeps and retries, so that one of two busy processes can wait for a second. A plain file
lock is not fair either: the holder takes it again before the waiter has woken. So there are two: who waits for the
second holds the first, and nobody can pass him. `benchmarks/events.py --lock` compares the three.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

if sys.platform == "win32":
    import msvcrt
    import time

    def _take(descriptor: int) -> None:
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                return
            except OSError:
                time.sleep(0.005)

    def _give(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _give(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FileLock:
    """An exclusive lock on `path` (made when missing) over threads and processes; not re-entrant."""

    def __init__(self, path: Path) -> None:
        self._threads = Lock()
        self._turn = os.open(f"{path}.turn", os.O_RDWR | os.O_CREAT, 0o600)
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the block. The system lets go of it if the process dies."""
        with self._threads, _holding(self._lock, self._enter):
            yield

    def close(self) -> None:
        """Close both files."""
        os.close(self._turn)
        os.close(self._lock)

    def _enter(self) -> None:
        _take(self._turn)
        try:
            _take(self._lock)
        finally:
            _give(self._turn)


@contextmanager
def _holding(descriptor: int, enter: Callable[[], None]) -> Iterator[None]:
    enter()
    try:
        yield
    finally:
        _give(descriptor)
