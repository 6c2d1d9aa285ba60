"""A vehicle query resolved against the table: the candidates, what is known of each, and the nodes above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from fitment_rules.builds import Builds
from fitment_rules.model import Key, Scalar, Window, key_of, natural_order
from fitment_rules.vehicles import ROOT, Level, NodeKey, VehicleQuery, VehicleTable

MOST_BASES = 16
"""A set of more whole base vehicles than this is asked by its slots."""


FEW_GROUPS = 32
"""So many values of an attribute are looked through faster than by an index."""


class CandidateSet:
    """Candidates in ascending (row, year); candidate `i` is bit `i` of every mask."""

    def __init__(self, table: VehicleTable, query: VehicleQuery, pairs: Sequence[tuple[int, int | None]]) -> None:
        self.table = table
        self.query = query
        self.pairs = tuple(pairs)
        self.full = (1 << len(self.pairs)) - 1
        self._values: dict[str, Sequence[tuple[frozenset[Key] | None, int]]] = {}
        self._holders: dict[str, dict[Key | None, list[tuple[frozenset[Key] | None, int]]]] = {}
        self._spelled: dict[str, Mapping[Key, Scalar]] = {}
        self._ids_of: dict[tuple[int, int | None], tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def vin_serial(self) -> str | None:
        """Positions 12–17 of the VIN, or the `vin_serial` the caller gave."""
        return self.query.vin_serial

    @property
    def answers(self) -> Mapping[str, bool]:
        """Answered notes."""
        return self.query.answers

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """Distinct rows, ascending: what `candidates` and `vehicle_ids` count in answers."""
        return tuple(self._years_in)

    @cached_property
    def vehicle_ids(self) -> tuple[str, ...]:
        """Ids of the distinct rows."""
        return tuple(self.table.rows[row].vehicle_id for row in self.rows)

    def vehicle_ids_of(self, mask: int, most: int | None = None) -> tuple[str, ...]:
        """Ids of the distinct rows of the candidates in a mask, the first `most` of them."""
        found = self._ids_of.get((mask, most))
        if found is None:
            ids, left = list[str](), self.rows_of(mask)
            while left and (most is None or len(ids) < most):
                low = left & -left
                ids.append(self.table.rows[self.pairs[low.bit_length() - 1][0]].vehicle_id)
                left ^= low
            found = self._ids_of[mask, most] = tuple(ids)
        return found

    @cached_property
    def row_masks(self) -> tuple[int, ...]:
        """The candidates of each distinct row, in the order of `rows`."""
        found, start = [], 0
        for row in self.rows:
            stop = start + self._years_in[row]
            found.append((1 << stop) - (1 << start))
            start = stop
        return tuple(found)

    @cached_property
    def one_each(self) -> int:
        """The last candidate of every row: a bit a row."""
        return sum(1 << mask.bit_length() - 1 for mask in self.row_masks)

    def rows_of(self, mask: int) -> int:
        """Rows with a candidate in a mask, as bits of `one_each`.

        A row's candidates are a run of bits. Adding a run of ones to those below its last carries into the last
        exactly if one of them is set, and never further: all rows are looked at in one addition.
        """
        last, below = self.one_each, self._not_last
        return ((mask & below) + below | mask) & last

    @cached_property
    def _not_last(self) -> int:
        return self.full & ~self.one_each

    @cached_property
    def _years_in(self) -> Counter[int]:
        return Counter(row for row, _ in self.pairs)

    def values(self, attribute: str) -> Sequence[tuple[frozenset[Key] | None, int]]:
        """Groups of candidates by what is known of an attribute, in order of first appearance."""
        if attribute not in self._values:
            self._values[attribute] = self._group(attribute)
        return self._values[attribute]

    def holding(self, attribute: str, keys: frozenset[Key]) -> Iterable[tuple[frozenset[Key] | None, int]]:
        """At least those groups of `values` that are unknown or have one of `keys`; by an index where they are many."""
        groups = self.values(attribute)
        if len(groups) <= FEW_GROUPS:
            return groups
        if attribute not in self._holders:
            index: dict[Key | None, list[tuple[frozenset[Key] | None, int]]] = {}
            for group in groups:
                for key in group[0] or (None,):
                    index.setdefault(key, []).append(group)
            self._holders[attribute] = index
        index = self._holders[attribute]
        found = {group[0]: group for key in (None, *keys) for group in index.get(key, ())}
        return found.values()

    def built(self) -> Builds:
        """The candidates by build window: the row's, narrowed by what the caller said."""
        return self._built

    def shown(self, attribute: str) -> tuple[Scalar, ...]:
        """Distinct known values over all candidates as they were read or said, by key; empty is unknown."""
        return tuple(self.spelled(attribute)[key] for key in sorted(self.spelled(attribute), key=natural_order))

    def spelled(self, attribute: str) -> Mapping[Key, Scalar]:
        """Key → the value as it was read from a row, or said by the caller."""
        if attribute not in self._spelled:
            mentions = [one for one in self.query.given if one.attribute == attribute]
            said = {key_of(value): value for one in mentions for value in one.shown}
            found: dict[Key, Scalar] = {}
            for keys, mask in self.values(attribute):
                row = self.pairs[(mask & -mask).bit_length() - 1][0]
                read = {key_of(value): value for value in self.table.read(row, attribute)}
                found.update({key: read.get(key, said.get(key, key)) for key in keys or ()})
            self._spelled[attribute] = found
        return self._spelled[attribute]

    def mask_of(self, node: NodeKey) -> int:
        """Candidates under a node."""
        return self._masks.get(node, 0)

    @property
    def nodes(self) -> Collection[NodeKey]:
        """Every node above some candidate at which an application can hang."""
        return self._masks.keys()

    @cached_property
    def whole(self) -> tuple[NodeKey, ...] | None:
        """The nodes (make, model, make-year, base vehicle) of which this set is exactly the whole, else `None`.

        Only a query that said nothing but make, model and year can be whole: anything else may be known of a row
        that the row itself does not say.
        """
        query = self.query
        said = {one.attribute for one in query.given}
        plain = query.built.open and query.vin_serial is None and not query.answers and not query.vehicle_ids
        if not plain or not self.pairs or not said <= {"make", "model", "year"}:
            return None
        if "year" in said:
            return self._whole_bases() if "model" in said else self._whole_make_years()
        models = self._whole_models()
        return None if models is None else self._folded(models)

    def _group(self, attribute: str) -> Sequence[tuple[frozenset[Key] | None, int]]:
        found: dict[frozenset[Key] | None, int] = {}
        asked = self.query.keys(attribute)
        if attribute == "year":
            for year, mask in self._by_year.items():
                keys = asked if year is None else frozenset((year,))
                found[keys] = found.get(keys, 0) | mask
        else:
            for row, mask in zip(self.rows, self.row_masks, strict=True):
                keys = self._value(row, attribute, asked)
                found[keys] = found.get(keys, 0) | mask
        return tuple(found.items())

    def _value(self, row: int, attribute: str, asked: frozenset[Key] | None) -> frozenset[Key] | None:
        has = self.table.value(row, attribute)
        if has is None:
            return asked
        return has & asked or has if asked and len(has) > 1 else has

    @cached_property
    def _built(self) -> Builds:
        found: dict[Window, int] = {}
        for row, mask in zip(self.rows, self.row_masks, strict=True):
            built = self.table.rows[row].built
            window = built if self.query.built.open else meet(built, self.query.built)
            found[window] = found.get(window, 0) | mask
        return Builds(tuple(found.items()))

    @cached_property
    def _by_year(self) -> Mapping[int | None, int]:
        found: dict[int | None, int] = {}
        bit = 1
        for _, year in self.pairs:
            found[year] = found.get(year, 0) | bit
            bit <<= 1
        return found

    @cached_property
    def _masks(self) -> dict[NodeKey, int]:
        table = self.table
        found: dict[NodeKey, int] = {ROOT: self.full}
        models: dict[tuple[Key, Key], int] = {}
        for row, mask in zip(self.rows, self.row_masks, strict=True):
            pair = (table.make_keys[row], table.model_keys[row])
            models[pair] = models.get(pair, 0) | mask
            found[Level.ROW.value, table.rows[row].vehicle_id] = mask
        for (make, model), mask in models.items():
            found[Level.MAKE.value, make] = found.get((Level.MAKE.value, make), 0) | mask
            found[Level.MODEL.value, make, model] = mask
            for year, of_year in self._by_year.items():
                if year is not None and mask & of_year:
                    found[Level.BASE.value, make, model, year] = mask & of_year
        return found

    def _whole_models(self) -> list[tuple[Key, Key]] | None:
        rows: dict[tuple[Key, Key], int] = {}
        for row in self.rows:
            pair = (self.table.make_keys[row], self.table.model_keys[row])
            rows[pair] = rows.get(pair, 0) + 1
        whole = all(len(self.table.models[pair]) == count for pair, count in rows.items())
        return list(rows) if whole else None

    def _folded(self, models: list[tuple[Key, Key]]) -> tuple[NodeKey, ...]:
        by_make: dict[Key, list[tuple[Key, Key]]] = {}
        for pair in models:
            by_make.setdefault(pair[0], []).append(pair)
        nodes: list[NodeKey] = []
        for make, pairs in by_make.items():
            if sum(len(self.table.models[pair]) for pair in pairs) == len(self.table.rows_by_make[make]):
                nodes.append((Level.MAKE.value, make))
            else:
                nodes.extend((Level.MODEL.value, *pair) for pair in pairs)
        return tuple(nodes)

    def _whole_bases(self) -> tuple[NodeKey, ...] | None:
        """None where a row of unknown year takes the year, or where a name picked some rows of a base vehicle only."""
        table = self.table
        if not table.rows_by_year[1].isdisjoint(self.rows):
            return None
        counts: dict[NodeKey, int] = {}
        for row, year in self.pairs:
            if year is not None:
                base = (Level.BASE.value, table.make_keys[row], table.model_keys[row], year)
                counts[base] = counts.get(base, 0) + 1
        whole = all(len(candidates_under(table, base)) == count for base, count in counts.items())
        return tuple(counts) if whole and len(counts) <= MOST_BASES else None

    def _whole_make_years(self) -> tuple[NodeKey, ...] | None:
        """None where no row names a candidate's year, as when only a row of unknown year takes it."""
        years = self.query.keys("year") or frozenset()
        makes = {self.table.make_keys[row] for row in self.rows}
        unknown = not self.table.rows_by_year[1].isdisjoint(self.rows)
        if unknown and len(years) > 1:
            return None
        pairs = [(make, year) for make in sorted(makes, key=str) for year in sorted(years, key=str)]
        named = [pair for pair in pairs if pair in self.table.make_years]
        whole = bool(named) and (len(named) == len(pairs) or not unknown)
        return tuple((Level.MAKE_YEAR.value, *pair) for pair in named) if whole else None


