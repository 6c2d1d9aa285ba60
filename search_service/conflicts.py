"""Parts of the same maker that the data does not tell apart for a vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from msgspec import Raw

from fitment_rules.judge import Asked
from indexers.columns import Bools, Int64s
from indexers.generation import Generation
from search_service.json_text import quoted
from search_service.wire import NOTHING

MOST_CONFLICTS = 20
"""Parts named in `conflicts_with`."""


class _Group(NamedTuple):
    """The first parts of a conflict group, by ordinal, and their ids as JSON."""

    members: list[int]
    names: list[bytes]

    def without(self, ordinal: int) -> Sequence[bytes]:
        """The ids of its first parts but one."""
        try:
            at = self.members.index(ordinal)
        except ValueError:
            return self.names[:MOST_CONFLICTS]
        return self.names[:at] + self.names[at + 1 :]


def conflicts_of(generation: Generation, asked: Asked, under: Bools, ordinals: Sequence[int]) -> list[Raw]:
    """For each part the ids of its first conflicting ones, by ordinal, as JSON. `under` says which nodes hold
    candidates."""
    found = [NOTHING] * len(ordinals)
    index, groups, slots = generation.conflicts_of(np.array(ordinals, np.int64))
    nodes = generation.slot_nodes[slots]
    near = np.flatnonzero(under[nodes])
    could = [masks[1] != 0 for masks in asked.each(slots[near].tolist(), nodes[near].tolist())]
    near = near[np.array(could, np.bool_)]
    if not len(near):
        return found
    wanted, group_of = np.unique(groups[near], return_inverse=True)
    known = _groups(generation, wanted)
    groups_of: dict[int, list[_Group]] = {}
    for part, group in zip(index[near].tolist(), group_of.tolist(), strict=True):
        groups_of.setdefault(part, []).append(known[group])
    for part, own in groups_of.items():
        others = own[0].without(ordinals[part]) if len(own) == 1 else _joined(own, ordinals[part])
        if others:
            found[part] = Raw(b"[%b]" % b",".join(others))
    return found


def _groups(generation: Generation, groups: Int64s) -> list[_Group]:
    """Groups with one part more than are named, for one of them may be the part that is asked about."""
    of_group, members = generation.conflict_members(groups, MOST_CONFLICTS + 1)
    ordinals = members.tolist()
    names = quoted([one.encode() for one in generation.part_ids(ordinals)])
    starts = np.searchsorted(of_group, np.arange(len(groups) + 1)).tolist()
    return [_Group(ordinals[first:last], names[first:last]) for first, last in pairwise(starts)]


def _joined(groups: Sequence[_Group], ordinal: int) -> Sequence[bytes]:
    """The ids of the first parts of several groups but one."""
    named = {member: name for one in groups for member, name in zip(*one, strict=True)}
    named.pop(ordinal, None)
    return [named[one] for one in sorted(named)[:MOST_CONFLICTS]]
