"""Writes the sample: draws block by block and streams every file."""

from __future__ import annotations

import datetime
import gzip as gzip_module
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from search_service.sample.applications import ApplicationWriter, Entries, entries_of, flatten
from search_service.sample.catalogue import part_rows
from search_service.sample.draws import BLOCK, Draws, draw_block
from search_service.sample.errors import TooFewParts
from search_service.sample.events import EventWriter, truth_rows
from search_service.sample.fitting import Fitting
from search_service.sample.jobs import PERIOD_DAYS, draw_needs
from search_service.sample.queries import judged_queries
from search_service.sample.simulator import EVENTS_A_WISH, NOISE, Visit, visits
from search_service.sample.stores import promotions, stock_rows, stores
from search_service.sample.truth import ABOUT, draw_truth, truth_npz
from search_service.sample.users import draw_users, user_rows
from search_service.sample.vehicles import Car, given_cars, own_cars
from search_service.sample.vins import pattern_csv
from search_service.sample.world import World, build_world

TODAY = datetime.date(2026, 11, 1)
USERS = 3_000
EVENTS_A_USER = 66
APPLICATIONS = 12.0
SIMULATED_BLOCKS = 3
TRUTH_DAYS = 60
_BUFFER = 1 << 20

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written: `files` by kind, `rows` by kind, and the first rows that the demo requests are made from."""

    out: Path
    files: Mapping[str, Path]
    rows: Mapping[str, int]
    cars: tuple[Car, ...]


class _Sink:
    """One output file of JSON lines; the same bytes for the same rows, gzipped or not."""

    def __init__(self, path: Path, gzip: bool) -> None:
        self._stack = ExitStack()
        raw: IO[bytes] = self._stack.enter_context(path.open("wb", _BUFFER))
        self._file: Any = self._stack.enter_context(gzip_module.GzipFile("", "wb", 1, raw, mtime=0)) if gzip else raw
        self._encoder = msgspec.json.Encoder()
        self.path = path
        self.count = 0

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append rows."""
        encoded = [self._encoder.encode(row) for row in rows]
        self._file.write(b"\n".join([*encoded, b""]))
        self.count += len(encoded)

    def lines(self, texts: Iterable[bytes], count: int) -> None:
        """Append `count` ready lines, in texts of one or more, each with its line end."""
        self._file.writelines(texts)
        self.count += count

    def __enter__(self) -> _Sink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()


def write_sample(
    out: Path,
    *,
    parts: int = 20_000,
    seed: int = 7,
    vehicles: Iterable[Mapping[str, Any]] | None = None,
    events: int = 200_000,
    applications_per_part: int | None = None,
    years_per_application: int | None = None,
    gzip: bool = False,
    today: datetime.date = TODAY,
    progress: Progress | None = None,
) -> SampleSummary:
    """Write a whole sample into the folder `out` (made if absent). The same arguments give the same bytes.

    `vehicles` are rows of any contract vehicle table; without them the sample brings its own. `applications_per_part`
    is a mean (12 by default), `years_per_application` the model years of one row (by default ranges and single years
    mixed). `events` is a least count; 0 writes none. `progress(step, done, total)` is called as parts are written.
    Memory holds the first 60,000 parts' columns, whatever `parts` is; users and events know only those.
    Raises `NoVehicles` for a table without usable rows and `TooFewParts` below one part. Every part type occurs from
    about a thousand parts on.
    """
    report = progress or (lambda step, done, total: None)
    cars = own_cars(today.year) if vehicles is None else given_cars(vehicles)
    world = build_world(cars, years_per_application)
    if parts < 1:
        raise TooFewParts(parts)
    out.mkdir(parents=True, exist_ok=True)
    sample = _Sample(world, out, seed, today, gzip, report)
    sample.catalogue(parts, float(applications_per_part or APPLICATIONS))
    sample.behaviour(events)
    return SampleSummary(out, sample.files, sample.counts, tuple(cars))


