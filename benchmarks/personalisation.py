"""Personalised order against the same order without it, on the held-out end of a sample log.

    python -m benchmarks.personalisation [--data FOLDER] [--seed N]

FOLDER holds `parts.jsonl` and `events.jsonl` as `partfit sample` writes them; without one a sample is made first. The
model is trained on what came before the last 15 % of the log's time; later queries whose impressions were logged are
then put in order twice by the same ranker with the same policy, with and without the personal signal. Intervals are
95 %, by bootstrap over people. Queries stand apart by how much the person had done, whether the vehicle was known, and
whether the part taken was listed in the 60 days before. `truth.jsonl`, where present, adds the ceiling: the order of an
oracle that knows the simulated tastes (it is read here only, never by a model).
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranking.choices import Choice
from ranking.evaluate import Interval, coverage, mean_interval, measures, novelty, ratio_interval
from ranking.features import ItemFeatures
from ranking.fit import Catalogue
from ranking.interactions import DAY_SECONDS, Log, days_of, read_log
from ranking.judging import graded, replay
from ranking.policy import Policy
from ranking.train import held_out
from ranking.trained import Settings

MEASURES = ("ndcg@10", "mrr", "recall@10", "map")
NEW_DAYS = 60.0
MANY = 10**9
HISTORIES = (
    ("no history", 0, 0),
    ("1-2 acts", 1, 2),
    ("3-9 acts", 3, 9),
    ("10+ acts", 10, MANY),
    ("3+ acts", 3, MANY),
    ("any history", 1, MANY),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a measure without and with the personal signal, and their ratio."""

    group: str
    measure: str
    without: Interval
    with_taste: Interval
    ratio: Interval


