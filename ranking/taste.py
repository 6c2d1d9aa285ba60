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
    known = (codes >= 0) & (types >= 0)
    weight = np.where(known, weight, 0.0)
    total = weight.sum()
    if not total > 0:
        return np.zeros(rates.shape[1])
    own = np.bincount(codes[known], weight[known], rates.shape[1])
    usual = weight[known] @ rates[types[known]] / total
    smooth = (own + PRIOR_EVENTS * usual) / ((total + PRIOR_EVENTS) * np.maximum(usual, 1e-12))
    return np.where(usual > 0, np.log(np.maximum(smooth, 1e-12)), 0.0)
