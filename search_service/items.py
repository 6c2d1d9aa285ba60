"""Parts as they are shown: stored row, live price, stock by store, promotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexers.rows import StoredPart
from search_service.live.model import ONLINE, Price
from search_service.live.promotions import Buyer, PartFacts, label
from search_service.live.view import Snapshot
from search_service.request import Person, Place
from search_service.wire import Availability, FitOut, Item, PromotionOut, StoreStock, TypeOut

MOST_STORES = 10
"""Stores listed with one part: the chosen one, then the nearest that have it."""

INSTALLS = "install"


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a customer stands: the live state, distances to stores (nearest first), who buys, in which language."""

    live: Snapshot
    distances: Mapping[str, float]
    buyer: Buyer
    store: str | None
    lang: str

    def price_of(self, part: StoredPart) -> Price | None:
        """The live price, else the catalogue's."""
        live = self.live.price(part.part_id)
        if live is not None:
            return live
        return None if part.price is None else Price(part.price.amount, part.price.currency or "CNY")

    def item(self, part: StoredPart, fit: FitOut, score: float, matched: list[str]) -> Item:
        """One part of a result."""
        price = self.price_of(part)
        return Item(
            part_id=part.part_id,
            brand=part.brand,
            part_number=part.part_number,
            part_type=TypeOut(part.part_type.id, part.part_type.name),
            position=part.position,
            title=title_of(part, self.lang),
            price=price_out(price),
            image=part.image,
            quality=part.quality,
            fit=fit,
            availability=self.availability(part.part_id),
            promotion=self.promotion(part, price),
            matched=matched,
            score=score,
        )

    def availability(self, part_id: str) -> Availability:
        """Stock online and in the stores that have it."""
        stock = self.live.stock(part_id)
        held = [store for store, quantity in stock.items() if store != ONLINE and quantity > 0]
        held.sort(key=lambda store: (store != self.store, self.distances.get(store, 1e9), store))
        return Availability(stock.get(ONLINE), [self._store(store, stock[store]) for store in held[:MOST_STORES]])

    def promotion(self, part: StoredPart, price: Price | None) -> PromotionOut | None:
        """The best promotion that holds for this customer now."""
        book = self.live.promotions
        if not book.by_part and not book.by_match:
            return None
        names = (part.part_type.id, *part.part_type.name.values())
        facts = PartFacts(part.part_id, part.brand, names, (), part.quality)
        offer = book.best(facts, self.buyer, price)
        if offer is None:
            return None
        found = offer.promotion
        after = price_out(offer.price_after)
        return PromotionOut(found.promotion_id, found.kind, label(found, self.lang), after, found.to or None)

    def _store(self, store_id: str, quantity: int) -> StoreStock:
        store = self.live.stores.get(store_id)
        distance = self.distances.get(store_id)
        installs = store is not None and INSTALLS in store.services
        away = None if distance is None else round(distance, 1)
        return StoreStock(store_id, quantity, away, installs, store.name if store is not None else {})


def counter_for(live: Snapshot, person: Person, place: Place, lang: str, now: int) -> Counter:
    """The counter for one request; `now` in milliseconds since 1970."""
    lat, lon = place.lat, place.lon
    chosen = live.stores.get(place.store) if place.store else None
    if lat is None and chosen is not None:
        lat, lon = chosen.lat, chosen.lon
    distances = live.places.kilometres(lat, lon) if lat is not None and lon is not None else {}
    buyer = Buyer(now, place.store, person.member_level)
    return Counter(live, distances, buyer, place.store, lang)


def title_of(part: StoredPart, lang: str) -> str:
    """The title in a language, else in any other."""
    return part.title.get(lang) or next(iter(part.title.values()), part.part_number)


def price_out(price: Price | None) -> dict[str, object] | None:
    """A price as it goes out."""
    return None if price is None else {"amount": price.amount, "currency": price.currency}
