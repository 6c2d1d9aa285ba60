"""Judged queries: what people type, by class, and what an answer to it must and must not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from search_service.sample.catalogue import equivalents
from search_service.sample.fitting import Fitting

# Typed words by part type id: pinyin, pinyin initials, a Chinese typo, an English everyday word, an English typo.
_WORDS = """
engine_oil|jiyou|jy|机由|motor oil|engin oil
oil_filter|jilv|jl|机虑|oil filter element|oil fliter
air_filter|konglv|kl|空虑|air cleaner|air fliter
cabin_filter|kongtiaolv|ktl|空调虑|pollen filter|cabin fliter
brake_pad|shachepian|scp|杀车片|brake pads|break pads
brake_disc|shachepan|scp|刹车盆|rotors|brake rotar
brake_fluid|shacheyou|scy|煞车油|brake oil|brake fluied
spark_plug|huohuasai|hhs|火花赛|plugs|spark plag
ignition_coil|dianhuoxianquan|dhxq|点火线卷|coil pack|ignition coli
battery|dianping|dp|电平|car battery|batery
alternator|fadianji|fdj|发电几|generator|alternater
starter|qidongji|qdj|启动鸡|starter motor|startor motor
wiper_blade|yushua|ys|雨耍|wipers|wiper blabe
headlight|dadeng|dd|大登|headlamp|headlihgt
tail_light|weideng|wd|尾登|rear lamp|tail ligth
shock_absorber|jianzhenqi|jzq|减振气|shocks|shock absorbor
control_arm|xiabaibi|xbb|下摆壁|wishbone|control amr
wheel_bearing|luguzhoucheng|lgzc|轮毂轴乘|hub bearing|wheel baering
water_pump|shuibeng|sb|水崩|coolant pump|water pmup
radiator|shuixiang|sx|水相|rad|radiater
thermostat|jiewenqi|jwq|节温气|engine thermostat|thermostate
drive_belt|fadianjipidai|fdjpd|发电机皮代|serpentine belt|drive blet
clutch_kit|liheqi|lhq|离和器|clutch set|cluch kit
tyre|luntai|lt|轮台|tires|tyer
oxygen_sensor|yangchuanganqi|ycgq|氧传感气|o2 sensor|oxigen sensor
wing_mirror|houshijing|hsj|后视竟|side mirror|wing miror
bumper|baoxiangang|bxg|保险扛|bumper cover|bumber
fuel_pump|ranyoubeng|ryb|燃油崩|gas pump|feul pump
ac_compressor|kongtiaobeng|ktb|空调崩|ac pump|ac compresor
turbocharger|wolun|wl|窝轮|turbo|turbocharjer
"""
_SYMPTOMS = {
    "brake_pad": ("刹车有异响", "brakes squeal"), "battery": ("早上打不着火", "car won't start in the morning"),
    "wiper_blade": ("雨刮刮不干净", "wipers leave streaks"), "shock_absorber": ("过减速带咚咚响", "clunk over bumps"),
    "cabin_filter": ("空调有霉味", "musty smell from the vents"), "radiator": ("水温过高", "engine overheating"),
    "spark_plug": ("怠速抖动", "rough idle"), "wheel_bearing": ("车轮嗡嗡响", "humming noise from the wheel"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Word:
    id: str
    pinyin: str
    initials: str
    typo_zh: str
    everyday_en: str
    typo_en: str


def judged_queries(fitting: Fitting, part_ids: Sequence[str], seed: int) -> Iterator[dict[str, Any]]:
    """Some hundreds of the contract's judged queries in the classes of `_CLASSES`, and by part and original number."""
    rng = np.random.default_rng((seed, 9))
    cars = _popular_cars(fitting, rng)
    number = 0
    for word in _words():
        kind = _kind(fitting, word.id)
        if kind is None:
            continue
        for name, lang, texts in _CLASSES:
            for text in texts(fitting, kind, word):
                car = _car_with_parts(fitting, cars, number, kind)
                if car is None:
                    continue
                yield _judged(fitting, part_ids, f"sample-{number:04d}", name, lang, text, kind, car)
                number += 1
    for name, row in (*_by_number(fitting, part_ids, rng), *_by_symptom(fitting)):
        yield {"query_id": f"sample-{number:04d}", "class": name, **row}
        number += 1


