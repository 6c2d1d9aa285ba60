"""From what was understood and what was asked of the vehicle to a `SearchPlan`. Pure: no engine, no HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fitment_rules.compile import cover_id, touch_id
from fitment_rules.judge import Asked, SlotSet
from fitment_rules.model import Verdict
from fitment_rules.places import PLACE_IDS, PLACES, agrees
from fitment_rules.vehicles import NodeKey
from indexers import schema
from indexers.engine.plan import (
    AllOf,
    AnyOf,
    Band,
    Between,
    Count,
    Everything,
    Facet,
    Filter,
    Not,
    Nothing,
    OneOf,
    Order,
    Runs,
    SearchPlan,
    TextQuery,
)  # fmt: skip

SHORT_RUN = 3
"""Consecutive slot ids from this many on are asked for as a run; fewer as single ids."""

ALL_MATCHING = "all"
"""Name of the count of everything under text and filters, whatever its verdict."""

MODES: dict[str, tuple[Verdict, ...]] = {
    "default": (Verdict.FITS, Verdict.UNIVERSAL, Verdict.NEEDS_INFO),
    "strict": (Verdict.FITS, Verdict.UNIVERSAL),
    "all": tuple(Verdict),
}

UNBANDED = "unbanded"
"""Name of the only band of a search without a vehicle."""

PRICE_EDGES = (50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
PRICE_RANGES = tuple(zip((None, *PRICE_EDGES), (*PRICE_EDGES, None), strict=True))


@dataclass(frozen=True, slots=True)
class FitFilters:
    """Engine filters for one vehicle query: *could* match, *fits*, *universal* (at the place asked)."""

    could: Filter
    fits: Filter
    universal: Filter
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that narrows a search but the vehicle: text and one filter per facet field (by its name)."""

    text: TextQuery | None = None
    always: tuple[Filter, ...] = ()
    by_field: dict[str, Filter] = field(default_factory=dict)

    def filter(self, without: str | None = None) -> Filter:
        """All filters, but for the one on the field `without`."""
        return all_of(*self.always, *(one for name, one in self.by_field.items() if name != without))


def fit_filters(asked: Asked, broad: int) -> FitFilters:
    """Filters over slots, or over whole nodes where the candidates are just those.

    Several places asked may be covered by different applications, which `covers` of one place cannot say: slots then.
    Above `broad` vehicles that are no whole node, *fits* is withheld: everything possible is open.
    """
    universal = _universal(asked.asked_places)
    whole = asked.candidates.whole
    if whole is not None and len(asked.asked_places) < 2:
        return FitFilters(_touches(asked, whole), _covers(asked, whole), universal)
    could = _slots(asked.possible)
    if len(asked.candidates.rows) > broad:
        return FitFilters(could, Nothing(), universal, withheld=True)
    fit = asked.filter
    fits: list[Filter] = [_slots(fit.always)]
    if fit.groups:
        fits.append(all_of(*(_slots(group) for group in fit.groups)))
    return FitFilters(could, one_of(*fits), universal)


def band_filters(fit: FitFilters) -> dict[Verdict, Filter]:
    """Disjoint filters that together hold every document, one a verdict."""
    none_known = AnyOf(schema.FITMENT.name, ("none", "quarantined"))
    rest = (Not(fit.could), Not(fit.universal))
    return {
        Verdict.FITS: fit.fits,
        Verdict.UNIVERSAL: all_of(fit.universal, Not(fit.fits)),
        Verdict.NEEDS_INFO: all_of(fit.could, Not(fit.fits), Not(fit.universal)),
        Verdict.NO_DATA: all_of(none_known, *rest),
        Verdict.DOES_NOT_FIT: all_of(Not(none_known), *rest),
    }


def returned(fit: FitFilters, mode: str) -> Filter:
    """What a mode can return, as one filter."""
    match mode:
        case "strict":
            return one_of(fit.fits, fit.universal)
        case "default":
            return one_of(fit.could, fit.universal)
        case _:
            return Everything()


def make_plan(
    wanted: Wanted,
    fit: FitFilters | None,
    mode: str,
    *,
    limit: int,
    order: Order,
    facets: Sequence[str],
    unplaced: FitFilters | None = None,
) -> SearchPlan:
    """The plan of a first page. `unplaced` is `fit` as if no position had been asked, for the position facet."""
    base = wanted.filter()
    if fit is None:
        bands: tuple[Band, ...] = (Band(UNBANDED, Everything()),)
        counts: tuple[Count, ...] = (Count(ALL_MATCHING, base),)
        shown: Filter = base
    else:
        filters = band_filters(fit)
        bands = tuple(Band(verdict.value, filters[verdict]) for verdict in MODES[mode])
        told = (Verdict.FITS, Verdict.UNIVERSAL, Verdict.NEEDS_INFO, Verdict.NO_DATA)
        counts = (
            Count(ALL_MATCHING, base),
            *(Count(verdict.value, all_of(base, filters[verdict])) for verdict in told),
        )
        shown = all_of(base, returned(fit, mode))
    return SearchPlan(
        filter=base,
        bands=bands,
        limit=limit,
        text=wanted.text,
        order=order,
        counts=counts,
        facets=tuple(_facet(name, wanted, fit, unplaced, mode, shown) for name in facets),
    )


