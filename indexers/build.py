"""A build, from files to a published generation: read, compile, index aside, verify, then move one pointer.

Until the pointer moves nothing that serves is touched: killed at any moment, a build leaves the old generation as it
was, and its own remains are removed by the next one.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from indexers.assemble_parts import Parts
from indexers.changes import changed_parts
from indexers.collector import uncollected
from indexers.columns import Array
from indexers.documents import DocumentMaker, gather
from indexers.errors import IndexerError
from indexers.findings.checks import Checked, check
from indexers.findings.context import Subject
from indexers.generation import Generation
from indexers.generation_files import FORMAT, TITLE_WORDS, WORK, Manifest, titles_of
from indexers.generations import Generations
from indexers.inputs import BuildRequest, BuildResult
from indexers.merge import Shard
from indexers.progress import Steps
from indexers.read_applications import ApplicationShard
from indexers.reading import Catalogue, Reading
from indexers.report import Report
from indexers.report_files import keep_report, report_of
from indexers.rows import Action, RowKind, StockRow
from indexers.store import MANIFEST, Store
from indexers.title_words import learn, title_reader
from indexers.verify import verify
from indexers.workers import Workers

FEW_CHANGES = 20
"""An update of less than one part in this many does not learn the titles again."""


def build(request: BuildRequest) -> BuildResult:
    """Build a generation and publish it (not in a dry run).

    A dry run of too many bad rows reports them, and says what a build would be refused for.

    Raises `UnreadableSource`, `InvalidMap`, `EmptyDelivery`, `TooManyBadRows`, `VerificationFailed`, `EngineError`,
    and `NoGeneration` for an update of nothing; in every case what was published stays.
    """
    registry = Generations(request.data_folder, request.engine, request.keep)
    with registry.building(request.now) as (name, folder):
        pruned = [] if request.dry_run else [*registry.prune()]
        with Workers(request.worker_count()) as workers:
            base = registry.open() if request.update else None
            before = base or _published(registry)
            store, steps = Store(folder), Steps(request.progress)
            reading = Reading(request, workers, store, base, steps)
            created = registry.created(request.now)
            draft = _Build(request, workers, store, name, created, base, before, steps, reading)
            report = draft.run()
        if request.dry_run:
            return draft.result(report, published=False)
        registry.complete(name)
        if request.prepare is not None:
            request.prepare(registry.open(name))
        registry.publish(name)
    return draft.result(report, published=True, pruned=[*pruned, *registry.prune()])


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
    steps: Steps
    reading: Reading

    def run(self) -> Report:
        """Everything up to a verified generation that is not published yet."""
        self.work.mkdir()
        catalogue = self.reading.read()
        self.workers.renew()
        applications = self._compile(catalogue)
        documents = self._index(catalogue)
        self._learn(catalogue.parts)
        manifest = self._manifest(catalogue, applications, documents)
        checked = self._check(catalogue.shards, applications)
        return self._finish(manifest, applications, checked)

    @property
    def work(self) -> Path:
        """Where the columns are that only the build needs."""
        return self.store.folder / WORK

    def result(self, report: Report, *, published: bool, pruned: Sequence[str] = ()) -> BuildResult:
        """The outcome for the caller."""
        quarantine = self.request.quarantine_file if self.reading.quarantined else None
        return BuildResult(self.name, published, report, quarantine, self.reading.live, pruned, self.reading.refused)

    def _compile(self, catalogue: Catalogue) -> Applications:
        parts, shards = catalogue.parts, catalogue.shards
        with self.steps.step("compile"):
            every: list[Shard] = list(shards)
            line_bases = list(catalogue.line_bases)
            if self.base is not None:
                brands, items = self.reading.deliveries.replaced
                prefixes = [f"{brand}:" for brand in sorted(brands)]
                every.insert(0, base_shard(self.base, self.work / "base", parts, prefixes, items))
                line_bases.insert(0, 0)
            applications = assemble_applications(
                self.store, every, line_bases, parts, catalogue.vehicles.table, self.base, self.request.notes,
                Store(self.work),
            )  # fmt: skip
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
        brands = self.reading.deliveries.replaced[0] if self.base is not None else ()
        before = self.base.unlisted_facts if self.base is not None else ()
        gone = {one for shard in shards for one in shard.mentioned_ids} if before else ()
        found = [one for shard in shards for one in shard.unlisted]
        self.store.put_json(unlisted.FILE, unlisted.merged(before, brands, gone, found))
        described = self.base.assets if self.base is not None else ()
        self.store.put_json(assets.FILE, assets.merged(described, brands, self.reading.deliveries.assets))

    def _popularity(self, parts: Parts) -> Array:
        known = self.request.popularity
        return np.array([known.get(text, 0.0) for text in parts.ids]) if known else np.zeros(parts.count)

    def _index(self, catalogue: Catalogue) -> int:
        parts, vehicles = catalogue.parts, catalogue.vehicles
        stocked = self._stocked()
        self.store.put_json("stocked", stocked)
        changed, gone = changed_parts(self.store, self.base, parts, vehicles, stocked, self.request.vocabulary)
        shares = np.array_split(changed, max(self.workers.count - 1, 1))
        clone = self.base.name if self.base else None
        with (
            self.steps.step("index", len(changed)) as tick,
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
        with self.steps.step("titles"):
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
        if RowKind.STOCK not in self.reading.live:
            return {part: list(stores) for part, stores in known.items()}
        found = {part: set(stores) for part, stores in known.items()} if self.base is not None else {}
        for row in self.reading.live[RowKind.STOCK]:
            assert isinstance(row, StockRow)
            stores = found.setdefault(row.part_id, set())
            (stores.add if row.quantity > 0 and row.action is Action.ADD else stores.discard)(row.store_id)
        return {part: sorted(stores) for part, stores in sorted(found.items()) if stores}

    def _manifest(self, catalogue: Catalogue, applications: Applications, documents: int) -> Manifest:
        """The manifest, written without the digests of the files: the data report adds some."""
        parts, vehicles = catalogue.parts, catalogue.vehicles
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

    def _check(self, shards: Sequence[ApplicationShard], applications: Applications) -> Checked:
        reference = self.request.inputs.reference
        subject = Subject(
            self.store.folder, self.before.folder if self.before else None,
            self.reading.told(shards, (one for one, _ in applications.lost)), self.request.now.year,
            names_positions=bool(reference.positions), names_part_types=bool(reference.part_types),
        )  # fmt: skip
        with self.steps.step("check"):
            return check(self.workers, subject)

    def _finish(self, manifest: Manifest, applications: Applications, checked: Checked) -> Report:
        with self.steps.step("verify"):
            shutil.rmtree(self.work)
            manifest = msgspec.structs.replace(manifest, files=self.store.digests())
            self.store.put_json(MANIFEST, manifest)
            verify(self.store.folder, self.request.engine)
            report = report_of(
                self.store, manifest, applications.notes.counts, self._inspected(checked), self.reading.rows,
                self.steps.seconds, self.request.quarantine_file if self.reading.quarantined else None,
            )  # fmt: skip
            keep_report(self.store, manifest, report, applications.notes)
        return report

    def _inspected(self, checked: Checked) -> Checked:
        """With what the caller finds in the generation as it will be served."""
        if self.request.inspect is None:
            return checked
        found = list(self.request.inspect(Generation(self.store.folder)))
        totals = Counter(checked.totals) + Counter(one.kind for one in found)
        return replace(checked, findings=[*found, *checked.findings], totals=dict(sorted(totals.items())))


def _published(registry: Generations) -> Generation | None:
    """What the report compares with; nothing, if it cannot be read."""
    try:
        return registry.open()
    except IndexerError:
        return None
