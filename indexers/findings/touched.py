"""Coverage: which base vehicles have applications, by make and by part type."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from fitment_rules.model import Key, key_of
from fitment_rules.vehicles import ROOT, Level
from indexers.columns import Array, Bools, Int64s, ragged, starts_of
from indexers.findings.context import Context, where_of
from indexers.report import Coverage, MakeCoverage, PairCoverage, TypeCoverage

MOST_CELLS = 64_000_000
"""Part types times nodes up to which coverage is told by make *and* part type; a byte each."""

IDS = ("BaseVehicle", "EquipmentBase")
"""Attributes that name a base vehicle by itself."""

MOST_PAIRS = 5_000
"""Pairs of make and part type that are told, the fullest first."""


class Touched:
    """Gathers nodes with applications by part type."""

    def __init__(self, context: Context, cells: Bools | None = None) -> None:
        """`cells` continues what was gathered before: by part type and node."""
        self._context = context
        self._table = context.generation.vehicles
        self._types = context.generation.column("part_type")
        self._type_count = max(len(context.generation.words["part_type"]), 1)
        nodes = self._table.node_count
        self._by_type = self._type_count * nodes <= MOST_CELLS
        shape = (self._type_count if self._by_type else 1, nodes)
        self.cells: Bools = np.zeros(shape, np.bool_) if cells is None else cells

    def add(self, part: Array, slot: Array, row: Array) -> None:
        """Applications of parts at slots, one of siblings; at the root counts what they ask of the vehicle by id."""
        node = self._context.generation.slot_nodes[slot]
        kind = self._types[part] if self._by_type else np.zeros(len(part), np.int64)
        self.cells[kind, node] = True
        starts, nodes = self._named
        root = node == self._root
        if len(nodes) and root.any():
            condition = self._context.rules["condition"][self._context.rule_of[row[root]]]
            pairs = np.unique(kind[root].astype(np.int64) * len(starts) + condition)
            conditions = pairs % len(starts)
            counts = starts[conditions + 1] - starts[conditions]
            reached = nodes[ragged(starts[conditions], counts)]
            self.cells[np.repeat(pairs // len(starts), counts), reached] = True

    def coverage(self) -> Coverage:
        """What was gathered."""
        words = self._context.generation.words["part_type"]
        bases = np.array([self._of_bases(cells) for cells in self.cells], np.bool_).reshape(len(self.cells), -1)
        makes = self._makes
        total = np.bincount(self._make_of_base, minlength=len(makes))
        some = np.bincount(self._make_of_base, bases.any(axis=0), minlength=len(makes)).astype(np.int64)
        return Coverage(
            [MakeCoverage(*row) for row in zip(makes, total.tolist(), some.tolist(), strict=True)],
            list(self._of_types(words, bases)),
            list(self._pairs(words, bases)) if self._by_type else [],
        )

    def _of_types(self, words: list[str], bases: Bools) -> Iterator[TypeCoverage]:
        context = self._context
        live = context.alive & (self._types >= 0)
        parts = np.bincount(self._types[live], minlength=self._type_count)
        applications = np.bincount(self._types[live], context.counts[live], self._type_count)
        covered = bases.sum(axis=1) if self._by_type else np.zeros(self._type_count, np.int64)
        for number, word in enumerate(words):
            if parts[number]:
                yield TypeCoverage(word, int(parts[number]), int(applications[number]), int(covered[number]))

    def _pairs(self, words: list[str], bases: Bools) -> Iterator[PairCoverage]:
        width = len(self._makes)
        counts = np.array([np.bincount(self._make_of_base, one, minlength=width) for one in bases]).reshape(
            len(bases), width
        )
        for at in np.argsort(-counts, axis=None, kind="stable")[:MOST_PAIRS].tolist():
            kind, make = divmod(at, width)
            if counts[kind, make]:
                yield PairCoverage(self._makes[make], words[kind], int(counts[kind, make]))

    def _of_bases(self, cells: Bools) -> Bools:
        """Base vehicles that are touched themselves, above, or in some row."""
        base, model, make = self._base_nodes
        found = cells[base] | cells[model] | cells[make]
        row_nodes, row_bases = self._row_bases
        found[row_bases[cells[row_nodes]]] = True
        return np.asarray(found)

    @cached_property
    def _bases(self) -> list[tuple[Any, ...]]:
        """Makes, models and years; a model of which no year is known is one."""
        years = self._table.model_years
        return [(*pair, year) for pair, (known, _) in years.items() for year in known or (None,)]

    @cached_property
    def _base_nodes(self) -> tuple[Int64s, Int64s, Int64s]:
        """Of each base vehicle its node, its model's and its make's."""
        ids = self._table.node_ids
        found = []
        for make, model, year in self._bases:
            above = ids[Level.MODEL.value, make, model]
            own = above if year is None else ids[Level.BASE.value, make, model, year]
            found.append((own, above, ids[Level.MAKE.value, make]))
        columns = np.array(found, np.int64).reshape(-1, 3)
        return columns[:, 0], columns[:, 1], columns[:, 2]

    @cached_property
    def _row_bases(self) -> tuple[Int64s, Int64s]:
        """Pairs of a row's node and one of its base vehicles."""
        table = self._table
        numbers = {key: number for number, key in enumerate(self._bases)}
        pairs = [
            (table.node_ids[Level.ROW.value, one.vehicle_id], number)
            for row, one in enumerate(table.rows)
            for year in table.years_of(row) or (None,)
            if (number := numbers.get((table.make_keys[row], table.model_keys[row], year))) is not None
        ]
        columns = np.array(pairs, np.int64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1]

    @cached_property
    def _makes(self) -> list[str]:
        table = self._table
        keys = dict.fromkeys(key[0] for key in self._bases)
        return [table.rows[table.rows_by_make[key][0]].make for key in keys]

    @cached_property
    def _make_of_base(self) -> Int64s:
        numbers = {key: number for number, key in enumerate(dict.fromkeys(key[0] for key in self._bases))}
        return np.array([numbers[key[0]] for key in self._bases], np.int64)

    @cached_property
    def _root(self) -> int:
        return self._table.node_ids[ROOT]

    @cached_property
    def _named(self) -> tuple[Int64s, Int64s]:
        """By condition record the row nodes of the vehicles that it names by an id such as `BaseVehicle` (CSR)."""
        records = self._context.records("condition")
        found = [self._reached(record) if b"Base" in record else [] for record in records]
        flat = [node for nodes in found for node in nodes]
        return starts_of(np.array([len(nodes) for nodes in found], np.int64)), np.array(flat, np.int64)

    def _reached(self, record: bytes) -> list[int]:
        where = where_of(record)
        asked = ((name, key_of(value)) for name in IDS for value in where.get(name, ()))
        return [node for name, key in asked for node in self._row_nodes[name].get(key, ())]

    @cached_property
    def _row_nodes(self) -> dict[str, dict[Key, list[int]]]:
        """Row nodes by value of each of `IDS`."""
        table = self._table
        found: dict[str, dict[Key, list[int]]] = {name: {} for name in IDS}
        for row, vehicle in enumerate(table.rows):
            for name in IDS:
                for key in table.value(row, name) or ():
                    found[name].setdefault(key, []).append(table.node_ids[Level.ROW.value, vehicle.vehicle_id])
        return found
