"""What a build is given, and what came of it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexers.engine.port import Engine
from indexers.errors import TooManyBadRows
from indexers.generation import Generation
from indexers.notes.reread import NoteRules
from indexers.progress import Progress, Silent
from indexers.report import Finding, Report
from indexers.rows import Row, RowKind
from indexers.sources.aces import Deliveries, NamedPiece, read_deliveries
from indexers.sources.blocks import Piece
from indexers.sources.files import pieces_of
from indexers.sources.mapped import given_kinds, mapped_pieces
from indexers.sources.pies import pies_pieces
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.vcdb import VcdbPiece
from indexers.sources.vcdb_names import Names, names_of_ids
from indexers.vocabulary import Vocabulary

SMALL_BYTES = 32 << 20
"""Inputs up to this size are read in the calling process: starting others takes longer than reading them."""

CATALOGUE = (RowKind.VEHICLES, RowKind.PARTS, RowKind.APPLICATIONS)
LIVE = (RowKind.STORES, RowKind.STOCK, RowKind.PROMOTIONS)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files by kind, ACES and PIES files, column maps. In an update they hold only what changes.

    `vcdb` is a folder that is the vehicle table; `reference` names ids of ACES and PIES.
    """

    files: Mapping[RowKind, Sequence[Path]] = field(default_factory=dict)
    aces: Sequence[Path] = ()
    maps: Sequence[Path] = ()
    pies: Sequence[Path] = ()
    vcdb: Path | None = None
    reference: Reference = NOTHING_KNOWN

    def pieces(self, kind: RowKind, count: int, deliveries: Deliveries, *, derive_vehicles: bool = True) -> list[Piece]:
        """Pieces of work of one kind, plain files cut into `count`; ACES files also stand in for missing kinds.

        Raises `UnreadableSource`, `InvalidMap`.
        """
        found = list(pieces_of(kind, self.files.get(kind, ()), count))
        for one in self.maps:
            found.extend(mapped_pieces(one, kind))
        if kind is RowKind.PARTS:
            found.extend(pies_pieces(self.pies, self.reference))
        if kind is RowKind.VEHICLES and self.vcdb is not None:
            found.append(VcdbPiece(self.vcdb))
        wanted = not found and (kind is not RowKind.VEHICLES or derive_vehicles)
        if self.aces and (kind is RowKind.APPLICATIONS or (wanted and kind in CATALOGUE)):
            found.extend(deliveries.pieces(kind))
        return found

    def deliveries(self, folder: Path) -> Deliveries:
        """The ACES files, read once; their Apps as rows in `folder`. Raises `UnreadableSource`."""
        return read_deliveries(self.aces, folder, self.reference)

    def value_names(self) -> Names:
        """What the ids of the VCdb folder are called, by attribute; empty without one."""
        return {} if self.vcdb is None else names_of_ids(self.vcdb)

    @property
    def derives_parts(self) -> bool:
        """True if the parts are those that ACES files name."""
        return bool(self.aces) and not self.given(RowKind.PARTS)

    def given(self, kind: RowKind) -> bool:
        """True if rows of the kind were given at all, in files of any format."""
        brought = (kind is RowKind.PARTS and self.pies) or (kind is RowKind.VEHICLES and self.vcdb)
        return bool(brought or self.files.get(kind)) or kind in given_kinds(self.maps)

    @property
    def derives_vehicles(self) -> bool:
        """True if the vehicles are those that ACES files name."""
        return bool(self.aces) and not self.given(RowKind.VEHICLES)


def new_parts(pieces: Sequence[Piece], base: Generation) -> list[Piece]:
    """Of the parts that ACES files name those an update may add: new ones, where no parts were ever given."""
    known = base.ordinal if base.manifest.derived_parts else None
    return [one.without(known) if isinstance(one, NamedPiece) else one for one in pieces]


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One build. `bad_share` is the gate (0..1) per kind of row.

    `stocked` are the stores with stock of a part (`online` is the web warehouse), used where the inputs bring no stock;
    `popularity` orders parts where nothing else does. `quarantine` defaults to a file in the data folder. `processes`
    `None` chooses by the size of the inputs. `inspect` looks at the generation before it is published; what it finds
    stands in the report. `prepare` makes, once it is complete and before it is published, what others would make of it.
    With `allow_empty` a full ACES delivery without an App empties its brand in an update.
    """

    inputs: Inputs
    data_folder: Path
    engine: Engine
    vocabulary: Vocabulary
    now: datetime.datetime
    update: bool = False
    dry_run: bool = False
    bad_share: float = 0.01
    keep: int = 3
    quarantine: Path | None = None
    processes: int | None = None
    progress: Progress = field(default_factory=Silent)
    stocked: Mapping[str, Sequence[str]] | None = None
    notes: NoteRules = field(default_factory=NoteRules)
    inspect: Callable[[Generation], Iterable[Finding]] | None = None
    prepare: Callable[[Generation], object] | None = None
    popularity: Mapping[str, float] = field(default_factory=dict)
    allow_empty: bool = False

    @property
    def quarantine_file(self) -> Path:
        """Where bad rows go."""
        stamp = self.now.astimezone(datetime.UTC).strftime("%Y%m%d%H%M%S")
        return self.quarantine or self.data_folder / "quarantine" / f"{stamp}.jsonl"

    def worker_count(self) -> int:
        """Processes beside the calling one; 0 reads everything in it."""
        if self.processes is not None:
            return self.processes
        files = [*(file for some in self.inputs.files.values() for file in some), *self.inputs.aces]
        size = sum(file.stat().st_size for file in files if file.is_file())
        return 0 if size <= SMALL_BYTES else max(2, min(os.cpu_count() or 2, 8))


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What came of a build. `live` are the accepted rows of stores, stock and promotions, for the live store.

    `published` is false for a dry run. `pruned` are the generations that made room. `refused` is why a build
    like this dry run would not be published.
    """

    generation: str
    published: bool
    report: Report
    quarantine: Path | None
    live: Mapping[RowKind, Sequence[Row]]
    pruned: Sequence[str] = ()
    refused: TooManyBadRows | None = None
