"""How a model orders held-out choices: the same ranker and policy, with the personal signal and without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ranking.choices import Choice, profile_at
from ranking.evaluate import Interval, Judged, measures, ndcg, ratio_interval
from ranking.fit import Catalogue
from ranking.incumbent import Incumbent, personal_of
from ranking.interactions import Log
from ranking.model import Model
from ranking.policy import Policy
from ranking.ranker import rank
from ranking.signals import Pool
from ranking.trained import Report

Floats: TypeAlias = NDArray[np.float64]
Order: TypeAlias = NDArray[np.int64]


def judge_model(model: Model, log: Log, sets: list[Choice], policy: Policy, *, seed: int) -> Report:
    """Replay choice sets through the ranker with and without the personal signal. `sets` must not be empty."""
    with_taste, without = (measures(graded(sets, orders)) for orders in replay(model, log, sets, policy))
    known = np.array([len(choice.history) > 0 for choice in sets])
    users = np.array([choice.user for choice in sets])
    ours, base = with_taste["ndcg@10"], without["ndcg@10"]
    return Report(
        len(sets),
        ratio_interval(ours[known], base[known], seed=seed, groups=users[known]),
        ratio_interval(ours[~known], base[~known], seed=seed, groups=users[~known]),
        {name: float(values.mean()) for name, values in with_taste.items()},
        {name: float(values.mean()) for name, values in without.items()},
    )


def replay(model: Model, log: Log, sets: list[Choice], policy: Policy) -> tuple[list[Order], list[Order]]:
    """The ranker's order of each choice's items, as places in `Choice.items`, with and without the personal signal."""
    with threadpool_limits(1, "blas"):
        pairs = [_orders(model, log, choice, policy) for choice in sets]
    return [ours for ours, _ in pairs], [base for _, base in pairs]


def graded(sets: list[Choice], orders: Sequence[Order]) -> Judged:
    """The grades of choices in some order, ready to be measured."""
    width = max((len(choice.grades) for choice in sets), default=0)
    matrix = np.zeros((len(sets), width))
    for row, (choice, order) in enumerate(zip(sets, orders, strict=True)):
        matrix[row, : len(order)] = choice.grades[order]
    return Judged(matrix, -np.sort(-matrix, axis=1))


def against(
    incumbent: Incumbent, model: Model, catalogue: Catalogue, log: Log, sets: list[Choice], policy: Policy, seed: int
) -> Interval:
    """NDCG@10 of `model` over that of the model in service."""
    ours, _ = replay(model, log, sets, policy)
    theirs = gains_by(incumbent, catalogue, log, sets, policy)
    return ratio_interval(ndcg(graded(sets, ours)), theirs, seed=seed, groups=[choice.user for choice in sets])


def gains_by(incumbent: Incumbent, catalogue: Catalogue, log: Log, sets: list[Choice], policy: Policy) -> Floats:
    """NDCG@10 of each choice set in the order of the model in service."""
    signals = (personal_of(incumbent.model, catalogue, log, choice) for choice in sets)
    orders = [
        rank(_pool(catalogue.part_ids, choice, popularity, personal), policy).order
        for choice, (personal, popularity) in zip(sets, signals, strict=True)
    ]
    return ndcg(graded(sets, orders))


def _orders(model: Model, log: Log, choice: Choice, policy: Policy) -> tuple[Order, Order]:
    personal = model.preference(profile_at(model, log, choice), choice.items)
    pool = _pool(model.part_ids, choice, model.popularity_of(choice.items), personal)
    return rank(pool, policy).order, rank(pool, policy, personalised=False).order


def _pool(part_ids: Sequence[str], choice: Choice, popularity: Floats, personal: Floats) -> Pool:
    ids = [part_ids[item] for item in choice.items.tolist()]
    return Pool(ids, np.zeros(len(ids), np.int64), popularity=popularity, personal=personal)
