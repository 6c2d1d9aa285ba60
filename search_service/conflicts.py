"""Parts of the same maker that the data does not tell apart for a vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from fitment_rules.judge import Asked
from indexers.columns import Bools, ragged
from indexers.generation import Generation

MOST_CONFLICTS = 20
"""Parts named in `conflicts_with`."""


def conflicts_of(generation: Generation, asked: Asked, under: Bools, ordinals: Sequence[int]) -> list[list[str]]:
    """For each part the ids of its first conflicting ones, by ordinal. `under` says which nodes hold candidates."""
    index, groups, slots = generation.conflicts_of(np.array(ordinals, np.int64))
    nodes = generation.slot_nodes[slots]
    near = np.flatnonzero(under[nodes])
    could = [masks[1] != 0 for masks in asked.each(slots[near].tolist(), nodes[near].tolist())]
    near = near[np.array(could, np.bool_)]
    if not len(near):
        return [[] for _ in ordinals]
    of_group, members = generation.conflict_members(groups[near])
    owner = index[near][of_group]
    apart = members != np.array(ordinals)[owner]
    pairs = np.unique(owner[apart] * generation.ordinal_count + members[apart])
    owner, members = np.divmod(pairs, generation.ordinal_count)
    starts = np.searchsorted(owner, np.arange(len(ordinals) + 1))
    counts = np.minimum(np.diff(starts), MOST_CONFLICTS)
    named = iter(generation.part_ids(members[ragged(starts[:-1], counts)].tolist()))
    return [list(islice(named, count)) for count in counts.tolist()]
