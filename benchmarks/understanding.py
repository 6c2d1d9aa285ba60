"""How long understanding takes and how much it holds: `python -m benchmarks.understanding [--vehicles 60000]`.

One process makes the look-ups as `partfit index` does; another, as a worker, maps them and parses. Prints processor
times of both, the worker's memory, and p50/p95/p99 of one parse over queries of every class, then the worst 256
characters (the best of `--rounds`, the first round being warm-up) and completions. `--built` parses with what was made,
unmapped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search_service.understanding.understanding import Understanding

QUERIES = Path(__file__).resolve().parent.parent / "tests" / "quality" / "understanding_queries.jsonl"
BRANDS = ("Bosch", "Brakon")
MEGABYTE = 1_000_000
WORST = {
    "unknown Latin words": "xqzt brvka wplom ",
    "long unknown Latin words": "xqztbrvkawplomer ",
    "misspelt names": "brkae pda oli fitler shcok absorbre ",
    "unknown Chinese": "龘靐齉爩鱻麤",
    "pinyin": "shachepian jiyoulvqingqi ",
    "one long word": "shachepianjiyou",
    "syllables": "sha che pian ji you lv ",
    "numbers": "0986 494 240 W712/95 ",
    "near misses": "刹车偏雨括机油清器",
    "half of names": "刹车盘机油滤空调滤火花左前大",
    "one character": "刹",
}


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


@dataclass(frozen=True)
class Chosen:
    """What to measure."""

    folder: Path
    vehicles: int
    rounds: int
    built: bool


def main() -> None:
    """Each step in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--vehicles", type=int, default=60_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--built", action="store_true")
    given = options.parse_args()
    fresh = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="partfit-understanding-") as folder:
        chosen = Chosen(Path(folder), given.vehicles, given.rounds, given.built)
        for step in (make,) if chosen.built else (make, serve):
            process = fresh.Process(target=step, args=(chosen,))
            process.start()
            process.join()


class Watch:
    """Processor time between laps."""

    def __init__(self) -> None:
        self._before = time.process_time()

    def lap(self) -> float:
        """Seconds since the last."""
        before, self._before = self._before, time.process_time()
        return self._before - before


def make(chosen: Chosen) -> None:
    """What `partfit index` does: build the look-ups and write them."""
    from indexers.collector import uncollected
    from indexers.store import Store
    from search_service.sample.vehicles import own_cars
    from search_service.understanding.understanding import Understanding
    from search_service.understanding.vehicles import VehicleLexicon
    from search_service.understanding.vocabulary import load_vocabulary
    from search_service.understanding.words import load_words

    own = [
        (car.row["make"], car.row["model"], car.row["names"], car.row["aliases"], car.row["attributes"])
        for car in own_cars(2026)
    ]
    rows = list(itertools.chain(own, synthetic_rows(chosen.vehicles - len(own))))
    watch = Watch()
    with uncollected():
        words, vocabulary = load_words(), load_vocabulary()
        loaded = watch.lap()
        vehicles = VehicleLexicon.build(rows, words.makes)
        linked = watch.lap()
        understanding = Understanding(vocabulary, vehicles, BRANDS, {"0446502220"}.__contains__, words)
        built = watch.lap()
        understanding.known.save(Store(chosen.folder))
    size = sum(path.stat().st_size for path in chosen.folder.iterdir()) / MEGABYTE
    print(
        f"made: vocabulary {loaded:.2f} s, {chosen.vehicles} vehicles {linked:.2f} s, look-ups {built:.2f} s,", end=" "
    )
    print(f"completions and writing {watch.lap():.2f} s; {size:.0f} MB of files")
    if chosen.built:
        measure(understanding, chosen.rounds)


def serve(chosen: Chosen) -> None:
    """What a worker does."""
    watch = Watch()
    from indexers.collector import uncollected
    from indexers.store import Store
    from search_service.understanding.known import Known
    from search_service.understanding.understanding import Understanding
    from search_service.understanding.vocabulary import load_vocabulary
    from search_service.understanding.words import load_words

    imported, bare = watch.lap(), anonymous_memory()
    with uncollected():
        words, vocabulary = load_words(), load_vocabulary()
        loaded, of_words = watch.lap(), anonymous_memory()
        known = Known.load(Store(chosen.folder), words)
        understanding = Understanding(
            vocabulary, brands=BRANDS, numbers={"0446502220"}.__contains__, words=words, known=known
        )
    print(f"worker: imports {imported:.2f} s, vocabulary {loaded:.2f} s, look-ups mapped {watch.lap():.3f} s")
    measure(understanding, chosen.rounds)
    held = (anonymous_memory() - of_words) / MEGABYTE
    print(f"memory of its own: vocabulary {(of_words - bare) / MEGABYTE:.0f} MB, look-ups after all this {held:.0f} MB")


def measure(understanding: Understanding, rounds: int) -> None:
    """Parses and completions."""
    queries = [json.loads(line)["q"] for line in QUERIES.read_text(encoding="utf-8").splitlines() if line]
    times = [milliseconds(understanding.parse, query) for _ in range(rounds) for query in queries]
    cuts = statistics.quantiles(times, n=100)
    print(f"{len(queries)} queries: p50 {cuts[49]:.3f} ms, p95 {cuts[94]:.3f} ms, p99 {cuts[98]:.3f} ms")
    for name, text in WORST.items():
        text = (text * 256)[:256]
        took = min(milliseconds(understanding.parse, text) for _ in range(rounds))
        print(f"256 characters of {name}: {took:.1f} ms")
    for prefix in ("刹", "sha", "scp", "brake", "卡罗拉 机"):
        print(f"complete {prefix!r}: {milliseconds(understanding.complete, prefix):.2f} ms")


def anonymous_memory() -> int:
    """Bytes that this process holds by itself; mapped files are not in it."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) * 1024


def milliseconds(call: Callable[[str], object], text: str) -> float:
    """Processor time of one call."""
    before = time.thread_time()
    call(text)
    return (time.thread_time() - before) * 1000


if __name__ == "__main__":
    main()
