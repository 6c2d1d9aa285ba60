"""What was shown and what was taken, as choice sets, and the choice model that weighs the personal features.

The model is a conditional (multinomial) logit: P(i taken) = exp(u_i) / sum over the set. Place and general appeal are
in it while it is fitted and left out when it serves, so that taste is not credited for what the old order did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ranking.features import Coded
from ranking.interactions import Action, Log
from ranking.model import FEATURES, Model
from ranking.profile import MAX_HISTORY, Profile

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]

# Used until enough choices were seen; signs and order from the literature, sizes by hand.
DEFAULT_BLEND = np.array([0.8, 0.2, 0.2, 0.2, 0.1, 0.1])
FEWEST_CHOICES = 200  # below it the fitted weights vary more than they teach
MOST_ASSUMED = 60  # size of assumed choice sets
MOST_CHOICES = 3000  # drawn of a window; ten times as many would narrow the gate's interval by two thirds
PENALTY = 3.0  # pull of every standardised weight towards zero, in choices


@dataclass(frozen=True, slots=True)
class Choice:
    """One query's shown items in the order shown, and the grade of what was done with each (0 nothing).

    `history` are rows of the log: the person's latest acts before it, newest first. `vehicle` is that of the query, an
    index of `Log.vehicles`, -1 unknown.
    """

    user: int
    time: float
    items: Ints
    places: Ints
    grades: Ints
    history: NDArray[np.int64]
    vehicle: int = -1


def choices(log: Log, since: float, until: float, seed: int | None = None) -> Iterator[Choice]:
    """Choice sets of queries first seen in `[since, until)` of which something was taken, by ascending time.

    With a `seed`, at most `MOST_CHOICES` queries are drawn.
    """
    with_query = np.flatnonzero(log.query >= 0)
    order = with_query[np.argsort(log.query[with_query], kind="stable")]
    bounds = np.flatnonzero(np.diff(log.query[order], prepend=-1, append=-1))
    firsts = order[bounds[:-1]]  # rows ascend by time, so the first of a query is its earliest
    begins, queries = log.time[firsts], log.query[firsts]
    taken = np.bincount(log.query[order], log.action[order] > Action.VIEW)[queries]
    shown = np.bincount(log.query[order], log.action[order] == Action.IMPRESSION)[queries]
    spans = np.flatnonzero((since <= begins) & (begins < until) & (taken > 0) & (shown > 1))
    if seed is not None and len(spans) > MOST_CHOICES:
        spans = np.sort(np.random.default_rng(seed).permutation(spans)[:MOST_CHOICES])
    histories = Histories(log)
    for span in spans[np.argsort(begins[spans], kind="stable")].tolist():
        rows = order[bounds[span] : bounds[span + 1]]
        if (choice := _choice(log, rows, float(begins[span]), histories)) is not None:
            yield choice


def assumed_choices(log: Log, items: Coded, since: float, until: float, seed: int) -> Iterator[Choice]:
    """For logs without impressions: each act in `[since, until)` as a choice among parts of the same type.

    All parts of the type are assumed to have been on offer, `MOST_ASSUMED` drawn at random where there are more; at
    most `MOST_CHOICES` acts are drawn. Places are unknown (0). It knows less than `choices`: what was taken may just
    have been what was shown.
    """
    random = np.random.default_rng(seed)
    rows = np.flatnonzero((log.action > Action.VIEW) & (log.time >= since) & (log.time < until))
    rows = np.sort(random.permutation(rows)[:MOST_CHOICES])
    histories, of_type = Histories(log), _by_type(items)
    for row in rows.tolist():
        item, user, time = int(log.item[row]), int(log.user[row]), float(log.time[row])
        others = of_type[int(items.part_type[item])]
        others = random.permutation(others[others != item])[:MOST_ASSUMED]
        if len(others):
            offered = np.sort(np.append(others, item)).astype(np.int32)
            grades = np.where(offered == item, log.action[row] - Action.VIEW, 0).astype(np.int32)
            yield Choice(user, time, offered, np.zeros_like(offered), grades, histories.before(user, time))


def _by_type(items: Coded) -> dict[int, NDArray[np.int64]]:
    order = np.argsort(items.part_type, kind="stable")
    types, begins = np.unique(items.part_type[order], return_index=True)
    return dict(zip(types.tolist(), np.split(order, begins[1:]), strict=True))


def _choice(log: Log, rows: NDArray[np.int64], time: float, histories: Histories) -> Choice | None:
    shown = rows[log.action[rows] == Action.IMPRESSION]
    taken = rows[log.action[rows] > Action.VIEW]
    shown = shown[np.argsort(log.ordinal[shown], kind="stable")]
    items, first = np.unique(log.item[shown], return_index=True)
    items, places = log.item[shown][np.sort(first)], log.ordinal[shown][np.sort(first)]
    if len(items) < 2 or not np.isin(log.item[taken], items).any():
        return None
    grades = np.zeros(len(items), np.int32)
    for item, action in zip(log.item[taken].tolist(), log.action[taken].tolist(), strict=True):
        grades[items == item] = np.maximum(grades[items == item], action - Action.VIEW)
    user = int(log.user[rows[0]])
    return Choice(user, time, items, places, grades, histories.before(user, time), int(log.vehicle[rows].max()))


class Histories:
    """Acts of every person, to be cut at a time."""

    def __init__(self, log: Log) -> None:
        acts = np.flatnonzero(log.acts)
        self._rows = acts[np.lexsort((log.time[acts], log.user[acts]))]
        self._time = log.time[self._rows]
        self._bounds = np.searchsorted(log.user[self._rows], np.arange(len(log.users) + 1))

    def before(self, user: int, time: float) -> NDArray[np.int64]:
        """Rows of the log: the latest `MAX_HISTORY` acts before a time (days), newest first."""
        first, last = int(self._bounds[user]), int(self._bounds[user + 1])
        cut = first + int(np.searchsorted(self._time[first:last], time, side="left"))
        return self._rows[max(first, cut - MAX_HISTORY) : cut][::-1]


def profile_at(model: Model, log: Log, choice: Choice) -> Profile:
    """The person's profile as it was just before the query."""
    rows = choice.history
    items = log.item[rows]
    actions = tuple(Action(code) for code in log.action[rows].tolist())
    return model.profile_of(items, model.items.take(items), actions, choice.time - log.time[rows])


