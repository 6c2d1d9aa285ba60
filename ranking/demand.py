"""How much a part is wanted, freed from where it happened to be shown."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.features import Coded
from ranking.interactions import Action, Log

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]

PLACES = 50  # deeper places share one rate; few customers look further
PRIOR = 8.0  # expected acts at which a part's own record counts half


def demand(log: Log, size: int, now: float, half_life: float) -> Floats:
    """Decayed strength of all acts on each of `size` items."""
    acts = log.acts
    return np.asarray(np.bincount(log.item[acts], log.weights(now, half_life)[acts], size), np.float64)


def attraction(log: Log, items: Coded, now: float, half_life: float) -> Floats:
    """Acts over the acts expected at the places where an item was shown (COEC), 1 = as usual, smoothed towards 1.

    Where nothing was shown (no impressions logged) what is expected is the mean of the item's part type.
    """
    size = len(items.part_type)
    weight = log.weights(now, half_life)
    acts = log.acts
    done = np.asarray(np.bincount(log.item[acts], weight[acts], size), np.float64)
    shown = log.action == Action.IMPRESSION
    expected = _expected_by_place(log, weight, now, half_life, size) if shown.any() else _mean_of_type(done, items)
    return np.asarray((done + PRIOR) / (expected + PRIOR), np.float64)


def popularity(attracted: Floats) -> Singles:
    """`attraction` as 0..1 with 0.5 for a part like any other, seen or new."""
    return (attracted / (1.0 + attracted)).astype(np.float32)


def _expected_by_place(log: Log, weight: Floats, now: float, half_life: float, size: int) -> Floats:
    """Decayed impressions × the strength that the place usually earns."""
    shown = log.action == Action.IMPRESSION
    place = np.minimum(log.ordinal, PLACES)
    decay = np.exp2(-np.maximum(now - log.time, 0.0) / half_life)
    seen = np.bincount(place[shown], decay[shown], PLACES + 1)
    earned = np.asarray(np.bincount(*_placed_acts(log, weight), PLACES + 1), np.float64)
    # Acts without a place (carts, purchases) belong to places as clicks do; the total is kept.
    total = float(weight[log.acts].sum())
    mean = total / float(seen.sum())
    if earned.sum() > 0:
        earned *= total / float(earned.sum())
    else:
        earned = np.asarray(seen * mean, np.float64)
    rate = (earned + mean) / (seen + 1.0)
    return np.asarray(np.bincount(log.item[shown], decay[shown] * rate[place[shown]], size), np.float64)


def _placed_acts(log: Log, weight: Floats) -> tuple[NDArray[np.int32], Floats]:
    rows = log.acts & (log.ordinal > 0)
    return np.minimum(log.ordinal[rows], PLACES).astype(np.int32), weight[rows]


def _mean_of_type(done: Floats, items: Coded) -> Floats:
    types = np.maximum(items.part_type, 0)
    count = np.bincount(types)
    return np.asarray((np.bincount(types, done) / np.maximum(count, 1))[types], np.float64)
