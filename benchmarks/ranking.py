"""Speed of what ranking does inside a request: profile, scores, rules, order.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.ranking [--parts N]

Fold-in and 200 candidates at 128 factors (with the taste of 50 acts), ranking of 300 candidates under a policy of 100
rules, and the firing of those rules. Times are milliseconds of one thread; wall time and processor time stand apart.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.ranking_shop import NOW, make_shop
from ranking.fit import Catalogue, fit_model
from ranking.interactions import DAY_SECONDS, read_log
from ranking.model import Candidates, Model, Past
from ranking.policy import Context, load_policy
from ranking.ranker import rank
from ranking.signals import Pool
from ranking.trained import Settings

REPEATS = 400


def main(arguments: list[str]) -> int:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description="Speed of ranking inside a request.")
    parser.add_argument("--parts", type=int, default=20_000)
    parts = parser.parse_args(arguments).parts
    shop = make_shop(parts=parts, types=150, brands=60, users=2000, queries=12_000)
    catalogue = Catalogue.of(shop.items)
    log = read_log(shop.events, catalogue.index)
    model = fit_model(catalogue, log, NOW.timestamp() / DAY_SECONDS, Settings(factors=128, iterations=2), seed=1)
    random = np.random.default_rng(0)
    print(f"{parts} parts, {len(shop.events)} events, {model.factors.shape[1]} factors, {REPEATS} repeats")
    _score(model, catalogue, random)
    _rank(random)
    return 0


def _score(model: Model, catalogue: Catalogue, random: np.random.Generator) -> None:
    names = catalogue.coding
    for acts in (5, 50):
        taken = enumerate(_some(random, catalogue, acts))
        past = [Past(catalogue.part_ids[row], "click", float(age)) for age, row in taken]
        rows = np.array(_some(random, catalogue, 200))
        items = catalogue.items
        candidates = Candidates(
            [catalogue.part_ids[row] for row in rows],
            [names.part_types[code] for code in items.part_type[rows]],
            [names.brands[code] for code in items.brand[rows]],
            [names.qualities[code] for code in items.quality[rows]],
            random.random(200) * 100,
        )
        profile = model.profile(past)
        _timed(f"profile of {acts} acts (fold-in, taste, walk)", lambda past=past: model.profile(past))
        _timed(f"scores of 200, {acts} acts", lambda p=profile, c=candidates: model.score(p, c))
        _timed(f"profile and scores, {acts} acts", lambda a=past, c=candidates: model.score(model.profile(a), c))


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
    _timed("firing of 100 rules", lambda: policy.firing(context))
    _timed(f"ranking of {size}, {len(firings)} rules fired", lambda: rank(pool, policy, firings))
    ranking = rank(pool, policy, firings)
    _timed("explanations of 24", lambda: [ranking.contributions(row) for row in ranking.order[:24].tolist()])


def _timed(name: str, call: Callable[[], object]) -> None:
    call()
    wall, processor = np.empty(REPEATS), np.empty(REPEATS)
    for number in range(REPEATS):
        began, used = time.perf_counter(), time.thread_time()
        call()
        wall[number], processor[number] = time.perf_counter() - began, time.thread_time() - used
    quantiles = np.percentile(wall, [50, 95, 99]) * 1000
    cpu = np.percentile(processor, [50, 99]) * 1000
    print(
        f"{name:<44} wall p50 {quantiles[0]:.3f}  p95 {quantiles[1]:.3f}  p99 {quantiles[2]:.3f}"
        f"   cpu p50 {cpu[0]:.3f}  p99 {cpu[1]:.3f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
