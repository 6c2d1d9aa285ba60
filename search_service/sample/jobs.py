"""When a vehicle needs what: wear by distance and time, seasons, and jobs that take several parts at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search_service.sample.users import Users
from search_service.sample.world import World

# What is bought along with the part that starts the job, and how often.
TOGETHER: dict[str, tuple[tuple[str, float], ...]] = {
    "engine_oil": (("oil_filter", 0.85), ("air_filter", 0.3), ("cabin_filter", 0.3), ("drain_plug", 0.15)),
    "brake_pad": (("brake_disc", 0.45), ("brake_fluid", 0.35), ("brake_wear_sensor", 0.15)),
    "brake_shoe": (("brake_drum", 0.35), ("wheel_cylinder", 0.25)),
    "spark_plug": (("ignition_coil", 0.25), ("throttle_cleaner", 0.3)),
    "timing_belt_kit": (("water_pump", 0.6), ("drive_belt", 0.5), ("coolant", 0.4)),
    "water_pump": (("coolant", 0.6), ("thermostat", 0.35), ("drive_belt", 0.25)),
    "radiator": (("coolant", 0.7), ("radiator_hose", 0.3), ("thermostat", 0.3)),
    "clutch_kit": (("gear_oil", 0.4), ("release_bearing", 0.2), ("flywheel", 0.15)),
    "shock_absorber": (("strut_mount", 0.55), ("bump_stop", 0.4), ("stabiliser_link", 0.25)),
    "control_arm": (("ball_joint", 0.35), ("control_arm_bush", 0.2), ("tie_rod_end", 0.2)),
    "transmission_fluid": (("transmission_filter", 0.55),),
    "ac_compressor": (("receiver_drier", 0.55), ("refrigerant", 0.6), ("ac_condenser", 0.25)),
    "wiper_blade": (("washer_fluid", 0.4),),
    "headlight": (("headlight_bulb", 0.4),),
    "tyre": (("tyre_valve", 0.5), ("tpms_sensor", 0.1)),
    "bumper": (("grille", 0.3), ("fog_light", 0.25), ("headlight", 0.2)),
    "alternator": (("drive_belt", 0.4), ("battery", 0.15)),
    "cv_joint": (("cv_boot", 0.5),),
    "turbocharger": (("engine_oil", 0.5), ("oil_filter", 0.4)),
}
ALONG_RATE = 0.25  # how often a part that others bring along is bought on its own, against its wear
# January … December, relative demand by kind of season.
_SEASONS: dict[str, tuple[float, ...]] = {
    "winter": (2.0, 1.7, 0.9, 0.6, 0.5, 0.6, 1.0, 1.0, 0.6, 0.8, 1.6, 2.1),
    "rain": (0.8, 0.8, 0.9, 1.0, 1.1, 1.5, 1.5, 1.1, 0.8, 0.9, 1.7, 1.2),
    "cooling": (0.3, 0.3, 0.5, 0.9, 1.6, 2.2, 2.4, 1.9, 0.9, 0.5, 0.3, 0.3),
    "frost": (1.0, 0.8, 0.6, 0.6, 0.6, 0.7, 0.8, 0.8, 0.9, 1.8, 2.3, 1.4),
    "tyres": (0.9, 0.7, 1.1, 1.2, 1.0, 0.8, 0.8, 0.8, 0.9, 1.4, 1.7, 1.1),
}
_SEASON_OF = {
    "battery": "winter", "wiper_blade": "rain", "wiper_arm": "rain", "washer_fluid": "frost", "coolant": "frost",
    "thermostat": "frost", "tyre": "tyres", "ac_compressor": "cooling", "ac_condenser": "cooling",
    "cabin_filter": "cooling", "refrigerant": "cooling", "blower_motor": "cooling", "radiator": "cooling",
    "cooling_fan": "cooling", "starter": "winter", "glow_plug": "winter",
}  # fmt: skip
_COLD = frozenset({"winter", "frost"})
PERIOD_DAYS = 365


@dataclass(frozen=True, slots=True)
class Needs:
    """One line a wish, in the order of `second` (since the first day): who, for which of his vehicles, what.

    Lines of one `basket` are one visit; `along` marks those that came with the line that started it.
    """

    basket: npt.NDArray[np.int64]
    garage: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    along: npt.NDArray[np.bool_]


def draw_needs(world: World, users: Users, lines: float, seed: int, first_month: int) -> Needs:
    """About `lines` wishes over a year that starts in month `first_month` (1-12)."""
    rng = np.random.default_rng((seed, 6))
    rates = _rates(world, users)
    joint = _joint(world)
    expected = (rates * (1 + joint.sum(axis=1))).sum()
    counts = rng.poisson(rates * (lines / expected))
    garage, kind = (np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1))
    second = _moments(world, users, rng, garage, kind, first_month)
    basket = np.arange(len(garage))
    along = rng.random((len(garage), joint.shape[1])) < joint[kind]
    more, with_kind = np.nonzero(along)
    columns = (
        np.concatenate([basket, basket[more]]), np.concatenate([garage, garage[more]]),
        np.concatenate([kind, with_kind]), np.concatenate([second, second[more] + 60 * (1 + with_kind % 7)]),
        np.concatenate([np.zeros(len(basket), np.bool_), np.ones(len(more), np.bool_)]),
    )  # fmt: skip
    order = np.lexsort((columns[2], columns[0], columns[3]))
    return Needs(*(column[order] for column in columns))


def _rates(world: World, users: Users) -> npt.NDArray[np.float64]:
    """Needs a year of each vehicle of a garage for each part type it can have."""
    by_distance = users.km[:, None] / np.array([kind.life_km for kind in world.types])
    by_time = 12 / np.array([kind.life_months for kind in world.types])
    able = np.array([[kind.universal or False for kind in world.types]]).repeat(len(users.car), axis=0)
    for name, units in world.units.items():
        concerned = np.zeros(len(world.cars), np.bool_)
        concerned[[car for unit in units for car in unit.cars]] = True
        columns = [index for index, kind in enumerate(world.types) if kind.depends == name]
        able[:, columns] = concerned[users.car][:, None]
    followers = {other for others in TOGETHER.values() for other, _ in others}
    own = np.array([ALONG_RATE if kind.id in followers and kind.id not in TOGETHER else 1.0 for kind in world.types])
    rates: npt.NDArray[np.float64] = np.maximum(by_distance, by_time) * able * own
    return rates


def _joint(world: World) -> npt.NDArray[np.float64]:
    keys = [kind.key for kind in world.types]
    chance = np.zeros((len(keys), len(keys)))
    for starter, others in TOGETHER.items():
        for other, share in others:
            if starter in keys and other in keys:
                chance[keys.index(starter), keys.index(other)] = share
    return chance


def _moments(
    world: World, users: Users, rng: np.random.Generator, garage: npt.NDArray[np.int64], kind: npt.NDArray[np.int64],
    first_month: int,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """Seconds since the first day: a month by the type's season (stronger in the north), a day, mostly day time."""
    months = np.array([_SEASONS.get(_SEASON_OF.get(part.id, ""), (1.0,) * 12) for part in world.types])
    cold = np.array([_SEASON_OF.get(part.id, "") in _COLD for part in world.types])
    weight = months[kind] ** np.where(cold[kind] & users.north[users.owner[garage]], 1.4, 1.0)[:, None]
    edges = np.cumsum(weight, axis=1)
    month = (edges < (rng.random(len(kind)) * edges[:, -1])[:, None]).sum(axis=1)
    day = (((month - (first_month - 1)) % 12) + rng.random(len(kind))) * PERIOD_DAYS / 12
    clock = 7 * 3600 + rng.beta(2, 2, len(kind)) * 16 * 3600
    second: npt.NDArray[np.int64] = (np.floor(day) * 86_400 + clock).astype(np.int64)
    return second
