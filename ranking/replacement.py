"""After how long a part type is bought again. Bought an alternator last week, nobody wants another; the oil of last
year is due."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Replacement:
    """A type's usual interval in days, > 0, and `gaps`, how many gaps between purchases the log had to learn from."""

    days: Singles
    gaps: Singles

    def known(self) -> NDArray[np.int64]:
        """Types of which the log says more than the table."""
        return np.flatnonzero(self.gaps >= PRIOR_GAPS)


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
