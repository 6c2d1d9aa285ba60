"""What the engines take for ready documents and for plans: `python -m benchmarks.engine_search [--documents 1000000]`.

Prints the rate of feeding; p50 and p95 of whole plans (a pool of hits, exact totals, facets, excluded counts) with a
base vehicle, a model and a make, each as a multiple of the same text without a vehicle; and what filters of growing
size cost, as one run of ids and scattered.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.engine_data import BASES, PART_TYPES, SLOTS_A_BASE, Vehicle, documents, text_of
from indexers.engine.factory import open_engine
from indexers.engine.plan import AnyOf, Band, Everything, Filter, Hit, Order, Runs, SearchPlan
from indexers.engine.port import Document, Engine, Reader
from search_service.retrieval import FitFilters, Wanted, make_plan

Clock = Callable[[], float]
GENERATION = "benchmark"
POOL = 300
FACETS = ("brand", "part_type", "position", "quality", "price")
UNIVERSAL = AnyOf("fitment", ("universal",))


def plan(part_type: int, fit: FitFilters | None = None) -> SearchPlan:
    """The first page of a search as the service asks it: bands, totals, excluded counts and the default facets."""
    wanted = Wanted(text_of(part_type))
    return make_plan(wanted, fit, "default", limit=POOL, order=Order.SCORE, facets=FACETS)


def base_plan(part_type: int, vehicle: Vehicle) -> SearchPlan:
    """Slots of one make, model and year: half of them true, all of them possible."""
    low, high = vehicle.base_run
    fits = Runs("slots", ((low, low + SLOTS_A_BASE // 2),))
    return plan(part_type, FitFilters(Runs("slots", ((low, high),)), fits, UNIVERSAL))


def scattered_plan(part_type: int, vehicle: Vehicle) -> SearchPlan:
    """The same with what judging leaves: every second slot possible, every sixth true."""
    low, high = vehicle.base_run
    could, fits = tuple(range(low, high + 1, 2)), tuple(range(low, high + 1, 6))
    return plan(part_type, FitFilters(AnyOf("slots", could), AnyOf("slots", fits), UNIVERSAL))


def node_plan(part_type: int, node: int) -> SearchPlan:
    """A whole model or make by its node."""
    return plan(part_type, FitFilters(AnyOf("touches", (node,)), AnyOf("covers", (node,)), UNIVERSAL))


def run_plan(part_type: int, run: tuple[int, int]) -> SearchPlan:
    """A whole model by its slots, for comparison with its node."""
    half = (run[0], (run[0] + run[1]) // 2)
    return plan(part_type, FitFilters(Runs("slots", (run,)), Runs("slots", (half,)), UNIVERSAL))


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3


def measure(
    reader: Reader, kinds: Mapping[str, Sequence[SearchPlan]], rounds: int, clock: Clock
) -> dict[str, tuple[float, float, float]]:
    """p50 and p95 (ms) of warm searches and the mean of hits, by kind; kinds take turns, so that noise is shared."""
    hits = {kind: [len(list(found(reader, plan))) for plan in plans] for kind, plans in kinds.items()}
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for turn in zip(*kinds.values(), strict=True):
            for kind, plan in zip(kinds, turn, strict=True):
                start = clock()
                reader.search(plan)
                times[kind].append(clock() - start)
    return {kind: (*percentiles(times[kind]), sum(hits[kind]) / len(hits[kind])) for kind in kinds}


def found(reader: Reader, plan: SearchPlan) -> Iterator[Hit]:
    """Hits of every band."""
    for hits in reader.search(plan).hits.values():
        yield from hits


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
    rate, whole = count / spent, time.perf_counter() - started
    print(f"fed {count:,} documents in {spent:.1f} s, {rate:,.0f}/s (making them took the rest of {whole:.0f} s)")


def chunks(stream: Iterator[Document], size: int) -> Iterator[list[Document]]:
    """Lists of up to `size`, made before the clock runs."""
    while chunk := [document for _, document in zip(range(size), stream, strict=False)]:
        yield chunk


def report(reader: Reader, queries: int, rounds: int, clock: Clock) -> None:
    """One line a kind of plan."""
    rng = random.Random(3)
    cases = [(rng.randrange(PART_TYPES), Vehicle(rng.randrange(BASES))) for _ in range(queries)]
    kinds: dict[str, Callable[[int, Vehicle], SearchPlan]] = {
        "text alone": lambda part, vehicle: plan(part),
        "text + base vehicle, one run": base_plan,
        "text + base vehicle, 30 ids": scattered_plan,
        "text + model, its node": lambda part, vehicle: node_plan(part, vehicle.model_node),
        "text + make, its node": lambda part, vehicle: node_plan(part, vehicle.make_node),
        "text + model, 1,500 slots": lambda part, vehicle: run_plan(part, vehicle.model_run),
    }
    plans = {name: [make(*case) for case in cases] for name, make in kinds.items()}
    measured = measure(reader, plans, rounds, clock)
    first = measured["text alone"][0]
    for name, (p50, p95, hits) in measured.items():
        print(f"{name:32s} p50 {p50:7.2f} ms  p95 {p95:7.2f} ms  x{p50 / first:5.2f}  hits {hits:6.1f}")


def encodings(reader: Reader, queries: int, rounds: int, clock: Clock) -> None:
    """Filters of growing size beside the same text: ids as one run, and scattered."""
    rng = random.Random(4)
    band = Band("all", Everything())
    slots = BASES * SLOTS_A_BASE
    for width in (1, 2, 3, 8, 60, 1500, 30_000):
        lows = [rng.randrange(slots - width) for _ in range(queries)]
        filters: dict[str, list[Filter]] = {
            "one run": [Runs("slots", ((low, low + width - 1),)) for low in lows],
            "scattered": [AnyOf("slots", tuple(sorted(rng.sample(range(slots), width)))) for _ in range(queries)],
        }
        texts = [text_of(rng.randrange(PART_TYPES)) for _ in range(queries)]
        plans = {
            kind: [SearchPlan(one, (band,), 20, text) for one, text in zip(filters[kind], texts, strict=True)]
            for kind in filters
        }
        line = [f"{kind} p50 {p50:7.2f} ms" for kind, (p50, _, _) in measure(reader, plans, rounds, clock).items()]
        print(f"{width:6d} ids: {', '.join(line)}", flush=True)


def main(arguments: Iterable[str] | None = None) -> None:
    """Build in a temporary place, or keep and reuse `--folder`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--engine", choices=("embedded", "opensearch"), default="embedded")
    parser.add_argument("--url", default="http://127.0.0.1:9200")
    parser.add_argument("--folder", type=Path, help="keep the embedded index here, and use the one that is there")
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="processor time of this thread: on a busy machine, embedded")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="partfit-benchmark-"))
    engine = open_engine(options.engine, root=folder, url=options.url, search_timeout=60.0)
    try:
        if GENERATION not in engine.generations():
            build(engine, options.documents)
        reader = engine.reader(GENERATION)
        print(f"{reader.count():,} documents on the {engine.name} engine")
        clock = time.thread_time if options.cpu else time.perf_counter
        report(reader, options.queries, options.rounds, clock)
        encodings(reader, options.queries // 3, options.rounds, clock)
        reader.close()
    finally:
        if options.folder is None:
            engine.drop(GENERATION)
            shutil.rmtree(folder, ignore_errors=True)
        engine.close()


if __name__ == "__main__":
    main()
