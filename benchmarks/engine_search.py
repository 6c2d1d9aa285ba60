"""What the engines take for ready documents and for plans: `python -m benchmarks.engine_search [--documents 1000000]`.

Prints the rate of feeding, and p50 and p95 of whole plans (a pool of hits, exact totals, facets, excluded counts) with a
base vehicle, a model and a make, each as a multiple of the same text without a vehicle; then the encodings of ids that
the embedded engine can choose from.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.engine_data import BASES, PART_TYPES, SLOTS_A_BASE, Vehicle, documents, text_of
from indexers.engine.factory import open_engine
from indexers.engine.plan import AllOf, AnyOf, Band, Count, Everything, Facet, Filter, Not, OneOf, Runs, SearchPlan
from indexers.engine.port import Document, Engine, Reader

GENERATION = "benchmark"
POOL = 300
PRICES = ((None, 50.0), (50.0, 100.0), (100.0, 200.0), (200.0, 500.0), (500.0, None))
UNIVERSAL = AnyOf("fitment", ("universal",))
NO_APPLICATION = AnyOf("fitment", ("none", "quarantined"))


def facets(one: Filter) -> tuple[Facet, ...]:
    """The default facets of a search over one filter."""
    keywords = tuple(Facet(name, name, one) for name in ("brand", "part_type", "position", "quality"))
    return (*keywords, Facet("price", "price", one, ranges=PRICES))


def plain(part_type: int) -> SearchPlan:
    """Text without a vehicle: one band."""
    everything = Everything()
    counts = (Count("all", everything),)
    return SearchPlan(
        everything, (Band("all", everything),), POOL, text_of(part_type), counts=counts, facets=facets(everything)
    )


def with_vehicle(part_type: int, could: Filter, fits: Filter) -> SearchPlan:
    """The three bands of the default mode, all five counts, and facets over what can be returned."""
    shown = OneOf((could, UNIVERSAL))
    sure = AllOf((fits, Not(UNIVERSAL)))
    open_ = AllOf((could, Not(fits), Not(UNIVERSAL)))
    bands = (Band("fits", sure), Band("universal", UNIVERSAL), Band("needs_info", open_))
    no_data = AllOf((NO_APPLICATION, Not(shown)))
    no_fit = AllOf((Not(NO_APPLICATION), Not(shown)))
    counts = (
        *(Count(band.name, AllOf((shown, band.filter))) for band in bands),
        Count("no_data", no_data),
        Count("no_fit", no_fit),
    )
    return SearchPlan(shown, bands, POOL, text_of(part_type), counts=counts, facets=facets(shown))


def base_plan(part_type: int, vehicle: Vehicle) -> SearchPlan:
    """Slots of one make, model and year: half of them true, all of them possible."""
    low, high = vehicle.base_run
    return with_vehicle(part_type, Runs("slots", ((low, high),)), Runs("slots", ((low, low + SLOTS_A_BASE // 2),)))


def scattered_plan(part_type: int, vehicle: Vehicle) -> SearchPlan:
    """The same with what judging leaves: every second slot open, every third true."""
    low, high = vehicle.base_run
    could, fits = tuple(range(low, high + 1, 2)), tuple(range(low, high + 1, 6))
    return with_vehicle(part_type, AnyOf("slots", could), AnyOf("slots", fits))


def node_plan(part_type: int, node: int) -> SearchPlan:
    """A whole model or make by its node."""
    return with_vehicle(part_type, AnyOf("touches", (node,)), AnyOf("covers", (node,)))


def run_plan(part_type: int, run: tuple[int, int]) -> SearchPlan:
    """A whole model by its slots, for comparison with its node."""
    return with_vehicle(part_type, Runs("slots", (run,)), Runs("slots", ((run[0], (run[0] + run[1]) // 2),)))


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3


def measure(reader: Reader, plans: Sequence[SearchPlan], rounds: int) -> tuple[float, float, float]:
    """p50, p95 (ms) of warm searches, and the mean of hits returned."""
    hits = [sum(map(len, reader.search(plan).hits.values())) for plan in plans]
    times = []
    for _ in range(rounds):
        for plan in plans:
            start = time.perf_counter()
            reader.search(plan)
            times.append(time.perf_counter() - start)
    return *percentiles(times), sum(hits) / len(hits)


def build(engine: Engine, count: int) -> None:
    """Feed `count` ready documents, timing only the engine."""
    spent, started = 0.0, time.perf_counter()
    with engine.writer(GENERATION) as writer:
        for chunk in chunks(documents(count), 20_000):
            start = time.perf_counter()
            writer.add(chunk)
            spent += time.perf_counter() - start
        start = time.perf_counter()
    spent += time.perf_counter() - start
    print(
        f"fed {count:,} documents in {spent:.1f} s, {count / spent:,.0f}/s (making them took the rest of {time.perf_counter() - started:.0f} s)"
    )


def chunks(stream: Iterator[Document], size: int) -> Iterator[list[Document]]:
    """Lists of up to `size`, made before the clock runs."""
    while chunk := [document for _, document in zip(range(size), stream, strict=False)]:
        yield chunk


def report(reader: Reader, queries: int, rounds: int) -> None:
    """One line a kind of plan."""
    rng = random.Random(3)
    cases = [(rng.randrange(PART_TYPES), Vehicle(rng.randrange(BASES))) for _ in range(queries)]
    kinds: dict[str, Callable[[int, Vehicle], SearchPlan]] = {
        "text alone": lambda part, vehicle: plain(part),
        "text + base vehicle, one run": base_plan,
        "text + base vehicle, 30 ids": scattered_plan,
        "text + model, its node": lambda part, vehicle: node_plan(part, vehicle.model_node),
        "text + make, its node": lambda part, vehicle: node_plan(part, vehicle.make_node),
        "text + model, 1,500 slots": lambda part, vehicle: run_plan(part, vehicle.model_run),
    }
    first = 0.0
    for name, make in kinds.items():
        p50, p95, hits = measure(reader, [make(*case) for case in cases], rounds)
        first = first or p50
        print(f"{name:32s} p50 {p50:7.2f} ms  p95 {p95:7.2f} ms  x{p50 / first:5.2f}  hits {hits:6.1f}", flush=True)


def encodings(reader: Reader, queries: int, rounds: int) -> None:
    """Filters of growing size beside the same text: ids as one run, and scattered."""
    rng = random.Random(4)
    everything = Everything()

    def plans(make: Callable[[], Filter]) -> list[SearchPlan]:
        return [
            SearchPlan(make(), (Band("all", everything),), 20, text_of(rng.randrange(PART_TYPES)))
            for _ in range(queries)
        ]

    for width in (1, 2, 3, 8, 60, 1500, 30_000):

        def run(width: int = width) -> Filter:
            low = rng.randrange(BASES * SLOTS_A_BASE - width)
            return Runs("slots", ((low, low + width - 1),))

        def scattered(width: int = width) -> Filter:
            return AnyOf("slots", tuple(rng.sample(range(BASES * SLOTS_A_BASE), width)))

        one, many = measure(reader, plans(run), rounds), measure(reader, plans(scattered), rounds)
        print(f"{width:6d} ids: one run p50 {one[0]:7.2f} ms, scattered p50 {many[0]:7.2f} ms", flush=True)


def main(arguments: Iterable[str] | None = None) -> None:
    """Build in a temporary place, or keep and reuse `--folder`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--engine", choices=("embedded", "opensearch"), default="embedded")
    parser.add_argument("--url", default="http://127.0.0.1:9200")
    parser.add_argument("--folder", type=Path, help="keep the embedded index here, and use the one that is there")
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="partfit-benchmark-"))
    engine = open_engine(options.engine, root=folder, url=options.url, search_timeout=60.0)
    try:
        if GENERATION not in engine.generations():
            build(engine, options.documents)
        reader = engine.reader(GENERATION)
        print(f"{reader.count():,} documents on the {engine.name} engine")
        report(reader, options.queries, options.rounds)
        encodings(reader, options.queries // 3, options.rounds)
        reader.close()
    finally:
        if options.folder is None:
            engine.drop(GENERATION)
            shutil.rmtree(folder, ignore_errors=True)
        engine.close()


if __name__ == "__main__":
    main()
