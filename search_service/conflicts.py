"""Parts of the same maker that the data does not tell apart for a vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from msgspec import Raw

from fitment_rules.judge import Asked
from indexers.columns import Bools, distinct, ragged
from indexers.generation import Generation
from search_service.json_text import quoted
from search_service.wire import NOTHING

MOST_CONFLICTS = 20
"""Parts named in `conflicts_with`."""


def conflicts_of(generation: Generation, asked: Asked, under: Bools, ordinals: Sequence[int]) -> list[Raw]:
    """For each part the ids of its first conflicting ones, by ordinal, as JSON. `under` says which nodes hold
    candidates."""
    wanted = np.array(ordinals, np.int64)
    index, groups, slots = generation.conflicts_of(wanted)
    nodes = generation.slot_nodes[slots]
    near = np.flatnonzero(under[nodes])
    could = [masks[1] != 0 for masks in asked.each(slots[near].tolist(), nodes[near].tolist())]
    near = near[np.array(could, np.bool_)]
    if not len(near):
        return [NOTHING] * len(ordinals)
    # of a group one more than is named, for one of them may be the part itself
    of_group, members = generation.conflict_members(groups[near], MOST_CONFLICTS + 1)
    owner = index[near][of_group]
    apart = members != wanted[owner]
    owner, members = np.divmod(
        distinct(owner[apart] * generation.ordinal_count + members[apart]), generation.ordinal_count
    )
    starts = np.searchsorted(owner, np.arange(len(ordinals) + 1))
    counts = np.minimum(np.diff(starts), MOST_CONFLICTS)
    told, at = np.unique(members[ragged(starts[:-1], counts)], return_inverse=True)
    names = quoted([one.encode() for one in generation.part_ids(told.tolist())])
    named = [names[one] for one in at.tolist()]
    ends = np.concatenate(([0], np.cumsum(counts))).tolist()
    return [Raw(b"[%b]" % b",".join(named[start:end])) if start < end else NOTHING for start, end in pairwise(ends)]
