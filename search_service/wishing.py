"""What a recommendation looks for: part types, best first, each with its reason; and the reason in words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fitment_rules.candidates import CandidateSet
from fitment_rules.judge import Asked
from ranking import recommend as models
from ranking.interactions import Action
from ranking.jobs import Interval
from ranking.profile import Past
from ranking.recommend import Because as Reason
from ranking.signals import Floats
from ranking.type_table import Car, Occasion
from search_service.runtime import Serving
from search_service.saying import type_name
from search_service.vehicle_groups import chain_of_rows
from search_service.wire import Because

SPARE = 2
"""Types wished for an item shown: some have no part that fits."""

HALF_A_YEAR = datetime.timedelta(days=182)


@dataclass(frozen=True, slots=True)
class Wish:
    """Part types to choose from, best first, as (score, reason).

    `open`: other types may fill what is left, but for those `held` back because they were just bought.
    """

    types: Mapping[str, tuple[float, Reason]]
    open: bool = False
    held: frozenset[str] = frozenset()

    @property
    def confidence(self) -> dict[str, float]:
        """Scores of the wished types between 0 and 1."""
        scores = [score for score, _ in self.types.values()]
        low, span = min(scores, default=0.0), (max(scores, default=0.0) - min(scores, default=0.0)) or 1.0
        return {name: (score - low) / span for name, (score, _) in self.types.items()}


def wish_for(
    serving: Serving,
    kind: str,
    history: Sequence[Past],
    occasion: Occasion,
    part_type: str,
    part_id: str | None,
    size: int,
    following: Floats | None = None,
) -> Wish:
    """The part types of one kind of recommendation; `part_type` and `part_id` are those it starts from, if any.

    `following` is where others went on to from the customer's latest parts (`Personal.next_types`).
    """
    types, most = serving.types, SPARE * size
    match kind:
        case "similar":
            return Wish({part_type: (1.0, Reason("similar", part_id, part_type))})
        case "bought_together":
            found = models.bought_together(types, part_type, part_id, most)
        case "next_service":
            found = models.next_service(types, history, occasion, most)
        case "for_you":
            found = models.for_you(types, history, occasion, most, following)
        case "for_vehicle":
            found = models.for_vehicle(types, history, occasion, most, following)
        case _:
            found = models.popular(types, occasion, most)
    wished = {one.part_type: (one.score, one.because) for one in found}
    if kind in ("next_service", "bought_together"):
        return Wish(wished)
    return Wish(wished, True, models.just_bought(types, history))


def occasion_of(
    serving: Serving,
    asked: Asked | None,
    today: datetime.date,
    latitude: float | None,
    store: str | None,
    km: float | None,
) -> Occasion:
    """The occasion of a request; south of the equator the season is that of half a year later."""
    day = today + HALF_A_YEAR if latitude is not None and latitude < 0 else today
    week = (day - day.replace(month=1, day=1)).days // 7
    if asked is None:
        return Occasion(day.month, week, region=store, car=Car(km=km))
    chain = asked.memo.get(_CHAIN)
    if chain is None:
        chain = asked.memo[_CHAIN] = chain_of_rows(serving.generation.vehicles, asked.candidates.rows)
    return Occasion(day.month, week, chain, store, Car(_age_days(asked.candidates, today), km))


_CHAIN = "wishing.chain"


def _age_days(candidates: CandidateSet, today: datetime.date) -> float | None:
    """Age of the youngest car it could be, taken as sold in the middle of its model year; `None` without years."""
    years = [one for _, one in candidates.pairs if one is not None]
    return float(max((today - datetime.date(max(years), 7, 1)).days, 0)) if years else None


def because_out(serving: Serving, reason: Reason, fits: bool) -> list[Because]:
    """The reason in both languages, and that it fits the vehicle asked for if it does."""
    found = [Because(reason.kind, _text(serving, reason), reason.part_id)] if reason.kind != "fits" or fits else []
    if fits and reason.kind != "fits":
        found.append(Because("fits", _FITS))
    return found or [Because("popular", _POPULAR)]


_FITS = {"en": "Fits your vehicle", "zh": "适合您的爱车"}
_POPULAR = {"en": "Popular with other customers", "zh": "热销"}
_DONE = {
    Action.PURCHASE: ("Because you bought {en}", "因为您买过{zh}"),
    Action.ADD_TO_CART: ("Because you put {en} in the basket", "因为您将{zh}加入了购物车"),
}
_LOOKED = ("Because you looked at {en}", "因为您看过{zh}")


def _text(serving: Serving, reason: Reason) -> dict[str, str]:
    name = type_name(reason.part_type or "", serving.vocabulary)
    inside = {"en": _inside(name["en"]), "zh": name["zh"]}
    match reason.kind:
        case "bought":
            english, chinese = _DONE.get(reason.action, _LOOKED) if reason.action else _LOOKED
        case "together":
            english, chinese = "Often bought with {en}", "常与{zh}一起购买"
        case "similar":
            english, chinese = "Takes the place of the {en} you are looking at", "可替代您正在看的{zh}"
        case "due":
            return _due(name, serving.types.intervals.get(reason.part_type or ""))
        case "fits":
            return _FITS
        case _:
            return _POPULAR
    return {"en": english.format(**inside), "zh": chinese.format(**inside)}


def _due(name: Mapping[str, str], interval: Interval | None) -> dict[str, str]:
    if interval is None:
        return {"en": f"{name['en']} may be due", "zh": f"{name['zh']}可能该更换了"}
    every, after = f"{interval.months:g} months", f"{interval.months:g}个月"
    if interval.km is not None:
        every, after = f"{every} or {interval.km:,.0f} km", f"{after}或{interval.km:,.0f}公里"
    return {"en": f"{name['en']} may be due: every {every}", "zh": f"{name['zh']}可能该更换了：每{after}"}


def _inside(name: str) -> str:
    """An English name inside a sentence: small unless it is an abbreviation."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