@dataclass(frozen=True, slots=True)
class Breadth:
    """Of the first ten: the share of all parts on offer that some list shows, and their surprise in bits."""

    coverage: float
    novelty: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, and on what. `oracle` is the ceiling's NDCG@10 on the queries whose truth is known."""

    rows: tuple[Row, ...]
    breadth: tuple[Breadth, Breadth]
    queries: int
    data_hash: str
    seconds: float
    oracle: tuple[Interval, Interval, Interval] | None

    def row(self, group: str, measure: str = "ndcg@10") -> Row:
        """The line of a group and measure by name."""
        return next(row for row in self.rows if (row.group, row.measure) == (group, measure))

    @property
    def learnt(self) -> float:
        """Share of the oracle's gain; NaN without an oracle."""
        if self.oracle is None:
            return float("nan")
        without, ours, best = (one.value for one in self.oracle)
        return (ours - without) / (best - without)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON Lines file."""
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line)


def features_of(parts: Path) -> ItemFeatures:
    """The columns a model learns from."""
    rows = list(lines(parts))
    return ItemFeatures(
        [row["part_id"] for row in rows],
        [row["part_type"] for row in rows],
        [row["brand"] for row in rows],
        [row.get("quality") or "" for row in rows],
        [(row.get("price") or {}).get("amount", float("nan")) for row in rows],
    )


def measure(folder: Path, seed: int = 1, settings: Settings | None = None) -> Figures:
    """Train on the first part of the log in `folder`, replay the last."""
    began = time.process_time()
    settings = settings or Settings()
    catalogue = Catalogue.of(features_of(folder / "parts.jsonl"))
    log = read_log(lines(folder / "events.jsonl"), catalogue.index)
    model, sets = held_out(catalogue, log, settings, seed)
    orders = replay(model, log, sets, Policy.default())
    ours, base = (measures(graded(sets, one)) for one in orders)
    users = np.array([choice.user for choice in sets])
    groups = _groups(log, sets, listed_of(folder / "parts.jsonl", catalogue))
    rows = [
        _row(name, measure, base[measure][mask], ours[measure][mask], users[mask], seed)
        for name, mask in groups.items()
        for measure in (MEASURES if name == "any history" else MEASURES[:1])
    ]
    seen = log.acts & (log.time < min(choice.time for choice in sets))
    often = np.bincount(log.item[seen], minlength=len(catalogue.part_ids))
    breadth = tuple(_breadth(sets, one, often) for one in (orders[1], orders[0]))
    oracle = _oracle(folder / "truth.jsonl", catalogue, log, sets, ours["ndcg@10"], base["ndcg@10"], seed)
    digest = hashlib.sha256((folder / "events.jsonl").read_bytes()).hexdigest()[:12]
    return Figures(tuple(rows), breadth, len(sets), digest, time.process_time() - began, oracle)


def listed_of(parts: Path, catalogue: Catalogue) -> NDArray[np.float64]:
    """Day (since 1970) on which each part was listed, NaN unknown."""
    listed = np.full(len(catalogue.part_ids), np.nan)
    for row in lines(parts):
        if "listed_at" in row:
            listed[catalogue.index[row["part_id"]]] = days_of(row["listed_at"])
    return listed


def _groups(log: Log, sets: list[Choice], listed: NDArray[np.float64]) -> dict[str, NDArray[np.bool_]]:
    """Queries by how much the person had done, whether a vehicle was known, and how old the part taken was."""
    acts = np.array([len(choice.history) for choice in sets])
    vehicle = np.array([choice.vehicle >= 0 for choice in sets])
    taken = np.array([choice.items[choice.grades.argmax()] for choice in sets])
    new = np.array([choice.time for choice in sets]) - listed[taken] <= NEW_DAYS
    return {
        **{name: (acts >= least) & (acts <= most) for name, least, most in HISTORIES},
        "vehicle": vehicle,
        "no vehicle": ~vehicle,
        "new part": new,
        "older part": ~new,
    }


def _breadth(sets: list[Choice], orders: list[NDArray[np.int64]], often: NDArray[np.int64]) -> Breadth:
    runs = [[str(item) for item in choice.items[order].tolist()] for choice, order in zip(sets, orders, strict=True)]
    offered = len({name for run in runs for name in run})
    acts = {str(item): float(count) for item, count in enumerate(often.tolist()) if count}
    return Breadth(coverage(runs, offered), novelty(runs, acts))


def _row(
    group: str,
    measure: str,
    base: NDArray[np.float64],
    ours: NDArray[np.float64],
    users: NDArray[np.int64],
    seed: int,
) -> Row:
    return Row(
        group,
        measure,
        mean_interval(base, seed=seed, groups=users),
        mean_interval(ours, seed=seed, groups=users),
        ratio_interval(ours, base, seed=seed, groups=users),
    )


def _oracle(
    path: Path,
    catalogue: Catalogue,
    log: Log,
    sets: list[Choice],
    ours: NDArray[np.float64],
    base: NDArray[np.float64],
    seed: int,
) -> tuple[Interval, Interval, Interval] | None:
    """NDCG@10 without, with, and by the oracle, on the queries the truth file knows."""
    if not path.exists():
        return None
    truth = {
        (f"u:{row['user_id']}", _second(days_of(row["timestamp"]))): row for row in lines(path) if "query_id" in row
    }
    found, kept = [], []
    for place, choice in enumerate(sets):
        row = truth.get((log.users[choice.user], _second(choice.time)))
        if row is not None:
            found.append(_by_truth(choice, row, catalogue))
            kept.append(place)
    if not kept:
        return None
    users = np.array([sets[place].user for place in kept])
    columns = (base[kept], ours[kept], np.array(found))
    without, with_taste, best = (mean_interval(column, seed=seed, groups=users) for column in columns)
    return without, with_taste, best


def _second(days: float) -> int:
    """The whole second; the log writes milliseconds and the truth file does not."""
    return int(days * DAY_SECONDS + 1e-4)


def _by_truth(choice: Choice, row: Mapping[str, Any], catalogue: Catalogue) -> float:
    utility = dict(zip(row["candidates"], row["utilities"], strict=True))
    score = np.array([utility.get(catalogue.part_ids[item], -np.inf) for item in choice.items.tolist()])
    grades = choice.grades[np.argsort(-score, kind="stable")]
    discounts = 1.0 / np.log2(np.arange(2, len(grades) + 2))[:10]
    best = np.sort(choice.grades)[::-1][:10]
    return float(grades[:10] @ discounts[: len(grades)] / (best @ discounts[: len(best)]))


def main(arguments: list[str]) -> int:
    """Print the table; exit 1 if the figure is missed."""
    parser = argparse.ArgumentParser(description="Personalised order against the same order without it.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if given.data is not None:
        return _print(measure(given.data, given.seed), given.seed)
    from search_service.sample.writer import write_sample

    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder))
        return _print(measure(Path(folder), given.seed), given.seed)


def _print(figures: Figures, seed: int) -> int:
    now = datetime.datetime.now(datetime.UTC).date()
    print(f"{now}  events {figures.data_hash}  seed {seed}  {figures.queries} queries  {figures.seconds:.0f} CPU-s")
    print(f"{'queries of':<13}{'n':>6}   {'measure':<10}{'without':<26}{'with taste':<26}{'ratio':<26}")
    for row in figures.rows:
        cells = "".join(f"{_cell(one):<26}" for one in (row.without, row.with_taste, row.ratio))
        print(f"{row.group:<13}{row.ratio.n:>6}   {row.measure:<10}{cells}")
    for name, one in zip(("without", "with taste"), figures.breadth, strict=True):
        print(f"first ten {name}: {one.coverage:.1%} of the parts on offer shown, novelty {one.novelty:.2f} bits")
    if figures.oracle is not None:
        best, learnt = figures.oracle[2], figures.learnt
        print(f"ceiling (simulated tastes known, {best.n} queries): {_cell(best)}; {learnt:.0%} of its gain is learnt")
    return 0 if reached(figures) else 1


def reached(figures: Figures) -> bool:
    """+15 % for people with three acts or more, with an interval above 1; no loss for others; 60 % of the oracle's."""
    known, others = figures.row("3+ acts").ratio, figures.row("no history").ratio
    held = others.n == 0 or others.value >= 0.995
    return known.value >= 1.15 and known.low > 1.0 and held and not figures.learnt < 0.6


def _cell(interval: Interval) -> str:
    return f"{interval.value:.4f} [{interval.low:.4f}, {interval.high:.4f}]" if interval.n else "-"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
