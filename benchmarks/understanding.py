"""How long understanding takes and how much it holds: `python benchmarks/understanding.py [--vehicles 60000]`.

Prints build times, memory, and p50/p95/p99 of one parse over queries of every class, then the worst 256 characters.
Times of a parse are processor time, which other work on the machine does not lengthen; builds are wall-clock time.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

QUERIES = Path(__file__).resolve().parent.parent / "tests" / "quality" / "understanding_queries.jsonl"


def memory_mb() -> float:
    """Resident memory of this process in MB, now where the system tells, else the peak."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def synthetic_rows(count: int) -> Iterator[tuple[str, str, dict[str, dict[str, str]], list[str], dict[str, object]]]:
    """`count` vehicle rows over 100 makes and 6,000 models, a quarter of them with Chinese names."""
    han = "卡罗拉雷凌凯美瑞思域雅阁飞度轩逸天籁朗逸速腾迈腾途观帕萨特科鲁兹英朗君威福克斯蒙迪欧伊兰特途胜奇骏逍客"
    for number in range(count):
        make, model = number % 100, number % 6000
        zh = "".join(han[(model * step + step) % len(han)] for step in (3, 7, 11)) if model % 4 == 0 else ""
        names = {"zh": {"model": zh}} if zh else {}
        attributes: dict[str, object] = {
            "engine": f"{number % 900}ZR-FE", "displacement_l": 1.0 + number % 30 / 10, "trim": f"T{number % 500}",
            "transmission": ("5MT", "CVT", "6AT")[number % 3],
        }  # fmt: skip
        yield f"Make{chr(97 + make % 26)}{make}", f"Mod{chr(97 + model % 26)}el {model}", names, [], attributes


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    bare = memory_mb()
    started = time.perf_counter()
    import json

    from search_service.sample.vehicles import own_cars
    from search_service.understanding.understanding import Understanding
    from search_service.understanding.vehicles import VehicleLexicon
    from search_service.understanding.vocabulary import load_vocabulary
    from search_service.understanding.words import load_words

    imported = time.perf_counter()
    words, vocabulary = load_words(), load_vocabulary()
    loaded = time.perf_counter()
    own = [
        (car.row["make"], car.row["model"], car.row["names"], car.row["aliases"], car.row["attributes"])
        for car in own_cars(2026)
    ]
    rows = itertools.chain(own, synthetic_rows(given.vehicles - len(own)))
    before_build = memory_mb()
    prepared = time.perf_counter()
    vehicles = VehicleLexicon.build(rows, words.makes)
    linked = time.perf_counter()
    understanding = Understanding(vocabulary, vehicles, ["Bosch", "Brakon"], {"0446502220"}.__contains__, words)
    built = time.perf_counter()
    print(f"import {imported - started:.2f} s, vocabulary {loaded - imported:.2f} s", end=", ")
    print(f"{given.vehicles} vehicles {linked - prepared:.2f} s, understanding {built - linked:.2f} s")
    held = memory_mb()
    print(f"memory: +{before_build - bare:.0f} MB imports, vocabulary and sample, +{held - before_build:.0f} MB built")
    queries = [json.loads(line)["q"] for line in QUERIES.read_text(encoding="utf-8").splitlines() if line]
    times: list[float] = []
    for _ in range(given.rounds):
        for query in queries:
            before = time.thread_time()
            understanding.parse(query)
            times.append((time.thread_time() - before) * 1000)
    cuts = statistics.quantiles(times, n=100)
    print(f"{len(queries)} queries: p50 {cuts[49]:.3f} ms, p95 {cuts[94]:.3f} ms, p99 {cuts[98]:.3f} ms")
    worst = {
        "unknown Latin words": "xqzt brvka wplom " * 16,
        "unknown Chinese": "龘靐齉爩鱻麤" * 43,
        "pinyin": "shachepian jiyoulvqingqi " * 11,
        "one long word": "shachepianjiyou" * 18,
        "numbers": "0986 494 240 W712/95 " * 13,
        "near misses": "刹车偏雨括机油清器" * 29,
    }
    for name, text in worst.items():
        before = time.thread_time()
        understanding.parse(text[:256])
        print(f"256 characters of {name}: {(time.thread_time() - before) * 1000:.1f} ms")
    for prefix in ("刹", "sha", "scp", "brake", "卡罗拉 机"):
        before = time.thread_time()
        understanding.complete(prefix)
        print(f"complete {prefix!r}: {(time.thread_time() - before) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
