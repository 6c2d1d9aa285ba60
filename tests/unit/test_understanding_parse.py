"""One text to one intent: each thing people put into the box, and what must be left alone."""

from __future__ import annotations

from functools import lru_cache

import pytest

from search_service.understanding.intent import FILTER_CONFIDENCE, QueryIntent
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

ZH = {"Toyota": "丰田", "Honda": "本田", "BMW": "宝马", "Peugeot": "标致", "Haval": "哈弗"}
CARS = [
    ("Toyota", "Corolla", "卡罗拉", {"engine": "1ZR-FE", "displacement_l": 1.6, "transmission": "CVT", "trim": "GL"}),
    ("Toyota", "Corolla", "卡罗拉", {"engine": "2ZR-FE", "displacement_l": 1.8, "transmission": "5MT", "trim": "GL"}),
    ("Toyota", "Corolla Cross", "锐放", {"displacement_l": 2.0}),
    ("Honda", "Civic", "思域", {"displacement_l": 1.5, "aspiration": "turbo", "fuel": "petrol"}),
    ("Honda", "Fit", "飞度", {"displacement_l": 1.5}),
    ("Honda", "CR-V", "", {"drive": "4WD"}),
    ("BMW", "3 Series", "3系", {"trim": "320Li"}),
    ("Peugeot", "2008", "", {}),
    ("Peugeot", "408", "", {}),
    ("Haval", "H4", "", {}),
    ("Ford", "F150 Pickup 2WD", "", {}),
    ("Ford", "F150 Pickup 4WD", "", {}),
    ("SEAT", "Ibiza", "", {}),
    ("Jac", "Sunray", "", {"trim": "T10"}),
]
NUMBERS = frozenset({"0446502220", "HU7020Z", "2015ABC1", "CIVIC2015", "O123", "H7", "V6", "FIT", "21"})


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    words = load_words()
    rows = [
        (make, model, {"zh": {"make": ZH.get(make, ""), "model": zh}}, (), extra) for make, model, zh, extra in CARS
    ]
    vehicles = VehicleLexicon.build(rows, words.makes)
    return Understanding(load_vocabulary(), vehicles, ["Bosch", "ACME"], NUMBERS.__contains__, words)


def types(intent: QueryIntent) -> list[str]:
    return [reading.id for reading in intent.part_types]


def test_a_part_its_place_the_car_and_the_year(understanding: Understanding) -> None:
    """The contract's example is read whole."""
    intent = understanding.parse("卡罗拉 刹车皮 前 2015")
    assert intent.filter_types == ("brake_pad",)
    assert intent.positions == ("front",)
    assert intent.vehicle is not None
    assert intent.vehicle.parameters() == {"make": ["Toyota"], "model": ["Corolla"], "year": ["2015"]}
    assert intent.rest == ()


def test_word_order_does_not_matter(understanding: Understanding) -> None:
    """The same words in any order are the same intent."""
    one = understanding.parse("2015 前 刹车皮 卡罗拉")
    other = understanding.parse("卡罗拉 刹车皮 前 2015")
    assert (one.part_types, one.positions, one.vehicle and one.vehicle.parameters()) == (
        other.part_types, other.positions, other.vehicle and other.vehicle.parameters(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("卡罗拉 15款", (2015, 2015)),
        ("卡罗拉 2015年", (2015, 2015)),
        ("卡罗拉 一五款", (2015, 2015)),
        ("卡罗拉 二零一五年", (2015, 2015)),
        ("卡罗拉 2012-2016", (2012, 2016)),
        ("卡罗拉 12-16款", (2012, 2016)),
        ("corolla '15", (2015, 2015)),
        ("98年 卡罗拉", (1998, 1998)),
        ("corolla 2015", (2015, 2015)),
        ("卡罗拉", None),
    ],
)
def test_years(understanding: Understanding, text: str, years: tuple[int, int] | None) -> None:
    """Model years in every form people write."""
    vehicle = understanding.parse(text).vehicle
    assert vehicle is not None
    assert vehicle.years == years
    assert vehicle.model == "Corolla"


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("卡罗拉 1.6", {"displacement_l": (1.6,)}),
        ("卡罗拉 1.6L 手动挡", {"displacement_l": (1.6,), "transmission": ("5MT",)}),
        ("卡罗拉 自动挡", {"transmission": ("CVT",)}),
        ("思域 1.5T", {"displacement_l": (1.5,), "aspiration": ("turbo",)}),
        ("卡罗拉 1zr-fe", {"engine": ("1ZR-FE",)}),
        ("crv 四驱", {"drive": ("4WD",)}),
        ("卡罗拉 3.5", {}),
    ],
)
def test_attributes_are_those_the_model_has(understanding: Understanding, text: str, attributes: dict) -> None:
    """Engine, displacement, gearbox and drive are read if a row of the model has them, spelt as in the table."""
    vehicle = understanding.parse(text).vehicle
    assert vehicle is not None
    assert vehicle.attributes == attributes