def resolve(table: VehicleTable, query: VehicleQuery) -> CandidateSet:
    """Every candidate that nothing given contradicts; may be empty. Raises `UnknownVehicle`.

    A row of unknown year takes the year that was given: one candidate, of that year if it was a single one.
    """
    chosen = _chosen_rows(table, query)
    asked = query.keys("year")
    single = next(iter(asked)) if asked and len(asked) == 1 else None
    pairs: list[tuple[int, int | None]] = []
    for row in sorted(range(len(table.rows)) if chosen is None else chosen):
        if not query.built.open and contradict(table.rows[row].built, query.built):
            continue
        years = table.years_of(row)
        if years is None:
            if asked is None or asked:
                pairs.append((row, single if isinstance(single, int) else None))
        else:
            pairs.extend((row, year) for year in years if asked is None or year in asked)
    return CandidateSet(table, query, pairs)


def candidates_under(table: VehicleTable, node: NodeKey) -> CandidateSet:
    """The candidates of a node and what their rows alone know.

    A make-year holds the rows of unknown year too, as if the year had been given; a base vehicle does not.
    """
    level = Level(str(node[0]))
    match level:
        case Level.ROOT:
            rows: Iterable[int] = range(len(table.rows))
        case Level.MAKE | Level.MAKE_YEAR:
            rows = table.rows_by_make.get(node[1], ())
        case Level.MODEL | Level.BASE:
            rows = table.models.get((node[1], node[2]), ())
        case _:
            rows = [row for row in [table.row_ids.get(str(node[1]))] if row is not None]
    only = node[-1] if level in (Level.MAKE_YEAR, Level.BASE) else None
    pairs: list[tuple[int, int | None]] = []
    for row in rows:
        years = table.years_of(row)
        if years is not None:
            pairs.extend((row, year) for year in years if only is None or year == only)
        elif level is Level.MAKE_YEAR and isinstance(only, int):
            pairs.append((row, only))
        elif level is not Level.BASE:
            pairs.append((row, None))
    return CandidateSet(table, VehicleQuery(), pairs)


