"""What a retraining costs: processor time and memory of `ranking.train` over five million events, in its own process.

    python -m benchmarks.training [--events N --parts N --users N]

Events are drawn with a seed (Zipf-like popularity, a year, several acts a visit); making their dicts is counted too, so
the figure is an upper bound for the training itself. The trainer runs at nice 19 with one BLAS thread, as in service.
"""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from ranking.features import ItemFeatures
from ranking.train import train

NOW = datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC)
ACTIONS = ("view", "click", "add_to_cart", "purchase")
SHARES = (0.3, 0.5, 0.13, 0.07)
CPU_SECONDS, GIGABYTES = 180.0, 1.5


def items(parts: int, seed: int) -> ItemFeatures:
    """Parts of 200 types, 150 brands, 5 qualities."""
    random = np.random.default_rng((seed, 1))
    return ItemFeatures(
        [f"P{number:07d}" for number in range(parts)],
        [f"type{code}" for code in random.integers(0, 200, parts)],
        [f"brand{code}" for code in random.integers(0, 150, parts)],
        [f"quality{code}" for code in random.integers(0, 5, parts)],
        np.exp(random.normal(4, 1, parts)),
    )


def events(count: int, parts: int, users: int, seed: int) -> Iterator[dict[str, Any]]:
    """Acts in time order, three to a query."""
    random = np.random.default_rng((seed, 2))
    order = random.permutation(parts)
    for start in range(0, count, 100_000):
        size = min(100_000, count - start)
        item = order[np.minimum(parts * random.random(size) ** 3, parts - 1).astype(np.int64)]
        user = (users * random.random(size) ** 2).astype(np.int64)
        action = random.choice(len(ACTIONS), size, p=SHARES)
        for row, (part, who, what) in enumerate(zip(item.tolist(), user.tolist(), action.tolist(), strict=True)):
            moment = NOW - datetime.timedelta(seconds=31_536_000 * (1 - (start + row) / count))
            yield {
                "action_name": ACTIONS[what], "user_id": f"u{who}", "session_id": f"s{who}-{start}",
                "query_id": f"q{(start + row) // 3}", "timestamp": moment.isoformat(timespec="milliseconds"),
                "event_attributes": {"object": {"object_id": f"P{part:07d}"}, "vehicle_id": f"v{who % 3000}"},
            }  # fmt: skip


def run(given: argparse.Namespace) -> None:
    """Train in this process and print what it took."""
    began = time.process_time()

    def say(step: str) -> None:
        print(f"  {time.process_time() - began:6.0f} CPU-s  {step}", flush=True)

    found = train(
        events(given.events, given.parts, given.users, given.seed), items(given.parts, given.seed), now=NOW,
        seed=given.seed, progress=say,
    )  # fmt: skip
    used, memory = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{found.events:,} events kept, {given.parts:,} parts, {found.users:,} users, seed {given.seed}: "
          f"{used:.0f} CPU-seconds, {memory:.2f} GB (aims {CPU_SECONDS:.0f} and {GIGABYTES})")  # fmt: skip
    sys.exit(int(used > CPU_SECONDS or memory > GIGABYTES))


def main(arguments: list[str]) -> int:
    """Exit 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description="Processor time and memory of a retraining.")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--parts", type=int, default=200_000)
    parser.add_argument("--users", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        os.nice(19)
        run(given)
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.call([sys.executable, "-m", "benchmarks.training", *arguments, "--child"], env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
