"""When a part type is bought again: how often at all, after how long, and what that says today.

Bought an alternator last week, nobody wants another; the oil of last year is due. The gaps between a person's purchases
of one type are taken as log-normal around the type's usual interval (a renewal model: the chance to buy now is the
hazard of the gap, set against the rate at which everybody buys the type).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Action, Log

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

SHORTEST_GAP = 3.0  # days; what comes sooner belongs to the same job
USUAL_DAYS = 1460.0  # where neither log nor table know: a part that lasts four years
PRIOR_GAPS = 10.0  # gaps that the table's interval, or the usual one, weighs
SPREAD = 0.6  # standard deviation of the log of a gap: two thirds lie between 0.55 and 1.8 intervals
MOST = 4.0  # a due part is at most this many times as likely as a usual one


@dataclass(frozen=True, slots=True)
class Replacement:
    """A type's usual interval in days, > 0, and `gaps`, how many gaps between purchases the log had to learn from."""

    days: Singles
    gaps: Singles

    def interest(self, part_type: Ints, days_ago: Floats) -> Floats:
        """How likely each type is bought now, set against one not bought before: 0 right after, up to `MOST` when due.

        `days_ago` is the time since the person last bought the type. 1 is as for anybody.
        """
        usual = self.days[part_type].astype(np.float64)
        place = np.log(np.maximum(days_ago, 1e-3) / usual) / SPREAD
        density = np.exp(-(place**2) / 2) / math.sqrt(2 * math.pi) / SPREAD
        survival = np.maximum(0.5 * np.array([math.erfc(one / math.sqrt(2)) for one in place.tolist()]), 1e-6)
        # Hazard a day times the interval: 1 when purchases come by chance once an interval.
        hazard = density / survival * usual / np.maximum(days_ago, 1e-3)
        return np.asarray(np.minimum(hazard, MOST), np.float64)


def learn_replacement(
    log: Log, type_of_item: Ints, part_types: Sequence[str], table: Mapping[str, float] | None = None
) -> Replacement:
    """Intervals from the gaps of purchases, shrunk towards `table` (days by part type) or `USUAL_DAYS`.

    A log shorter than an interval shows the short gaps only, so the time people have *waited without buying* counts as
    well: the estimate is exposure over gaps (censored exponential), not the mean of the gaps seen.
    """
    types = len(part_types)
    prior = np.array([(table or {}).get(name, USUAL_DAYS) for name in part_types], np.float64)
    bought = np.flatnonzero((log.action == Action.PURCHASE) & (type_of_item[log.item] >= 0))
    kind, user, time = type_of_item[log.item[bought]], log.user[bought], log.time[bought]
    order = np.lexsort((time, kind, user))
    kind, user, time = kind[order], user[order], time[order]
    same = np.zeros(len(kind), bool)
    same[:-1] = (kind[1:] == kind[:-1]) & (user[1:] == user[:-1])
    until = np.where(same, np.append(time[1:], 0.0), float(log.time.max()) if len(log) else 0.0)
    waited = np.maximum(until - time, 0.0)
    gap = same & (waited >= SHORTEST_GAP)
    counted = gap | ~same
    gaps = np.asarray(np.bincount(kind[gap], minlength=types), np.float64)
    exposure = np.bincount(kind[counted], waited[counted], types)
    days = (exposure + PRIOR_GAPS * prior) / (gaps + PRIOR_GAPS)
    return Replacement(days.astype(np.float32), gaps.astype(np.float32))
