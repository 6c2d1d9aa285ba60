"""Recommendation figures on public data, by the protocols of the papers; one command for each kind of data.

    export OPENBLAS_NUM_THREADS=1
    python -m benchmarks.public split TRAIN TEST         Recall@20 and NDCG@20 on a fixed split (Gowalla)
    python -m benchmarks.public leave-one-out FILE       NDCG@10 of everybody's last item (Amazon Beauty)
    python -m benchmarks.public baskets FILE             recall@10 of everybody's last basket (TaFeng)
    python -m benchmarks.public sessions TRAIN TEST      MRR@20 of every next item of a session (Diginetica)

Formats stand in `benchmarks/protocols.py`. Every item is ranked, nothing is sampled. Settings are chosen on a part of
the training data; the test part is asked once.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.protocols import (
    Ints,
    Task,
    batches,
    best,
    digest,
    judged,
    numbered,
    read_baskets,
    read_histories,
    subset,
    top,
)
from ranking.evaluate import (
    Interval,
    Judged,
    average_precision,
    coverage,
    mean_interval,
    ndcg,
    novelty,
    ratio_interval,
    recall,
    reciprocal_rank,
)
from ranking.next_item import (
    Blend,
    Factors,
    FactorSettings,
    NextItem,
    OwnFrequency,
    Popularity,
    Sessions,
    Walk,
    WalkSettings,
    scaled,
)
from ranking.sequences import Sequences
from ranking.sessions import SessionSettings

Measures = dict[str, Callable[[Judged], np.ndarray]]
VALIDATED = 3000  # histories that settings are chosen on; more would cost more than they decide
WEIGHTS = (0.25, 0.5, 0.75, 1.0)
AT_20: Measures = {
    "recall@20": lambda found: recall(found, 20),
    "ndcg@20": lambda found: ndcg(found, 20),
    "mrr@20": reciprocal_rank,
    "map@20": average_precision,
}
AT_10: Measures = {
    "ndcg@10": lambda found: ndcg(found, 10),
    "recall@10": lambda found: recall(found, 10),
    "mrr@10": reciprocal_rank,
    "map@10": average_precision,
}
SESSION: Measures = {"mrr@20": reciprocal_rank, "recall@20": lambda found: recall(found, 20)}

WALKS = [
    WalkSettings(0.6, damping, 300, recency, transition)
    for damping in (0.2, 0.3)
    for recency in (0.5, 0.6, 0.7)
    for transition in (0.3, 0.6, 1.0)
]
SESSION_GRID = [
    SessionSettings(most=most, own_decay=own, near_decay=near)
    for most in (500, 1500)
    for own in (1.0, 2.0, 4.0)
    for near in (1.5, 3.0, 10.0)
]


def fixed_split(train_file: Path, test_file: Path, seed: int) -> None:
    """A tenth of each user's training items chooses the weight of ALS beside the walk; then the test items, once."""
    train_of, test_of = read_histories(train_file), read_histories(test_file)
    users = [user for user in train_of if train_of[user]]
    size, (train_items, test_items) = numbered(
        (train_of[user] for user in users), (test_of.get(user, []) for user in users)
    )
    kept, held = _held_out(train_items, np.random.default_rng(seed))
    known = Sequences.of(kept, size)
    rows = np.array([row for row, items in enumerate(held) if items])
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:VALIDATED])
    task = Task(known, subset(known, rows), Sequences.of([held[row] for row in rows], size))
    pair = _walk_and_factors(known, seed)
    weight = _weight(pair, task)
    full = Sequences.of(train_items, size)
    asked = np.array([row for row, items in enumerate(test_items) if items])
    test = Task(full, subset(full, asked), Sequences.of([test_items[row] for row in asked], size))
    walk, factors = _walk_and_factors(full, seed)
    chosen = f"RP3beta + {weight} × ALS-256"
    _report(chosen, Blend([(1.0, walk), (weight, factors)]), test, AT_20, 20, seed, (train_file, test_file))


def leave_one_out(file: Path, seed: int) -> None:
    """Everybody's last item is the test, the one before chooses the settings of the walk and is then trained on."""
    size, (rows,) = numbered(items for items in read_histories(file).values() if len(items) > 2)
    early, before = Sequences.of([row[:-2] for row in rows], size), Sequences.of([row[:-1] for row in rows], size)
    some = np.sort(np.random.default_rng(seed).permutation(len(rows))[:VALIDATED])
    task = Task(early, subset(early, some), Sequences.of([[rows[row][-2]] for row in some], size))
    settings = max(WALKS, key=lambda one: _value(Walk.fit(early, one), task, 10))
    test = Task(before, before, Sequences.of([row[-1:] for row in rows], size))
    _report(f"RP3beta + transitions {settings}", Walk.fit(before, settings), test, AT_10, 10, seed, (file,))


def next_basket(file: Path, seed: int) -> None:
    """Everybody's last basket is the test, the one before chooses the recency; repeats may be offered."""
    rows = [baskets for baskets in read_baskets(file).values() if len(baskets) > 2]
    size, (flat,) = numbered(basket for baskets in rows for basket in baskets)
    counted = iter(flat)
    coded = [[next(counted) for _ in baskets] for baskets in rows]
    early, before = (Sequences.of([_joined(row[:-last]) for row in coded], size) for last in (2, 1))
    task = Task(early, early, Sequences.of([row[-2] for row in coded], size), mask=False)
    recency = max((1.0, 0.99, 0.97, 0.95), key=lambda one: _value(OwnFrequency.fit(early, one), task, 10))
    test = Task(before, before, Sequences.of([row[-1] for row in coded], size), mask=False)
    _report(f"own frequency, recency {recency}", OwnFrequency.fit(before, recency), test, AT_10, 10, seed, (file,))


