"""The part that `bought_together` and `similar` start from: where it goes, which cars it shares, what replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fitment_rules.compile import touch_id
from fitment_rules.judge import Asked
from fitment_rules.places import places
from fitment_rules.vehicles import ROOT, Level, VehicleTable
from indexers import schema
from indexers.columns import Int64s
from indexers.engine.plan import AnyOf, Everything, Filter
from indexers.read_parts import number_keys
from indexers.rows import StoredPart
from ranking.recommend import alike
from search_service.errors import NotFound
from search_service.retrieval import one_of, place_filter
from search_service.runtime import Serving

MOST_NODES = 1000
"""Base vehicles that parts must share one of; a part that fits more is compared by its models."""

SAME_QUALITY, NEAR_PRICE, SAME_PEOPLE, INTERCHANGEABLE = 0.5, 0.5, 1.0, 2.0
"""What makes a substitute alike; a number in common says it outright."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """`places` are canonical: where it goes on the vehicle at hand, `()` everywhere. `twins` share a number with it."""

    ordinal: int
    part: StoredPart
    places: tuple[str, ...]
    twins: frozenset[int]


def anchor_of(serving: Serving, part_id: str, asked: Asked | None) -> Anchor:
    """Look a part up. Raises `NotFound`."""
    ordinal = serving.generation.ordinal(part_id)
    if ordinal is None:
        raise NotFound(f"There is no part {part_id!r}.")
    part = serving.generation.part(ordinal)
    keys = {key for group in number_keys(part) for key in group}
    twins = {match.ordinal for key in keys for match in serving.generation.number_lookup(key)} - {ordinal}
    return Anchor(ordinal, part, _places(serving, ordinal, asked), frozenset(twins))


def shared_cars(serving: Serving, anchor: Anchor) -> Filter:
    """Without a vehicle: parts that could fit some base vehicle which the anchor could fit, and universal ones."""
    nodes = _nodes(serving, anchor.ordinal)
    if nodes is None:
        return Everything()
    universal = AnyOf(schema.FITMENT.name, ("universal",))
    return one_of(AnyOf(schema.TOUCHES.name, tuple(map(touch_id, nodes))), universal)


def same_place(anchor: Anchor) -> Filter:
    """Parts of which some place agrees with the anchor's."""
    return place_filter(schema.PLACE.name, anchor.places) if anchor.places else Everything()


def likeness(serving: Serving, anchor: Anchor, ordinals: Int64s) -> Sequence[float]:
    """How good a substitute each part is: same numbers, same people, same quality, near in price. Never negative."""
    generation = serving.generation
    found = SAME_PEOPLE * alike(serving.model, anchor.part.part_id, generation.part_ids(ordinals.tolist()))
    found += INTERCHANGEABLE * np.isin(ordinals, list(anchor.twins))
    quality, price = generation.column("quality"), generation.column("price")
    found += SAME_QUALITY * (quality[ordinals] == quality[anchor.ordinal])
    own, others = float(price[anchor.ordinal]), price[ordinals].astype(np.float64)
    if own > 0:
        found += NEAR_PRICE * np.nan_to_num(np.minimum(own, others) / np.maximum(own, others))
    return [float(one) for one in found]


def _places(serving: Serving, ordinal: int, asked: Asked | None) -> tuple[str, ...]:
    """Where it goes on the vehicle by the applications that could match, else by the part itself."""
    own = serving.generation.part_position(ordinal)
    if asked is None:
        return own
    said = [one.application.position for one in serving.fits.judge(asked, ordinal).judged]
    return places(place for some in said for place in some) if said and all(said) else own


def _nodes(serving: Serving, ordinal: int) -> Sequence[int] | None:
    """Nodes its applications hang at or under; `None` without any, or if one says nothing of make and model."""
    plain, _ = serving.generation.part_slots(ordinal)
    table = serving.generation.vehicles
    hung = set(serving.generation.slot_nodes[list(plain)].tolist()) if plain else set()
    keys = [table.node_keys[node] for node in hung]
    if not keys or ROOT in keys:
        return None
    bases = {node for key in keys for node in _bases(table, key)}
    return sorted(bases if len(bases) <= MOST_NODES else {_model(table, node) for node in bases})


def _bases(table: VehicleTable, key: tuple[object, ...]) -> Sequence[int]:
    """A row's base vehicles; any other node itself."""
    if key[0] != Level.ROW.value:
        return (table.node_ids[key],)  # type: ignore[index]
    row = table.row_of(str(key[1]))
    pair = (table.make_keys[row], table.model_keys[row])
    years = table.years_of(row)
    if years is None:
        return (table.node_ids[(Level.MODEL.value, *pair)],)
    return [table.node_ids[(Level.BASE.value, *pair, year)] for year in years]


def _model(table: VehicleTable, node: int) -> int:
    key = table.node_keys[node]
    return table.node_ids[(Level.MODEL.value, key[1], key[2])] if key[0] == Level.BASE.value else node
