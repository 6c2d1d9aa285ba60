"""Which candidates an effect of a rule acts on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ranking.policy_file import Items
from ranking.words import key


class Selector:
    """`Items` compiled: part ids compare exactly, names without case; AND between keys, OR inside one."""

    __slots__ = ("brands", "part_ids", "part_types", "qualities")

    def __init__(self, items: Items) -> None:
        self.part_ids = frozenset(items.part_ids)
        self.brands = frozenset(map(key, items.brand))
        self.part_types = frozenset(map(key, items.part_type))
        self.qualities = frozenset(map(key, items.quality))

    def mask(
        self, part_ids: Sequence[str], brands: Sequence[str], part_types: Sequence[str], qualities: Sequence[str]
    ) -> NDArray[np.bool_]:
        """One truth value a candidate; a name list that is empty (not known) selects nothing."""
        chosen = np.ones(len(part_ids), bool)
        if self.part_ids:
            chosen &= _members(part_ids, self.part_ids, len(part_ids))
        for wanted, names in ((self.brands, brands), (self.part_types, part_types), (self.qualities, qualities)):
            if wanted:
                accepted = {name for name in set(names) if key(name) in wanted}
                chosen &= _members(names, accepted, len(part_ids))
        return chosen


def _members(names: Sequence[str], wanted: frozenset[str] | set[str], size: int) -> NDArray[np.bool_]:
    if not names or not wanted:
        return np.zeros(size, bool)
    return np.fromiter((name in wanted for name in names), bool, size)
