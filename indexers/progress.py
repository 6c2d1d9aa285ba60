"""How a build says where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

Tick: TypeAlias = Callable[[int], None]
"""Called with how much more was done, in the units of the step (bytes read, parts indexed)."""


class Progress(Protocol):
    """Steps of a build follow each other; each is announced once and then ticks until its total."""

    def step(self, name: str, total: int) -> Tick:
        """A step begins; `total` 0 means its size is not known."""
        ...


class Silent:
    """Says nothing."""

    def step(self, name: str, total: int) -> Tick:
        """A step begins."""
        return silent


def silent(done: int) -> None:
    """A tick that says nothing."""