class _Sample:
    """The steps of one run over one world."""

    def __init__(self, world: World, out: Path, seed: int, today: datetime.date, gzip: bool, report: Progress) -> None:
        self.world, self.out, self.seed, self.today, self.gzip, self.report = world, out, seed, today, gzip, report
        self.applications = ApplicationWriter(world, today)
        self.files: dict[str, Path] = {}
        self.counts: dict[str, int] = {}
        self.blocks: list[Draws] = []
        self.entries: list[Entries] = []
        self.ids: list[str] = []

    def catalogue(self, parts: int, applications: float) -> None:
        """Vehicles, VIN patterns, stores, then parts with applications and stock block by block, then promotions."""
        self._write("vehicles", (car.row for car in self.world.cars))
        self._write("stores", stores())
        path = self.out / "vin_patterns.csv"
        path.write_text(pattern_csv(self.world.cars), encoding="utf-8", newline="")
        self.files["vin_patterns"] = path
        with self._sink("parts") as rows, self._sink("applications") as lines, self._sink("stock") as stock:
            for number, start in enumerate(range(0, parts, BLOCK)):
                self._block(number, min(BLOCK, parts - start), applications, (rows, lines, stock))
                self.report("parts", min(start + BLOCK, parts), parts)
            self.counts |= {"parts": rows.count, "applications": lines.count, "stock": stock.count}
        self._write("promotions", promotions(self.world, self.ids, self.seed, self.today))

    def _block(self, number: int, size: int, applications: float, sinks: tuple[_Sink, _Sink, _Sink]) -> None:
        draws = draw_block(self.world, self.seed, number, size, applications)
        flat = flatten(self.world, draws, self.seed)
        rows = list(part_rows(self.world, draws, self.today))
        ids = [str(row["part_id"]) for row in rows]
        sinks[0].rows(rows)
        sinks[1].lines(self.applications.lines(draws, flat, ids, sinks[1].count + 1), len(flat.part))
        sinks[2].rows(stock_rows(ids, draws.start, self.seed, self.today))
        if number < SIMULATED_BLOCKS:
            self.blocks.append(draws)
            self.entries.append(entries_of(self.world, draws, flat))
            self.ids += ids

    def behaviour(self, events: int) -> None:
        """Users, their events with the hidden truth behind them, and the judged queries."""
        fitting = Fitting(self.world, self.blocks, self.entries)
        count = max(USERS, events // EVENTS_A_USER)
        users = draw_users(self.world, count, self.seed, self.today.year)
        truth = draw_truth(self.world, fitting.kind, fitting.brand, fitting.price, self.seed)
        self._write("users", user_rows(self.world, users))
        self._write("queries", judged_queries(fitting, self.ids, self.seed))
        (self.out / "truth.npz").write_bytes(truth_npz(truth, users, self.ids, NOISE))
        self.files["truth_npz"] = self.out / "truth.npz"
        first_day = self.today - datetime.timedelta(days=PERIOD_DAYS)
        writer = EventWriter(fitting, users, self.ids, first_day)
        made, baskets = self._visits(fitting, truth, users, events, first_day.month)
        end = PERIOD_DAYS * 86_400 - 1
        self._write("events", writer.rows(made, baskets, end))
        held_out = [visit for visit in made if visit.second > (PERIOD_DAYS - TRUTH_DAYS) * 86_400]
        utilities = (truth.utility(users, visit.user, visit.candidates) for visit in held_out)
        rows = truth_rows(writer, held_out, self.ids, utilities, fitting)
        self._write("truth", _with_about(rows))

    def _visits(
        self, fitting: Fitting, truth: Any, users: Any, events: int, month: int
    ) -> tuple[list[Visit], list[int]]:
        """Visits that make at least `events` events; where vehicles have few parts to choose from, more wishes."""
        wishes, end = events * 1.05 / EVENTS_A_WISH, PERIOD_DAYS * 86_400 - 1
        while events:
            needs = draw_needs(self.world, users, wishes, self.seed, month)
            made = list(visits(fitting, truth, users, needs, self.seed))
            many = sum(visit.second + event[2] <= end for visit in made for event in visit.events)
            if many >= events:
                return made, needs.basket.tolist()
            wishes *= max(1.1, 1.05 * events / max(many, 1))
        return [], []

    def _sink(self, kind: str) -> _Sink:
        path = self.out / f"{kind}.jsonl{'.gz' if self.gzip else ''}"
        self.files[kind] = path
        return _Sink(path, self.gzip)

    def _write(self, kind: str, rows: Iterable[Mapping[str, Any]]) -> None:
        with self._sink(kind) as sink:
            sink.rows(rows)
            self.counts[kind] = sink.count
        self.report(kind, self.counts[kind], self.counts[kind])


def _with_about(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield {"about": ABOUT}
    yield from rows
