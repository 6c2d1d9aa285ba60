"""Which promotion holds for a part, and what the part costs then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from search_service.live.model import ONLINE, Price, Promotion

WHOLE_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})  # currencies without decimals (ISO 4217 exponent 0)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What promotions can match a part by. `part_type` and `category` hold ids and names, in any case."""

    part_id: str
    brand: str = ""
    part_type: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    quality: str | None = None

    def values(self, name: str) -> tuple[str, ...]:
        """The part's values of one matchable field."""
        value: str | tuple[str, ...] | None = getattr(self, name)
        return value if isinstance(value, tuple) else () if value is None else (value,)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys when and where. No store is the web shop."""

    at: int
    store: str | None = None
    member_level: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion that holds, and the price with it; None where the part has no price or the kind lowers none."""

    promotion: Promotion
    price_after: Price | None


@dataclass(frozen=True, slots=True)
class PromotionBook:
    """Every promotion, found by part."""

    by_part: dict[str, list[Promotion]] = field(default_factory=dict)
    by_match: tuple[Promotion, ...] = ()
    _matching: dict[tuple[object, ...], list[Promotion]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, promotions: Iterable[Promotion]) -> PromotionBook:
        """Index promotions."""
        by_part: dict[str, list[Promotion]] = {}
        matching = []
        for promotion in promotions:
            for part_id in promotion.part_ids:
                by_part.setdefault(part_id, []).append(promotion)
            if not promotion.part_ids:
                matching.append(promotion)
        return cls(by_part, tuple(matching))

    def _described(self, part: PartFacts) -> list[Promotion]:
        """Promotions that match by description; parts of one brand, type and quality are matched once."""
        key = (part.brand, part.part_type, part.category, part.quality)
        found = self._matching.get(key)
        if found is None:
            found = self._matching[key] = [p for p in self.by_match if _matches(p, part)]
        return found

    def best(self, part: PartFacts, buyer: Buyer, price: Price | None) -> Offer | None:
        """The offer with the lowest price; one that lowers none only if there is no other; ties by promotion id."""
        holding = [p for p in self.by_part.get(part.part_id, ()) if _holds(p, buyer)]
        holding += [p for p in self._described(part) if _holds(p, buyer)]
        offers = [Offer(promotion, price_after(promotion, price)) for promotion in holding]
        return min(offers, key=_rank, default=None)


def price_after(promotion: Promotion, price: Price | None) -> Price | None:
    """The lowered price, rounded half up to the currency's smallest unit; never above the price, never below zero."""
    if price is None or promotion.value is None or promotion.currency not in (None, price.currency):
        return None
    before, value = Decimal(repr(price.amount)), Decimal(repr(promotion.value))
    match promotion.kind:
        case "percent":
            after = before * (100 - value) / 100
        case "amount":
            after = before - value
        case "price":
            after = value
        case _:
            return None
    unit = Decimal(1) if price.currency in WHOLE_UNITS else Decimal("0.01")
    lowered = min(before, max(Decimal(0), after.quantize(unit, ROUND_HALF_UP)))
    return Price(float(lowered), price.currency)


def label(promotion: Promotion, lang: str) -> str:
    """What to print on the badge: the promotion's own label, else one made from its kind."""
    own = promotion.label.get(lang) or next(iter(promotion.label.values()), "")
    if own or promotion.value is None:
        return own or promotion.kind
    value = f"{promotion.value:g}"
    made = {
        "percent": {"en": f"{value} % off", "zh": f"优惠 {value}%"},
        "amount": {"en": f"{value} off", "zh": f"立减 {value}"},
        "price": {"en": f"now {value}", "zh": f"特价 {value}"},
    }
    return made.get(promotion.kind, {}).get(lang, promotion.kind)


def _rank(offer: Offer) -> tuple[bool, float, str]:
    after = offer.price_after
    return after is None, 0.0 if after is None else after.amount, offer.promotion.promotion_id


def _holds(promotion: Promotion, buyer: Buyer) -> bool:
    if promotion.start is not None and buyer.at < promotion.start:
        return False
    if promotion.end is not None and buyer.at > promotion.end:
        return False
    if promotion.stores and (buyer.store or ONLINE) not in promotion.stores:
        return False
    return not promotion.member_levels or buyer.member_level in promotion.member_levels


def _matches(promotion: Promotion, part: PartFacts) -> bool:
    for name, wanted in promotion.match.items():
        values = {value.casefold() for value in part.values(name)}
        if not any(value.casefold() in values for value in wanted):
            return False
    return True