def fit_blend(model: Model, log: Log, sets: list[Choice], appeal: Floats) -> tuple[Floats, int]:
    """Weights of `FEATURES` fitted to the choices of people with a history, and the number of choices used.

    `appeal` is the log attraction of each item. Taste weights are held at or above zero: liking a brand less for having
    bought it would be noise. Below `FEWEST_CHOICES` the default weights are returned.
    """
    used = [choice for choice in sets if len(choice.history)]
    if len(used) < FEWEST_CHOICES:
        return DEFAULT_BLEND.copy(), len(used)
    blocks = [_block(model, log, choice, appeal) for choice in used]
    matrix = np.concatenate(blocks)
    sizes = np.array([len(block) for block in blocks])
    grades = np.concatenate([choice.grades for choice in used]).astype(np.float64)
    spread = matrix.std(0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    bounds = [(None, None) if name == "own" else (0.0, None) for name in FEATURES] + [(None, None)] * 3
    found = minimize(
        _loss, np.zeros(matrix.shape[1]), (matrix / scale, grades, sizes), jac=True, method="L-BFGS-B", bounds=bounds
    )
    weights = np.where(spread > 1e-9, found.x / scale, 0.0)
    return np.asarray(weights[: len(FEATURES)], np.float64), len(used)


def _block(model: Model, log: Log, choice: Choice, appeal: Floats) -> Floats:
    personal = model.features(profile_at(model, log, choice), choice.items)
    level = np.maximum(model.items.level[choice.items], 0).astype(np.float64)
    controls = (appeal[choice.items], np.log2(choice.places + 1.0), level)
    return np.column_stack((personal, *controls))


def _loss(weights: Floats, matrix: Floats, grades: Floats, sizes: NDArray[np.int64]) -> tuple[float, Floats]:
    """Negative log-likelihood (each set shares its grades out over what was taken) with an L2 penalty, and gradient."""
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    utility = matrix @ weights
    utility -= np.repeat(np.maximum.reduceat(utility, starts), sizes)
    odds = np.exp(utility)
    total = np.add.reduceat(odds, starts)
    wanted = grades / np.repeat(np.add.reduceat(grades, starts), sizes)
    loss = -(wanted @ utility) + np.log(total).sum() + 0.5 * PENALTY * (weights @ weights)
    slope = matrix.T @ (odds / np.repeat(total, sizes) - wanted) + PENALTY * weights
    return float(loss), slope
