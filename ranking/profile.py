"""What a request says of a customer and of the parts to be scored for him, and what is kept of him for its length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranking.features import Coded
from ranking.interactions import Action

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MAX_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Past:
    """One act of a customer. Names and price matter only for parts the model does not know (listed since)."""

    part_id: str
    action: str
    days_ago: float
    part_type: str = ""
    brand: str = ""
    quality: str = ""
    price: float = math.nan


@dataclass(frozen=True, slots=True)
class Candidates:
    """Parts to be scored, as parallel columns; names as in the parts file, price NaN unknown.

    `traits` (as in `ItemFeatures`) matter only for parts the model does not know. `items` are the model's numbers of
    the parts (-1 = unknown) where the caller has them already; else they are looked up by id.
    """

    part_ids: Sequence[str]
    part_types: Sequence[str]
    brands: Sequence[str]
    qualities: Sequence[str]
    price: ArrayLike
    traits: Sequence[Sequence[str]] | None = None
    items: Ints | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is remembered of a customer for one request. `weight` is strength × decay; newest first.

    `own_items` ascend, with `own` the weight of his acts on each; so do `walk_items`, the parts next to those, with
    their summed strength. `named` says of every name (`NameRows`) how much he likes it: by his taste, by his lift of
    the brand, by his factors. `vector` is his fold-in (None when the model has no factors or he did nothing the model
    knows).
    """

    items: Ints
    coded: Coded
    weight: Floats
    actions: tuple[Action, ...]
    days_ago: Floats
    own_items: Ints
    own: Floats
    walk_items: Ints
    walk: Floats
    named: Floats
    vector: Singles | None

    @property
    def empty(self) -> bool:
        """True for a customer without a usable act: every score is 0 and popularity decides."""
        return not len(self.items)
