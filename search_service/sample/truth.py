"""The hidden truth of the simulated shop: what every user would pay attention to, and the file that tells it.

Nothing here is shared with the recommender: it never sees these numbers, and they exist so that an oracle's figure can
stand beside every measured one. Utility of a part for a user =
`TASTE · mix @ taste[:, brand] + fame[part] - PRICE · thrift · (log price - log price of its type's median) + grade`.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search_service.sample.users import ARCHETYPES, Users
from search_service.sample.world import World

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TASTE = 2.4
PRICE = 0.9
FAME = 0.55
QUALITIES = ("oe", "oem", "aftermarket", "economy", "remanufactured")
ABOUT = (
    "Hidden truth of the simulated shop, for evaluation only; a model must never read it. "
    "utility[u, p] = taste_weight * mix[u] @ taste[:, brand[p]] + fame[p] - price_weight * thrift[u] * log_price[p] "
    "+ mix[u] @ grade[:, quality[p]]; choices add standard Gumbel noise times noise_weight, habit and position bias."
)


@dataclass(frozen=True, slots=True)
class Truth:
    """`taste` (archetypes x brands), `grade` (archetypes x qualities), and a part's `fame`, `log_price`, columns."""

    taste: Floats
    grade: Floats
    fame: Floats
    log_price: Floats
    brand: Ints
    quality: Ints

    def utility(self, users: Users, user: int, parts: Ints) -> Floats:
        """What `user` thinks of each of `parts`, before noise and habit."""
        return self.taste_of(users, user, parts) + self.fame[parts]

    def taste_of(self, users: Users, user: int, parts: Ints) -> Floats:
        """The part of the utility that differs between users: brand, quality and price."""
        mix = users.mix[user]
        liking: Floats = TASTE * (mix @ self.taste)[self.brand[parts]] + (mix @ self.grade)[self.quality[parts]]
        liking -= PRICE * users.thrift[user] * self.log_price[parts]
        return liking


def draw_truth(world: World, kind: Ints, brand: Ints, price: Floats, seed: int) -> Truth:
    """Tastes of archetypes and the fame of parts; prices are taken against the median of their type."""
    rng = np.random.default_rng((seed, 7))
    taste = rng.normal(0, 1, (ARCHETYPES, len(world.brands)))
    grade = rng.normal(0, 1.0, (ARCHETYPES, len(QUALITIES)))
    brand_fame = rng.normal(0, 0.4, len(world.brands))
    log_price = np.log(price)
    for index in range(len(world.types)):
        mine = kind == index
        if mine.any():
            log_price[mine] -= np.median(log_price[mine])
    quality = np.array([QUALITIES.index(maker.quality) for maker in world.brands])[brand]
    fame = FAME * rng.gumbel(0, 0.8, len(kind)) + brand_fame[brand]
    return Truth(taste, grade, fame, log_price, brand, quality)


def truth_npz(truth: Truth, users: Users, part_ids: list[str], noise: float) -> bytes:
    """The hidden numbers as `.npz`, with `about`; the same bytes for the same numbers."""
    arrays = {
        "about": np.array(ABOUT), "part_ids": np.array(part_ids), "mix": users.mix, "thrift": users.thrift,
        "taste": truth.taste, "grade": truth.grade, "fame": truth.fame, "log_price": truth.log_price,
        "brand": truth.brand, "quality": truth.quality, "taste_weight": np.array(TASTE),
        "price_weight": np.array(PRICE), "noise_weight": np.array(noise),
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            plain = io.BytesIO()
            np.lib.format.write_array(plain, np.asanyarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), plain.getvalue(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
