"""Building one generation with tantivy: aside, in its own folder, complete only when marked so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from indexers.engine.embedded.faults import translated
from indexers.engine.embedded.folder import discard, mark_complete
from indexers.engine.embedded.schema import build_schema, ordinal_of, to_tantivy
from indexers.engine.errors import EngineUnavailable
from indexers.engine.port import Document
from indexers.schema import ORD


class EmbeddedWriter:
    """Implements `Writer`. The index is opened on entering the block, which takes tantivy's lock on the folder."""

    def __init__(self, folder: Path, *, cloned: bool, heap_bytes: int, threads: int) -> None:
        self._folder = folder
        self._cloned = cloned
        self._heap_bytes = heap_bytes
        self._threads = threads
        self._written = bytearray()
        self._schema = build_schema()
        self._writer: tantivy.IndexWriter | None = None

    def __enter__(self) -> Self:
        with translated(f"write {self._folder.name}"):
            index = tantivy.Index(self._schema, path=os.fspath(self._folder))
            self._writer = index.writer(self._heap_bytes, self._threads)
        return self

    def add(self, documents: Iterable[Document]) -> None:
        """Add or replace by `ord`. An error of the iterable passes through as it is."""
        writer, schema = self._open(), self._schema
        for document in documents:
            ordinal = ordinal_of(document)
            converted = to_tantivy(document, schema)
            with translated("add"):
                if self._may_hold(ordinal):
                    writer.delete_documents_by_term(ORD.name, ordinal)
                writer.add_document(converted)

    def delete(self, ordinals: Iterable[int]) -> None:
        """Delete by `ord`; an unknown one is no error."""
        writer = self._open()
        with translated("delete"):
            for ordinal in ordinals:
                writer.delete_documents_by_term(ORD.name, ordinal)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        writer, self._writer = self._open(), None
        if error is not None:
            self._abandon(writer)
            return
        try:
            with translated(f"commit {self._folder.name}"):
                writer.commit()
                writer.wait_merging_threads()
        except BaseException:
            discard(self._folder)
            raise
        mark_complete(self._folder)

    def _abandon(self, writer: tantivy.IndexWriter) -> None:
        try:
            with translated(f"roll back {self._folder.name}"):
                writer.rollback()
                writer.wait_merging_threads()
        finally:
            discard(self._folder)

    def _may_hold(self, ordinal: int) -> bool:
        """True if the index may hold the ordinal already; remembers it from now on (one byte an ordinal)."""
        missing = ordinal + 1 - len(self._written)
        if missing > 0:
            self._written.extend(bytes(max(missing, 65_536)))
        seen = self._written[ordinal]
        self._written[ordinal] = 1
        return self._cloned or bool(seen)

    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise EngineUnavailable("the writer is used outside its block")
        return self._writer
