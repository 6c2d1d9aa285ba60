"""Which brands a customer prefers, compared with what everybody takes in the same part types: smoothed log-lifts.

It knows every brand, where `choice_taste` knows the strongest only.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.features import Coded, Coding

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]

# Pseudo-events of everybody's taste behind each customer's own; chosen by `benchmarks/personalisation.py`.
PRIOR_EVENTS = 3.0


def brand_rates(coding: Coding, items: Coded, demand: Floats) -> Singles:
    """types × brands: the share of a type's `demand` (one weight an item, >= 0) that goes to each brand.

    A little is added for each listed part, so that no brand a type has is zero.
    """
    types, brands = len(coding.part_types), len(coding.brands)
    known = (items.brand >= 0) & (items.part_type >= 0)
    cells = items.part_type[known].astype(np.int64) * brands + items.brand[known]
    totals = np.bincount(cells, demand[known] + 0.1, types * brands).reshape(types, brands)
    return np.asarray(totals / np.maximum(totals.sum(1, keepdims=True), 1e-9), np.float32)


def lift(codes: NDArray[np.int32], types: NDArray[np.int32], weight: Floats, rates: Singles) -> Floats:
    """Log of the smoothed share a customer gives each name over the share everybody gives it in the same part types.

    0 where he says nothing or the name does not occur in these types. Bounded below by the prior: never buying a brand
    is weak evidence.
    """
    known = np.minimum(codes, types) >= 0
    if not known.all():
        codes, types, weight = codes[known], types[known], weight[known]
    total = float(np.add.reduce(weight))
    if not total > 0:
        return np.zeros(rates.shape[1])
    own = np.bincount(codes, weight, rates.shape[1])
    usual = np.maximum(weight.astype(np.float32) @ rates.take(types, 0), 1e-12, dtype=np.float64)
    smooth = (own / usual + PRIOR_EVENTS / total) * (total / (total + PRIOR_EVENTS))
    return np.where(usual > 1e-12, np.log(np.maximum(smooth, 1e-12)), 0.0)
