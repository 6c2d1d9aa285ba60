"""How a build says where it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeAlias

Tick: TypeAlias = Callable[[int], None]
"""Called with how much more was done, in the units of the step (bytes read, parts indexed)."""


class Progress(Protocol):
    """Steps of a build follow each other; each is announced once and then ticks until its total."""

    def step(self, name: str, total: int) -> Tick:
        """A step begins; `total` 0 means its size is not known."""
        ...


class Steps:
    """The steps of one build, told as they begin; `seconds` is what each took by the clock."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int = 0) -> Iterator[Tick]:
        """The step is what runs inside."""
        started = time.perf_counter()
        yield self._progress.step(name, total)
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 3)


class Silent:
    """Says nothing."""

    def step(self, name: str, total: int) -> Tick:
        """A step begins."""
        return silent


def silent(done: int) -> None:
    """A tick that says nothing."""