def _words() -> Iterator[_Word]:
    for line in _WORDS.strip().splitlines():
        yield _Word(*line.split("|"))


def _kind(fitting: Fitting, ident: str) -> int | None:
    return next((index for index, kind in enumerate(fitting.world.types) if kind.key == ident), None)


_Texts = Callable[[Fitting, int, _Word], Sequence[str]]
_CLASSES: tuple[tuple[str, str, _Texts], ...] = (
    ("formal", "zh", lambda fitting, kind, word: (fitting.world.types[kind].zh,)),
    ("formal", "en", lambda fitting, kind, word: (fitting.world.types[kind].en,)),
    ("colloquial", "zh", lambda fitting, kind, word: fitting.world.types[kind].everyday),
    ("colloquial", "en", lambda fitting, kind, word: (word.everyday_en,)),
    ("pinyin", "zh", lambda fitting, kind, word: (word.pinyin,)),
    ("initials", "zh", lambda fitting, kind, word: (word.initials,)),
    ("typo", "zh", lambda fitting, kind, word: (word.typo_zh,)),
    ("typo", "en", lambda fitting, kind, word: (word.typo_en,)),
    ("model_in_text", "zh", lambda fitting, kind, word: (fitting.world.types[kind].everyday[0],)),
)


def _popular_cars(fitting: Fitting, rng: np.random.Generator) -> list[int]:
    cars = fitting.world.cars
    known = [index for index, car in enumerate(cars) if car.first]
    fame = np.array([cars[index].popularity for index in known])
    picked = rng.choice(len(known), min(40, len(known)), replace=False, p=fame / fame.sum())
    return [known[index] for index in picked.tolist()]


def _car_with_parts(fitting: Fitting, cars: Sequence[int], number: int, kind: int) -> int | None:
    """The first car from place `number` on that some part of this type fits in its first year."""
    turned = (cars[(number + step) % len(cars)] for step in range(len(cars)))
    return next((car for car in turned if len(fitting.fits(car, fitting.world.cars[car].first or 0, kind))), None)


def _judged(
    fitting: Fitting, part_ids: Sequence[str], ident: str, name: str, lang: str, text: str, kind: int, car: int
) -> dict[str, Any]:
    row = fitting.world.cars[car].row
    vehicle: dict[str, Any] = {"vehicle_id": row["vehicle_id"]}
    if name == "model_in_text":
        names = (row.get("names") or {}).get("zh") or {}
        text = f"{names.get('model', row['model'])} {fitting.world.cars[car].first} {text}"
        vehicle = {}
    wrong = fitting.cannot_fit(car, kind)[:40].tolist() if vehicle else []
    return {
        "query_id": ident, "q": text, "vehicle": vehicle, "lang": lang, "class": name,
        "part_types": {fitting.world.types[kind].id: 3}, "must_not_fit": [part_ids[part] for part in wrong],
    }  # fmt: skip


def _by_number(
    fitting: Fitting, part_ids: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Part numbers as printed and with other punctuation; the answer is the part, then those that list its number."""
    for index, part in enumerate(rng.choice(len(part_ids), min(40, len(part_ids)), replace=False).tolist()):
        number = part_ids[part].split(":", 1)[1]
        text = number if index % 2 else number.replace("-", " ").replace(".", "").lower()
        around = range(max(0, part - 2), min(len(part_ids), part + 3))
        listing = {part_ids[j]: 1 for j in around if part in equivalents(fitting.group, fitting.brand, j)}
        relevant = {part_ids[part]: 3, **listing}
        yield "part_number", {"q": text, "vehicle": {}, "lang": "en", "relevant": relevant, "must_not_fit": []}


def _by_symptom(fitting: Fitting) -> Iterator[tuple[str, dict[str, Any]]]:
    for ident, texts in _SYMPTOMS.items():
        if _kind(fitting, ident) is not None:
            for lang, text in zip(("zh", "en"), texts, strict=True):
                judged = {"q": text, "vehicle": {}, "lang": lang, "part_types": {ident: 3}, "must_not_fit": []}
                yield "symptom", judged
