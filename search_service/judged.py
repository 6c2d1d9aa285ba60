"""Parts judged together for one vehicle query, with the columns they were judged by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from fitment_rules.conditions import Masks
from fitment_rules.fit import Judged
from fitment_rules.model import Verdict
from indexers.columns import Array, Int64s
from indexers.generation import Generation
from search_service.json_text import quoted

MISSING = (Verdict.DOES_NOT_FIT, Verdict.NO_DATA)
"""Verdicts explained by the applications that come nearest."""

OFFERED = (Verdict.FITS, Verdict.NEEDS_INFO)
"""Verdicts of parts that a customer chooses from: here a conflict is marked."""


class JudgedPart(NamedTuple):
    """One part against the vehicle: what `fit_of` and the questions need. `judged` are those that could match."""

    ordinal: int
    verdict: Verdict
    masks: Masks
    judged: Sequence[Judged]
    position: tuple[str, ...]


class Columns(NamedTuple):
    """The applications of some parts, a part's in the order read.

    `owners` is the part (by its place among those judged), `rows` the row, `nodes` the node of an application that has
    a single slot, -1 of one with none or several.
    """

    owners: Int64s
    rows: Int64s
    nodes: Array

    @staticmethod
    def none() -> Columns:
        """No application."""
        empty = np.empty(0, np.int64)
        return Columns(empty, empty, empty)


class JudgedParts(list[JudgedPart]):
    """Judged parts, in the order asked."""

    def __init__(self, parts: Iterable[JudgedPart], columns: Columns) -> None:
        super().__init__(parts)
        self.columns = columns
        self._names: dict[int, bytes] = {}

    def names(self, generation: Generation, owners: Sequence[int], rows: Sequence[int]) -> dict[int, bytes]:
        """The ids, as JSON, of at least these applications of these parts (ordinals), by row."""
        names = self._names
        lacking = [at for at, row in enumerate(rows) if row not in names]
        if lacking:
            new = np.array([rows[at] for at in lacking], np.int64)
            told = generation.names_at(np.array([owners[at] for at in lacking], np.int64), new)
            names.update(zip(new.tolist(), quoted(told), strict=True))
        return names
