"""Stock in memory as sorted columns: 20 bytes a row, immutable, changed by making new columns.

A row is (part, store, quantity). Parts are known by the 64-bit hash of their id in this process, so a million parts
cost no strings; two of a million share one with a probability of 3e-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = "NDArray[np.int64]"
UNKNOWN = -1  # quantity of a row that was taken back
_STORE_BITS = 20


@dataclass(frozen=True, slots=True)
class StockColumns:
    """`parts` are sorted hashes, `starts[i]:starts[i+1]` the rows of part i, `rows` their sorted rank and store."""

    stores: tuple[str, ...]
    parts: Ints
    starts: Ints
    rows: Ints
    quantities: NDArray[np.int32]

    @classmethod
    def empty(cls) -> StockColumns:
        """No rows."""
        none = np.empty(0, np.int64)
        return cls((), none, np.zeros(1, np.int64), none, np.empty(0, np.int32))

    def with_changes(self, changes: Sequence[tuple[str, str, int | None]]) -> StockColumns:
        """New columns with (part, store, quantity) rows set in their order; quantity None takes a row back."""
        if not changes:
            return self
        last = {(part, store): quantity for part, store, quantity in changes}
        stores = (*self.stores, *sorted({store for _, store in last} - set(self.stores)))
        number = {store: index for index, store in enumerate(stores)}
        hashes = _hashes(part for part, _ in last)
        places = np.fromiter((number[store] for _, store in last), np.int64, len(last))
        amounts = np.fromiter((_amount(quantity) for quantity in last.values()), np.int32, len(last))
        return self._grown(stores, hashes)._set(hashes, places, amounts)

    def of(self, part_id: str) -> dict[str, int]:
        """Known quantities by store."""
        start, stop = self._span(part_id)
        stores = self.stores
        mask = (1 << _STORE_BITS) - 1
        rows, quantities = self.rows[start:stop].tolist(), self.quantities[start:stop].tolist()
        return {stores[row & mask]: held for row, held in zip(rows, quantities, strict=True) if held != UNKNOWN}

    def at_store(self, part_ids: Sequence[str], store: str) -> NDArray[np.float64]:
        """Quantity of each part at one store, NaN where unknown."""
        found = np.full(len(part_ids), np.nan)
        if store not in self.stores or not len(self.rows):
            return found
        rank, known = self._ranks(_hashes(part_ids))
        wanted = (rank << _STORE_BITS) | self.stores.index(store)
        row = np.minimum(np.searchsorted(self.rows, wanted), len(self.rows) - 1)
        held = self.quantities[row]
        hit = known & (self.rows[row] == wanted) & (held != UNKNOWN)
        found[hit] = held[hit]
        return found

    def anywhere(self, part_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Whether any store has some of each part."""
        owner, row = self._rows_of(part_ids)
        found = np.zeros(len(part_ids), np.bool_)
        found[owner[self.quantities[row] > 0]] = True
        return found

    def most(self, part_ids: Sequence[str]) -> NDArray[np.float64]:
        """The greatest quantity that one store has of each part, NaN where nothing is known."""
        owner, row = self._rows_of(part_ids)
        told = self.quantities[row] != UNKNOWN
        found = np.full(len(part_ids), np.nan)
        np.fmax.at(found, owner[told], self.quantities[row[told]].astype(np.float64))
        return found

    def nearest(self, part_ids: Sequence[str], kilometres: Mapping[str, float]) -> NDArray[np.float64]:
        """Distance to the nearest store that has some of each part, NaN where none of those in `kilometres` has."""
        away = np.array([kilometres.get(store, np.nan) for store in self.stores] or [np.nan])
        owner, row = self._rows_of(part_ids)
        held = self.quantities[row] > 0
        found = np.full(len(part_ids), np.nan)
        np.fmin.at(found, owner[held], away[self.rows[row[held]] & ((1 << _STORE_BITS) - 1)])
        return found

    def _rows_of(self, part_ids: Sequence[str]) -> tuple[Ints, Ints]:
        """Every row of the parts, as (index into `part_ids`, row)."""
        rank, known = self._ranks(_hashes(part_ids))
        owners = np.flatnonzero(known)
        first, stop = self.starts[rank[owners]], self.starts[rank[owners] + 1]
        counts = stop - first
        row = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        return np.repeat(owners, counts), row

    def _span(self, part_id: str) -> tuple[int, int]:
        wanted = hash(part_id)
        rank = int(np.searchsorted(self.parts, wanted))
        if rank == len(self.parts) or int(self.parts[rank]) != wanted:
            return 0, 0
        return int(self.starts[rank]), int(self.starts[rank + 1])

    def _ranks(self, hashes: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        if not len(self.parts):
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), np.bool_)
        rank = np.minimum(np.searchsorted(self.parts, hashes), len(self.parts) - 1)
        return rank, self.parts[rank] == hashes

    def _grown(self, stores: tuple[str, ...], hashes: Ints) -> StockColumns:
        """The same rows with room for more parts and stores."""
        new = np.unique(hashes[~self._ranks(hashes)[1]])
        if not len(new):
            return StockColumns(stores, self.parts, self.starts, self.rows, self.quantities)
        parts = np.insert(self.parts, np.searchsorted(self.parts, new), new)
        moved = np.searchsorted(parts, self.parts)
        old_rank, store = self.rows >> _STORE_BITS, self.rows & ((1 << _STORE_BITS) - 1)
        rows = (moved[old_rank] << _STORE_BITS) | store if len(self.rows) else self.rows
        return StockColumns(stores, parts, _starts(len(parts), rows), rows, self.quantities)

    def _set(self, hashes: Ints, places: Ints, amounts: NDArray[np.int32]) -> StockColumns:
        """Every part is there already; (part, store) pairs are distinct."""
        wanted = (np.searchsorted(self.parts, hashes) << _STORE_BITS) | places
        order = np.argsort(wanted)
        wanted, amounts = wanted[order], amounts[order]
        at = np.searchsorted(self.rows, wanted)
        old = np.zeros(len(wanted), np.bool_)
        inside = at < len(self.rows)
        old[inside] = self.rows[at[inside]] == wanted[inside]
        quantities = self.quantities.copy()
        quantities[at[old]] = amounts[old]
        if old.all():
            return StockColumns(self.stores, self.parts, self.starts, self.rows, quantities)
        rows = np.insert(self.rows, at[~old], wanted[~old])
        quantities = np.insert(quantities, at[~old], amounts[~old])
        return StockColumns(self.stores, self.parts, _starts(len(self.parts), rows), rows, quantities)


def _hashes(part_ids: Iterable[str]) -> Ints:
    return np.array([hash(part_id) for part_id in part_ids], np.int64)


def _amount(quantity: int | None) -> int:
    return UNKNOWN if quantity is None else min(quantity, 2**31 - 1)


def _starts(parts: int, rows: Ints) -> Ints:
    return np.searchsorted(rows, np.arange(parts + 1, dtype=np.int64) << _STORE_BITS)
