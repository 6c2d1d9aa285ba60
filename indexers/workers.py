"""Processes that share the work of a build, and end with it: killed with their parent, they leave nothing running."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from indexers.progress import Tick

DONE, ITEM, TICK, FAILED = "done", "item", "tick", "failed"


class Workers:
    """`count` spawned processes; with 0 everything runs in this one. Use as a context manager."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._processes: list[multiprocessing.process.BaseProcess] = []
        self._pipes: list[Connection] = []

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(at_once=error is not None)

    def renew(self) -> None:
        """End the processes and start others, which begin beside what runs next: what the old ones held is free."""
        self._end(at_once=False)
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        for _ in range(self.count):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there,), daemon=True)
            process.start()
            there.close()
            self._processes.append(process)
            self._pipes.append(here)

    def _end(self, *, at_once: bool) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            if at_once:
                process.terminate()
            process.join()
            process.close()
        self._pipes, self._processes = [], []

    def map(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], tick: Tick) -> list[Any]:
        """Results of `function(*task, tick)` in the order of the tasks. The first error is raised here."""
        if not self._pipes:
            return [function(*task, tick) for task in tasks]
        results: list[Any] = [None] * len(tasks)
        waiting = list(enumerate(tasks))[::-1]
        busy: dict[Connection, int] = {}
        idle = list(self._pipes)
        while waiting or busy:
            while waiting and idle:
                index, task = waiting.pop()
                pipe = idle.pop(0)
                pipe.send((function, task, False))
                busy[pipe] = index
            for ready in wait(list(busy)):
                pipe = _connection(ready)
                what, item = _received(pipe)
                if what == TICK:
                    tick(item)
                    continue
                results[busy.pop(pipe)] = item
                idle.append(pipe)
        return results

    def stream(self, function: Callable[..., Iterator[Any]], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Items that `function(*task)` yields, of up to one task a process at once, as they come."""
        if not self._pipes:
            for task in tasks:
                yield from function(*task)
            return
        waiting = list(tasks)[::-1]
        busy: list[Connection] = []
        for pipe in self._pipes:
            if waiting:
                pipe.send((function, waiting.pop(), True))
                busy.append(pipe)
        while busy:
            for ready in wait(busy):
                pipe = _connection(ready)
                what, item = _received(pipe)
                if what == ITEM:
                    yield item
                elif waiting:
                    pipe.send((function, waiting.pop(), True))
                else:
                    busy.remove(pipe)


def _connection(ready: object) -> Connection:
    assert isinstance(ready, Connection)
    return ready


def _received(pipe: Connection) -> tuple[str, Any]:
    what, item = pipe.recv()
    if what == FAILED:
        raise item
    return what, item


def _serve(pipe: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            function, task, streams = pipe.recv()
        except EOFError:
            return
        try:
            if streams:
                for item in function(*task):
                    pipe.send((ITEM, item))
                pipe.send((DONE, None))
            else:
                pipe.send((DONE, function(*task, partial(_tick, pipe))))
        except Exception as error:
            pipe.send((FAILED, error))


def _tick(pipe: Connection, done: int) -> None:
    pipe.send((TICK, done))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