@pytest.mark.parametrize("value", [1.6, "1.6", "1.60", " 1.6 L", "1.6升", "1,6", "１.6"])
def test_a_displacement_is_read_however_the_table_writes_it(value: str | float) -> None:
    """A spreadsheet's cell is text, with a unit or a comma; what is no such number is none."""
    rows = [("Toyota", "Corolla", {}, (), {"displacement_l": one}) for one in (value, "16", "1E6", "01.6.1", 1.8)]
    found = (
        Understanding(load_vocabulary(), VehicleLexicon.build(rows), words=load_words()).parse("corolla 1.6").vehicle
    )
    assert found is not None
    assert found.attributes == {"displacement_l": (value,)}


def test_a_trim_code_names_its_model(understanding: Understanding) -> None:
    """320Li is a 3 Series without saying so."""
    vehicle = understanding.parse("320li 机油").vehicle
    assert vehicle is not None
    assert (vehicle.make, vehicle.model, vehicle.attributes) == ("BMW", "3 Series", {"trim": ("320Li",)})


def test_the_beginning_of_a_model_means_each_that_begins_so(understanding: Understanding) -> None:
    """ "F150" is every F150 of the table."""
    vehicle = understanding.parse("f-150 brake pads").vehicle
    assert vehicle is not None
    assert vehicle.models == ("F150 Pickup 2WD", "F150 Pickup 4WD")


def test_a_number_beside_its_make_is_the_model(understanding: Understanding) -> None:
    """ "Peugeot 2008" is a car; 2008 behind another model is its year."""
    car = understanding.parse("标致 2008 刹车片").vehicle
    year = understanding.parse("标致 408 2008 刹车片").vehicle
    assert car is not None
    assert (car.model, car.years) == ("2008", None)
    assert year is not None
    assert (year.model, year.years) == ("408", (2008, 2008))


@pytest.mark.parametrize("text", ["fit brake pads", "seat cover", "h4 bulb", "spark plug"])
def test_everyday_words_are_no_cars(understanding: Understanding, text: str) -> None:
    """Model names that are also words or sizes need their make beside them."""
    assert understanding.parse(text).vehicle is None


@pytest.mark.parametrize(
    ("text", "model"), [("honda fit brake pads", "Fit"), ("seat ibiza brake pads", "Ibiza"), ("哈弗 h4 灯泡", "H4")]
)
def test_everyday_words_beside_their_make_are_cars(understanding: Understanding, text: str, model: str) -> None:
    """Beside the make the same words are the model."""
    vehicle = understanding.parse(text).vehicle
    assert vehicle is not None
    assert vehicle.model == model


def test_a_doubtful_car_is_offered(understanding: Understanding) -> None:
    """A model without its make that is also a word becomes a reading with the parameters that choose it."""
    readings = understanding.parse("fit 刹车片").readings
    assert {"make": "Honda", "model": "Fit"} in [dict(reading.use) for reading in readings]


@pytest.mark.parametrize(
    "text", ["04465-02220", "04465 02220", "0446502220", "04465.02220", "０４４６５０２２２０", "04465-02220 刹车片"]
)
def test_a_part_number_in_any_punctuation(understanding: Understanding, text: str) -> None:
    """A number of the catalogue is found however it is written."""
    number = understanding.parse(text).part_number
    assert number is not None
    assert (number.key, number.known) == ("0446502220", True)


def test_zero_and_o_are_different_numbers(understanding: Understanding) -> None:
    """O123 is in the catalogue, 0123 is not."""
    assert understanding.parse("O123").part_number is not None
    assert understanding.parse("0123").part_number is None