def meet(one: Window, other: Window) -> Window:
    """Intersection of two windows that do not contradict each other."""
    starts = [start for start in (one.start, other.start) if start is not None]
    ends = [end for end in (one.end, other.end) if end is not None]
    return Window(max(starts, default=None), min(ends, default=None))


def contradict(one: Window, other: Window) -> bool:
    """True if no value lies in both windows."""
    both = meet(one, other)
    return both.start is not None and both.end is not None and both.start > both.end


def _chosen_rows(table: VehicleTable, query: VehicleQuery) -> frozenset[int] | None:
    chosen: frozenset[int] | None = None
    if query.vehicle_ids:
        chosen = frozenset(map(table.row_of, query.vehicle_ids))
    for one in sorted(query.given, key=_cost):
        if one.attribute == "year":
            by_year, unknown = table.rows_by_year
            years = (by_year.get(key, frozenset()) for key in one.keys if isinstance(key, int))
            found = unknown.union(*years) if chosen is None else chosen
        elif chosen is not None and len(chosen) < 200 and one.attribute not in ("make", "model"):
            found = frozenset(row for row in chosen if _silent_or_says(table, row, one.attribute, one.keys))
        else:
            found = table.rows_saying(one.attribute, one.keys)
        chosen = found if chosen is None else chosen & found
    for attribute in _said_twice(query):
        chosen = frozenset(row for row in chosen or () if _one_value_says_all(table, query, row, attribute))
    return chosen


def _said_twice(query: VehicleQuery) -> set[str]:
    names = [one.attribute for one in query.given if one.attribute != "year"]
    return {name for name in names if names.count(name) > 1}


def _one_value_says_all(table: VehicleTable, query: VehicleQuery, row: int, attribute: str) -> bool:
    """Several mentions of one attribute hold together: of the row's value, or where it has none of a common one."""
    has = table.value(row, attribute)
    common = query.keys(attribute)
    if has is None:
        return bool(common)
    return len(has) == 1 or not has.isdisjoint(common or ())


def _cost(one: object) -> int:
    return {"model": 0, "make": 1, "year": 3}.get(getattr(one, "attribute", ""), 2)


def _silent_or_says(table: VehicleTable, row: int, attribute: str, keys: frozenset[Key]) -> bool:
    return table.value(row, attribute) is None or not keys.isdisjoint(table.spellings(row, attribute))
