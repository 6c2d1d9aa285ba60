"""What narrows a search besides the vehicle: the caller's filters and what the text was read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fitment_rules.model import Scalar, key_of
from fitment_rules.places import places
from indexers import schema
from indexers.engine.plan import AnyOf, Filter, Not, Prefix
from indexers.generation import Generation
from indexers.vocabulary import Vocabulary
from search_service.live.model import ONLINE
from search_service.live.view import LiveView, Snapshot
from search_service.part_numbers import living
from search_service.request import SearchRequest, price_range
from search_service.retrieval import Wanted, all_of, one_of, place_filter, price_filter
from search_service.text_query import about, text_query
from search_service.understanding.intent import Group, Kind, QueryIntent

ANY_STORE = "any"

MOSTLY_OUTSIDE = 0.2
"""Share of parts of types outside the vocabulary from which words find parts as well as types do."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What filters are resolved against: one generation, the vocabulary, the live state.

    `outside` is the share of parts whose part type the vocabulary lacks.
    """

    generation: Generation
    vocabulary: Vocabulary
    live: Snapshot
    view: LiveView
    brands: Mapping[str, tuple[str, ...]]
    stock_sequence: int = 0
    outside: float = 0.0

    def brands_named(self, text: str) -> tuple[str, ...]:
        """The catalogue's spellings of a brand, whatever its case; the text itself if it has none."""
        return self.brands.get(text.casefold(), (text,))


@dataclass(frozen=True, slots=True)
class Applied:
    """What of the text acts as a filter; a looser step clears some of it. `more` are sizes that only order.

    `number` is a part number of the catalogue; `number_start` one that it does not have, which may be the beginning of
    another. `living` are parts (ordinals) that `number` was replaced by. `categories` stand for part types of which
    there are none.
    """

    part_types: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    number: str | None = None
    number_start: str | None = None
    living: tuple[int, ...] = ()
    brand: str | None = None
    quality: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    required: int = 0
    more: tuple[Group, ...] = ()
    categories: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def applied_from(intent: QueryIntent, request: SearchRequest, confidence: float, reach: Reach) -> Applied:
    """What of the intent acts as a filter: readings sure enough, where the caller gave none of his own.

    Where most part types are unknown, every word of content is looked for instead, and so is a brand the catalogue
    does not have.
    """
    given = request.filters
    types = tuple(one.id for one in intent.part_types if one.confidence >= confidence)
    groups = tuple(group for group in intent.groups if group.needed)
    required = len(groups)
    more = tuple(group for group in intent.groups if group.kind == "spec" and not group.needed)
    brand = intent.brand
    if reach.outside >= MOSTLY_OUTSIDE:
        brand = brand if brand and brand.casefold() in reach.brands else None
        readings = () if "part_type" in request.ignore else intent.part_types
        kinds: tuple[Kind, ...] = () if brand else ("brand",)
        groups, more = about(intent.groups, readings, kinds), ()
        required = min(1, len(groups))
    number = intent.part_number
    known = number is not None and number.known
    return Applied(
        part_types=() if "part_type" in given or "part_type" in request.ignore or known else types,
        positions=() if "position" in given or "position" in request.ignore else intent.positions,
        number=number.key if number is not None and known else None,
        number_start=number.key if number is not None and not known else None,
        living=living(reach.generation, number.key) if number is not None and known else (),
        brand=None if "brand" in given or known else brand,
        quality=() if "quality" in given or known else intent.quality,
        groups=() if known else groups,
        required=0 if known else required,
        more=() if known else more,
    )


def want(request: SearchRequest, applied: Applied, reach: Reach, hidden: Sequence[Filter] = ()) -> Wanted:
    """Text query and filters of one reading."""
    always = list(hidden)
    if applied.part_types and not (reach.outside >= MOSTLY_OUTSIDE and applied.required):
        always.append(_of_types(applied, reach.outside))
    if applied.number:
        own = AnyOf(schema.NUMBER_EXACT.name, (applied.number,))
        always.append(one_of(own, AnyOf(schema.ORD.name, applied.living)) if applied.living else own)
    if applied.number_start:
        always.append(Prefix(schema.NUMBER_EXACT.name, applied.number_start))
    if applied.categories:
        always.append(AnyOf(schema.CATEGORY.name, applied.categories))
    if applied.brand:
        always.append(AnyOf(schema.BRAND.name, reach.brands_named(applied.brand)))
    if applied.quality:
        always.append(AnyOf(schema.QUALITY.name, applied.quality))
    by_field = {name: _filter(name, values, reach) for name, values in request.filters.items()}
    if applied.positions and "position" not in by_field:
        always.append(place_filter(schema.PLACE.name, applied.positions))
    return Wanted(text_query(applied.groups, applied.required, applied.more), tuple(always), by_field)


def _of_types(applied: Applied, outside: float) -> Filter:
    """Parts of the types, also those only their title says it of; where most are such and words must be found as well,
    also those no title tells of."""
    own = AnyOf(schema.PART_TYPE.name, applied.part_types)
    if not outside:
        return own
    unread = (schema.UNREAD,) if outside >= MOSTLY_OUTSIDE and applied.required else ()
    return one_of(own, AnyOf(schema.READ_TYPE.name, (*applied.part_types, *unread)))


def asked_places(request: SearchRequest, applied: Applied) -> tuple[str, ...]:
    """Places that the caller, else the text, asks for; canonical."""
    given = request.filters.get("position")
    return places(map(str, given)) if given else applied.positions


def available(reach: Reach, stores: Sequence[str]) -> Filter:
    """Documents with stock at one of the stores now: what the build knew, corrected by what changed since."""
    generation, live = reach.generation, reach.live
    folded: Filter = AnyOf(schema.STOCKED.name, tuple(stores))
    changed = sorted(reach.view.changed_since(reach.stock_sequence))
    if not changed:
        return folded
    ordinals = generation.ordinals(changed)
    held = [any(live.stock(part_id).get(store, 0) > 0 for store in stores) for part_id in changed]
    known = tuple(int(one) for one in ordinals if one >= 0)
    stocked = tuple(int(one) for one, has in zip(ordinals, held, strict=True) if has and one >= 0)
    return one_of(all_of(folded, Not(AnyOf(schema.ORD.name, known))), AnyOf(schema.ORD.name, stocked))


def _filter(name: str, values: Sequence[Scalar], reach: Reach) -> Filter:
    texts = [str(value) for value in values]
    match name:
        case "brand":
            return AnyOf(schema.BRAND.name, tuple(one for text in texts for one in reach.brands_named(text)))
        case "part_type":
            return AnyOf(schema.PART_TYPE.name, tuple(reach.vocabulary.id_of(text) for text in texts))
        case "category":
            return AnyOf(schema.CATEGORY.name, tuple(texts))
        case "position":
            return place_filter(schema.PLACE.name, places(texts))
        case "quality":
            return AnyOf(schema.QUALITY.name, tuple(texts))
        case "price":
            ranges = [price_range(text) for text in texts]
            return one_of(*(price_filter(*bounds) for bounds in ranges if bounds is not None))
        case "available":
            return one_of(*(available(reach, _stores(text, reach)) for text in texts))
        case _:
            attribute = name.removeprefix("attr.")
            return AnyOf(schema.ATTRIBUTE.name, tuple(f"{attribute}={key_of(value)}" for value in values))


def _stores(text: str, reach: Reach) -> tuple[str, ...]:
    if text == ANY_STORE:
        return tuple(dict.fromkeys((ONLINE, *reach.live.columns.stores, *reach.live.stores)))
    return (text,)
