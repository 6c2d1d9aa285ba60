"""The candidates of a vehicle table as *units*: runs of at most 64 candidates that no node of interest splits.

A unit is (part of) a base vehicle, or a row of unknown year, which counts twice: once as it is, for its model and
make, and once in every model year of its make, for the make-years (`fitment_rules.candidates.candidates_under`). A
node is covered if all its units are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fitment_rules.builds import Builds
from fitment_rules.conditions import AnyOf, Built, Condition, Except, conjunction_masks
from fitment_rules.model import Key
from fitment_rules.vehicles import ROOT, Level, NodeKey, VehicleTable
from indexers.columns import Bools, Int32s, Int64s, UInt64s, ragged, starts_of

UNIT = 64
UNKNOWN = -1
NODE_COLUMNS = ("base", "model", "make", "make_year")
"""Kinds of node that `touches` and `covers` hold, as columns of `Units`."""


@dataclass(frozen=True, slots=True)
class Units:
    """Units as columns. `row` and `year` are per candidate, `starts` says which are a unit's.

    `base`, `model`, `make`, `make_year` are the node ids a unit counts for, or -1. `full` has a bit for each candidate.
    """

    starts: Int64s
    row: Int32s
    year: Int32s
    base: Int32s
    model: Int32s
    make: Int32s
    make_year: Int32s
    full: UInt64s

    def targets(self, node_count: int) -> dict[str, Int64s]:
        """Units that count for each node id, by the kind of node."""
        columns = {name: getattr(self, name) for name in NODE_COLUMNS}
        return {
            name: np.bincount(column[column >= 0], minlength=node_count).astype(np.int64)
            for name, column in columns.items()
        }


class UnitTable:
    """Units of a table, and which of them, and which candidates in them, lie under a node."""

    def __init__(self, table: VehicleTable) -> None:
        self._table = table
        self._codes: dict[str, tuple[Int32s, list[frozenset[Key] | None]]] = {}
        self._inverted: dict[str, tuple[Mapping[Key, Sequence[int]], Sequence[int]]] = {}
        self._by_node: dict[NodeKey, list[int]] = {}
        self._of_row: dict[int, list[tuple[int, int]]] = {}
        self.units = self._build()

    def under(self, node: NodeKey) -> tuple[Int64s, UInt64s]:
        """Units under a node, and the candidates of each that are; none under a node that the table has no more."""
        match Level(str(node[0])):
            case Level.ROOT:
                found = np.arange(len(self.units.full), dtype=np.int64)
            case Level.MAKE:
                found = self._where(node, self.units.make, self.units.make_year)
            case Level.ROW:
                return self._under_row(str(node[1]))
            case _:
                found = np.array(self._by_node.get(node, ()), np.int64)
        return found, self.units.full[found]

    def _under_row(self, vehicle_id: str) -> tuple[Int64s, UInt64s]:
        masks: dict[int, int] = {}
        for unit, bit in self._of_row.get(self._table.row_ids.get(vehicle_id, UNKNOWN), ()):
            masks[unit] = masks.get(unit, 0) | 1 << bit
        return np.array(list(masks), np.int64), np.array(list(masks.values()), np.uint64)

    def reachable(self, conjunction: Sequence[Condition]) -> tuple[Int64s, UInt64s]:
        """What lies under the root and may agree with a conjunction: found through one of its equality conditions."""
        asked = next((one for one in conjunction if isinstance(one, AnyOf) and one.attribute != "year"), None)
        if asked is None:
            return self.under(ROOT)
        by_key, silent = self._rows_by_key(asked.attribute)
        rows = {row for key in asked.keys for row in by_key.get(key, ())}.union(silent)
        found = np.unique(np.array([unit for row in rows for unit, _ in self._of_row.get(row, ())], np.int64))
        return found, self.units.full[found]

    def _rows_by_key(self, attribute: str) -> tuple[Mapping[Key, Sequence[int]], Sequence[int]]:
        """Rows by each value of an attribute, and the rows that lack it."""
        if attribute not in self._inverted:
            by_key: dict[Key, list[int]] = {}
            silent = []
            for row in range(len(self._table.rows)):
                keys = self._table.value(row, attribute)
                if keys is None:
                    silent.append(row)
                for key in keys or ():
                    by_key.setdefault(key, []).append(row)
            self._inverted[attribute] = (by_key, silent)
        return self._inverted[attribute]

    def judge(self, conjunction: Sequence[Condition], units: Int64s) -> tuple[UInt64s, UInt64s]:
        """(true, possible) candidates of each of the units (distinct), from what the rows alone know."""
        if not conjunction:
            return self.units.full[units], self.units.full[units]
        counts = self.units.starts[units + 1] - self.units.starts[units]
        candidates = ragged(self.units.starts[units], counts)
        true, possible = self._judge_candidates(conjunction, candidates)
        return _pack(true, counts), _pack(possible, counts)

    def _judge_candidates(self, conjunction: Sequence[Condition], candidates: Int64s) -> tuple[Bools, Bools]:
        """Candidates that agree in every attribute asked are judged once."""
        attributes = sorted({name for condition in conjunction for name in _attributes(condition)})
        codes = [self._codes_of(name, candidates) for name in attributes]
        key = np.zeros(len(candidates), np.int64)
        for column, values in codes:
            key = key * len(values) + column
        distinct, firsts, inverse = np.unique(key, return_index=True, return_inverse=True)
        kinds = _Kinds(
            {
                name: [values[column[first]] for first in firsts]
                for name, (column, values) in zip(attributes, codes, strict=True)
            },
            len(distinct),
            (1 << len(distinct)) - 1,
        )
        true, possible = conjunction_masks(conjunction, kinds)
        return _bits(true, len(distinct))[inverse], _bits(possible, len(distinct))[inverse]

    def _codes_of(self, attribute: str, candidates: Int64s) -> tuple[Int64s, list[object]]:
        if attribute == "year":
            years, codes = np.unique(self.units.year[candidates], return_inverse=True)
            return codes, [None if year == UNKNOWN else frozenset((int(year),)) for year in years]
        if attribute not in self._codes:
            self._codes[attribute] = self._encode(attribute)
        column, values = self._codes[attribute]
        return column[self.units.row[candidates]].astype(np.int64), values  # type: ignore[return-value]

    def _encode(self, attribute: str) -> tuple[Int32s, list[frozenset[Key] | None]]:
        numbers: dict[object, int] = {}
        table = self._table
        values = (
            (row.built for row in table.rows)
            if attribute == _BUILT
            else (table.value(row, attribute) for row in range(len(table.rows)))
        )
        codes = [numbers.setdefault(value, len(numbers)) for value in values]
        return np.array(codes, np.int32), list(numbers)  # type: ignore[arg-type]

    def _where(self, node: NodeKey, *columns: Int32s) -> Int64s:
        if node not in self._by_node:
            make = self._table.node_ids.get(node, UNKNOWN - 1)
            own = np.flatnonzero(columns[0] == make)
            named = self._make_years.get(node[1], ())
            years = [self._table.node_ids[Level.MAKE_YEAR.value, node[1], year] for year in named]
            virtual = np.flatnonzero((columns[0] == UNKNOWN) & np.isin(columns[1], years))
            self._by_node[node] = np.concatenate((own, virtual)).tolist()
        return np.array(self._by_node[node], np.int64)

    @cached_property
    def _make_years(self) -> Mapping[Key, frozenset[int]]:
        found: dict[Key, set[int]] = {}
        for pair, (years, _) in self._table.model_years.items():
            found.setdefault(pair[0], set()).update(years)
        return {make: frozenset(years) for make, years in found.items()}

    def _build(self) -> Units:
        table, ids = self._table, self._table.node_ids
        columns: dict[str, list[int]] = {name: [] for name in ("count", "row", "year", *NODE_COLUMNS)}
        for pair, rows in table.models.items():
            model, make = ids[Level.MODEL.value, *pair], ids[Level.MAKE.value, pair[0]]
            by_year: dict[int, list[int]] = {}
            for row in rows:
                for year in table.years_of(row) or ():
                    by_year.setdefault(year, []).append(row)
            for year, there in by_year.items():
                base: NodeKey = (Level.BASE.value, *pair, year)
                self._add(columns, (base, (Level.MODEL.value, *pair)), there, year,
                          (ids[base], model, make, ids[Level.MAKE_YEAR.value, pair[0], year]))  # fmt: skip
            for row in rows:
                if table.years_of(row) is None:
                    self._add_unknown(columns, pair, row, (model, make))
        built = {name: np.array(values, np.int32) for name, values in columns.items()}
        counts = built.pop("count").astype(np.int64)
        return Units(starts_of(counts), full=_full(counts), **built)

    def _add_unknown(
        self, columns: Mapping[str, list[int]], pair: tuple[Key, Key], row: int, above: tuple[int, int]
    ) -> None:
        nodes: tuple[NodeKey, ...] = ((Level.MODEL.value, *pair),)
        self._add(columns, nodes, [row], UNKNOWN, (UNKNOWN, *above, UNKNOWN))
        for year in sorted(self._make_years[pair[0]]):
            node = self._table.node_ids[Level.MAKE_YEAR.value, pair[0], year]
            self._add(columns, nodes, [row], year, (UNKNOWN, UNKNOWN, UNKNOWN, node))

    def _add(
        self, columns: Mapping[str, list[int]], nodes: Sequence[NodeKey], rows: Sequence[int], year: int,
        above: tuple[int, int, int, int],
    ) -> None:  # fmt: skip
        for first in range(0, len(rows), UNIT):
            some = rows[first : first + UNIT]
            unit = len(columns["count"])
            columns["count"].append(len(some))
            columns["row"].extend(some)
            columns["year"].extend([year] * len(some))
            for name, node in zip(NODE_COLUMNS, above, strict=True):
                columns[name].append(node)
            for node_key in nodes:
                self._by_node.setdefault(node_key, []).append(unit)
            for bit, row in enumerate(some):
                self._of_row.setdefault(row, []).append((unit, bit))


_BUILT = "\x00built"


def _attributes(condition: Condition) -> Iterable[str]:
    if isinstance(condition, Except):
        return [member.attribute for member in condition.members]
    if isinstance(condition, Built):
        return [_BUILT]
    return [condition.attribute]


@dataclass(slots=True)
class _Kinds:
    """Kinds of candidates (`fitment_rules.conditions.Candidates`): what is known of each attribute, by kind."""

    known: Mapping[str, Sequence[Any]]
    count: int
    full: int
    vin_serial: str | None = None

    @property
    def answers(self) -> Mapping[str, bool]:
        return {}

    def values(self, attribute: str) -> Sequence[tuple[frozenset[Key] | None, int]]:
        return _grouped(self.known.get(attribute, [None] * self.count))

    def holding(self, attribute: str, _: frozenset[Key]) -> Sequence[tuple[frozenset[Key] | None, int]]:
        return self.values(attribute)

    def built(self) -> Builds:
        return Builds(_grouped(self.known[_BUILT]))


def _grouped(values: Sequence[Any]) -> Sequence[tuple[Any, int]]:
    found: dict[Any, int] = {}
    for index, value in enumerate(values):
        found[value] = found.get(value, 0) | 1 << index
    return tuple(found.items())


def _bits(mask: int, count: int) -> Bools:
    raw = np.frombuffer(mask.to_bytes((count + 7) // 8, "little"), np.uint8)
    return np.unpackbits(raw, count=count, bitorder="little").astype(np.bool_)


def _pack(bits: Bools, counts: Int64s) -> UInt64s:
    starts = np.cumsum(counts) - counts
    places = (np.arange(len(bits)) - np.repeat(starts, counts)).astype(np.uint64)
    return np.bitwise_or.reduceat(bits.astype(np.uint64) << places, starts) if len(bits) else np.empty(0, np.uint64)


def _full(counts: Int64s) -> UInt64s:
    return np.array([(1 << count) - 1 for count in counts.tolist()], np.uint64)
