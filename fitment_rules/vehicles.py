"""The vehicle table: rows, the nodes above them, and the candidates a vehicle query resolves to.

A **candidate** is one row in one model year (`year` `None` where the row has none). **Nodes** are the levels at which
an application can hang; their ids are dense and ascend by make, model, year, so that everything under a make, a model
or a base vehicle is one run of ids. Ids given to a table once are kept (`known_nodes`), later ones are appended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from fitment_rules.errors import InvalidVehicle, UnknownVehicle
from fitment_rules.model import OPEN, Key, Scalar, Vehicle, Window, key_of

NodeKey: TypeAlias = "tuple[Key, ...]"


class Level(StrEnum):
    """The kinds of node; the first element of every `NodeKey`."""

    ROOT = "root"
    MAKE = "make"
    MAKE_YEAR = "make_year"
    MODEL = "model"
    BASE = "base"
    ROW = "row"


ROOT: NodeKey = (Level.ROOT.value,)


@dataclass(frozen=True, slots=True)
class Given:
    """One thing the caller said: the attribute is one of `keys`. Several for one attribute AND together.

    `shown` holds the values as said, for answers.
    """

    attribute: str
    keys: frozenset[Key]
    source: str = "caller"
    shown: tuple[Scalar, ...] = field(compare=False, default=())


@dataclass(frozen=True, slots=True)
class VehicleQuery:
    """What a caller knows, decoded and normalised.

    `given` holds every attribute that excludes (also what a VIN says safely; `year`, `make`, `model` included).
    `vehicle_ids` are exact ids, any of them. `built` is in days. `answers` maps note ids to yes/no.
    """

    given: tuple[Given, ...] = ()
    vehicle_ids: tuple[str, ...] = ()
    built: Window = OPEN
    vin_serial: str | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)

    def keys(self, attribute: str) -> frozenset[Key] | None:
        """What was said of an attribute, all mentions intersected; `None` if nothing was."""
        said = [one.keys for one in self.given if one.attribute == attribute]
        return frozenset.intersection(*said) if said else None


def given(attribute: str, *values: Scalar, source: str = "caller") -> Given:
    """A `Given` from raw values."""
    return Given(attribute, frozenset(map(key_of, values)), source, values)


class VehicleTable:
    """All rows of one generation. Immutable after construction; look-ups fill caches, which is safe under threads."""

    def __init__(
        self,
        rows: Sequence[Vehicle],
        horizon: Window,
        known_nodes: Mapping[NodeKey, int] | None = None,
        value_names: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`horizon` bounds the model years of rows with an open end (both ends given, inclusive).

        `value_names` are what ids are called, by attribute and id; they are told to people and compared with nothing.
        """
        self.value_names = value_names or {}
        self.rows = tuple(rows)
        self.horizon = horizon
        self.make_keys = [key_of(row.make) for row in self.rows]
        self.model_keys = [key_of(row.model) for row in self.rows]
        self.row_ids = {row.vehicle_id: index for index, row in enumerate(self.rows)}
        self._columns: dict[str, dict[int, frozenset[Key] | None]] = {}
        self._interned: dict[frozenset[Key], frozenset[Key]] = {}
        self.models: dict[tuple[Key, Key], list[int]] = {}
        for index, pair in enumerate(zip(self.make_keys, self.model_keys, strict=True)):
            if pair in self.models:
                self.models[pair].append(index)
            else:
                self.models[pair] = [index]
        self.node_ids = self._number(known_nodes or {})
        self.node_keys: list[NodeKey] = sorted(self.node_ids, key=self.node_ids.__getitem__)

    @property
    def node_count(self) -> int:
        """One more than the greatest node id."""
        return len(self.node_keys)

    def years_of(self, row: int) -> range | None:
        """The model years of a row, ends filled from the horizon; `None` is unknown."""
        years = self.rows[row].years
        if years.open:
            return None
        start = self.horizon.start if years.start is None else years.start
        end = self.horizon.end if years.end is None else years.end
        if start is None or end is None:
            raise InvalidVehicle("year_from", years.start, "open years need a horizon")
        return range(start, end + 1)

    def row_of(self, vehicle_id: str) -> int:
        """Index of a row. Raises `UnknownVehicle`."""
        try:
            return self.row_ids[vehicle_id]
        except KeyError:
            raise UnknownVehicle(vehicle_id) from None

    def value(self, row: int, attribute: str) -> frozenset[Key] | None:
        """What a row says of an attribute (not of `year`); `None` is unknown."""
        column = self._columns.setdefault(attribute, {})
        try:
            return column[row]
        except KeyError:
            keys = self._read(row, attribute)
            column[row] = keys if keys is None else self._interned.setdefault(keys, keys)
            return column[row]

    def spellings(self, row: int, attribute: str) -> frozenset[Key]:
        """Every way a caller may name a row's value: itself, its names in any language, a model's aliases."""
        vehicle = self.rows[row]
        if not vehicle.names and not vehicle.aliases:
            return self.value(row, attribute) or frozenset()
        said = {key_of(names[attribute]) for names in vehicle.names.values() if attribute in names}
        if attribute == "model":
            said.update(map(key_of, vehicle.aliases))
            said.update(key_of(names["series"]) for names in vehicle.names.values() if names.get("series"))
        return frozenset(said | (self.value(row, attribute) or frozenset()))

    @cached_property
    def makes_by_name(self) -> Mapping[Key, frozenset[Key]]:
        """Every spelling of a make → the makes it names."""
        found: dict[Key, set[Key]] = {}
        for row, make in enumerate(self.make_keys):
            for name in self.spellings(row, "make"):
                found.setdefault(name, set()).add(make)
        return {name: frozenset(makes) for name, makes in found.items()}

    @cached_property
    def rows_by_model_name(self) -> Mapping[Key, frozenset[int]]:
        """Every spelling of a model → the rows it names."""
        found: dict[Key, set[int]] = {}
        for row in range(len(self.rows)):
            for name in self.spellings(row, "model"):
                found.setdefault(name, set()).add(row)
        return {name: frozenset(rows) for name, rows in found.items()}

    @cached_property
    def rows_by_make(self) -> Mapping[Key, tuple[int, ...]]:
        """Rows of a make, ascending."""
        found: dict[Key, list[int]] = {}
        for row, make in enumerate(self.make_keys):
            found.setdefault(make, []).append(row)
        return {make: tuple(rows) for make, rows in found.items()}

    @cached_property
    def model_years(self) -> Mapping[tuple[Key, Key], tuple[tuple[int, ...], bool]]:
        """(make, model) → its model years, ascending, and whether some row's year is unknown."""
        found = {}
        for pair, rows in self.models.items():
            spans = [self.years_of(row) for row in rows]
            years = {year for span in spans for year in span or ()}
            found[pair] = (tuple(sorted(years)), None in spans)
        return found

    @cached_property
    def make_years(self) -> frozenset[tuple[Key, int]]:
        """Makes and the model years that their rows name; nodes may outlive them."""
        return frozenset((pair[0], year) for pair, (years, _) in self.model_years.items() for year in years)

    def rows_of_base(self, pair: tuple[Key, Key], year: int) -> Sequence[int]:
        """Rows of a make and model that are sold in a model year."""
        return self._base_rows.get((pair, year), ())

    @cached_property
    def _base_rows(self) -> Mapping[tuple[tuple[Key, Key], int], Sequence[int]]:
        found: dict[tuple[tuple[Key, Key], int], list[int]] = {}
        for pair, rows in self.models.items():
            for row in rows:
                for year in self.years_of(row) or ():
                    found.setdefault((pair, year), []).append(row)
        return found

    def rows_by_value(self, attribute: str) -> tuple[Mapping[Key, Sequence[int]], frozenset[int]]:
        """Rows by every spelling of their values of an attribute (not `year`), and the rows that have none."""
        return self._inverted(attribute)

    def rows_saying(self, attribute: str, keys: frozenset[Key]) -> frozenset[int]:
        """Rows that `keys` do not contradict in this attribute (not `year`): one names the row's, or it has none."""
        if attribute == "make":
            makes = {make for key in keys for make in self.makes_by_name.get(key, ())}
            return frozenset(row for make in makes for row in self.rows_by_make[make])
        if attribute == "model":
            return frozenset(row for key in keys for row in self.rows_by_model_name.get(key, ()))
        by_key, silent = self._inverted(attribute)
        return frozenset(row for key in keys for row in by_key.get(key, ())) | silent

    def keys_used(self, attribute: str) -> frozenset[Key]:
        """All values that rows have for an attribute (not `year`)."""
        found = self._keys_used.get(attribute)
        if found is None:
            found = self._keys_used[attribute] = frozenset(self._inverted(attribute)[0])
        return found

    @cached_property
    def _keys_used(self) -> dict[str, frozenset[Key]]:
        return {}

    def _inverted(self, attribute: str) -> tuple[Mapping[Key, Sequence[int]], frozenset[int]]:
        if attribute not in self._inversions:
            by_key: dict[Key, list[int]] = {}
            silent = []
            for row in range(len(self.rows)):
                named = self.rows[row].names or self.rows[row].aliases
                said = self.read(row, attribute)
                if not said:
                    silent.append(row)
                for key in self.spellings(row, attribute) if named else dict.fromkeys(map(key_of, said)):
                    by_key.setdefault(key, []).append(row)
            self._inversions[attribute] = (by_key, frozenset(silent))
        return self._inversions[attribute]

    @cached_property
    def _inversions(self) -> dict[str, tuple[Mapping[Key, Sequence[int]], frozenset[int]]]:
        return {}

    @cached_property
    def rows_by_year(self) -> tuple[Mapping[int, frozenset[int]], frozenset[int]]:
        """Model year → rows with it, and the rows of unknown year."""
        found: dict[int, set[int]] = {}
        unknown = set()
        for row in range(len(self.rows)):
            years = self.years_of(row)
            if years is None:
                unknown.add(row)
            for year in years or ():
                found.setdefault(year, set()).add(row)
        return {year: frozenset(rows) for year, rows in found.items()}, frozenset(unknown)

    @cached_property
    def built_windows(self) -> frozenset[Window]:
        """Distinct build windows of the rows that have one."""
        return frozenset(row.built for row in self.rows if not row.built.open)

    def uses(self, attribute: str, key: Key) -> bool:
        """True if some row says this of the attribute, under any spelling."""
        if attribute == "make":
            return key in self.makes_by_name
        if attribute == "model":
            return key in self.rows_by_model_name
        if attribute == "year":
            return key in self.rows_by_year[0]
        return key in self._inverted(attribute)[0]

    def read(self, row: int, attribute: str) -> tuple[Scalar, ...]:
        """A row's values of an attribute (not of `year`) as read; `()` is unknown."""
        vehicle = self.rows[row]
        if attribute in ("make", "model", "vehicle_id"):
            return (str(getattr(vehicle, attribute)),)
        value = vehicle.attributes.get(attribute)
        if value is None or value == "":
            return ()
        return value if isinstance(value, tuple) else (value,)

    def _read(self, row: int, attribute: str) -> frozenset[Key] | None:
        return frozenset(map(key_of, self.read(row, attribute))) or None

    def _number(self, known: Mapping[NodeKey, int]) -> dict[NodeKey, int]:
        ids = dict(known)
        for key in self._keys_in_order():
            if key not in ids:
                ids[key] = len(ids)
        return ids

    def _keys_in_order(self) -> Iterable[NodeKey]:
        yield ROOT
        by_make: dict[Key, list[tuple[Key, Key]]] = {}
        for pair in self.models:
            by_make.setdefault(pair[0], []).append(pair)
        for make in sorted(by_make, key=str):
            yield (Level.MAKE.value, make)
            pairs = sorted(by_make[make], key=lambda pair: str(pair[1]))
            years = {year for pair in pairs for row in self.models[pair] for year in self.years_of(row) or ()}
            yield from ((Level.MAKE_YEAR.value, make, year) for year in sorted(years))
            for pair in pairs:
                yield from self._model_keys_in_order(pair)

    def _model_keys_in_order(self, pair: tuple[Key, Key]) -> Iterable[NodeKey]:
        yield (Level.MODEL.value, *pair)
        rows_at: dict[int | None, list[int]] = {}
        years: set[int] = set()
        for row in self.models[pair]:
            span = self.years_of(row)
            rows_at.setdefault(None if span is None or not len(span) else span[0], []).append(row)
            years.update(span or ())
        yield from ((Level.ROW.value, self.rows[row].vehicle_id) for row in rows_at.get(None, ()))
        for year in sorted(years):
            yield (Level.BASE.value, *pair, year)
            yield from ((Level.ROW.value, self.rows[row].vehicle_id) for row in rows_at.get(year, ()))
