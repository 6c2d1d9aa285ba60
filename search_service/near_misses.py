"""Which of a part's applications come nearest to a vehicle, for parts of which none can match.

How near is first told by the node an application hangs at, for all parts at once; the nearest are then weighed by all
their conditions (`fitment_rules.fit`). Of a part that is for other makes alone one application tells enough.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fitment_rules.fit import MISS_WEIGHTS
from fitment_rules.judge import Asked
from fitment_rules.model import Key
from fitment_rules.vehicles import Level
from indexers.columns import Array, Int64s
from indexers.generation import Generation

WEIGHED = 8
"""Applications of a part that are weighed by all their conditions."""

FAR = 2**15 - 1
_WEIGHTS = "near_misses.weights"


class _Nodes(NamedTuple):
    """Per node the number of its make, its model name, its year and its row; 0 where it names none."""

    make: Array
    model: Array
    year: Array
    row: Array


class NearMisses:
    """Finds them in one generation."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def of(self, asked: Asked, ordinals: Int64s) -> list[list[int]]:
        """For each part its nearest application rows, in the order read."""
        owners, rows = self._generation.applications_of(ordinals)
        weights = self._row_weights(asked, rows)
        least = np.full(len(ordinals), FAR, np.int16)
        np.minimum.at(least, owners, weights)
        nearest = weights == least[owners]
        owners, rows = owners[nearest], rows[nearest].tolist()
        starts = np.searchsorted(owners, np.arange(len(ordinals) + 1)).tolist()
        most = np.where(least < MISS_WEIGHTS["make"], WEIGHED, 1).tolist()
        return [rows[start : min(start + n, stop)] for (start, stop), n in zip(pairwise(starts), most, strict=True)]

    def _row_weights(self, asked: Asked, rows: Int64s) -> Array:
        index, slots = self._generation.slots_of(rows)
        weights = np.full(len(rows), FAR, np.int16)
        np.minimum.at(weights, index, self._node_weights(asked)[self._generation.slot_nodes[slots]])
        return weights

    def _node_weights(self, asked: Asked) -> Array:
        found: Array | None = asked.memo.get(_WEIGHTS)
        if found is None:
            found = asked.memo[_WEIGHTS] = self._weigh(asked)
        return found

    def _weigh(self, asked: Asked) -> Array:
        candidates, nodes = asked.candidates, self._nodes
        table = candidates.table
        held: dict[str, set[int]] = {name: {0} for name in _Nodes._fields}
        for row, year in candidates.pairs:
            held["make"].add(self._numbers["make", table.make_keys[row]])
            held["model"].add(self._numbers["model", table.model_keys[row]])
            held["row"].add(row + 1)
            held["year"].add(year or 0)
        if any(year is None for _, year in candidates.pairs):
            held["year"].update(np.unique(nodes.year).tolist())
        weight = np.zeros(len(nodes.make), np.int16)
        for name, attribute in (("make", "make"), ("model", "model"), ("row", "vehicle_id"), ("year", "year")):
            column = getattr(nodes, name)
            weight += np.where(np.isin(column, list(held[name])), 0, MISS_WEIGHTS[attribute]).astype(np.int16)
        return weight

    @cached_property
    def _numbers(self) -> dict[tuple[str, Key], int]:
        """(make or model, its key) → a number from 1."""
        table = self._generation.vehicles
        makes = {("make", key): number for number, key in enumerate(dict.fromkeys(table.make_keys), 1)}
        return makes | {("model", key): number for number, key in enumerate(dict.fromkeys(table.model_keys), 1)}

    @cached_property
    def _nodes(self) -> _Nodes:
        table = self._generation.vehicles
        found = np.zeros((4, table.node_count), np.int32)
        for node, key in enumerate(table.node_keys):
            match key:
                case (Level.ROW.value, vehicle_id):
                    found[3, node] = table.row_ids.get(str(vehicle_id), -2) + 1
                case (Level.MAKE_YEAR.value, make, year):
                    found[0, node], found[2, node] = self._numbers.get(("make", make), -1), year
                case (_, make):
                    found[0, node] = self._numbers.get(("make", make), -1)
                case (_, make, model):
                    found[0, node] = self._numbers.get(("make", make), -1)
                    found[1, node] = self._numbers.get(("model", model), -1)
                case (_, make, model, year):
                    found[0, node] = self._numbers.get(("make", make), -1)
                    found[1, node] = self._numbers.get(("model", model), -1)
                    found[2, node] = year if isinstance(year, int) else 0
        return _Nodes(*found)
