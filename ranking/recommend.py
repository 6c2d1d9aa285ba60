"""What to show to whom, before anybody asks: scored part types and parts, each with its reason.

Nothing here knows fitment. The caller resolves a part type to parts that fit the vehicle (a search with that filter,
ranked as any other) and filters named parts by verdict; what does not fit is never shown. A history is a customer's
latest acts, newest first, with the part type of each as the catalogue has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import ACTIONS, STRENGTH, Action
from ranking.jobs import MONTH_DAYS, Interval
from ranking.model import Model
from ranking.profile import Past
from ranking.type_table import Car, Occasion, TypeTable

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["bought", "fits", "together", "due", "popular", "similar"]

INTEREST_HALF_LIFE = 30.0  # days; a wish is met or forgotten sooner than a taste changes
SOON = 0.8  # share of its interval after which a part type counts as due
EARLY = 0.25  # share of its first interval below which a new car's part is not worth naming
LASTS = 365.0  # days for which a purchase of a type without interval (an alternator) keeps it from being offered again
MEANT = 0.3  # log-lift from which types belong together; below it nearly everything goes with everything
RARELY = 1e-3  # what belongs together less than that, and is in no basket, comes last: of a job this part is seldom for
FOLLOWING = 1.0  # weight of where others went on to beside all else; `benchmarks.next_type`
PULL = 2.0  # a history as strong as two clicks counts half against what is usual


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is recommended: the kind of reason, and what caused it (part, part type, what was done with it)."""

    kind: Kind
    part_id: str | None = None
    part_type: str | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class TypeCandidate:
    """A part type worth showing. Scores compare within one list only."""

    part_type: str
    score: float
    because: Because


def for_you(
    types: TypeTable, history: Sequence[Past], occasion: Occasion, size: int = 12, following: Floats | None = None
) -> list[TypeCandidate]:
    """Part types for this customer: near his latest acts, due again, or simply popular; by falling score.

    What he bought is not offered again before it is due. Without a history it is `popular`. `following` is where others
    went on to after the same parts (`Model.next_types`).
    """
    score, cause = _near(types, history, occasion, following)
    due, held = _due(types, history)
    for name, bonus in (due | dict.fromkeys(held, -np.inf)).items():
        if name in types.codes:
            score[types.codes[name]] += bonus
    out = []
    for code, name, worth in _highest(types, score, size):
        act = history[cause[code]] if cause[code] >= 0 else None
        because = Because("due", part_type=name) if name in due else _because(act)
        out.append(TypeCandidate(name, worth, because))
    return out


def for_vehicle(
    types: TypeTable, history: Sequence[Past], occasion: Occasion, size: int = 12, following: Floats | None = None
) -> list[TypeCandidate]:
    """Part types for a vehicle at hand: as `for_you`, with what is simply popular reasoned by the vehicle."""
    return [
        TypeCandidate(one.part_type, one.score, Because("fits") if one.because.kind == "popular" else one.because)
        for one in for_you(types, history, occasion, size, following)
    ]


def just_bought(types: TypeTable, history: Sequence[Past]) -> frozenset[str]:
    """Part types the customer bought and does not need again yet."""
    return frozenset(_due(types, history)[1])


def popular(types: TypeTable, occasion: Occasion, size: int = 12) -> list[TypeCandidate]:
    """Part types by demand in the season, falling."""
    because = Because("popular")
    return [TypeCandidate(name, share, because) for _, name, share in _highest(types, types.wanted(occasion), size)]


def bought_together(
    types: TypeTable, part_type: str, part_id: str | None = None, size: int = 12
) -> list[TypeCandidate]:
    """Other part types that are bought with this one, best first.

    First those that belong to a job with it, by shrunk directed lift and the table of jobs; then what is often in the
    same basket, by the share of baskets, and jobs that this part is rarely for. Never the type itself, nor a kit and
    what it contains: they replace each other. Empty where neither data nor table know it.
    """
    code = types.codes.get(part_type)
    if code is None:
        return []
    because = Because("together", part_id, part_type)
    related, share = types.together[code], types.alongside[code]
    score = np.where(related >= MEANT, 1.0 + related, share + RARELY * np.maximum(related, 0.0)).tolist()
    return _best(
        (TypeCandidate(name, one, because) for name, one in zip(types.names, score, strict=True)
         if one > 0 and name != part_type), size
    )  # fmt: skip


def next_service(types: TypeTable, history: Sequence[Past], occasion: Occasion, size: int = 12) -> list[TypeCandidate]:
    """Part types with a service interval, the longest overdue first.

    The score is the share of the interval that has passed, by time or by kilometres, whichever is more, times the
    season: since the customer bought it, or, where the log does not know, since the last one the car should have had.
    What was just done, or what a car this new cannot need yet, is left out.
    """
    bought = _last_purchase(history)
    car, wanted, season = occasion.car, types.wanted(occasion), types.season(occasion.month)
    out = []
    for name, interval in types.intervals.items():
        code = types.codes.get(name)
        if code is None:
            continue
        share = _since_purchase(bought[name], interval, car) if name in bought else _of_car(interval, car)
        if share is None:
            share = SOON * float(wanted[code] / wanted.max())
        elif share < (SOON if name in bought else EARLY):
            continue
        out.append(TypeCandidate(name, share * float(season[code]), Because("due", part_type=name)))
    return _best(out, size)


