"""What comes after what: directed transitions from each item to those that followed it soon."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from ranking.neighbours import Neighbours, strongest
from ranking.sequences import Sequences

REACH = 5  # places after an item that count as "next"
DECAY = 0.8  # of each place further
DAMPING = 0.3  # exponent of the target's popularity: what follows everything says little


def transitions(
    sequences: Sequences, *, reach: int = REACH, decay: float = DECAY, damping: float = DAMPING, most: int | None = None
) -> Neighbours:
    """Counts of "j within `reach` places after i", each place `decay` of the former, over popularity(j) ** `damping`.

    Pairs of an item with itself are left out; `most` keeps the strongest of each item.
    """
    size, items, owner = sequences.size, sequences.items, sequences.owner
    total: Any = csr_matrix((size, size), dtype=np.float64)
    for step in range(1, reach + 1):
        same = owner[step:] == owner[:-step]
        source, target = items[:-step][same], items[step:][same]
        total = total + csr_matrix((np.full(len(source), decay ** (step - 1)), (source, target)), shape=(size, size))
    total.setdiag(0.0)
    total.eliminate_zeros()
    total = total.tocsr()
    total.data *= np.maximum(sequences.popularity(), 1.0)[total.indices] ** -damping
    return strongest(total, most)
