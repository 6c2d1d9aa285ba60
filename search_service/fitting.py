"""The parts of a vehicle, read from columns: its slots judged as numbers, the parts of each slot, no object a part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from fitment_rules.judge import Asked
from fitment_rules.vehicles import ROOT
from indexers.columns import Array, Int64s
from indexers.generation import Generation

WIDEST = 62
"""Candidates whose bits fit into one number; wider sets are the engine's."""

MOST_PAIRS = 200_000
"""Pairs of slot and part looked through for one vehicle, some milliseconds; above, the engine finds the best."""


class Fitting(NamedTuple):
    """Ordinals of the parts that fit all candidates, and of those that may fit some; disjoint, ascending.

    Universal parts are among them as their applications make them.
    """

    fits: Int64s
    open: Int64s


class _Judged(NamedTuple):
    """Slots that could match, and the candidates each is true for, as bits."""

    slots: Int64s
    true: Int64s


def fitting(generation: Generation, asked: Asked) -> Fitting | None:
    """What `Asked.verdict` says of every part; `None` where the engine has to find them.

    That is for very many candidates or parts, for places asked and for answered notes, whose slots are other ones.
    """
    if len(asked.candidates) > WIDEST or asked.answers_notes or asked.asked_places:
        return None
    judged = _judged(generation, asked)
    if generation.pairs_of(judged.slots) > MOST_PAIRS:
        return None
    owners, ordinals = generation.parts_of(judged.slots)
    full = asked.candidates.full
    together = np.zeros(generation.ordinal_count, np.min_scalar_type(full))
    np.bitwise_or.at(together, ordinals, judged.true[owners].astype(together.dtype))
    touched = np.zeros(generation.ordinal_count, np.bool_)
    touched[ordinals] = True
    fits = together == full
    return Fitting(np.flatnonzero(fits), np.flatnonzero(touched & ~fits))


def _judged(generation: Generation, asked: Asked) -> _Judged:
    slots, under = _near(generation, asked)
    conjunctions, of_slot = np.unique(generation.slot_conjunctions[slots], return_inverse=True)
    masks = np.array(asked.conjunctions(conjunctions.tolist()), np.int64).reshape(-1, 2)[of_slot]
    true, possible = masks[:, 0] & under, masks[:, 1] & under
    true[generation.slot_noted[slots] != 0] = 0
    near = possible != 0
    return _Judged(slots[near], true[near])


def _near(generation: Generation, asked: Asked) -> tuple[Int64s, Int64s]:
    """Slots at the nodes of the candidates that could match, each with the candidates under its node, as bits."""
    candidates, table = asked.candidates, asked.slots
    slots, under = list[Int64s](), list[int]()
    for node in candidates.nodes:
        node_id = candidates.table.node_ids.get(node)
        if node_id is not None:
            found = table.relevant(node_id, candidates) if node == ROOT else table.at(node_id)
            slots.append(_numbers(found))
            under.append(candidates.mask_of(node))
    lengths = [len(one) for one in slots]
    return np.concatenate(slots or [np.empty(0, np.int64)]), np.repeat(np.array(under, np.int64), lengths)


def _numbers(slots: Iterable[int]) -> Int64s:
    if isinstance(slots, range):
        return np.arange(slots.start, slots.stop)
    return np.fromiter(slots, np.int64)


def among(ordinals: Array, those: Int64s) -> Array:
    """Which are among `those`, which ascend."""
    if not len(those):
        return np.zeros(len(ordinals), np.bool_)
    at = np.minimum(np.searchsorted(those, ordinals), len(those) - 1)
    found: Array = those[at] == ordinals
    return found
