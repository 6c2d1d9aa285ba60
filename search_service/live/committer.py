"""Group commit: one thread takes everything that has queued and writes it at once; waiters wake after the commit.

A commit costs one wait for the disk however much it holds, so under load single writes share it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Generic, TypeAlias, TypeVar

from search_service.live.errors import LiveBusy, LiveUnavailable

T = TypeVar("T")
Done: TypeAlias = "asyncio.Future[None] | Callable[[Exception | None], None]"
GROUP = 4000  # items of one commit: bounds how long a group holds the lock
LINGER = 0.25
"""Seconds that items nobody waits for wait for company: a search in the log must not cost a commit of its own."""


class GroupCommit(Generic[T]):
    """`write` is called in the committing thread with at most about `GROUP` items, in the order they came.

    `limit` is how many items may wait; `submit` beyond it raises `LiveBusy`.
    """

    def __init__(self, write: Callable[[list[T]], None], limit: int, name: str = "live-commit") -> None:
        self._write = write
        self._limit = limit
        self._queue: deque[tuple[Sequence[T], Done | None]] = deque()
        self._waiting = 0
        self._waited_for = 0
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def submit(self, items: Sequence[T]) -> None:
        """Return once `items` are committed; raise what the commit raised."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put(items, future, self._limit)
        await future

    def wait(self, items: Sequence[T], room: int | None = None) -> None:
        """`submit` for threads: blocks. `room` other than None replaces the limit."""
        done = threading.Event()
        failed: list[Exception] = []

        def wake(error: Exception | None) -> None:
            failed.extend([error] if error else [])
            done.set()

        self._put(items, wake, room if room is not None else self._limit)
        done.wait()
        if failed:
            raise failed[0]

    def offer(self, items: Sequence[T]) -> bool:
        """Queue without waiting; False, and nothing queued, when more than half the room is taken."""
        try:
            self._put(items, None, self._limit // 2)
        except LiveBusy:
            return False
        return True

    def close(self) -> None:
        """Commit what is queued and end the thread."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _put(self, items: Sequence[T], done: Done | None, limit: int) -> None:
        with self._wake:
            if self._closing:
                raise LiveUnavailable("the store is closed")
            if self._waiting and self._waiting + len(items) > limit:
                raise LiveBusy(self._waiting)
            self._waiting += len(items)
            self._waited_for += done is not None
            self._queue.append((items, done))
            if done is not None or len(self._queue) == 1:
                self._wake.notify()

    def _run(self) -> None:
        while group := self._take():
            error = self._commit([item for items, _ in group for item in items])
            _resolve((done for _, done in group if done is not None), error)

    def _take(self) -> list[tuple[Sequence[T], Done | None]]:
        with self._wake:
            while not self._queue and not self._closing:
                self._wake.wait()
            self._wake.wait_for(lambda: self._waited_for or self._closing, LINGER)
            group: list[tuple[Sequence[T], Done | None]] = []
            size = 0
            while self._queue and size < GROUP:
                group.append(self._queue.popleft())
                size += len(group[-1][0])
                self._waited_for -= group[-1][1] is not None
            self._waiting -= size
            return group

    def _commit(self, items: list[T]) -> Exception | None:
        try:
            self._write(items)
        except Exception as error:
            return error
        return None


def _resolve(waiters: Iterable[Done], error: Exception | None) -> None:
    """Tell everybody; the futures of one loop together, so that a group wakes it once."""
    futures: defaultdict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for done in waiters:
        if isinstance(done, asyncio.Future):
            futures[done.get_loop()].append(done)
        else:
            done(error)
    for loop, waiting in futures.items():
        with suppress(RuntimeError):  # the loop was closed, so nobody waits
            loop.call_soon_threadsafe(_settle, waiting, error)


def _settle(futures: Iterable[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
