"""Factors of a part nobody has touched yet, from what it is: ridge regression from content to trained factors.

New parts and new stores have no acts; their part type, brand, quality, price level, position, attributes and vehicle
groups say where they belong. A part with few acts is mixed: n / (n + k) its own factors, the rest from content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.features import LEVELS, Coded

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

OWN_ACTS = 3.0  # acts at which a part's own factors count half


@dataclass(frozen=True, slots=True)
class Content:
    """`rows` (part types, brands, qualities, price levels, traits × factors) add up to a part's expected factors.

    A trait is a text such as `position=front` or `make=toyota`.
    """

    traits: tuple[str, ...]
    rows: Singles
    sizes: tuple[int, int, int]
    trait_row: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, traits: tuple[str, ...], rows: Singles, sizes: tuple[int, int, int]) -> Content:
        """`sizes` are the numbers of part types, brands and qualities."""
        return cls(traits, rows, sizes, {name: row for row, name in enumerate(traits)})

    def factors(self, parts: Coded, traits: Sequence[Sequence[str]] | None = None) -> Singles:
        """Expected factors, one row a part; what is unknown of a part adds nothing."""
        out = np.zeros((len(parts.part_type), self.rows.shape[1]), np.float32)
        (*named, rows), (*codes, columns) = cells(parts, self.sizes, self.trait_row, traits)
        for row, column in zip(named, codes, strict=True):
            out[row] += self.rows[column]  # a part has one type, brand, quality and level
        np.add.at(out, rows, self.rows[columns])  # but many traits
        return out


def mixed(own: Singles, content: Singles, acts: Floats) -> Singles:
    """n / (n + k) of the parts' own factors and the rest from content, one row a part."""
    share = (acts / (acts + OWN_ACTS)).astype(np.float32)[:, None]
    return np.asarray(share * own + (1 - share) * content, np.float32)


def cells(
    parts: Coded,
    sizes: tuple[int, int, int],
    trait_row: Mapping[str, int],
    traits: Sequence[Sequence[str]] | None,
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Where parts × (types, brands, qualities, levels, traits) is 1: rows and columns, an array for each kind."""
    starts = np.cumsum([0, *sizes, LEVELS])
    rows, columns = [], []
    for codes, start in zip((parts.part_type, parts.brand, parts.quality, parts.level), starts.tolist(), strict=False):
        known = np.flatnonzero(codes >= 0)
        rows.append(known)
        columns.append(codes[known].astype(np.int64) + start)
    pairs = [(row, trait_row[name]) for row, one in enumerate(traits or ()) for name in set(one) if name in trait_row]
    named = np.array(pairs, np.int64).reshape(-1, 2)
    rows.append(named[:, 0])
    columns.append(named[:, 1] + int(starts[-1]))
    return rows, columns
