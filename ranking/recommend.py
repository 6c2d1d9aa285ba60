"""What to show to whom, before anybody asks: scored part types and parts, each with its reason.

Nothing here knows fitment. The caller resolves a part type to parts that fit the vehicle (a search with that filter,
ranked as any other) and filters named parts by verdict; what does not fit is never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import STRENGTH, Action
from ranking.jobs import Jobs
from ranking.model import Model, Profile

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["bought", "fits", "together", "due", "popular", "similar"]

JOB_WEIGHT = 2.0  # a share of 1 in the table counts like seven times the usual co-occurrence (e^2)
LIFT_WEIGHT = 1.0
INTEREST_HALF_LIFE = 30.0  # days; a wish is met or forgotten sooner than a taste changes
SOON = 0.8  # share of its interval after which a part type counts as due
RECENTLY = 60.0  # days for which a purchase of a type without interval keeps it from being offered again


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is recommended: the kind of reason, the part or part type that caused it (None = nobody's)."""

    kind: Kind
    part_id: str | None = None
    part_type: str | None = None


@dataclass(frozen=True, slots=True)
class TypeCandidate:
    """A part type worth showing. Scores compare within one list only."""

    part_type: str
    score: float
    because: Because


@dataclass(frozen=True, slots=True)
class PartCandidate:
    """A part worth showing, if it fits. Scores compare within one list only."""

    part_id: str
    score: float
    because: Because


def for_you(model: Model, profile: Profile, jobs: Jobs, size: int = 12) -> list[TypeCandidate]:
    """Part types for this customer: near his latest acts, due again, or simply popular; by falling score.

    What he bought is not offered again before it is due. Without a history it is `popular`.
    """
    names = model.coding.part_types
    score, cause = _near(model, profile)
    due, held = _due(model, profile, jobs)
    out = []
    for code, name in enumerate(names):
        if name in held or not model.type_popularity[code] > 0:
            continue
        if name in due:
            out.append(TypeCandidate(name, float(score[code]) + due[name], Because("due", part_type=name)))
        else:
            out.append(TypeCandidate(name, float(score[code]), _because(model, profile, cause[code], name)))
    return _best(out, size)


def for_vehicle(model: Model, profile: Profile, jobs: Jobs, size: int = 12) -> list[TypeCandidate]:
    """Part types for a vehicle at hand: as `for_you`, with what is simply popular reasoned by the vehicle."""
    return [
        TypeCandidate(one.part_type, one.score, Because("fits") if one.because.kind == "popular" else one.because)
        for one in for_you(model, profile, jobs, size)
    ]


def popular(model: Model, size: int = 12) -> list[TypeCandidate]:
    """Part types by demand, falling."""
    shares = zip(model.coding.part_types, model.type_popularity.tolist(), strict=True)
    return _best([TypeCandidate(name, share, Because("popular")) for name, share in shares if share > 0], size)


def popular_parts(model: Model, part_type: str | None = None, size: int = 100) -> list[PartCandidate]:
    """Parts by demand (of one type, or of all), falling; nobody's parts are left out."""
    rows = np.flatnonzero(model.demand > 0)
    if part_type is not None:
        rows = rows[model.items.part_type[rows] == model.codes[0].get(part_type, -2)]
    best = rows[np.argsort(-model.demand[rows], kind="stable")][: size * 2]
    found = [PartCandidate(model.part_ids[row], float(model.demand[row]), Because("popular")) for row in best.tolist()]
    return sorted(found, key=lambda one: (-one.score, one.part_id))[:size]


def bought_together(
    model: Model, jobs: Jobs, part_type: str, part_id: str | None = None, size: int = 6
) -> list[TypeCandidate]:
    """Other part types that belong to a job with this one: shrunk directed lift plus the table of jobs.

    Never the type itself: parts of one type replace each other. Empty where neither data nor table know it.
    """
    prior = jobs.together.get(part_type, {})
    code = model.codes[0].get(part_type)
    score = np.zeros(len(model.coding.part_types)) if code is None else LIFT_WEIGHT * model.together[code]
    scores = dict(zip(model.coding.part_types, score.tolist(), strict=True))
    because = Because("together", part_id, part_type)
    out = [
        TypeCandidate(name, total, because)
        for name in scores.keys() | prior.keys()
        if name != part_type and (total := scores.get(name, 0.0) + JOB_WEIGHT * prior.get(name, 0.0)) > 0
    ]
    return _best(out, size)


