"""The port through which anything touches an engine. Reading and writing are separate roles.

A document is a mapping from the field names of `indexers.schema` to a value or list of values; text fields hold
space-joined tokens. The part ordinal (`ord`) is the document's identity: adding an ordinal again replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from indexers.engine.plan import Page, SearchPlan

FieldValue: TypeAlias = "str | int | float | Sequence[str] | Sequence[int]"
Document: TypeAlias = "Mapping[str, FieldValue]"


class Reader(Protocol):
    """Searches one published generation; safe to use from several threads."""

    def search(self, plan: SearchPlan) -> Page:
        """Run a plan. Raises `EngineUnavailable`, `EngineTimeout`, `GenerationMissing`, `EngineRejected`."""
        ...

    def count(self) -> int:
        """Number of live documents."""
        ...

    def close(self) -> None:
        """Let go of files and connections; later calls raise `EngineUnavailable`."""
        ...


class Writer(Protocol):
    """Builds one unpublished generation; one writer at a time, used as a context manager.

    Leaving the block normally commits and makes the documents searchable; leaving it by an exception discards.
    """

    def add(self, documents: Iterable[Document]) -> None:
        """Add or replace documents by their `ord`. `documents` may be a generator; it is read once."""
        ...

    def delete(self, ordinals: Iterable[int]) -> None:
        """Delete documents; an ordinal that is not there is no error."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Engine(Protocol):
    """Holds generations by name. Which one is published is not the engine's business (`indexers.generations`)."""

    name: str

    def writer(self, generation: str, clone_of: str | None = None) -> Writer:
        """A writer for a new generation, empty or a copy (hard links, `_clone`) of another, which stays untouched."""
        ...

    def reader(self, generation: str) -> Reader:
        """Open a generation. Raises `GenerationMissing`."""
        ...

    def drop(self, generation: str) -> None:
        """Delete a generation; readers already open on it may finish. Missing is no error."""
        ...

    def generations(self) -> tuple[str, ...]:
        """Every generation held, complete or not, sorted by name."""
        ...

    def ping(self) -> None:
        """Return if the engine answers, else raise `EngineUnavailable`."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