def test_a_number_that_the_catalogue_lacks_is_said_to_be_unknown(understanding: Understanding) -> None:
    """What only looks like a part number is kept as one, known to be missing."""
    number = understanding.parse("1K0-698-151 刹车片").part_number
    assert number is not None
    assert (number.key, number.known) == ("1K0698151", False)


@pytest.mark.parametrize(
    "text",
    [
        "5w-40",
        "225/55R18",
        "2012-2016 卡罗拉",
        "320li 机油",
        "R134a",
        "brake pads",
        "H7 灯泡",
        "fit 刹车片",
        "V6 机油",
        "2-1 filter",
    ],
)
def test_sizes_years_and_models_are_no_part_numbers(understanding: Understanding, text: str) -> None:
    """Tokens with another meaning are not taken for part numbers."""
    assert understanding.parse(text).part_number is None


def test_numbers_and_codes_are_never_corrected(understanding: Understanding) -> None:
    """Nothing with a digit is turned into something else."""
    assert understanding.parse("04465-02221 h77 5w41 225/55r19x").corrections == ()


VIN = "LFMAP22C0D0123456"


@pytest.mark.parametrize("text", [f"{VIN} 刹车片", f"刹车片{VIN.lower()}", f"vin:{VIN} 刹车片"])
def test_a_vin_is_read_and_not_shown(understanding: Understanding, text: str) -> None:
    """The VIN is taken whole, and only positions 1-8 and 10-11 are left in anything shown."""
    intent = understanding.parse(text)
    assert intent.vin == VIN
    assert intent.filter_types == ("brake_pad",)
    shown = repr((intent.text, intent.rest, intent.groups, intent.readings, intent.corrections)).upper()
    assert VIN not in shown
    assert "D0123456" not in shown
    assert (VIN[:8] + VIN[9:11]) in intent.text.upper()


@pytest.mark.parametrize(
    ("text", "original", "corrected", "kind"),
    [
        ("brkae pads", "brkae pads", "brake pads", "typo"),
        ("alternater", "alternater", "alternator", "typo"),
        ("刹车偏", "刹车偏", "刹车片", "homophone"),
        ("雨括", "雨括", "雨刮", "look_alike"),
        ("shachepian", "shachepian", "刹车片", "pinyin"),
        ("机油ge", "机油ge", "机油格", "pinyin"),
        ("节门气", "节门气", "节气门", "transposed"),
        ("卡罗啦", "卡罗啦", "卡罗拉", "homophone"),
    ],
)
def test_corrections_are_named(
    understanding: Understanding, text: str, original: str, corrected: str, kind: str
) -> None:
    """What was read as something else is said, with what it was and why."""
    (correction,) = understanding.parse(text).corrections
    assert (correction.original, correction.corrected, correction.kind) == (original, corrected, kind)


@pytest.mark.parametrize("text", ["brkae pads", "刹车偏", "shachepian"])
def test_verbatim_takes_words_as_typed(understanding: Understanding, text: str) -> None:
    """`verbatim` and `ignore=correction` correct nothing; the reading that leads there is offered."""
    assert understanding.parse(text, verbatim=True).corrections == ()
    assert understanding.parse(text, ignore={"correction"}).corrections == ()
    assert {"verbatim": "1"} in [dict(reading.use) for reading in understanding.parse(text).readings]


@pytest.mark.parametrize("text", ["刹车片", "spark", "卡罗拉 不锈钢 脚垫", "ceramic brake pads", "雨刮 26寸"])
def test_known_words_are_not_corrected(understanding: Understanding, text: str) -> None:
    """A word that stands in the vocabulary, even inside a longer name, is spelt right."""
    assert understanding.parse(text).corrections == ()


def test_ignore_leaves_readings_out(understanding: Understanding) -> None:
    """What the caller does not want read is not acted on."""
    text = "卡罗拉 前 刹车片"
    assert understanding.parse(text, ignore={"vehicle"}).vehicle is None
    assert understanding.parse(text, ignore={"part_type"}).part_types == ()
    assert understanding.parse(text, ignore={"position"}).positions == ()
    assert understanding.parse(text, ignore={"position"}).filter_types == ("brake_pad",)