def next_in_session(train_file: Path, test_file: Path, seed: int, last_only: bool) -> None:
    """Every item of a test session from its former ones (or the last only); the latest sessions choose the settings."""
    train_of, test_of = (list(read_histories(file).values()) for file in (train_file, test_file))
    size, (train, test) = numbered(train_of, test_of)
    known = {item for session in train for item in session}
    cut = len(train) - max(min(VALIDATED // 6, len(train) // 10), 1)
    early = Sequences.of(train[:cut], size)
    task = _prefixes(early, train[cut:], {item for session in train[:cut] for item in session}, last_only)
    settings = max(SESSION_GRID, key=lambda one: _value(Sessions.fit(early, one), task, 20, reciprocal_rank))
    full = Sequences.of(train, size)
    model = Sessions.fit(full, settings)
    _report(f"session kNN {settings}", model, _prefixes(full, test, known, last_only), SESSION, 20, seed,
            (train_file, test_file))  # fmt: skip


def _prefixes(train: Sequences, sessions: Sequence[list[int]], known: set[int], last_only: bool) -> Task:
    """Next items that training knows, as in the published protocol; items may come again."""
    pairs = [
        (session[:place], [session[place]])
        for session in sessions
        for place in (range(max(len(session) - 1, 1), len(session)) if last_only else range(1, len(session)))
        if session[place] in known
    ]
    if not pairs:
        raise SystemExit("no test session has a next item that occurs in training")
    histories, wanted = (Sequences.of(column, train.size) for column in zip(*pairs, strict=True))
    return Task(train, histories, wanted, mask=False)


def _weight(pair: tuple[NextItem, NextItem], task: Task) -> float:
    """The weight of the second model beside the first with the best NDCG@20; each model scores once."""
    lists: dict[float, list[Ints]] = {weight: [] for weight in WEIGHTS}
    for some in batches(task):
        first, second = (scaled(model.scores(some)) for model in pair)
        for weight, found in lists.items():
            found.append(best(first + np.float32(weight) * second, task, some, 20))
    values = {weight: ndcg(judged(np.concatenate(found), task.wanted), 20).mean() for weight, found in lists.items()}
    return max(values, key=lambda weight: float(values[weight]))


def _held_out(rows: list[list[int]], random: np.random.Generator) -> tuple[list[list[int]], list[list[int]]]:
    """A random tenth of each row aside, at least one of a row of three or more."""
    kept, held = [], []
    for row in rows:
        aside = set(random.permutation(len(row))[: max(len(row) // 10, int(len(row) > 2))].tolist())
        kept.append([item for place, item in enumerate(row) if place not in aside])
        held.append([row[place] for place in sorted(aside)])
    return kept, held


def _walk_and_factors(train: Sequences, seed: int) -> tuple[NextItem, NextItem]:
    return Walk.fit(train, WalkSettings()), Factors.fit(train, FactorSettings(seed=seed))


def _value(model: NextItem, task: Task, k: int, measure: Callable[[Judged], np.ndarray] | None = None) -> float:
    found = judged(top(model, task, k), task.wanted)
    return float((measure(found) if measure else ndcg(found, k)).mean())


def _joined(baskets: Sequence[list[int]]) -> list[int]:
    return [item for basket in baskets for item in basket]


def _report(
    name: str, model: NextItem, task: Task, measures: Measures, k: int, seed: int, files: tuple[Path, ...]
) -> None:
    """One line a measure: ours, popularity, their ratio, with 95 % bootstrap intervals over people or prefixes."""
    found, usual = top(model, task, k), top(Popularity.fit(task.train), task, k)
    ours, base = judged(found, task.wanted), judged(usual, task.wanted)
    runs = [list(map(str, row)) for row in found.tolist()]
    often = {str(item): count for item, count in enumerate(task.train.popularity().tolist())}
    shown = f"shows {coverage(runs, task.train.size, k):.0%} of the items, novelty {novelty(runs, often, k):.1f} bits"
    names, today = " ".join(file.name for file in files), datetime.datetime.now(datetime.UTC).date()
    print(f"{today}  {names}  sha256 {digest(*files)}  seed {seed}")
    print(f"{len(task.train)} histories, {task.train.size} items, {len(task.histories)} test lists; all items ranked")
    print(f"model: {name}; {shown}; baseline: popularity")
    for measure, call in measures.items():
        mine, theirs = call(ours), call(base)
        means = (mean_interval(mine, seed=seed), mean_interval(theirs, seed=seed))
        cells = (*means, ratio_interval(mine, theirs, seed=seed))
        print("{:<10} {}  baseline {}  ratio {}".format(measure, *map(_cell, cells)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{time.process_time():.0f} CPU-seconds, {memory:.2f} GB, tuning included")


def _cell(interval: Interval) -> str:
    return f"{interval.value:.4f} [{interval.low:.4f}, {interval.high:.4f}]"


def main(arguments: list[str]) -> int:
    """Run one protocol."""
    parser = argparse.ArgumentParser(description="Recommendation figures on public data.")
    parser.add_argument("--seed", type=int, default=1)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, files in (("split", 2), ("leave-one-out", 1), ("baskets", 1), ("sessions", 2)):
        one = kinds.add_parser(kind)
        one.add_argument("files", type=Path, nargs=files)
        if kind == "sessions":
            one.add_argument("--last-only", action="store_true", help="predict the last item of each test line only")
    given = parser.parse_args(arguments)
    match given.kind:
        case "split":
            fixed_split(*given.files, given.seed)
        case "leave-one-out":
            leave_one_out(*given.files, given.seed)
        case "baskets":
            next_basket(*given.files, given.seed)
        case _:
            next_in_session(*given.files, given.seed, given.last_only)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
