"""Personalised order against the same order without it, on the held-out end of a sample log.

    python -m benchmarks.personalisation [--data FOLDER] [--seed N]

FOLDER holds `parts.jsonl` and `events.jsonl` as `partfit sample` writes them; without one a sample is made first. The
model is trained on what came before the last 15 % of the log's time; every later query whose impressions were logged
is then put in order twice by the same ranker with the same policy, with and without the personal signal. Intervals
are 95 %, by bootstrap over people. `truth.jsonl`, where present, adds the ceiling: the order of an oracle that knows
the simulated tastes (it is read here only, never by a model).
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
from ranking.evaluate import Interval, mean_interval, ratio_interval
from ranking.features import ItemFeatures
from ranking.fit import Catalogue
from ranking.interactions import DAY_SECONDS, Log, days_of, read_log
from ranking.policy import Policy
from ranking.train import held_out, replay
from ranking.trained import Settings

MANY = 10**9
GROUPS = (
    ("no history", 0, 0),
    ("1-2 acts", 1, 2),
    ("3-9 acts", 3, 9),
    ("10+ acts", 10, MANY),
    ("3+ acts", 3, MANY),
    ("any history", 1, MANY),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: NDCG@10 without and with the personal signal, and their ratio."""

    group: str
    without: Interval
    with_taste: Interval
    ratio: Interval


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, and on what. `oracle` is the ceiling's NDCG@10 on the queries whose truth is known."""

    rows: tuple[Row, ...]
    queries: int
    data_hash: str
    seconds: float
    oracle: tuple[Interval, Interval, Interval] | None

    def row(self, group: str) -> Row:
        """The line of a group by name."""
        return next(row for row in self.rows if row.group == group)


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
    ours, base = replay(model, log, sets, Policy.default())
    users = np.array([choice.user for choice in sets])
    acts = np.array([len(choice.history) for choice in sets])
    rows = []
    for name, least, most in GROUPS:
        rows.append(_row(name, ours, base, users, (acts >= least) & (acts <= most), seed))
    oracle = _oracle(folder / "truth.jsonl", catalogue, log, sets, ours, base, seed)
    digest = hashlib.sha256((folder / "events.jsonl").read_bytes()).hexdigest()[:12]
    return Figures(tuple(rows), len(sets), digest, time.process_time() - began, oracle)


def _row(
    name: str,
    ours: NDArray[np.float64],
    base: NDArray[np.float64],
    users: NDArray[np.int64],
    mask: NDArray[np.bool_],
    seed: int,
) -> Row:
    ours, base, users = ours[mask], base[mask], users[mask]
    return Row(
        name,
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
    print(f"{'people with':<13}{'queries':>8}   {'NDCG@10 without':<26}{'with taste':<26}{'ratio':<26}")
    for row in figures.rows:
        cells = (_cell(row.without), _cell(row.with_taste), _cell(row.ratio))
        print(f"{row.group:<13}{row.ratio.n:>8}   " + "".join(f"{cell:<26}" for cell in cells))
    if figures.oracle is not None:
        without, ours, best = figures.oracle
        gain = (ours.value - without.value) / (best.value - without.value)
        print(f"ceiling (simulated tastes known, {best.n} queries): {_cell(best)}; {gain:.0%} of its gain is learnt")
    return 0 if reached(figures) else 1


def reached(figures: Figures) -> bool:
    """At least +10 % for people with a history, with an interval above 1, and no loss for the others."""
    known, others = figures.row("any history").ratio, figures.row("no history").ratio
    return known.value >= 1.10 and known.low > 1.0 and (others.n == 0 or others.value >= 1.0)


def _cell(interval: Interval) -> str:
    return f"{interval.value:.4f} [{interval.low:.4f}, {interval.high:.4f}]" if interval.n else "-"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