def test_ambiguous_words_keep_their_readings(understanding: Understanding) -> None:
    """大灯 is a lamp or a bulb: both are offered, neither filters."""
    intent = understanding.parse("大灯")
    assert types(intent) == ["headlight", "headlight_bulb"]
    assert intent.filter_types == ()
    assert [dict(reading.use) for reading in intent.readings] == [
        {"filter.part_type": "headlight"},
        {"filter.part_type": "headlight_bulb"},
    ]


@pytest.mark.parametrize(
    ("text", "type_id"), [("离合 分泵", "clutch_slave_cylinder"), ("刹车 总泵", "brake_master_cylinder")]
)
def test_context_makes_an_ambiguous_word_clear(understanding: Understanding, text: str, type_id: str) -> None:
    """Beside the system it belongs to, a vague word filters."""
    assert understanding.parse(text).filter_types == (type_id,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("轮速传感器线束", ("wiring_harness",)),
        ("blower motor relay", ("relay",)),
        ("水泵节温器", ("thermostat", "water_pump")),
        ("brake pads, rotors", ("brake_pad", "brake_disc")),
        ("control arm and ball joint", ("ball_joint", "control_arm")),
        ("刹车盘 刹车片", ("brake_disc", "brake_pad")),
    ],
)
def test_the_component_at_the_end_is_asked_for(
    understanding: Understanding, text: str, expected: tuple[str, ...]
) -> None:
    """A sensor's harness is a harness; what stands in a list, or is no component of the other, stays beside it."""
    assert understanding.parse(text).filter_types == expected


@pytest.mark.parametrize("text", ["chrome headlight housing", "limited edition floor mats", "upstream bank 1 sensor"])
def test_english_words_of_listings_are_not_corrected(understanding: Understanding, text: str) -> None:
    """Words that sellers use are real, whatever they resemble or sound like in pinyin."""
    assert understanding.parse(text).corrections == ()


@pytest.mark.parametrize("text", ["air滤芯", "空气filter", "滤芯 air"])
def test_a_word_of_the_other_language_makes_a_vague_one_clear(understanding: Understanding, text: str) -> None:
    """Also where it is the name of a car elsewhere (Lucid Air), or two characters that are no word alone."""
    assert types(understanding.parse(text))[0] == "air_filter"
    assert understanding.parse(text).unlisted == ()


def test_what_describes_a_part_is_not_the_part(understanding: Understanding) -> None:
    """A part name before another head word does not filter: a pump's bracket is no pump."""
    assert understanding.parse("water pump bracket").filter_types == ()
    assert understanding.parse("水泵架").filter_types == ()
    assert understanding.parse("water pump").filter_types == ("water_pump",)


@pytest.mark.parametrize("text", ["大灯", "AC blows warm", "scp", "foobarium", "r17"])
def test_something_must_be_found_when_nothing_filters(understanding: Understanding, text: str) -> None:
    """Where no part type filters, at least one group of words is needed: no answer with the whole catalogue."""
    intent = understanding.parse(text)
    assert intent.filter_types == ()
    assert any(group.needed and (group.tokens or group.types) for group in intent.groups)


def test_a_confident_part_needs_no_words(understanding: Understanding) -> None:
    """The words of a part type that filters only score, so that names in the other language are found too."""
    assert not any(group.needed for group in understanding.parse("前刹车片 卡罗拉 2015 原厂").groups)


def test_words_nobody_knows_are_left_over_and_searched(understanding: Understanding) -> None:
    """Unknown words are named as they were typed and must be found."""
    intent = understanding.parse("定制 脚垫 zzqx", verbatim=True)
    assert intent.rest == ("定制", "zzqx")
    assert [(group.tokens, group.needed) for group in intent.groups if group.kind == "word"] == [
        (("定制",), True),
        (("zzqx",), True),
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("左前减震器", ("front left",)),
        ("前减 左", ("front left",)),
        ("front left control arm", ("front left",)),
        ("brake pads front and rear", ("front", "rear")),
        ("前后刹车片", ("front", "rear")),
        ("左前 右后 轮速传感器", ("front left", "rear right")),
        ("upper control arm front right", ("front right upper",)),
        ("LH mirror", ("left",)),
        ("N/S wing mirror", ("left",)),
        ("刹车片", ()),
        ("内饰卡扣", ()),
        ("后视镜", ()),
    ],
)
def test_places(understanding: Understanding, text: str, places: tuple[str, ...]) -> None:
    """Places in both languages are canonical; characters inside other words are no places."""
    assert understanding.parse(text).positions == places


