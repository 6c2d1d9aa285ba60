"""Counter names and listing titles: the head part, its place and the cars of long, noisy texts."""

from __future__ import annotations

import pytest

from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

ZH = {"Toyota": "丰田", "Audi": "奥迪", "BMW": "宝马", "Volkswagen": "大众", "Chevrolet": "雪佛兰"}
CARS = [
    ("Toyota", "Corolla", "卡罗拉"), ("Toyota", "Levin", "雷凌"), ("Toyota", "Prius", ""), ("Audi", "A4L", ""),
    ("BMW", "3 Series", "3系"), ("Volkswagen", "Lavida", "朗逸"), ("Chevrolet", "Silverado", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    words = load_words()
    rows = [(make, model, {"zh": {"make": ZH[make], "model": zh}}, (), {}) for make, model, zh in CARS]
    return Understanding(load_vocabulary(), VehicleLexicon.build(rows, words.makes), ["Bosch"], words=words)


@pytest.mark.parametrize(
    ("text", "type_id"),
    [
        ("左倒车镜总成带转向灯", "wing_mirror"),
        ("Front left control arm with ball joint for BMW 3 Series", "control_arm"),
        ("左前门玻璃升降器开关", "window_switch"),
        ("主驾驶座椅安全带", "seat_belt"),
        ("适用于大众朗逸11-17款前刹车片原厂品质 包邮", "brake_pad"),
        ("全新 专车专用 4S同款 火花塞 4支装", "spark_plug"),
    ],
)
def test_the_head_part_of_a_title_filters(understanding: Understanding, text: str, type_id: str) -> None:
    """What a part comes with, what it sits in, and sellers' talk are not the part."""
    assert understanding.parse(text).filter_types == (type_id,)


@pytest.mark.parametrize("text", ["节气门垫", "水泵垫", "空调压缩机皮带轮", "水箱胶垫"])
def test_an_unknown_child_part_is_not_corrected_into_another(understanding: Understanding, text: str) -> None:
    """A known part with an unknown head behind it is a part of its own, not a misspelt one."""
    assert understanding.parse(text).corrections == ()


@pytest.mark.parametrize("text", ["油品", "后座", "分频", "汽车集团公司", "前围板", "二手车寄卖", "节油"])
def test_real_words_nobody_here_has_are_left_alone(understanding: Understanding, text: str) -> None:
    """Words of the field that only sound like a name in part, or by a rare reading, are no slips."""
    assert understanding.parse(text).corrections == ()


def test_every_car_of_a_list_is_read(understanding: Understanding) -> None:
    """Cars of one make, and of several, are any-of alternatives."""
    one = understanding.parse("前刹车片 适用丰田卡罗拉 雷凌 2014-2018").vehicle
    several = understanding.parse("奥迪A4L 宝马3系 空调滤芯").vehicle
    assert one is not None
    assert (one.makes, one.models) == (("Toyota",), ("Corolla", "Levin"))
    assert several is not None
    assert (set(several.makes), set(several.models)) == ({"Audi", "BMW"}, {"A4L", "3 Series"})


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("mirror for 07-13 Chevrolet Silverado", (2007, 2013)),
        ("brake pads 2015-present Prius", (2015, 2035)),
        ("2010-2015 Toyota Prius brake pads", (2010, 2015)),
    ],
)
def test_years_of_listings(understanding: Understanding, text: str, years: tuple[int, int]) -> None:
    """Spans in two digits count beside a car; an open end reaches to the last year there is."""
    vehicle = understanding.parse(text).vehicle
    assert vehicle is not None
    assert vehicle.years == years


@pytest.mark.parametrize("text", ["宝马3系 F30 机油滤芯", "BMW 3 Series E90 oil filter", "火花塞 4 支"])
def test_generation_codes_and_counts_need_not_be_found(understanding: Understanding, text: str) -> None:
    """What says which generation, or how many, is no word that a part must have."""
    assert not any(group.needed for group in understanding.parse(text).groups)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("主驾驶侧 大灯", ("left",)),
        ("副驾 后视镜", ("right",)),
        ("passenger headlight", ("right",)),
        ("后轴 减震器", ("rear",)),
        ("左前大灯", ("front left",)),
        ("前保险杠", ("front",)),
        ("后视镜", ()),
        ("RR shock", ("rear right",)),
        ("后视镜 右", ("right",)),
        ("左右前叶子板", ("front left", "front right")),
    ],
)
def test_sides_as_sellers_write_them(understanding: Understanding, text: str, places: tuple[str, ...]) -> None:
    """Driver's and passenger's side, axles and abbreviations are places."""
    assert understanding.parse(text).positions == places


@pytest.mark.parametrize("text", ["蓄电池12V60AH", "Wheel Lug Nut M12x1.5", "Starter Motor 12V 1.4kW"])
def test_sizes_written_together_are_no_part_numbers(understanding: Understanding, text: str) -> None:
    """Volts with ampere-hours, threads and kilowatts are sizes."""
    intent = understanding.parse(text)
    assert intent.part_number is None
    assert intent.rest == ()


def test_parts_sold_together_are_all_read(understanding: Understanding) -> None:
    """A name completed by another word does not hide the name beside it."""
    assert set(understanding.parse("Front Brake Rotors + Ceramic Pads").filter_types) == {"brake_disc", "brake_pad"}


@pytest.mark.parametrize("text", ["cruise control switch", "clock spring with cruise control"])
def test_a_real_word_is_not_corrected_into_a_car(understanding: Understanding, text: str) -> None:
    """An ending more or less is another word, not a slip."""
    assert understanding.parse(text).corrections == ()


@pytest.mark.parametrize(
    ("make", "model", "text"),
    [
        ("丰田", "卡罗拉", "toyota corolla brake pads"),
        ("一汽丰田", "卡罗拉", "corolla brake pads"),
        ("丰田", "卡罗拉双擎", "corolla brake pads"),
        ("TOYOTA", "COROLLA", "丰田卡罗拉刹车片"),
        ("Toyota", "Corolla LE", "卡罗拉 刹车片"),
    ],
)
def test_series_are_linked_across_languages(make: str, model: str, text: str) -> None:
    """A table in one language is asked in the other, and by the beginning of its longer names."""
    words = load_words()
    vehicles = VehicleLexicon.build([(make, model, {}, (), {})], words.makes)
    vehicle = Understanding(load_vocabulary(), vehicles, words=words).parse(text).vehicle
    assert vehicle is not None
    assert (vehicle.makes, vehicle.models) == ((make,), (model,))


@pytest.mark.parametrize(
    ("text", "models", "years"),
    [
        ("corolla2015brakepads", ("Corolla",), (2015, 2015)),
        ("kaluola2015shachepian", ("Corolla",), (2015, 2015)),
        ("toyota carolla brake pads", ("Corolla",), None),
    ],
)
def test_words_without_blanks_and_slips_beside_a_make(
    understanding: Understanding, text: str, models: tuple[str, ...], years: tuple[int, int] | None
) -> None:
    """A year between letters sets them apart; beside its make a model may have another letter."""
    intent = understanding.parse(text)
    assert intent.vehicle is not None
    assert (intent.vehicle.models, intent.vehicle.years) == (models, years)
    assert intent.filter_types == ("brake_pad",)