def similar(model: Model, part_id: str, size: int = 50) -> list[PartCandidate]:
    """Parts of the same type that the same people looked at, then those most alike in quality and price level.

    Empty for a part the model does not know; then a search for its type and position is the answer.
    """
    item = model.index.get(part_id)
    if item is None or model.items.part_type[item] < 0:
        return []
    rows = np.flatnonzero(model.items.part_type == model.items.part_type[item])
    rows = rows[rows != item]
    near, strength = model.walk.of(item)
    score = np.zeros(len(model.part_ids))
    score[near] = np.log1p(strength)
    alike = (model.items.quality[rows] == model.items.quality[item]) * 0.5
    level = np.abs(model.items.level[rows] - model.items.level[item]) * -0.2
    total = score[rows] + alike + level + model.popularity[rows] * 0.5
    best = np.argsort(-total, kind="stable")[: size * 2]
    because = Because("similar", part_id)
    found = [PartCandidate(model.part_ids[rows[k]], float(total[k]), because) for k in best.tolist()]
    return sorted(found, key=lambda one: (-one.score, one.part_id))[:size]


def next_service(model: Model, profile: Profile, jobs: Jobs, size: int = 6) -> list[TypeCandidate]:
    """Part types with a service interval, the longest overdue first, by what the customer bought.

    The score is the share of the interval that has passed; types he never bought follow by demand, below 0.5.
    """
    bought = _last_purchase(model, profile)
    out = []
    for name, interval in jobs.interval_days.items():
        if name in bought:
            share = bought[name] / interval
            if share >= SOON:
                out.append(TypeCandidate(name, share, Because("due", part_type=name)))
        elif (code := model.codes[0].get(name)) is not None:
            share = 0.5 * float(model.type_popularity[code])
            out.append(TypeCandidate(name, share, Because("due", part_type=name)))
    return _best(out, size)


_TEXTS: Mapping[Kind, tuple[str, str]] = {
    "bought": ("Because you looked at {en}", "因为您看过{zh}"),
    "fits": ("Fits your vehicle", "适合您的爱车"),
    "together": ("Often bought with {en}", "常与{zh}一起购买"),
    "due": ("{en} may be due", "{zh}可能该更换了"),
    "popular": ("Popular with other customers", "热销"),
    "similar": ("Similar to the part you are looking at", "与您正在看的配件相似"),
}


def because_text(because: Because, names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The reason in English and Chinese. `names` maps a part type id to its names by language."""
    english, chinese = _TEXTS[because.kind]
    found = names.get(because.part_type or "", {})
    fallback = because.part_type or ""
    en = english.format(en=found.get("en", fallback).lower() if because.kind != "due" else found.get("en", fallback))
    return {"en": en, "zh": chinese.format(zh=found.get("zh", fallback))}


def _near(model: Model, profile: Profile) -> tuple[Floats, NDArray[np.int64]]:
    """Score of every type, and the row of the history that speaks for it most (-1 none)."""
    score = np.log(model.type_popularity.astype(np.float64) + 1e-6)
    types = profile.coded.part_type
    rows = np.flatnonzero(types >= 0)
    if not len(rows):
        return score, np.full(len(score), -1)
    strength = STRENGTH[np.array(profile.actions, np.int64)[rows]]
    weight = np.maximum(strength * np.exp2(-profile.days_ago[rows] / INTEREST_HALF_LIFE), 1e-9)
    pull = model.type_walk[types[rows]] * weight[:, None]
    pull[np.arange(len(rows)), types[rows]] += weight * 2.0
    share = weight.sum() / (weight.sum() + 2.0)
    best = pull.argmax(0)
    cause = np.where(pull[best, np.arange(len(score))] > 0.1 * weight.max(), rows[best], -1)
    return score + 2.0 * share * pull.sum(0) / weight.sum(), cause


def _because(model: Model, profile: Profile, row: np.int64, part_type: str) -> Because:
    if row < 0:
        return Because("popular")
    item = int(profile.items[row])
    cause = model.coding.part_types[int(profile.coded.part_type[row])]
    return Because("bought", model.part_ids[item] if item >= 0 else None, cause)


def _due(model: Model, profile: Profile, jobs: Jobs) -> tuple[dict[str, float], set[str]]:
    """Bonus of part types that are due again, and the types bought too recently to be offered."""
    due, held = {}, set()
    for name, days in _last_purchase(model, profile).items():
        interval = jobs.interval_days.get(name)
        if interval is None:
            if days < RECENTLY:
                held.add(name)
        elif days < SOON * interval:
            held.add(name)
        else:
            due[name] = min(days / interval, 2.0) * 2.0
    return due, held


def _last_purchase(model: Model, profile: Profile) -> dict[str, float]:
    """Days since the customer last bought each part type."""
    out: dict[str, float] = {}
    for action, code, days in zip(profile.actions, profile.coded.part_type.tolist(), profile.days_ago, strict=True):
        if action is Action.PURCHASE and code >= 0:
            name = model.coding.part_types[code]
            out[name] = min(out.get(name, np.inf), float(days))
    return out


def _best(found: Iterable[TypeCandidate], size: int) -> list[TypeCandidate]:
    return sorted(found, key=lambda one: (-one.score, one.part_type))[:size]
