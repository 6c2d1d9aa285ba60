"""Which part type comes next: `for_you` with and without where others went on to, on acts held out by time.

    python -m benchmarks.next_type [--data FOLDER] [--seed N]

For acts of the last 15 % of the log: is the type of the part acted on among the first three types wished for, from what
the person did before (`known`), or from this visit alone (`visit`), as of somebody nobody knows? Acts that go on with
the type of the act before, within half an hour, are left out. Without `--data` a (simulated) sample is made first.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.basket_completion import HELD_OUT, JOBS
from benchmarks.personalisation import features_of, lines
from ranking.choices import Histories
from ranking.evaluate import Interval, judge, mean_interval, ratio_interval, reciprocal_rank, success
from ranking.fit import Catalogue, fit_model
from ranking.interactions import DAY_SECONDS, Action, Log, read_log
from ranking.jobs import load_jobs
from ranking.model import Model
from ranking.profile import Past
from ranking.recommend import TypeCandidate, for_you, popular
from ranking.trained import Settings
from ranking.type_demand import week_of
from ranking.type_table import Occasion, TypeTable

MOST_ACTS = 1500
DEPTH = 20
SAME_ERRAND_DAYS = 0.02


@dataclass(frozen=True, slots=True)
class Case:
    """What a person did, newest first, and the type that came next."""

    past: list[Past]
    occasion: Occasion
    wanted: str
    user: int


def cases(catalogue: Catalogue, log: Log, cut: float, visit: bool, seed: int) -> Iterator[Case]:
    """Acts from `cut` on (days) with something before them: of the same visit, or of all time."""
    names, kind, histories = catalogue.coding.part_types, catalogue.items.part_type, Histories(log)
    rows = np.flatnonzero((log.time >= cut) & (log.action >= Action.CLICK))
    for row in np.sort(np.random.default_rng(seed).permutation(rows)[:MOST_ACTS]).tolist():
        time = float(log.time[row])
        before = histories.before(int(log.user[row]), time)
        if visit:
            before = before[log.session[before] == log.session[row]]
        past = [_act(catalogue, log, one, time) for one in before.tolist()]
        wanted = names[kind[log.item[row]]]
        if past and not (past[0].part_type == wanted and past[0].days_ago < SAME_ERRAND_DAYS):
            moment = datetime.datetime.fromtimestamp(time * DAY_SECONDS, datetime.UTC)
            yield Case(past, Occasion(moment.month, week_of(time)), wanted, int(log.user[row]))


def _act(catalogue: Catalogue, log: Log, row: int, time: float) -> Past:
    item = int(log.item[row])
    kind = catalogue.coding.part_types[catalogue.items.part_type[item]]
    return Past(catalogue.part_ids[item], Action(log.action[row]).name.lower(), time - float(log.time[row]), kind)


def lists(types: TypeTable, model: Model, found: Sequence[Case]) -> dict[str, list[list[str]]]:
    """Part types by each way, best first."""
    return {
        "popular": [_names(popular(types, one.occasion, DEPTH)) for one in found],
        "history": [_names(for_you(types, one.past, one.occasion, DEPTH)) for one in found],
        "history and others": [
            _names(for_you(types, one.past, one.occasion, DEPTH, model.next_types(model.profile(one.past))))
            for one in found
        ],
    }  # fmt: skip


def _names(found: Sequence[TypeCandidate]) -> list[str]:
    return [one.part_type for one in found]


def measure(folder: Path, seed: int) -> Iterator[tuple[str, str, Interval, Interval, Interval]]:
    """(whose history, way, hit@3, MRR, hit@3 over `history`) a line."""
    catalogue = Catalogue.of(features_of(folder / "parts.jsonl"))
    log = read_log(lines(folder / "events.jsonl"), catalogue.index)
    start, end = float(log.time.min()), float(log.time.max())
    cut = end - HELD_OUT * (end - start)
    model = fit_model(catalogue, log.take(np.flatnonzero(log.time < cut)), cut, Settings(), seed)
    names = catalogue.coding.part_types
    types = TypeTable.of(model, load_jobs(JOBS), Counter(names[code] for code in catalogue.items.part_type.tolist()))
    for whose, visit in (("known", False), ("visit", True)):
        found = list(cases(catalogue, log, cut, visit, seed))
        users = [one.user for one in found]
        judged = {
            name: judge(runs, [{one.wanted: 1} for one in found]) for name, runs in lists(types, model, found).items()
        }
        base: NDArray[np.float64] = success(judged["history"])
        for name, one in judged.items():
            hits, ranks = success(one), reciprocal_rank(one)
            means = (mean_interval(values, seed=seed, groups=users) for values in (hits, ranks))
            yield whose, name, *means, ratio_interval(hits, base, seed=seed, groups=users)


def main(arguments: list[str]) -> int:
    """Print a line a way; exit 1 if others do not help."""
    parser = argparse.ArgumentParser(description="Which part type comes next.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    worst = np.inf
    with tempfile.TemporaryDirectory() as made:
        folder = given.data or Path(made)
        if given.data is None:
            from search_service.sample.writer import write_sample

            write_sample(folder)
        digest = hashlib.sha256((folder / "events.jsonl").read_bytes()).hexdigest()[:12]
        print(f"events {digest}  seed {given.seed}  last {HELD_OUT:.0%} of the time held out (simulated)")
        for whose, name, hits, ranks, ratio in measure(folder, given.seed):
            print(f"{whose:<6} {name:<19} hit@3 {hits}  MRR {ranks}  over history {ratio}")
            worst = min(worst, ratio.value) if name == "history and others" else worst
    return int(worst < 1.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