def test_brand_and_quality(understanding: Understanding) -> None:
    """Brands come from the catalogue and the configuration, quality as the catalogue's values."""
    assert understanding.parse("acme brake pads").brand == "ACME"
    assert understanding.parse("博世 雨刮").brand == "Bosch"
    assert understanding.parse("原厂 机滤").quality == ("oe",)
    assert understanding.parse("aftermarket oil filter").quality == ("aftermarket",)


def test_a_symptom_points_to_its_causes(understanding: Understanding) -> None:
    """A complaint gives causes by weight; a part that is only complained of is none of them."""
    intent = understanding.parse("方向盘抖动")
    assert intent.symptom is not None
    assert intent.symptom.id == "steering_shake"
    assert "steering_wheel" not in types(intent)
    assert types(intent)[0] in intent.symptom.part_types


def test_sizes_say_what_they_are_about(understanding: Understanding) -> None:
    """A size alone reads as the part it belongs to."""
    assert understanding.parse("5w40").filter_types == ("engine_oil",)
    assert understanding.parse("2255518").filter_types == ("tyre",)
    (spec,) = understanding.parse("225/55R18 轮胎").specs
    assert (spec.kind, spec.value) == ("tyre_size", "225/55r18")


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("全合成 5W30", "oil_grade", "5W-30"),
        ("机油 SP", "api_grade", "SP"),
        ("5W-30 SN/CF", "api_grade", "SN"),
        ("ACEA C3 5w30", "acea_grade", "C3"),
        ("5W40 A3/B4", "acea_grade", "B4"),
        ("0w20 GF-6A", "ilsac_grade", "GF-6A"),
        ("机油滤清器 3/4-16 UNF", "thread", "3/4-16 UN"),
        ("oil filter M20*1.5", "thread", "M20x1.5"),
        ("雨刮 24寸", "wiper_length", '24"'),
        ("雨刮片 600毫米", "wiper_length", "600mm"),
        ("17寸轮毂", "wheel_size", "R17"),
        ("轮毂 5孔114.3", "bolt_circle", "5x114.3"),
        ("G12++", "coolant_class", "G12++"),
        ("G12防冻液", "coolant_class", "G12"),
        ("防冻液 -35℃", "freezing_point", "-35°C"),
        ("DOT 5.1", "brake_fluid_grade", "DOT 5.1"),
        ("R-1234yf", "refrigerant", "R1234yf"),
        ("HFC-134a 冷媒", "refrigerant", "R134a"),
        ("6-QW-60 电瓶", "battery_code", "6QW60"),
        ("55D23L", "battery_code", "55D23L"),
        ("LN3 battery", "battery_code", "LN3"),
        ("H6 电瓶", "battery_code", "H6"),
        ("EFB 启停电瓶", "battery_technology", "EFB"),
        ("H7", "bulb_socket", "H7"),
        ("9005/HB3", "bulb_socket", "HB3"),
        ("P21/5W", "bulb_socket", "P215W"),
        ("205/55R16 91V", "tyre_load_speed", "91V"),
        ("LT265/70R17 轮胎", "tyre_size", "265/70R17"),
        ("11R22.5 轮胎", "tyre_size", "11R22.5"),
        ("火花塞 热值6", "heat_range", "6"),
    ],
)
def test_sizes_are_named_by_kind_and_as_people_write_them(
    understanding: Understanding, text: str, kind: str, written: str
) -> None:
    """Grades, threads, lengths, codes and classes, in Chinese and English forms."""
    assert (kind, written) in [(spec.kind, spec.written) for spec in understanding.parse(text).specs]
    assert understanding.parse(text).part_number is None


@pytest.mark.parametrize("text", ["SN", "a3 brake pads", "雪铁龙C3 刹车片", "C3 刹车片"])
def test_short_grades_count_only_beside_what_they_are_of(understanding: Understanding, text: str) -> None:
    """Two letters are an oil grade beside an oil, and otherwise none."""
    assert understanding.parse(text).specs == ()


def test_the_part_named_says_which_size_a_code_is(understanding: Understanding) -> None:
    """H7 is a bulb's socket, and beside a battery the battery's case."""
    assert understanding.parse("H7 灯泡").specs[0].kind == "bulb_socket"
    assert understanding.parse("H7 电瓶").specs[0].kind == "battery_code"


