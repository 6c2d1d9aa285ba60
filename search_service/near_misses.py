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
from search_service.judged import Columns

WEIGHED = 8
"""Applications of a part that are weighed by all their conditions."""

FAR = 2**15 - 1
_WEIGHTS = "near_misses.weights"


class _Nodes(NamedTuple):
    """Something per node for its make, its model name, its year and its row: in `NearMisses._nodes` their numbers, 0
    where it names none."""

    make: Array
    model: Array
    year: Array
    row: Array


class NearMisses:
    """Finds them in one generation."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def of(self, asked: Asked, columns: Columns, parts: Int64s) -> list[list[int]]:
        """For each of these parts (places among those of `columns`, ascending) its nearest application rows, in the
        order read."""
        place = np.full(int(columns.owners[-1]) + 1 if len(columns.owners) else 0, -1, np.int64)
        place[parts[parts < len(place)]] = np.flatnonzero(parts < len(place))
        owners = place[columns.owners]
        chosen = np.flatnonzero(owners >= 0)
        owners, rows = owners[chosen], columns.rows[chosen]
        weights = self._row_weights(asked, rows, columns.nodes[chosen])
        least = np.full(len(parts), FAR, np.int16)
        np.minimum.at(least, owners, weights)
        nearest = weights == least[owners]
        owners, told = owners[nearest], rows[nearest].tolist()
        starts = np.searchsorted(owners, np.arange(len(parts) + 1)).tolist()
        most = np.where(least < MISS_WEIGHTS["make"], WEIGHED, 1).tolist()
        return [told[start : min(start + n, stop)] for (start, stop), n in zip(pairwise(starts), most, strict=True)]

    def _row_weights(self, asked: Asked, rows: Int64s, nodes: Array) -> Array:
        """How far applications are from all candidates, by their nodes; of several slots the nearest."""
        weights = self._weigh(asked, nodes)
        others = np.flatnonzero(nodes < 0)
        if len(others):
            index, slots = self._generation.slots_of(rows[others])
            weights[others] = FAR
            np.minimum.at(weights, others[index], self._weigh(asked, self._generation.slot_nodes[slots]))
        return weights

    def _weigh(self, asked: Asked, at: Array) -> Array:
        """How far these nodes are from all candidates."""
        weights: _Nodes | None = asked.memo.get(_WEIGHTS)
        if weights is None:
            weights = asked.memo[_WEIGHTS] = self._weights(asked)
        total = np.zeros(len(at), np.int16)
        for of_number, numbers in zip(weights, self._nodes, strict=True):
            total += of_number[numbers[at]]
        return total

    def _weights(self, asked: Asked) -> _Nodes:
        """What each number weighs, nothing where a candidate has it; the last is of those that no vehicle has (-1)."""
        candidates, nodes = asked.candidates, self._nodes
        table = candidates.table
        held: dict[str, set[int]] = {name: {0} for name in _Nodes._fields}
        for row, year in candidates.pairs:
            held["make"].add(self._numbers["make", table.make_keys[row]])
            held["model"].add(self._numbers["model", table.model_keys[row]])
            held["row"].add(row + 1)
            held["year"].add(year or 0)
        found = []
        for name, attribute in (("make", "make"), ("model", "model"), ("year", "year"), ("row", "vehicle_id")):
            most = max(int(getattr(nodes, name).max(initial=0)), max(held[name]))
            weights = np.full(most + 2, MISS_WEIGHTS[attribute], np.int16)
            weights[list(held[name])] = 0
            found.append(weights)
        if any(year is None for _, year in candidates.pairs):
            found[2][:] = 0
        return _Nodes(*found)

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
