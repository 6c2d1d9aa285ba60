"""What there is to recommend for one vehicle, by part type: found once, kept as long as the vehicle is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexers.engine.plan import Hit
from search_service.runtime import Serving

LARGEST = 1000
"""Parts asked for at once; wished types that do not come up among so many are asked for again without the others."""

OF_TYPE = 6
"""Parts kept of one type, best rank first: a list shows two, the others give taste and stock a choice."""

OF_BRAND = 3
"""Of these, so many of one brand, so that a list can be filled without it."""

NEW_DAYS = 60
MOST_NEW = 30


@dataclass(frozen=True, slots=True)
class Shelf:
    """(band, hit) pairs by part type, in rank order; `fresh` are parts nobody could judge yet, newest first.

    `whole`: what is not here does not exist under these filters; else the types that lacked are added as they are
    asked for.
    """

    by_type: dict[str, list[tuple[int, Hit]]]
    fresh: tuple[tuple[int, Hit], ...]
    whole: bool

    def of(self, types: Iterable[str]) -> list[tuple[int, Hit]]:
        """The parts of some types."""
        return [pair for name in types for pair in self.by_type.get(name, ())]

    def types(self) -> Iterable[str]:
        """The types it has parts of, as far as it is known."""
        return self.by_type

    def add(self, serving: Serving, hits: Sequence[tuple[int, Hit]]) -> None:
        """Sort in hits of types that are not here yet, given in rank order inside ascending bands."""
        ordinals = np.fromiter((hit.ordinal for _, hit in hits), np.int64, len(hits))
        kept = of_type(serving, ordinals)
        for name, row in zip(serving.words_of("part_type", ordinals[kept]), kept.tolist(), strict=True):
            self.by_type.setdefault(name, []).append(hits[row])


def of_brand(serving: Serving, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of the parts, given in rank order, that are among the first `OF_BRAND` of their type and brand."""
    types, brands = (serving.generation.column(name)[ordinals].astype(np.int64) for name in ("part_type", "brand"))
    return np.flatnonzero(_place_in(types << 32 | (brands + 1)) < OF_BRAND)


def of_type(serving: Serving, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of those of them that are among the first `OF_TYPE` of their type then."""
    kept = of_brand(serving, ordinals)
    return kept[_place_in(serving.generation.column("part_type")[ordinals[kept]].astype(np.int64)) < OF_TYPE]


def _place_in(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of its group stand before each."""
    order = np.argsort(groups, kind="stable")
    begins = np.flatnonzero(np.diff(groups[order], prepend=groups[order[:1]] - 1))
    place = np.arange(len(groups))
    place[order] = place - np.repeat(begins, np.diff(np.append(begins, len(groups))))
    return place


def shelf_of(serving: Serving, hits: Sequence[tuple[int, Hit]], today: int) -> Shelf:
    """A shelf of hits, as `Shelf.add` takes them; `today` counts days as the catalogue's `listed` does."""
    ordinals = np.fromiter((hit.ordinal for _, hit in hits), np.int64, len(hits))
    new = np.flatnonzero(is_new(serving, ordinals, today))
    newest = new[np.argsort(-serving.generation.column("listed")[ordinals[new]], kind="stable")][:MOST_NEW]
    shelf = Shelf({}, tuple(hits[row] for row in newest.tolist()), len(hits) < LARGEST)
    shelf.add(serving, hits)
    return shelf


def is_new(serving: Serving, ordinals: NDArray[np.int64], today: int) -> NDArray[np.bool_]:
    """Parts listed lately; of those without a date the ones unknown to the model, as they came after its training."""
    listed = serving.generation.column("listed")[ordinals]
    age = today - listed
    new = np.asarray((listed > 0) & (age >= 0) & (age <= NEW_DAYS), np.bool_)
    undated = np.flatnonzero(listed == 0)
    if serving.model is not None and len(undated):
        new[undated] = serving.model_items(ordinals[undated]) < 0
    return new