def test_a_size_stands_for_other_names_and_for_numbers_of_parts(understanding: Understanding) -> None:
    """9005 is HB3; 24 inches are 600 to 610 mm; a capacity is the part's number."""
    (socket,) = understanding.parse("9005").specs
    assert set(socket.same) == {"9005", "hb3"}
    (length,) = understanding.parse("雨刮 24寸").specs
    assert {"length_mm=600", "length_mm=610", "length_in=24"} <= set(length.attributes)
    (capacity,) = understanding.parse("60ah").specs
    assert capacity.attributes == ("capacity_ah=60",)


def test_a_size_that_is_a_trim_of_the_car_says_nothing_of_the_part(understanding: Understanding) -> None:
    """T10 is a bulb's socket, and beside an unclear word still the trim of the one car that has it."""
    intent = understanding.parse("t10 bulb")
    assert intent.vehicle is not None
    assert (intent.vehicle.models, intent.specs) == (("Sunray",), ())
    assert not any(reading.because.startswith("size") for reading in intent.part_types)


@lru_cache
def over(*table: tuple[str, str]) -> Understanding:
    """Over a table of English names."""
    vehicles = VehicleLexicon.build([(make, model, {}, (), {}) for make, model in table], load_words().makes)
    return Understanding(load_vocabulary(), vehicles)


def car(text: str, *table: tuple[str, str]) -> tuple[str | None, str | None]:
    """Make and model read in a text."""
    mention = over(*table).parse(text).vehicle
    return (mention.make, mention.model) if mention else (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("海豚 刹车片", ("BYD", "Dolphin")),
        ("秦 机滤", ("BYD", "Qin")),
        ("汉EV 雨刮", ("BYD", "Han EV")),
        ("pilot brake pads", (None, None)),
        ("2018款 pilot brake pads", ("Honda", "Pilot")),
        ("charger", (None, None)),
        ("海豚 挂件 xyz", (None, None)),
        ("秦", (None, None)),
    ],
)
def test_everyday_words_are_cars_where_nothing_speaks_against_it(
    text: str, expected: tuple[str | None, str | None]
) -> None:
    """In Chinese beside a part that is sure, or with a year that is marked as one; never beside a word nobody knows."""
    assert (
        car(text, ("BYD", "Dolphin"), ("BYD", "Qin"), ("BYD", "Han EV"), ("Dodge", "Charger"), ("Honda", "Pilot"))
        == expected
    )


def test_confidence_falls_with_each_doubt(understanding: Understanding) -> None:
    """A clean name is surer than its typo, and both filter."""
    clean, typo = understanding.parse("brake pads").part_types[0], understanding.parse("brkae pads").part_types[0]
    assert clean.confidence > typo.confidence >= FILTER_CONFIDENCE


@pytest.mark.parametrize("text", ["", " ", "？？？", "的", "a", "🚗", "\x00", "'", "/-.", "零", "1", "款", "x" * 300])
def test_odd_texts_are_understood_as_nothing(understanding: Understanding, text: str) -> None:
    """Empty, meaningless and over-long texts give an intent without a part."""
    assert understanding.parse(text).filter_types == ()


@pytest.mark.parametrize(
    ("prefix", "type_id"),
    [
        ("刹车", "brake_pad"),
        ("shach", "brake_pad"),
        ("scp", "brake_pad"),
        ("bra", "brake_pad"),
        ("卡罗拉 机油", "engine_oil"),
        ("corolla oil fi", "oil_filter"),
        ("機油濾", "oil_filter"),
    ],
)
def test_completion_finds_part_types(understanding: Understanding, prefix: str, type_id: str) -> None:
    """Part types complete in both scripts, by pinyin, by initials, and behind a car."""
    assert type_id in [found.id for found in understanding.complete(prefix).part_types]


def test_completion_finds_vehicles_and_keeps_what_was_typed(understanding: Understanding) -> None:
    """Makes and models complete with their parameters; query texts keep the words before."""
    (vehicle, *_) = understanding.complete("卡罗").vehicles
    assert vehicle.params == {"make": "Toyota", "model": "Corolla"}
    assert all(text.startswith("思域 ") for text, _ in understanding.complete("思域 刹车").queries)
    assert understanding.complete("").part_types == ()
