"""Visits to the simulated shop: a wish becomes a query, a page shown in some order, clicks, a cart, a purchase.

The page is ordered by fame and chance, as a shop without personalisation would; people look at it from the top down,
click what they like of what they saw, and come back to what they bought before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from search_service.sample.fitting import Fitting
from search_service.sample.jobs import Needs
from search_service.sample.truth import Truth
from search_service.sample.users import Users

Ints = npt.NDArray[np.int64]

PAGE = 15
NOISE = 0.5  # weight of the Gumbel noise in what people like at the moment
LOOK = 0.35  # exponent of the chance to look at place k: k ** -LOOK
REFINES = 0.5  # share of visits that narrow the page to the makers and prices they like before they look
SHOP_NOISE = 1.0  # weight of chance in the shop's own order, so that every part is shown now and then
CLICK_WITHIN = 0.9  # a part is clicked if it comes this near to the best one seen
MOST_CLICKS = 3
CART, BUY, RETURN = 0.62, 0.8, 0.035
BOUGHT_BEFORE, BRAND_BEFORE = 1.2, 0.35
LOGGED = 0.2  # share of queries whose impressions are logged
EVENTS_A_WISH = 4.6  # measured over the default sample; a wish that finds nothing to choose from has none

IMPRESSION, CLICK, ADD_TO_CART, PURCHASE, RETURNED = range(5)
ACTIONS = ("impression", "click", "add_to_cart", "purchase", "return")
REASONS = ("not_needed", "does_not_fit", "defective", "wrong_item")


@dataclass(frozen=True, slots=True)
class Visit:
    """The query of wish `number` and what followed.

    `shown` are parts in order, `events` (action, place in `shown`, seconds later).
    """

    number: int
    user: int
    garage: int
    kind: int
    place: int
    second: int
    candidates: Ints
    shown: Ints
    events: tuple[tuple[int, int, int], ...]


@dataclass(slots=True)
class _Habits:
    bought: dict[int, dict[int, int]] = field(default_factory=dict)
    brands: dict[int, dict[int, int]] = field(default_factory=dict)

    def keep(self, user: int, part: int, brand: int) -> None:
        """Remember a purchase."""
        for table, key in ((self.bought, part), (self.brands, brand)):
            counts = table.setdefault(user, {})
            counts[key] = counts.get(key, 0) + 1


def visits(fitting: Fitting, truth: Truth, users: Users, needs: Needs, seed: int) -> Iterator[Visit]:
    """Every wish in time order that finds at least two parts to choose from."""
    rng = np.random.default_rng((seed, 8))
    habits = _Habits()
    rows = zip(needs.garage.tolist(), needs.kind.tolist(), needs.second.tolist(), strict=True)
    places = _places(fitting, rng, needs)
    for line, (garage, kind, second) in enumerate(rows):
        car, year = int(users.car[garage]), int(users.year[garage])
        candidates = fitting.fits(car, year, kind)
        candidates = candidates[fitting.place[candidates] == places[line]] if places[line] >= 0 else candidates
        candidates = candidates[fitting.age[candidates] >= 365 - second // 86_400]
        if len(candidates) < 2:
            continue
        user = int(users.owner[garage])
        shown = _shown(truth, users, rng, user, candidates)
        events = _events(fitting, truth, users, habits, rng, user, shown)
        yield Visit(line, user, garage, kind, int(places[line]), second, candidates, shown, events)


def _places(fitting: Fitting, rng: np.random.Generator, needs: Needs) -> Ints:
    """The place wanted for each line (the same for all of a basket that have one), -1 where a type has only one."""
    many = np.array([len(kind.places) for kind in fitting.world.types])[needs.kind]
    die = rng.random(int(needs.basket.max(initial=0)) + 1)[needs.basket]
    return np.where(many > 1, (die * many).astype(np.int64), -1)


def _shown(truth: Truth, users: Users, rng: np.random.Generator, user: int, candidates: Ints) -> Ints:
    """The page: the shop's order by fame and chance, or what the user narrowed it to by brand and price."""
    score = truth.fame[candidates] + SHOP_NOISE * rng.gumbel(size=len(candidates))
    if rng.random() < REFINES:
        score += truth.taste_of(users, user, candidates)
    return candidates[np.argsort(-score, kind="stable")[:PAGE]]


def _events(
    fitting: Fitting, truth: Truth, users: Users, habits: _Habits, rng: np.random.Generator, user: int, shown: Ints
) -> tuple[tuple[int, int, int], ...]:
    liking = truth.utility(users, user, shown) + NOISE * rng.gumbel(size=len(shown))
    liking += _habit(fitting, habits, user, shown)
    seen = np.flatnonzero(rng.random(len(shown)) < np.arange(1, len(shown) + 1) ** -LOOK)
    events = [(IMPRESSION, place, 0) for place in range(len(shown))] if rng.random() < LOGGED else []
    if not len(seen):
        return tuple(events)
    order = seen[np.argsort(-liking[seen], kind="stable")]
    clicked = order[liking[order] > liking[order[0]] - CLICK_WITHIN][:MOST_CLICKS]
    wait = 8 + (rng.random(6) * 40).astype(np.int64)
    events += [(CLICK, int(place), int(wait[: 1 + n].sum())) for n, place in enumerate(sorted(clicked.tolist()))]
    best, after = int(clicked[0]), int(wait[:4].sum())
    if rng.random() < CART:
        events.append((ADD_TO_CART, best, after))
        if rng.random() < BUY:
            events.append((PURCHASE, best, after + int(wait[4]) * 6))
            habits.keep(user, int(shown[best]), int(fitting.brand[shown[best]]))
            if rng.random() < RETURN:
                events.append((RETURNED, best, after + 86_400 * int(2 + wait[5] % 8)))
    return tuple(events)


def _habit(fitting: Fitting, habits: _Habits, user: int, shown: Ints) -> npt.NDArray[np.float64]:
    """What earlier purchases add: much for the same part, a little for the same brand."""
    bought, brands = habits.bought.get(user), habits.brands.get(user)
    if not bought or not brands:
        return np.zeros(len(shown))
    same = np.array([bought.get(part, 0) for part in shown.tolist()])
    near = np.array([brands.get(brand, 0) for brand in fitting.brand[shown].tolist()])
    drawn: npt.NDArray[np.float64] = BOUGHT_BEFORE * np.minimum(same, 1) + BRAND_BEFORE * np.minimum(near, 3)
    return drawn
