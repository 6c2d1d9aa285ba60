"""Speed of what ranking does inside a request: profile, scores, rules, order.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.ranking [--parts N] [--train]

Fold-in and 200 candidates at 128 factors, another customer and other parts each time; ranking of 300 candidates under a
policy of 100 rules, and the firing of those rules. `--train` has a training run beside it, at nice 19 in its own
process. Times are milliseconds of one thread; wall time and processor time stand apart.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.ranking_shop import NOW, make_shop
from ranking.fit import Catalogue, fit_model
from ranking.interactions import DAY_SECONDS, read_log
from ranking.model import Model
from ranking.policy import Context, load_policy
from ranking.profile import Candidates, Past
from ranking.ranker import rank
from ranking.signals import Pool
from ranking.trained import Settings

REPEATS = 400


def main(arguments: list[str]) -> int:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description="Speed of ranking inside a request.")
    parser.add_argument("--parts", type=int, default=200_000)
    parser.add_argument("--train", action="store_true", help="train in a process of its own meanwhile")
    given = parser.parse_args(arguments)
    parts = given.parts
    shop = make_shop(parts=parts, types=150, brands=60, users=2000, queries=12_000)
    catalogue = Catalogue.of(shop.items)
    log = read_log(shop.events, catalogue.index)
    model = fit_model(catalogue, log, NOW.timestamp() / DAY_SECONDS, Settings(factors=128, iterations=2), seed=1)
    random = np.random.default_rng(0)
    print(f"{parts} parts, {len(shop.events)} events, {model.factors.shape[1]} factors, {REPEATS} repeats")
    trainer = subprocess.Popen([sys.executable, "-m", "benchmarks.training"]) if given.train else None
    try:
        _score(model, catalogue, random)
        _rank(random)
    finally:
        if trainer is not None:
            trainer.terminate()
            trainer.wait()
    return 0


def _score(model: Model, catalogue: Catalogue, random: np.random.Generator) -> None:
    pools = itertools.cycle([_candidates(model, catalogue, random) for _ in range(REPEATS)])
    for acts in (5, 50):
        people = itertools.cycle([_past(catalogue, random, acts) for _ in range(REPEATS)])
        profiles = itertools.cycle([model.profile(next(people)) for _ in range(20)])
        _timed(f"profile of {acts} acts (fold-in, taste, walk)", lambda past: model.profile(past), people)
        _timed(f"scores of 200, {acts} acts", lambda pair: model.score(*pair), zip(profiles, pools, strict=False))
        _timed(
            f"profile and scores, {acts} acts",
            lambda pair: model.score(model.profile(pair[0]), pair[1]),
            zip(people, pools, strict=False),
        )


def _past(catalogue: Catalogue, random: np.random.Generator, acts: int) -> list[Past]:
    taken = enumerate(_some(random, catalogue, acts))
    return [Past(catalogue.part_ids[row], "purchase" if age % 5 == 4 else "click", float(age)) for age, row in taken]


def _candidates(model: Model, catalogue: Catalogue, random: np.random.Generator) -> Candidates:
    """As the service asks: with the model's numbers, which it remembers."""
    names, rows = catalogue.coding, np.array(_some(random, catalogue, 200))
    items = catalogue.items.take(rows)
    ids = [catalogue.part_ids[row] for row in rows]
    return Candidates(
        ids,
        [names.part_types[code] for code in items.part_type],
        [names.brands[code] for code in items.brand],
        [names.qualities[code] for code in items.quality],
        random.random(200) * 100,
        items=model.numbers(ids),
    )


def _some(random: np.random.Generator, catalogue: Catalogue, count: int) -> list[int]:
    return [int(row) for row in random.integers(0, len(catalogue.part_ids), count)]


def _rank(random: np.random.Generator) -> None:
    rules = "\n".join(
        f"- {{id: r{n}, when: {{query: {{contains: [word{n}, brake]}}}}, "
        f"effects: [{{effect: boost, weight: 0.1, items: {{brand: [b{n % 40}]}}}}]}}"
        if n < 5
        else f"- {{id: r{n}, when: {{query: {{contains: [word{n}]}}}}, "
        f"effects: [{{effect: hide, items: {{brand: [b{n % 40}]}}}}]}}"
        for n in range(100)
    )
    policy = load_policy(f"rules:\n{rules}".encode())
    context = Context(today=datetime.date(2026, 1, 1), query="toyota corolla brake pad", part_types=("brake_pad",))
    firings = policy.firing(context)
    size = 300
    pool = Pool(
        [f"BRAND{i % 40}:PN-{number}" for i, number in enumerate(random.integers(0, 10**6, size))],
        random.integers(0, 3, size), random.random(size) * 20, np.ones(size), random.random(size),
        random.random(size) - 0.5, random.integers(0, 5, size), random.random(size) * 100, random.random(size) * 300,
        random.integers(0, 2, size), random.random(size) * 1000, [f"b{i % 40}" for i in range(size)],
        ["brake_pad"] * size, ["oe"] * size,
    )  # fmt: skip
    _timed("firing of 100 rules", policy.firing, itertools.repeat(context))
    _timed(
        f"ranking of {size}, {len(firings)} rules fired", lambda one: rank(one, policy, firings), itertools.repeat(pool)
    )
    ranking = rank(pool, policy, firings)
    shown = ranking.order[:24].tolist()
    _timed("explanations of 24", lambda rows: [ranking.contributions(row) for row in rows], itertools.repeat(shown))


def _timed(name: str, call: Callable[[Any], object], given: Iterator[Any]) -> None:
    call(next(given))
    wall, processor = np.empty(REPEATS), np.empty(REPEATS)
    for number in range(REPEATS):
        asked = next(given)
        began, used = time.perf_counter(), time.thread_time()
        call(asked)
        wall[number], processor[number] = time.perf_counter() - began, time.thread_time() - used
    quantiles = np.percentile(wall, [50, 95, 99]) * 1000
    cpu = np.percentile(processor, [50, 99]) * 1000
    print(
        f"{name:<44} wall p50 {quantiles[0]:.3f}  p95 {quantiles[1]:.3f}  p99 {quantiles[2]:.3f}"
        f"   cpu p50 {cpu[0]:.3f}  p99 {cpu[1]:.3f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