def _facet(
    name: str, wanted: Wanted, fit: FitFilters | None, unplaced: FitFilters | None, mode: str, shown: Filter
) -> Facet:
    own = name in wanted.by_field
    filters = unplaced if name == schema.POSITION.name and unplaced is not None else fit
    if own or filters is not fit:
        shown = all_of(wanted.filter(without=name), returned(filters, mode) if filters else Everything())
    if name == schema.PRICE.name:
        return Facet(name, name, shown, ranges=PRICE_RANGES)
    if name.startswith("attr."):
        return Facet(name, schema.ATTRIBUTE.name, shown, size=1000, prefix=f"{name.removeprefix('attr.')}=")
    return Facet(name, name, shown, size=1000)


def place_filter(field_name: str, asked: Iterable[str]) -> Filter:
    """Documents of which some place in the field agrees with an asked one."""
    wanted = tuple(asked)
    agreeing = tuple(name for name in PLACES if name and agrees((name,), wanted))
    return AnyOf(field_name, (schema.ANYWHERE, *agreeing))


def all_of(*filters: Filter) -> Filter:
    """Conjunction without what changes nothing."""
    useful = tuple(dict.fromkeys(one for one in filters if not isinstance(one, Everything)))
    if any(isinstance(one, Nothing) for one in useful):
        return Nothing()
    return useful[0] if len(useful) == 1 else AllOf(useful) if useful else Everything()


def one_of(*filters: Filter) -> Filter:
    """Disjunction without what changes nothing."""
    useful = tuple(dict.fromkeys(one for one in filters if not isinstance(one, Nothing)))
    if any(isinstance(one, Everything) for one in useful):
        return Everything()
    return useful[0] if len(useful) == 1 else OneOf(useful) if useful else Nothing()


def price_filter(low: float | None, high: float | None) -> Filter:
    """Prices from `low` to `high`, both inclusive."""
    return Between(schema.PRICE.name, low, high)


def _universal(asked_places: tuple[str, ...]) -> Filter:
    declared = AnyOf(schema.FITMENT.name, ("universal",))
    return all_of(declared, place_filter(schema.OWN_PLACE.name, asked_places)) if asked_places else declared


def _slots(slots: SlotSet) -> Filter:
    return one_of(*_ids(schema.SLOTS.name, slots.plain), *_ids(schema.NOTE_SLOTS.name, slots.noted))


def _ids(field_name: str, ids: Sequence[int]) -> Iterable[Filter]:
    runs = _runs(ids)
    long = tuple(run for run in runs if run[1] - run[0] + 1 >= SHORT_RUN)
    single = tuple(one for low, high in runs if high - low + 1 < SHORT_RUN for one in range(low, high + 1))
    if long:
        yield Runs(field_name, long)
    if single:
        yield AnyOf(field_name, single)


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for one in ids:
        if runs and runs[-1][1] + 1 == one:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    return runs


def _touches(asked: Asked, nodes: Sequence[NodeKey]) -> Filter:
    ids = [asked.candidates.table.node_ids[node] for node in nodes]
    plain = AnyOf(schema.TOUCHES.name, tuple(map(touch_id, ids)))
    if not asked.asked_places:
        return plain
    agreeing = _agreeing_positions(asked)
    at_place = tuple(touch_id(node, position) for node in ids for position in agreeing)
    uniform = AnyOf(schema.UNIFORM_POSITION.name, agreeing)
    return one_of(all_of(plain, uniform), AnyOf(schema.TOUCHES.name, at_place))


def _covers(asked: Asked, nodes: Sequence[NodeKey]) -> Filter:
    ids = [asked.candidates.table.node_ids[node] for node in nodes]
    return all_of(*(_covers_node(asked, node) for node in ids))


def _covers_node(asked: Asked, node: int) -> Filter:
    plain = AnyOf(schema.COVERS.name, (cover_id(node),))
    if not asked.asked_places:
        return plain
    uniform = AnyOf(schema.UNIFORM_POSITION.name, _agreeing_positions(asked))
    at_place = AnyOf(schema.COVERS.name, tuple(cover_id(node, PLACE_IDS[one]) for one in asked.asked_places))
    return one_of(all_of(plain, uniform), at_place)


def _agreeing_positions(asked: Asked) -> tuple[int, ...]:
    positions = asked.slots.positions
    return tuple(index for index, one in enumerate(positions) if agrees(one, asked.asked_places))
