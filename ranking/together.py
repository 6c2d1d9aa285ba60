"""Which part types go together: directed log-lift in baskets, shrunk where the counts are small."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.interactions import Action, Log

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

PRIOR_PAIRS = 5.0  # expected co-occurrences at which the data count half against "no relation"
PRIOR_BASKETS = 10.0
BASKET_DAYS = 2.0  # carts and purchases of one person this close belong to one job
NEXT_DAYS, NEXT_ACTS = 60.0, 10  # how far after an act the next ones are looked for


def in_baskets(log: Log, type_of_item: Ints, types: int) -> tuple[Singles, Singles]:
    """Two tables of types × types, 0 unknown and on the diagonal.

    The log of how much likelier a basket with s holds t than any basket does; and the share of the baskets with s that
    hold t, `PRIOR_BASKETS` without t added.
    """
    bought = (log.action >= Action.ADD_TO_CART) & (type_of_item[log.item] >= 0)
    pairs, groups = _pairs(baskets_of(log.user[bought], log.time[bought]), type_of_item[log.item[bought]], types)
    share = pairs / (np.diag(pairs)[:, None] + PRIOR_BASKETS)
    np.fill_diagonal(share, 0.0)
    return _lift(pairs, groups), share.astype(np.float32)


def history_lift(log: Log, type_of_item: Ints, types: int) -> Singles:
    """The same over everything a person ever did, which also holds wants that come after each other."""
    rows = log.acts & (type_of_item[log.item] >= 0)
    return _lift(*_pairs(log.user[rows], type_of_item[log.item[rows]], types))


def next_lift(log: Log, type_of_item: Ints, types: int) -> Singles:
    """types × types: log of how much likelier than by chance t comes within `NEXT_DAYS` after s; 0 unknown, diagonal.

    Directed: pads are followed by discs more often than discs by pads. Acts of one basket come together, not after.
    """
    rows = np.flatnonzero(log.acts & (type_of_item[log.item] >= 0))
    order = rows[np.lexsort((log.time[rows], log.user[rows]))]
    user, time, kind = log.user[order], log.time[order], type_of_item[log.item[order]]
    pairs = np.zeros((types, types))
    for step in range(1, NEXT_ACTS + 1):
        later = time[step:] - time[:-step]
        after = (user[step:] == user[:-step]) & (later > BASKET_DAYS) & (later <= NEXT_DAYS)
        cells = kind[:-step][after].astype(np.int64) * types + kind[step:][after]
        pairs += np.bincount(cells, minlength=types * types).reshape(types, types)
    expected = np.outer(pairs.sum(1), pairs.sum(0)) / max(pairs.sum(), 1.0)
    lift = np.asarray(np.log((pairs + PRIOR_PAIRS) / (expected + PRIOR_PAIRS)), np.float32)
    np.fill_diagonal(lift, 0.0)
    return lift


def baskets_of(user: Ints, time: NDArray[np.float64]) -> Ints:
    """Basket number of each row: one person's rows until a pause of more than `BASKET_DAYS`."""
    order = np.lexsort((time, user))
    new = np.ones(len(user), bool)
    new[1:] = (np.diff(user[order]) != 0) | (np.diff(time[order]) > BASKET_DAYS)
    out = np.empty(len(user), np.int32)
    out[order] = np.cumsum(new) - 1
    return out


def _pairs(group: Ints, part_type: Ints, types: int) -> tuple[Floats, int]:
    """How many groups hold both of two types (on the diagonal: that type), and how many groups there are."""
    if not len(group):
        return np.zeros((types, types)), 0
    held = csr_matrix((np.ones(len(group), np.float32), (group, part_type)), shape=(int(group.max()) + 1, types))
    held.data[:] = 1.0
    return np.asarray((held.T @ held).todense(), np.float64), int((np.diff(held.indptr) > 0).sum())


def _lift(pairs: Floats, groups: int) -> Singles:
    single = np.diag(pairs)
    expected = np.outer(single, single) / max(groups, 1)
    lift = np.log((pairs + PRIOR_PAIRS) / (expected + PRIOR_PAIRS))
    np.fill_diagonal(lift, 0.0)
    return lift.astype(np.float32)
