"""What comes after what: directed transitions from each item to those that followed it soon."""

from __future__ import annotations

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
    pairs = []
    for step in range(1, reach + 1):
        rows = np.flatnonzero((owner[step:] == owner[:-step]) & (items[step:] != items[:-step]))
        pairs.append((np.full(len(rows), decay ** (step - 1), np.float32), items[rows], items[rows + step]))
    weight, source, target = (np.concatenate(column) for column in zip(*pairs, strict=True))
    total = csr_matrix((weight, (source, target)), shape=(size, size))
    total.data *= np.maximum(sequences.popularity(), 1.0).astype(np.float32)[total.indices] ** np.float32(-damping)
    return strongest(total, most)
