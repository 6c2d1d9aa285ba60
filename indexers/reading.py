"""The first half of a build: files → vehicles, parts and shards of applications, bad rows to quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexers.assemble_parts import Parts, assemble_parts, load_ordinals
from indexers.assemble_vehicles import Vehicles, assemble_vehicles
from indexers.emptying import refuse_emptying
from indexers.errors import TooManyBadRows
from indexers.findings.context import ReadShard, Told
from indexers.generation import Generation
from indexers.generation_files import VALUE_NAMES, WORK
from indexers.inputs import LIVE, BuildRequest, new_parts
from indexers.progress import Steps, Tick
from indexers.quarantine import Quarantine, Quarantined
from indexers.read_applications import ApplicationShard, read_applications
from indexers.read_parts import PartShard, read_parts
from indexers.read_rows import RowsRead, read_rows
from indexers.report import MOST_LISTED, RowCounts
from indexers.rows import Row, RowKind
from indexers.sources.aces import NO_DELIVERIES, Deliveries
from indexers.sources.blocks import Piece
from indexers.store import Store
from indexers.workers import Workers


@dataclass(slots=True)
class Catalogue:
    """What was read. `line_bases[i]` is added to the lines of application shard `i`."""

    vehicles: Vehicles
    parts: Parts
    shards: list[ApplicationShard]
    line_bases: list[int]


@dataclass(slots=True)
class Reading:
    """Reads the files of one build, and keeps what they tell beside the columns."""

    request: BuildRequest
    workers: Workers
    store: Store
    base: Generation | None
    steps: Steps
    rows: dict[str, RowCounts] = field(default_factory=dict)
    live: dict[RowKind, list[Row]] = field(default_factory=dict)
    quarantined: int = 0
    refused: TooManyBadRows | None = None
    deliveries: Deliveries = NO_DELIVERIES
    _bad: list[Quarantined] = field(default_factory=list)
    _unknown_types: Counter[str] = field(default_factory=Counter)

    def read(self) -> Catalogue:
        """Everything. Raises `UnreadableSource`, `InvalidMap`, `EmptyDelivery`, `TooManyBadRows`."""
        with self.steps.step("deliveries"):
            self.deliveries = self.request.inputs.deliveries(self._work)
            if self.base is not None and not self.request.allow_empty:
                refuse_emptying(self.deliveries, self.base)
        with Quarantine(self.request.quarantine_file) as quarantine:
            vehicles = self._vehicles(quarantine)
            parts = self._parts(quarantine)
            self._live_rows(quarantine)
            shards, line_bases = self._applications(vehicles, quarantine)
            self._gate(quarantine)
            self.quarantined = sum(quarantine.bad.values())
        return Catalogue(vehicles, parts, shards, line_bases)

    def _gate(self, quarantine: Quarantine) -> None:
        """A build ends at the gate; a dry run notes what would end it, and goes on to its report."""
        try:
            quarantine.gate({kind: counts.read for kind, counts in self.rows.items()}, self.request.bad_share)
        except TooManyBadRows as error:
            if not self.request.dry_run:
                raise
            self.refused = error

    def told(self, shards: Sequence[ApplicationShard], lost: Iterable[int]) -> Told:
        """What the data report needs to know; `lost` are the parts of applications that lost all their vehicles."""
        return Told(
            shards=[ReadShard(shard.folder, shard.file.name) for shard in shards],
            bad=self._bad,
            bad_rows=sum(counts.quarantined for counts in self.rows.values()),
            unknown_parts=_summed(shard.unknown_parts for shard in shards),
            unknown_parts_rest=sum(shard.unknown_parts_rest for shard in shards),
            unknown_types=self._unknown_types,
            extra_columns=_summed(shard.extra_columns for shard in shards),
            lost=Counter(lost),
        )

    @property
    def _work(self) -> Path:
        return self.store.folder / WORK

    def _vehicles(self, quarantine: Quarantine) -> Vehicles:
        with self.steps.step("vehicles"):
            tally = RowsRead()
            derive = self.base is None or self.base.manifest.derived_vehicles
            pieces = self.request.inputs.pieces(RowKind.VEHICLES, 1, self.deliveries, derive_vehicles=derive)
            vehicles = assemble_vehicles(self.store, pieces, tally, self.base, self.request.now.year)
            self._count(RowKind.VEHICLES, tally, quarantine)
            before = self.base.value_names if self.base is not None else {}
            self.store.put_json(VALUE_NAMES, {**before, **self.request.inputs.value_names()})
        return vehicles

    def _live_rows(self, quarantine: Quarantine) -> None:
        for kind in LIVE:
            if self.request.inputs.given(kind):
                tally = RowsRead()
                pieces = self.request.inputs.pieces(kind, 1, self.deliveries)
                self.live[kind] = [row for row, _, _ in read_rows(pieces, tally)]
                self._count(kind, tally, quarantine)

    def _parts(self, quarantine: Quarantine) -> Parts:
        pieces = self.request.inputs.pieces(RowKind.PARTS, max(self.workers.count, 1), self.deliveries)
        if self.base is not None:
            pieces = new_parts(pieces, self.base)
        with self.steps.step("parts", sum(piece.size for piece in pieces)) as tick:
            tasks = [
                (piece, self._work / f"parts-{number}", self.request.vocabulary) for number, piece in enumerate(pieces)
            ]
            shards: list[PartShard] = self.workers.map(read_parts, tasks, tick)
            bad = [row for shard, base in zip(shards, _line_bases(shards), strict=True) for row in _raised(shard, base)]
            read = sum(shard.read for shard in shards)
            self._refused(RowKind.PARTS, RowCounts(read, read - len(bad), len(bad)), bad, quarantine)
            self._unknown_types = _summed(shard.unknown_types for shard in shards)
            return assemble_parts(self.store, shards, self.base)

    def _applications(self, vehicles: Vehicles, quarantine: Quarantine) -> tuple[list[ApplicationShard], list[int]]:
        pieces = self.request.inputs.pieces(RowKind.APPLICATIONS, max(self.workers.count, 1), self.deliveries)
        with self.steps.step("applications", sum(piece.size for piece in pieces)) as tick:
            ids = frozenset(vehicles.table.row_ids)
            tasks = [
                (piece, self._work / f"applications-{number}", self.store.folder, ids)
                for number, piece in enumerate(pieces)
            ]
            shards: list[ApplicationShard] = self.workers.map(_read_some_applications, tasks, tick)
        line_bases = _line_bases(shards)
        bad = [row for shard, base in zip(shards, line_bases, strict=True) for row in _raised(shard, base)]
        self._refused(RowKind.APPLICATIONS, _application_counts(shards), bad, quarantine)
        return shards, line_bases

    def _count(self, kind: RowKind, tally: RowsRead, quarantine: Quarantine) -> None:
        self._refused(kind, RowCounts(tally.read, tally.accepted, len(tally.bad)), tally.bad, quarantine)

    def _refused(self, kind: RowKind, counts: RowCounts, bad: Sequence[Quarantined], quarantine: Quarantine) -> None:
        self.rows[kind.value] = counts
        quarantine.add(bad)
        self._bad += bad[: MOST_LISTED - len(self._bad)]


def _raised(shard: PartShard | ApplicationShard, base: int) -> list[Quarantined]:
    """The bad rows of a shard, with their lines in its whole file from now on."""
    for row in shard.bad:
        row.line += base
    return shard.bad


def _read_some_applications(
    piece: Piece, folder: Path, generation: Path, vehicle_ids: frozenset[str], tick: Tick
) -> ApplicationShard:
    return read_applications(piece, folder, load_ordinals(generation), vehicle_ids, tick)


def _line_bases(shards: Sequence[PartShard] | Sequence[ApplicationShard]) -> list[int]:
    """For each shard, the lines of its file that other shards read before it."""
    before: Counter[Path] = Counter()
    bases = []
    for shard in shards:
        bases.append(before[shard.file] if shard.renumbers else 0)
        before[shard.file] += shard.lines
    return bases


def _summed(counters: Iterable[Counter[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in counters:
        found.update(one)
    return found


def _application_counts(shards: Sequence[ApplicationShard]) -> RowCounts:
    skipped = sum(sum(shard.unknown_parts.values()) + shard.unknown_parts_rest for shard in shards)
    return RowCounts(
        sum(shard.read for shard in shards), sum(shard.accepted for shard in shards),
        sum(len(shard.bad) for shard in shards), skipped, sum(len(shard.unlisted) for shard in shards),
    )  # fmt: skip
