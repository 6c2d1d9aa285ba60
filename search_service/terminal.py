"""Progress on a terminal as bars, elsewhere as plain lines."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from indexers.progress import Tick

LINE_EVERY = 5.0
"""Seconds between two plain lines of one step."""


class Terminal:
    """Progress of one command; a context manager. Everything goes to standard error."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self._bars: Progress | None = None
        self._said = 0.0

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            columns = (TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
            self._bars = Progress(*columns, TimeElapsedColumn(), console=self.console)
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def step(self, name: str, total: int) -> Tick:
        """A step of a build begins."""
        if self._bars is None:
            self.say(name)
            return self._ticker(name, total)
        task = self._bars.add_task(name, total=total or None)
        return lambda done: self._advance(task, done)

    def report(self, name: str, done: int, total: int) -> None:
        """Progress as (name, done, total), as the sample writer tells it."""
        if self._bars is None:
            if time.monotonic() - self._said > LINE_EVERY or done == total:
                self.say(f"{name}: {done:,} of {total:,}")
            return
        task = next((t.id for t in self._bars.tasks if t.description == name), None)
        task = self._bars.add_task(name, total=total) if task is None else task
        self._bars.update(task, completed=done, total=total)

    def say(self, text: str) -> None:
        """One plain line."""
        self._said = time.monotonic()
        if self._bars is not None:
            self._bars.console.print(text, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def _advance(self, task: TaskID, done: int) -> None:
        if self._bars is not None:
            self._bars.advance(task, done)

    def _ticker(self, name: str, total: int) -> Tick:
        seen = 0

        def tick(done: int) -> None:
            nonlocal seen
            seen += done
            if time.monotonic() - self._said > LINE_EVERY:
                self.say(f"{name}: {seen:,}" + (f" of {total:,}" if total else ""))

        return tick
