"""What a part is, as codes: part type, brand, quality and price level within its type.

Raw part numbers are too many for the events a parts shop sees (about 1.6 a customer), so taste is learnt on these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]

LEVELS = 5  # price levels within a part type, cheapest first; quintiles keep every level populated
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """Parts as parallel columns. `price` is in one currency, NaN unknown; names are compared as they are.

    `added` (days since 1970, NaN unknown) may be None, and so may `traits`: what else is known of a part, as texts such
    as `position=front`.
    """

    part_ids: Sequence[str]
    part_types: Sequence[str]
    brands: Sequence[str]
    qualities: Sequence[str]
    price: ArrayLike
    added: ArrayLike | None = None
    traits: Sequence[Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Coding:
    """Names and numbers: the code of a name is its place. `edges` are a type's inner price-level bounds, ascending."""

    part_types: tuple[str, ...]
    brands: tuple[str, ...]
    qualities: tuple[str, ...]
    edges: Singles  # types × (LEVELS - 1); NaN where a type has no prices

    def codes(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Name → code for types, brands and qualities."""
        return tuple({name: i for i, name in enumerate(names)} for names in self._names)  # type: ignore[return-value]

    @property
    def _names(self) -> tuple[tuple[str, ...], ...]:
        return self.part_types, self.brands, self.qualities


@dataclass(frozen=True, slots=True)
class Coded:
    """Codes of some parts, `UNKNOWN` (-1) where a name or price is not known to the coding."""

    part_type: Ints
    brand: Ints
    quality: Ints
    level: Ints

    def take(self, rows: NDArray[np.int64] | Ints) -> Coded:
        """The rows given, in that order."""
        return Coded(self.part_type.take(rows), self.brand.take(rows), self.quality.take(rows), self.level.take(rows))


@dataclass(frozen=True, slots=True)
class NameRows:
    """Rows of a table of names: a row of zeros before the brands, the qualities and the price levels each, on which the
    unknown (-1) falls."""

    brands: int
    qualities: int

    @classmethod
    def of(cls, coding: Coding) -> NameRows:
        """Those of a coding."""
        return cls(len(coding.brands), len(coding.qualities))

    @property
    def starts(self) -> tuple[int, int, int]:
        """First row of the brands, the qualities and the levels."""
        return 1, self.brands + 2, self.brands + self.qualities + 3

    @property
    def size(self) -> int:
        """How many rows such a table has."""
        return self.brands + self.qualities + LEVELS + 3

    def rows(self, parts: Coded) -> Ints:
        """3 × parts: the rows of the brands, the qualities and the levels."""
        return np.stack((parts.brand, parts.quality, parts.level)) + np.array(self.starts, np.int32)[:, None]


def learn_coding(items: ItemFeatures) -> Coding:
    """Names in sorted order, and the price quantiles of each type. Raises `ValueError` on ragged columns."""
    size = len(items.part_ids)
    price = np.asarray(items.price, np.float64)
    if not (len(items.part_types) == len(items.brands) == len(items.qualities) == len(price) == size):
        raise ValueError("item columns differ in length")
    types = tuple(sorted(set(items.part_types)))
    codes = code_of(items.part_types, {name: i for i, name in enumerate(types)})
    edges = np.full((len(types), LEVELS - 1), np.nan, np.float32)
    known = np.flatnonzero(np.isfinite(price) & (price > 0))
    order = known[np.argsort(codes[known], kind="stable")]
    bounds = np.searchsorted(codes[order], np.arange(len(types) + 1))
    for code in range(len(types)):
        rows = order[bounds[code] : bounds[code + 1]]
        if len(rows):
            edges[code] = np.quantile(price[rows], np.arange(1, LEVELS) / LEVELS)
    return Coding(types, tuple(sorted(set(items.brands))), tuple(sorted(set(items.qualities))), edges)


def code_of(names: Sequence[str], codes: Mapping[str, int]) -> Ints:
    """Codes of `names`, `UNKNOWN` for the others."""
    return np.fromiter(map(codes.get, names, repeat(UNKNOWN)), np.int32, len(names))


def level_of(part_type: Ints, price: ArrayLike, edges: Singles) -> Ints:
    """Price level 0..LEVELS-1 within the type; `UNKNOWN` without a price, a type, or prices of that type."""
    prices = np.asarray(price, np.float64)
    if not len(edges):
        return np.full(len(part_type), UNKNOWN, np.int32)
    bounds = edges[np.maximum(part_type, 0)]
    level = (prices[:, None] > bounds).sum(1).astype(np.int32)
    unknown = (part_type < 0) | ~np.isfinite(prices) | (prices <= 0) | np.isnan(bounds[:, 0])
    return np.where(unknown, UNKNOWN, level).astype(np.int32)
