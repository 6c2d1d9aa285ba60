"""A build, from files to a published generation: read, compile, index aside, verify, then move one pointer.

Until the pointer moves nothing that serves is touched: killed at any moment, a build leaves the old generation as it
was, and its own remains are removed by the next one.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np

from indexers import assets, unlisted
from indexers.assemble_applications import (
    Applications,
    assemble_applications,
    base_shard,
    write_flags,
)
from indexers.assemble_parts import Parts, assemble_parts, load_ordinals
from indexers.assemble_vehicles import Vehicles, assemble_vehicles
from indexers.changes import changed_parts
from indexers.collector import uncollected
from indexers.columns import Array
from indexers.documents import DocumentMaker, gather
from indexers.errors import IndexerError, TooManyBadRows
from indexers.findings.checks import Checked, check
from indexers.findings.context import ReadShard, Subject, Told
from indexers.generation import Generation
from indexers.generation_files import (
    FORMAT,
    REPORT,
    TITLE_WORDS,
    TO_REVIEW,
    UNDERSTOOD,
    VALUE_NAMES,
    WORK,
    Manifest,
    titles_of,
)
from indexers.generations import Generations
from indexers.inputs import LIVE, BuildRequest, BuildResult, new_parts
from indexers.merge import Shard
from indexers.progress import Tick
from indexers.quarantine import Quarantine, Quarantined
from indexers.read_applications import ApplicationShard, read_applications
from indexers.read_parts import PartShard, read_parts
from indexers.read_rows import RowsRead, read_rows
from indexers.report import MOST_LISTED, Report, RowCounts
from indexers.report_text import text_of
from indexers.rows import Action, Row, RowKind, StockRow
from indexers.sources.aces import NO_DELIVERIES, Deliveries
from indexers.sources.blocks import Piece
from indexers.store import MANIFEST, Store
from indexers.title_words import learn, title_reader
from indexers.verify import verify
from indexers.workers import Workers

FEW_CHANGES = 20
"""An update of less than one part in this many does not learn the titles again."""


def build(request: BuildRequest) -> BuildResult:
    """Build a generation and publish it (not in a dry run).

    A dry run of too many bad rows reports them, and says what a build would be refused for.

    Raises `UnreadableSource`, `InvalidMap`, `TooManyBadRows`, `VerificationFailed`, `EngineError`, and `NoGeneration`
    for an update of nothing; in every case what was published stays.
    """
    registry = Generations(request.data_folder, request.engine, request.keep)
    with registry.building(request.now) as (name, folder):
        with Workers(request.worker_count()) as workers:
            base = registry.open() if request.update else None
            before = base or _published(registry)
            draft = _Build(request, workers, Store(folder), name, registry.created(request.now), base, before)
            report = draft.run()
        if request.dry_run:
            return draft.result(report, published=False)
        registry.complete(name)
        if request.prepare is not None:
            request.prepare(registry.open(name))
        registry.publish(name)
    return draft.result(report, published=True, pruned=registry.prune())


@dataclass(slots=True)
class _Build:
    """One build under way."""

    request: BuildRequest
    workers: Workers
    store: Store
    name: str
    created: str
    base: Generation | None
    before: Generation | None
    rows: dict[str, RowCounts] = field(default_factory=dict)
    live: dict[RowKind, list[Row]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    bad: list[Quarantined] = field(default_factory=list)
    quarantined: int = 0
    refused: TooManyBadRows | None = None
    deliveries: Deliveries = NO_DELIVERIES

    @property
    def work(self) -> Path:
        return self.store.folder / WORK

    def run(self) -> Report:
        """Everything up to a verified generation that is not published yet."""
        self.work.mkdir()
        with self._step("deliveries"):
            self.deliveries = self.request.inputs.deliveries(self.work)
        with Quarantine(self.request.quarantine_file) as quarantine:
            vehicles = self._vehicles(quarantine)
            parts, part_shards = self._parts(quarantine)
            self._live_rows(quarantine)
            shards = self._read_applications(parts, vehicles, quarantine)
            self._gate(quarantine)
            self.quarantined = sum(quarantine.bad.values())
        applications = self._compile(shards, parts, vehicles)
        documents = self._index(parts, vehicles)
        self._learn(parts)
        manifest = self._manifest(parts, vehicles, applications, documents)
        checked = self._check(part_shards, shards, applications)
        return self._finish(manifest, applications, checked)

    def _gate(self, quarantine: Quarantine) -> None:
        """A build ends at the gate; a dry run notes what would end it, and goes on to its report."""
        try:
            quarantine.gate({kind: counts.read for kind, counts in self.rows.items()}, self.request.bad_share)
        except TooManyBadRows as error:
            if not self.request.dry_run:
                raise
            self.refused = error

    def result(self, report: Report, *, published: bool, pruned: Sequence[str] = ()) -> BuildResult:
        """The outcome for the caller."""
        quarantine = self.request.quarantine_file if self.quarantined else None
        return BuildResult(self.name, published, report, quarantine, self.live, pruned, self.refused)

    @contextmanager
    def _step(self, name: str, total: int = 0) -> Iterator[Tick]:
        started = time.perf_counter()
        yield self.request.progress.step(name, total)
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 3)

    def _vehicles(self, quarantine: Quarantine) -> Vehicles:
        with self._step("vehicles"):
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
                self.live[kind] = [
                    row for row, _, _ in read_rows(self.request.inputs.pieces(kind, 1, self.deliveries), tally)
                ]
                self._count(kind, tally, quarantine)

    def _parts(self, quarantine: Quarantine) -> tuple[Parts, list[PartShard]]:
        pieces = self.request.inputs.pieces(RowKind.PARTS, max(self.workers.count, 1), self.deliveries)
        if self.base is not None:
            pieces = new_parts(pieces, self.base)
        with self._step("parts", sum(piece.size for piece in pieces)) as tick:
            tasks = [
                (piece, self.work / f"parts-{number}", self.request.vocabulary) for number, piece in enumerate(pieces)
            ]
            shards: list[PartShard] = self.workers.map(read_parts, tasks, tick)
            bases = _line_bases(shards)
            bad = [row for shard, base in zip(shards, bases, strict=True) for row in _raised(shard.bad, base)]
            quarantine.add(bad)
            self.bad += bad
            read = sum(shard.read for shard in shards)
            self.rows[RowKind.PARTS.value] = RowCounts(read, read - len(bad), len(bad))
            return assemble_parts(self.store, shards, self.base), shards

    def _read_applications(self, parts: Parts, vehicles: Vehicles, quarantine: Quarantine) -> list[ApplicationShard]:
        pieces = self.request.inputs.pieces(RowKind.APPLICATIONS, max(self.workers.count, 1), self.deliveries)
        with self._step("applications", sum(piece.size for piece in pieces)) as tick:
            ids = frozenset(vehicles.table.row_ids)
            tasks = [
                (piece, self.work / f"applications-{number}", self.store.folder, ids)
                for number, piece in enumerate(pieces)
            ]
            shards: list[ApplicationShard] = self.workers.map(_read_some_applications, tasks, tick)
        bases = _line_bases(shards)
        for shard, base in zip(shards, bases, strict=True):
            shard.bad = _raised(shard.bad, base)
            quarantine.add(shard.bad)
            self.bad += shard.bad
        self.rows[RowKind.APPLICATIONS.value] = _application_counts(shards)
        return shards

    def _count(self, kind: RowKind, tally: RowsRead, quarantine: Quarantine) -> None:
        quarantine.add(tally.bad)
        self.bad += tally.bad
        self.rows[kind.value] = RowCounts(tally.read, tally.accepted, len(tally.bad))

    def _compile(self, shards: Sequence[ApplicationShard], parts: Parts, vehicles: Vehicles) -> Applications:
        with self._step("compile"):
            line_bases = _line_bases(shards)
            every: list[Shard] = list(shards)
            if self.base is not None:
                brands, items = self.deliveries.replaced
                prefixes = [f"{brand}:" for brand in sorted(brands)]
                every.insert(0, base_shard(self.base, self.work / "base", parts, prefixes, items))
                line_bases.insert(0, 0)
            applications = assemble_applications(
                self.store, every, line_bases, parts, vehicles.table, self.base, self.request.notes, Store(self.work)
            )
            quarantined = self._quarantined_parts(shards, parts, applications)
            write_flags(self.store, parts, applications.counts, quarantined, self._popularity(parts))
            self._keep_unlisted(shards)
        return applications

    def _quarantined_parts(self, shards: Sequence[ApplicationShard], parts: Parts, applications: Applications) -> Array:
        """Parts of which some application is in quarantine; an application sent again leaves it."""
        held = set(map(tuple, Store(self.base.folder).json("quarantined"))) if self.base else set()
        good = {text for shard in shards for text in shard.mentioned_ids} if held else set()
        held = {pair for pair in held if pair[1] not in good}
        held |= {(row.subject, row.row_id) for shard in shards for row in shard.bad if row.subject}
        held |= {(parts.ids[one], row_id) for one, row_id in applications.lost}
        self.store.put_json("quarantined", sorted(held, key=str))
        found = np.zeros(parts.count, np.bool_)
        found[[parts.ordinals[part] for part, _ in held if part in parts.ordinals]] = True
        return found

    def _keep_unlisted(self, shards: Sequence[ApplicationShard]) -> None:
        brands = self.deliveries.replaced[0] if self.base is not None else ()
        before = self.base.unlisted_facts if self.base is not None else ()
        gone = {one for shard in shards for one in shard.mentioned_ids} if before else ()
        found = [one for shard in shards for one in shard.unlisted]
        self.store.put_json(unlisted.FILE, unlisted.merged(before, brands, gone, found))
        described = self.base.assets if self.base is not None else ()
        self.store.put_json(assets.FILE, assets.merged(described, brands, self.deliveries.assets))

    def _popularity(self, parts: Parts) -> Array:
        known = self.request.popularity
        return np.array([known.get(text, 0.0) for text in parts.ids]) if known else np.zeros(parts.count)

    def _index(self, parts: Parts, vehicles: Vehicles) -> int:
        stocked = self._stocked()
        self.store.put_json("stocked", stocked)
        changed, gone = changed_parts(self.store, self.base, parts, vehicles, stocked, self.request.vocabulary)
        shares = np.array_split(changed, max(self.workers.count - 1, 1))
        clone = self.base.name if self.base else None
        with (
            self._step("index", len(changed)) as tick,
            self.request.engine.writer(self.name, clone) as writer,
        ):
            writer.delete(gone.tolist())
            tasks = [(self.store.folder, self.request.vocabulary, share) for share in shares if len(share)]
            maker = DocumentMaker(self.store.folder, self.request.vocabulary, stocked)
            with uncollected():
                for batch in self.workers.stream(gather, tasks):
                    writer.add(maker.documents(batch))
                    tick(len(batch.ordinals))
        return int(parts.alive.sum())

    def _learn(self, parts: Parts) -> None:
        """What the titles teach; an update of few parts keeps what its base knew."""
        if self.base is not None and len(parts.changed) * FEW_CHANGES < parts.count:
            self.store.put_json(TITLE_WORDS, self.base.title_words)
            return
        with self._step("titles"):
            reader = title_reader(self.request.vocabulary)
            self.store.put_json(TITLE_WORDS, learn(titles_of(self.store, parts.alive, reader), reader))

    @property
    def _derived_vehicles(self) -> bool:
        """True if no vehicle table was ever given: ACES files of later updates may add to it."""
        own = self.request.inputs.derives_vehicles
        return own if self.base is None else self.base.manifest.derived_vehicles and own

    @property
    def _derived_parts(self) -> bool:
        """True if no part was ever given: ACES files of later updates may add to them."""
        own = self.request.inputs.derives_parts
        return own if self.base is None else self.base.manifest.derived_parts and own

    def _stocked(self) -> dict[str, list[str]]:
        """Stores with stock, by part: what was known and what an update changes; in a full build the files alone."""
        known: Mapping[str, Sequence[str]] = self.request.stocked or {}
        if self.request.stocked is None and self.base is not None:
            known = Store(self.base.folder).json("stocked")
        if RowKind.STOCK not in self.live:
            return {part: list(stores) for part, stores in known.items()}
        found = {part: set(stores) for part, stores in known.items()} if self.base is not None else {}
        for row in self.live[RowKind.STOCK]:
            assert isinstance(row, StockRow)
            stores = found.setdefault(row.part_id, set())
            (stores.add if row.quantity > 0 and row.action is Action.ADD else stores.discard)(row.store_id)
        return {part: sorted(stores) for part, stores in sorted(found.items()) if stores}

    def _manifest(self, parts: Parts, vehicles: Vehicles, applications: Applications, documents: int) -> Manifest:
        """The manifest, written without the digests of the files: the data report adds some."""
        manifest = Manifest(
            format=FORMAT, id=self.name, created=self.created, engine=self.request.engine.name,
            vocabulary=self.request.vocabulary.version,
            horizon=(vehicles.table.horizon.start or 0, vehicles.table.horizon.end or 0),
            parts=int(parts.alive.sum()), ordinals=parts.count, vehicles=len(vehicles.table.rows),
            derived_vehicles=self._derived_vehicles, derived_parts=self._derived_parts,
            base_vehicles=vehicles.base_count,
            applications=int(applications.counts.sum()), rules=applications.rules,
            slots=applications.slots, slots_run_end=applications.slots_run_end,
            note_slots=applications.note_slots, note_slots_run_end=applications.note_slots_run_end,
            documents=documents, base=self.base.name if self.base else None, files={},
        )  # fmt: skip
        self.store.put_json(MANIFEST, manifest)
        return manifest

    def _check(
        self, part_shards: Sequence[PartShard], shards: Sequence[ApplicationShard], applications: Applications
    ) -> Checked:
        reference = self.request.inputs.reference
        told = Told(
            shards=[ReadShard(shard.folder, shard.file.name) for shard in shards],
            bad=self.bad[:MOST_LISTED],
            bad_rows=len(self.bad),
            unknown_parts=_summed(shard.unknown_parts for shard in shards),
            unknown_parts_rest=sum(shard.unknown_parts_rest for shard in shards),
            unknown_types=_summed(shard.unknown_types for shard in part_shards),
            extra_columns=_summed(shard.extra_columns for shard in shards),
            lost=Counter(one for one, _ in applications.lost),
        )
        subject = Subject(
            self.store.folder, self.before.folder if self.before else None, told, self.request.now.year,
            names_positions=bool(reference.positions), names_part_types=bool(reference.part_types),
        )  # fmt: skip
        with self._step("check"):
            return check(self.workers, subject)

    def _finish(self, manifest: Manifest, applications: Applications, checked: Checked) -> Report:
        with self._step("verify"):
            shutil.rmtree(self.work)
            manifest = msgspec.structs.replace(manifest, files=self.store.digests())
            self.store.put_json(MANIFEST, manifest)
            verify(self.store.folder, self.request.engine)
            report = self._report(manifest, applications, self._inspected(checked))
            self._keep(report, applications, manifest)
        return report

    def _inspected(self, checked: Checked) -> Checked:
        """With what the caller finds in the generation as it will be served."""
        if self.request.inspect is None:
            return checked
        found = list(self.request.inspect(Generation(self.store.folder)))
        totals = Counter(checked.totals) + Counter(one.kind for one in found)
        return replace(checked, findings=[*found, *checked.findings], totals=dict(sorted(totals.items())))

    def _keep(self, report: Report, applications: Applications, manifest: Manifest) -> None:
        """Write report and lists of notes into the generation's folder, and their digests into its manifest."""
        written = {
            f"{REPORT}.json": msgspec.json.encode(report),
            f"{REPORT}.txt": text_of(report).encode(),
            f"{TO_REVIEW}.jsonl": b"".join(line + b"\n" for line in applications.notes.proposals),
            f"{UNDERSTOOD}.jsonl": b"".join(line + b"\n" for line in applications.notes.readings),
        }
        for name, data in written.items():
            (self.store.folder / name).write_bytes(data)
        digests = {name: self.store.digest(name) for name in written}
        self.store.put_json(MANIFEST, msgspec.structs.replace(manifest, files={**manifest.files, **digests}))

    def _report(self, manifest: Manifest, applications: Applications, checked: Checked) -> Report:
        node = self.store.get("slots.node")
        slots = np.bincount(node) if len(node) else np.zeros(1, np.int64)
        used = slots[slots > 0] if len(node) else slots
        notes = applications.notes.counts
        return Report(
            generation=self.name, rows=self.rows, parts=manifest.parts, vehicles=manifest.vehicles,
            base_vehicles=manifest.base_vehicles, applications=manifest.applications,
            notes=notes.total, note_counts=notes, findings=checked.findings, totals=checked.totals,
            coverage=checked.coverage, compared=checked.compared,
            quarantine=str(self.request.quarantine_file) if self.quarantined else None, slots=len(node),
            slots_per_node={"p50": int(np.percentile(used, 50)), "p99": int(np.percentile(used, 99)),
                            "max": int(used.max())},
            seconds=self.seconds,
        )  # fmt: skip


def _published(registry: Generations) -> Generation | None:
    """What the report compares with; nothing, if it cannot be read."""
    try:
        return registry.open()
    except IndexerError:
        return None


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


def _raised(bad: Sequence[Quarantined], base: int) -> list[Quarantined]:
    for row in bad:
        row.line += base
    return list(bad)


def _application_counts(shards: Sequence[ApplicationShard]) -> RowCounts:
    skipped = sum(sum(shard.unknown_parts.values()) + shard.unknown_parts_rest for shard in shards)
    return RowCounts(
        sum(shard.read for shard in shards), sum(shard.accepted for shard in shards),
        sum(len(shard.bad) for shard in shards), skipped,
    )  # fmt: skip
