"""Search as served: the engine's plan, `answer()` around it, HTTP around that; with a vehicle and without.

    python -m benchmarks.search                          a sample of 20,000 parts, made and indexed first
    python -m benchmarks.search --data ~/.partfit/demo   over an index that is there

Every ratio is of medians over the same queries in one run, in which plans, answers and kinds of query take turns in
random order; all were asked once before, and then every vehicle was forgotten. `plain` is `answer()` over the same hits
with nothing judged: no verdicts, no reasons, no question. `--cpu` takes processor time, for a busy machine.
"""

from __future__ import annotations

import argparse
import datetime
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.over_http import over_http
from fitment_rules.judge import Asked
from fitment_rules.model import Verdict
from search_service import pipeline
from search_service.app import open_runtime
from search_service.demo import prepare
from search_service.fits import UNASKED, Fits
from search_service.judged import Columns, JudgedPart, JudgedParts
from search_service.parameters import Parameters
from search_service.request import SearchRequest, read_search
from search_service.runtime import Runtime
from search_service.settings import Settings, load
from search_service.stages.assemble import assemble
from search_service.stages.paging import first_page
from search_service.stages.retrieve import retrieve
from search_service.stages.understand import understand
from search_service.terminal import Terminal
from search_service.wire import FitOut, QuestionOut, SearchAnswer

WORDS = ("brake pads", "机油滤芯", "air filter", "火花塞", "shock absorber", "雨刷", "headlight", "刹车盘")
KINDS = ("none", "base", "model", "make")
WAYS = ("plan", "plain", "answer")


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
    taken = _in_turns(runtime, asked, clock)
    middle = {key: statistics.median(times) for key, times in taken.items()}
    for kind in KINDS:
        plan, plain, answer = (show(_quantiles(taken[kind, way])) for way in WAYS)
        ratio = middle[kind, "plan"] / middle["none", "plan"]
        over, judging = (middle[kind, "answer"] / middle[kind, way] for way in ("plan", "plain"))
        print(f"{kind:6} plan {plan} = {ratio:.2f} x without a vehicle; ", end="")
        print(f"answer {answer} = {over:.2f} x its plan, {judging:.2f} x plain ({plain})")
    print(f"http   {over_http(settings, runtime, asked['base'], clock)}")
    runtime.close()


def _in_turns(
    runtime: Runtime, asked: Mapping[str, Sequence[SearchRequest]], clock: Callable[[], float]
) -> Mapping[tuple[str, str], list[float]]:
    """(kind, way) → milliseconds of each query."""
    search, plain = runtime.serving().reader.search, Plain(runtime)
    plans = {kind: [pipeline.plan_of(runtime, one) for one in some] for kind, some in asked.items()}
    work: dict[str, Callable[[str, int], Any]] = {
        "plan": lambda kind, number: search(plans[kind][number]),
        "plain": lambda kind, number: plain.answer(asked[kind][number]),
        "answer": lambda kind, number: pipeline.answer(runtime, asked[kind][number], log=False),
    }
    turns = [(kind, way) for kind in asked for way in WAYS]
    count = min(map(len, asked.values()))
    for number in range(count):
        for kind, way in turns:
            work[way](kind, number)
    runtime.serving().forget_vehicles()
    plain.serving.forget_vehicles()
    taken: dict[tuple[str, str], list[float]] = {turn: [] for turn in turns}
    choose = random.Random(5)
    for number in range(count):
        for kind, way in choose.sample(turns, len(turns)):
            started = clock()
            work[way](kind, number)
            taken[kind, way].append((clock() - started) * 1000)
    return taken


class Plain:
    """First pages of searches as `pipeline.answer` gives them, but for everything that is judged of their parts."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        serving = runtime.serving()
        self.serving = replace(serving, fits=_Silent(serving.generation, runtime.texts))

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """The same parts in the same order."""
        search = understand(self._runtime, self.serving, self._runtime.policy(), request)
        found = retrieve(search, first=True)
        return assemble(search, found, first_page(search, found, ""), None)


class _Silent(Fits):
    """Says nothing of any part."""

    def judge_all(self, asked: Asked, ordinals: Sequence[int]) -> JudgedParts:
        """No part is looked at."""
        parts = (JudgedPart(ordinal, Verdict.NO_DATA, (0, 0), (), ()) for ordinal in ordinals)
        return JudgedParts(parts, Columns.none())

    def answer_page(
        self, asked: Asked, parts: JudgedParts, dont_know: frozenset[str] = frozenset()
    ) -> tuple[list[FitOut], QuestionOut | None]:
        """As without a vehicle."""
        return [UNASKED] * len(parts), None


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


def _quantiles(taken: Sequence[float]) -> tuple[float, float]:
    return statistics.median(taken), statistics.quantiles(taken, n=20)[18]


def show(measured: tuple[float, float]) -> str:
    """`1.23 / 4.56`."""
    return f"{measured[0]:.2f} / {measured[1]:.2f}"


if __name__ == "__main__":
    main()
