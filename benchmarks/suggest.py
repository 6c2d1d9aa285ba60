"""Suggestions while typing: milliseconds a keystroke, without a vehicle and with one, over the sample.

    python -m benchmarks.suggest [--parts 20000]

Every prefix of words people type, in both scripts, pinyin and initials. Processor time of the thread, which other work
on the machine does not lengthen, and wall-clock time beside it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.relevance import sample_runtime
from search_service.parameters import Parameters
from search_service.runtime import Runtime
from search_service.suggesting import read_suggest, suggest

TYPED = (
    "刹车片",
    "机油滤芯",
    "shachepian",
    "jiyou",
    "scp",
    "brake pads",
    "oil filter",
    "卡罗拉 刹车",
    "corolla spark plug",
)
CARS = ({}, {"make": "Toyota", "model": "Corolla", "year": "2009"}, {"make": "Honda"})
ROUNDS = 5


def main() -> None:
    """Make the sample, type, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--parts", type=int, default=20_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runtime = sample_runtime(Path(folder), chosen.parts)
        for car in CARS:
            measure(runtime, car)
        runtime.close()


def measure(runtime: Runtime, car: dict[str, str]) -> None:
    """All prefixes for one car."""
    cpu, wall = [], []
    for turn in range(ROUNDS + 1):
        for text in (word[:size] for word in TYPED for size in range(1, len(word) + 1)):
            request = read_suggest(Parameters.from_object({"q": text, **car}, "query"), runtime.settings)
            before, started = time.thread_time(), time.perf_counter()
            suggest(runtime, request)
            if turn:
                cpu.append((time.thread_time() - before) * 1000)
                wall.append((time.perf_counter() - started) * 1000)
    shown = "  ".join(f"{name} {spread(times)}" for name, times in (("processor", cpu), ("wall", wall)))
    print(f"{' '.join(car.values()) or 'no vehicle':24}{shown}")


def spread(times: list[float]) -> str:
    """p50 / p99 in milliseconds."""
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:.2f} p99 {cuts[98]:.2f} ms"


if __name__ == "__main__":
    main()
