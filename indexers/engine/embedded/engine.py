"""The embedded engine: generations are folders under one root."""

from __future__ import annotations

import os
from pathlib import Path

import tantivy

from indexers.engine.embedded.faults import translated
from indexers.engine.embedded.folder import clone, discard, is_complete
from indexers.engine.embedded.reader import EmbeddedReader
from indexers.engine.embedded.writer import EmbeddedWriter
from indexers.engine.errors import EngineRejected, EngineUnavailable, GenerationMissing
from indexers.engine.naming import checked

HEAP_BYTES = 512_000_000
THREADS = 2


class EmbeddedEngine:
    """Implements `Engine` with tantivy, in process.

    `heap_bytes` is what a writer may hold in memory over all its `threads` before it writes a segment (at least 15 MB
    a thread).
    """

    name = "embedded"

    def __init__(self, root: Path, *, heap_bytes: int = HEAP_BYTES, threads: int = THREADS) -> None:
        self._root = root
        self._heap_bytes = heap_bytes
        self._threads = threads

    def writer(self, generation: str, clone_of: str | None = None) -> EmbeddedWriter:
        """See `Engine.writer`. Raises `EngineRejected` if the name is taken, `GenerationMissing` for `clone_of`."""
        folder = self._root / checked(generation)
        source = None if clone_of is None else self._complete(clone_of)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            raise EngineRejected(f"generation {generation!r} is held already") from None
        except OSError as error:
            raise EngineUnavailable(f"{self._root}: {error}") from error
        if source is not None:
            clone(source, folder)
        return EmbeddedWriter(folder, cloned=source is not None, heap_bytes=self._heap_bytes, threads=self._threads)

    def reader(self, generation: str) -> EmbeddedReader:
        """Open a complete generation."""
        folder = self._complete(generation)
        with translated(f"open {generation}"):
            index = tantivy.Index.open(os.fspath(folder))
            index.config_reader("manual")
            return EmbeddedReader(index)

    def drop(self, generation: str) -> None:
        """Delete the folder; open readers keep their mapped files."""
        try:
            discard(self._root / checked(generation))
        except OSError as error:
            raise EngineUnavailable(f"drop {generation}: {error}") from error

    def generations(self) -> tuple[str, ...]:
        """Every folder under the root, sorted."""
        if not self._root.is_dir():
            return ()
        return tuple(sorted(entry.name for entry in self._root.iterdir() if entry.is_dir()))

    def ping(self) -> None:
        """The root must be a folder that can be written, or be creatable."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineUnavailable(f"{self._root}: {error}") from error
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise EngineUnavailable(f"{self._root} cannot be read and written")

    def close(self) -> None:
        """Nothing is held between calls."""

    def _complete(self, generation: str) -> Path:
        folder = self._root / checked(generation)
        if not is_complete(folder):
            raise GenerationMissing(generation)
        return folder
