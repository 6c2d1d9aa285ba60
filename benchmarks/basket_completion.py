"""Which part type completes a basket: `bought_together` against raw co-counts of parts, on baskets held out by time.

    python -m benchmarks.basket_completion [--data FOLDER] [--seed N]

For each basket of the last 15 % of the log with two part types or more: from its first part, is another of its types
among the first three? The baseline counts which parts were in one basket with that part (their types, strongest first);
counts of part types stand beside it. Without `--data` the sample is made first; it is simulated.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.personalisation import features_of, lines
from ranking.evaluate import Interval, mean_interval, ratio_interval
from ranking.fit import Catalogue, fit_model
from ranking.interactions import Action, Log, read_log
from ranking.jobs import load_jobs
from ranking.recommend import bought_together
from ranking.together import baskets_of
from ranking.trained import Settings
from ranking.type_table import TypeTable

HELD_OUT, FIRST, AIM = 0.15, 3, 1.5
JOBS = Path(__file__).parent.parent / "config" / "jobs.yaml"
Suggest = Callable[[int], Sequence[str]]


def baskets(log: Log, kinds: Sequence[str]) -> list[list[int]]:
    """Parts of each basket with two part types or more, in the order in which they were put in."""
    rows = np.flatnonzero(log.action >= Action.ADD_TO_CART)
    found: dict[int, dict[int, None]] = {}
    for basket, item in zip(baskets_of(log.user[rows], log.time[rows]).tolist(), log.item[rows].tolist(), strict=True):
        found.setdefault(basket, {})[item] = None
    return [list(items) for items in found.values() if len({kinds[item] for item in items}) > 1]


def co_counts(held: Sequence[Sequence[int]], name: Callable[[int], object]) -> Mapping[object, Counter[int]]:
    """What was in one basket with each thing, and how often."""
    out: dict[object, Counter[int]] = {}
    for basket in held:
        for item in basket:
            out.setdefault(name(item), Counter()).update(other for other in basket if other != item)
    return out


def hits(held: Sequence[Sequence[int]], kinds: Sequence[str], suggest: Suggest) -> list[float]:
    """1 where one of the first `FIRST` types suggested for the first part is another type of its basket."""
    out = []
    for basket in held:
        wanted = {kinds[item] for item in basket[1:]} - {kinds[basket[0]]}
        others = dict.fromkeys(name for name in suggest(basket[0]) if name != kinds[basket[0]])
        out.append(float(bool(wanted & set(list(others)[:FIRST]))))
    return out


def measure(folder: Path, seed: int) -> tuple[dict[str, Interval], Interval, str]:
    """Hit rates by name, ours over raw co-counts of parts, and the hash of the events."""
    catalogue = Catalogue.of(features_of(folder / "parts.jsonl"))
    log = read_log(lines(folder / "events.jsonl"), catalogue.index)
    start, end = float(log.time.min()), float(log.time.max())
    cut = end - HELD_OUT * (end - start)
    before, after = (log.take(np.flatnonzero(mask)) for mask in (log.time < cut, log.time >= cut))
    names, codes = catalogue.coding.part_types, catalogue.items.part_type.tolist()
    kinds = [names[code] for code in codes]
    model = fit_model(catalogue, before, cut, Settings(), seed)
    types = TypeTable.of(model, load_jobs(JOBS), Counter(kinds))
    known, held = baskets(before, kinds), baskets(after, kinds)
    by_part, by_type = co_counts(known, lambda item: item), co_counts(known, lambda item: kinds[item])
    ways: dict[str, Suggest] = {
        "bought_together": lambda item: [one.part_type for one in bought_together(types, kinds[item])],
        "raw co-counts of parts": lambda item: [kinds[one] for one, _ in by_part.get(item, Counter()).most_common()],
        "raw co-counts of types": lambda item: _types(by_type.get(kinds[item], Counter()), kinds),
    }
    found = {name: hits(held, kinds, suggest) for name, suggest in ways.items()}
    ratio = ratio_interval(found["bought_together"], found["raw co-counts of parts"], seed=seed)
    digest = hashlib.sha256((folder / "events.jsonl").read_bytes()).hexdigest()[:12]
    return {name: mean_interval(values, seed=seed) for name, values in found.items()}, ratio, digest


def _types(parts: Counter[int], kinds: Sequence[str]) -> list[str]:
    total: Counter[str] = Counter()
    for item, count in parts.items():
        total[kinds[item]] += count
    return [name for name, _ in total.most_common()]


def main(arguments: list[str]) -> int:
    """Print the hit rates; exit 1 if the aim is missed."""
    parser = argparse.ArgumentParser(description="Basket completion against raw co-counts.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if given.data is None:
            from search_service.sample.writer import write_sample

            write_sample(Path(folder))
        found, ratio, digest = measure(given.data or Path(folder), given.seed)
    print(f"events {digest}  seed {given.seed}  last {HELD_OUT:.0%} of the time held out (simulated)")
    for name, interval in found.items():
        print(f"{name:<24} hit@{FIRST} {interval}")
    print(f"ours over raw co-counts of parts {ratio} (aim {AIM})")
    return int(ratio.value < AIM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