def alike(model: Model | None, part_id: str, others: Sequence[str]) -> Floats:
    """How often people who took one part took each of the others, 0..1 (1 = most of these); 0 where nobody knows."""
    found = np.zeros(len(others))
    item = None if model is None else model.index.get(part_id)
    if model is None or item is None:
        return found
    near, strength = model.walk.of(item)
    known = {model.part_ids[one]: float(np.log1p(weight)) for one, weight in zip(near, strength, strict=True)}
    found[:] = [known.get(one, 0.0) for one in others]
    return np.asarray(found / max(float(found.max(initial=0.0)), 1e-9), np.float64)


def liked_for(history: Sequence[Past], part_id: str, brand: str, part_type: str) -> Because | None:
    """The act that speaks most for a part: on itself, on its brand, on its type; `None` if none does."""
    best, most = None, 0.0
    for act in history:
        alike = 4.0 * (act.part_id == part_id) + 2.0 * (act.brand == brand != "") + (act.part_type == part_type != "")
        if (speaks := alike * _strength(act)) > most:
            best, most = act, speaks
    return None if best is None else _because(best)


def _near(
    types: TypeTable, history: Sequence[Past], occasion: Occasion, following: Floats | None = None
) -> tuple[Floats, list[int]]:
    """Score of every type, and the act of the history that speaks for it most (-1 none)."""
    score = np.log(types.wanted(occasion) + 1e-6)
    rows = [row for row, act in enumerate(history) if act.part_type in types.codes and _strength(act) > 0]
    if not rows:
        return score, [-1] * len(score)
    codes = np.array([types.codes[history[row].part_type] for row in rows])
    weight = np.array([_strength(history[row]) for row in rows])
    lift = types.after[codes]
    lift[np.arange(len(rows)), codes] += PULL
    pull = lift * weight[:, None]
    share = weight.sum() / (weight.sum() + PULL)
    best = pull.argmax(0)
    worth = lift[best, np.arange(len(score))] >= MEANT
    cause = [rows[at] if ok else -1 for at, ok in zip(best.tolist(), worth.tolist(), strict=True)]
    score = score + 2.0 * share * pull.sum(0) / weight.sum()
    return (score, cause) if following is None else _with_following(score, cause, types.of_model(following), rows[0])


def _with_following(score: Floats, cause: list[int], following: Floats, latest: int) -> tuple[Floats, list[int]]:
    """The chances that `score` means (its exponential), plus where others went on to; that speaks by the latest act."""
    chance = np.exp(score - score.max())
    chance /= chance.sum()
    led = (following > chance).tolist()
    cause = [latest if one < 0 and by else one for one, by in zip(cause, led, strict=True)]
    return np.log(chance + FOLLOWING * following), cause


def _strength(act: Past) -> float:
    days = max(act.days_ago, 0.0)
    return float(STRENGTH[ACTIONS.get(act.action, Action.IMPRESSION)] * np.exp2(-days / INTEREST_HALF_LIFE))


def _because(act: Past | None) -> Because:
    if act is None:
        return Because("popular")
    return Because("bought", act.part_id, act.part_type, ACTIONS[act.action])


def _due(types: TypeTable, history: Sequence[Past]) -> tuple[dict[str, float], set[str]]:
    """Bonus of part types that are due again, and the types bought too recently to be offered."""
    due, held = {}, set()
    for name, days in _last_purchase(history).items():
        lasts = types.due_days.get(name)
        share = days / (lasts or LASTS)
        if share < (1.0 if lasts is None else SOON):
            held.add(name)
        elif lasts is not None:
            due[name] = min(share, 2.0) * 2.0
    return due, held


def _last_purchase(history: Sequence[Past]) -> dict[str, float]:
    """Days since the customer last bought each part type."""
    out: dict[str, float] = {}
    for act in history:
        if ACTIONS.get(act.action) is Action.PURCHASE and act.part_type and np.isfinite(act.days_ago):
            out[act.part_type] = min(out.get(act.part_type, np.inf), max(act.days_ago, 0.0))
    return out


def _since_purchase(days: float, interval: Interval, car: Car) -> float:
    share = days / (interval.months * MONTH_DAYS)
    if car.km is not None and car.age_days and interval.km is not None:
        driven = days * (car.km / car.age_days) / interval.km
        share = driven if interval.wears else max(share, driven)
    return share


def _of_car(interval: Interval, car: Car) -> float | None:
    """Share of the interval in hand, from age and kilometres; None if neither is known.

    Past the first interval the last change is unknown, so it is at least `SOON` and rises towards the next.
    """
    shares = []
    if car.km is not None and interval.km is not None:
        shares.append(car.km / interval.km)
    if car.age_days is not None and not (interval.wears and shares):
        shares.append(car.age_days / (interval.months * MONTH_DAYS))
    if not shares:
        return None
    share = max(shares)
    return share if share < SOON else SOON + (1 - SOON) * (share % 1.0 if share >= 1 else share)


def _highest(types: TypeTable, score: Floats, size: int) -> list[tuple[int, str, float]]:
    """(code, name, score) of the best types, ties by name; never those of minus infinity."""
    best = np.argsort(-score, kind="stable")[:size].tolist()  # codes are in the order of names
    return [(code, types.names[code], float(score[code])) for code in best if score[code] > -np.inf]


def _best(found: Iterable[TypeCandidate], size: int) -> list[TypeCandidate]:
    return sorted(found, key=lambda one: (-one.score, one.part_type))[:size]
