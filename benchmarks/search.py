"""Search as served: the engine's plan, `answer()` around it, HTTP around that; with a vehicle and without.

    python -m benchmarks.search                          a sample of 20,000 parts, made and indexed first
    python -m benchmarks.search --data ~/.partfit/demo   over an index that is there

Every ratio is of medians over the same queries in one run. `--cpu` takes processor time, for a busy machine.
"""

from __future__ import annotations

import argparse
import datetime
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.over_http import over_http
from search_service import pipeline
from search_service.app import open_runtime
from search_service.demo import prepare
from search_service.parameters import Parameters
from search_service.request import SearchRequest, read_search
from search_service.runtime import Runtime
from search_service.settings import Settings, load
from search_service.terminal import Terminal

WORDS = ("brake pads", "机油滤芯", "air filter", "火花塞", "shock absorber", "雨刷", "headlight", "刹车盘")
KINDS = ("none", "base", "model", "make")


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="a data folder with a published generation")
    options.add_argument("--queries", type=int, default=200, help="queries of each kind")
    options.add_argument("--parts", type=int, default=20_000)
    options.add_argument("--cpu", action="store_true", help="processor time instead of the clock")
    chosen = options.parse_args()
    with indexed(chosen.data, chosen.parts) as settings:
        measure(settings, chosen.queries, time.process_time if chosen.cpu else time.perf_counter)


@contextmanager
def indexed(data: Path | None, parts: int) -> Iterator[Settings]:
    """Settings over a data folder with a published generation; without one over a sample made and indexed first."""
    with tempfile.TemporaryDirectory() as made:
        settings = load({"data_dir": data or Path(made), "log_level": "error"})
        if data is None:
            with Terminal() as terminal:
                prepare(settings, terminal, datetime.datetime.now(datetime.UTC), parts, 20_000)
        yield settings


def measure(settings: Settings, count: int, clock: Callable[[], float]) -> None:
    """All kinds of query over one index."""
    runtime = open_runtime(settings)
    parts = runtime.serving().generation.part_count
    print(f"{parts:,} parts, {count} queries a kind; milliseconds, p50 / p95")
    asked = {kind: queries(runtime, kind, count) for kind in KINDS}
    plans = {kind: [_plan(runtime, one) for one in some] for kind, some in asked.items()}
    search = runtime.serving().reader.search
    engine = {kind: timed(search, some, clock) for kind, some in plans.items()}
    answers = {
        kind: timed(lambda one: pipeline.answer(runtime, one, log=False), some, clock) for kind, some in asked.items()
    }
    for kind in KINDS:
        ratio, over = engine[kind][0] / engine["none"][0], answers[kind][0] / engine[kind][0]
        print(f"{kind:6} plan {show(engine[kind])}  = {ratio:.2f} x without a vehicle;  ", end="")
        print(f"answer {show(answers[kind])} = {over:.2f} x its plan")
    print(f"http   {over_http(settings, runtime, asked['base'], clock)}")
    runtime.close()


def queries(runtime: Runtime, kind: str, count: int) -> list[SearchRequest]:
    """Searches with vague words and a vehicle of the table, at the level of `kind`."""
    choose = random.Random(11)
    rows = runtime.serving().generation.vehicles.rows
    found = []
    while len(found) < count:
        row = choose.choice(rows)
        given: dict[str, Any] = {"q": choose.choice(WORDS)}
        if kind != "none":
            given["make"] = row.make
        if kind in ("base", "model"):
            given["model"] = row.model
        if kind == "base":
            given["year"] = row.years.start or 2015
        found.append(read_search(Parameters.from_object(given, "query"), runtime.settings))
    return found


def timed(
    work: Callable[[Any], Any], inputs: Sequence[Any], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float]:
    """p50 and p95 in milliseconds, after one unmeasured pass over a tenth."""
    for one in inputs[: max(1, len(inputs) // 10)]:
        work(one)
    taken = []
    for one in inputs:
        started = clock()
        work(one)
        taken.append((clock() - started) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[18]


def show(measured: tuple[float, float]) -> str:
    """`1.23 / 4.56`."""
    return f"{measured[0]:.2f} / {measured[1]:.2f}"


def _plan(runtime: Runtime, request: SearchRequest) -> Any:
    return pipeline.plan_of(runtime, request)


if __name__ == "__main__":
    main()
