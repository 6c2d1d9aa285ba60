"""Notes read: what becomes a condition, what stays open as it could mean two things, and which kind is proposed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitment_rules.model import OPEN, NoteKind, Scalar, Vehicle, Window, note_id
from fitment_rules.vehicles import VehicleTable
from indexers.errors import UnreadableSource
from indexers.notes.classify import Asks, NoteReader
from indexers.notes.lexicon import NoteLexicon, load_note_lexicon
from indexers.notes.reread import add
from indexers.notes.review import merged, read_reviews
from search_service.resources import config_folder

LEXICON = load_note_lexicon(config_folder())
TURBO = {"aspiration": "Turbocharged", "transmission": "Manual 6-spd", "drive": "AWD", "displacement_l": 1.998,
         "suspension": "sport", "rotor_mm": 300, "abs": "yes", "fuel": "petrol", "engine": "EA888"}  # fmt: skip
PLAIN = {"aspiration": "natural", "transmission": "CVT", "drive": "FWD", "displacement_l": 1.6,
         "suspension": "comfort", "rotor_mm": 280, "abs": "no", "fuel": "diesel", "engine": "1ZR-FE",
         "doors": 5}  # fmt: skip


def reader(*attributes: Mapping[str, Scalar], lexicon: NoteLexicon = LEXICON) -> NoteReader:
    rows = [
        Vehicle(f"v{number}", "Make", "Model", Window(2014, 2016), attributes=one)
        for number, one in enumerate(attributes)
    ]
    return NoteReader(lexicon, VehicleTable(rows, Window(2010, 2027)))


def days(first: str | None, last: str | None) -> Window:
    return Window(*(None if one is None else datetime.date.fromisoformat(one).toordinal() for one in (first, last)))


@pytest.mark.parametrize(
    ("note", "asks"),
    [
        ("exc. turbo", Asks(except_=({"aspiration": ("turbocharged",)},))),
        ("non-turbo", Asks(except_=({"aspiration": ("turbocharged",)},))),
        ("w/o sport suspension", Asks(except_=({"suspension": ("sport",)},))),
        ("w/Sport Suspension", Asks({"suspension": ("sport",)})),
        ("with 300mm rotor", Asks({"rotor_mm": (300.0,)})),
        ("Manual Trans.", Asks({"transmission": ("manual 6-spd",)})),
        ("AWD only", Asks({"drive": ("awd",)})),
        ("for vehicles with AWD", Asks({"drive": ("awd",)})),
        ("2.0L", Asks({"displacement_l": (1.998,)})),
        ("2.0T", Asks({"displacement_l": (1.998,), "aspiration": ("turbocharged",)})),
        ("2.0L, manual trans", Asks({"displacement_l": (1.998,), "transmission": ("manual 6-spd",)})),
        ("diesel and AWD", Asks({"fuel": ("diesel",), "drive": ("awd",)})),
        ("with EA888 engine", Asks({"engine": ("ea888",)})),
        ("w/o ABS", Asks(except_=({"abs": ("yes",)},))),
        ("带涡轮增压", Asks({"aspiration": ("turbocharged",)})),
        ("非增压车型", Asks(except_=({"aspiration": ("turbocharged",)},))),
        ("适用于手动挡", Asks({"transmission": ("manual 6-spd",)})),
        ("仅限柴油车", Asks({"fuel": ("diesel",)})),
        ("不带ABS", Asks(except_=({"abs": ("yes",)},))),
        ("不带 ＡＢＳ", Asks(except_=({"abs": ("yes",)},))),
        ("2.0T 四驱版", Asks({"displacement_l": (1.998,), "aspiration": ("turbocharged",), "drive": ("awd",)})),
        ("2.0T涡轮增压", Asks({"displacement_l": (1.998,), "aspiration": ("turbocharged",)})),
        ("1.6自吸", Asks({"displacement_l": (1.6,), "aspiration": ("natural",)})),
        ("1.6L diesel", Asks({"displacement_l": (1.6,), "fuel": ("diesel",)})),
        ("无级变速箱", Asks({"transmission": ("cvt",)})),
    ],
)
def test_an_attribute_of_the_table_is_asked(note: str, asks: Asks) -> None:
    """Affirmed or denied, in either language, as the values that the table itself uses."""
    assert reader(TURBO, PLAIN).read(note).asks == asks


@pytest.mark.parametrize(
    ("note", "built"),
    [
        ("from 06/2015", days("2015-06-01", None)),
        ("thru 06/2015", days(None, "2015-06-30")),
        ("built after 06/2015", days("2015-07-01", None)),
        ("fits vehicles built after 2/15/2008", days("2008-02-16", None)),
        ("before 2/15/2008", days(None, "2008-02-14")),
        ("06/2015 - 12/2017", days("2015-06-01", "2017-12-31")),
        ("June 2015 on", days("2015-06-01", None)),
        ("2015年6月之后生产", days("2015-06-01", None)),
        ("2015年6月之前生产", days(None, "2015-05-31")),
        ("仅适用于2015年6月以前生产的车型", days(None, "2015-05-31")),
        ("2015.06-2017.12", days("2015-06-01", "2017-12-31")),
    ],
)
def test_build_dates_are_asked(note: str, built: Window) -> None:
    """Months are whole; `after` and `before` leave the named month or day out, 之后 begins with it."""
    assert reader().read(note).asks == Asks(built=built)


@pytest.mark.parametrize(
    ("note", "years"),
    [
        ("thru 2012", Window(None, 2012)),
        ("2013-2016", Window(2013, 2016)),
        ("2015年之后", Window(2015, None)),
        ("2013款至2016款", Window(2013, 2016)),
        ("2013-2016年款", Window(2013, 2016)),
        ("2015款", Window(2015, 2015)),
        ("2015款及以后", Window(2015, None)),
        ("Up to 2003 model year", Window(None, 2003)),
        ("MY2015 on", Window(2015, None)),
    ],
)
def test_bare_years_are_model_years(note: str, years: Window) -> None:
    """A year without a month is a model year; with a word of building it is not."""
    assert reader().read(note).asks == Asks(years=years)
    assert reader().read("built thru 2012").asks == Asks(built=days(None, "2012-12-31"))


def test_serial_numbers_are_the_last_six() -> None:
    """Of a whole VIN or given as six; any other length is not understood."""
    assert reader().read("to VIN 123456").asks == Asks(serial=(None, "123456"))
    assert reader().read("from VIN JT2AE92E0J3123456").asks == Asks(serial=("123456", None))
    assert reader().read("from chassis 001000 to 002000").asks == Asks(serial=("001000", "002000"))
    assert reader().read("底盘号至LFV3A23C1H3012345").asks == Asks(serial=(None, "012345"))
    assert reader().read("to VIN 12345").asks is None


@pytest.mark.parametrize(
    "note",
    [
        "10/05/2009-12/08/2010", "from 06/15", "after 2012", "2015款之后", "exc. turbo, diesel",
        "without turbo and diesel", "fits turbo or diesel", "with or without turbo", "with ADVICS caliper",
        "turbo replacement hose", "Turbo kit", "with front 300mm rotor", "V6", "4 door, with AWD or FWD",
        "exc. 2.0L diesel", "4 door", "自动四驱", "19款", "2016款至2013款", "2.0T 4WD or AWD", "1.6L 5MT",
        "standard after 12/15/2009", "from 13/2015", "thru 06/2015, from 01/2012", "适用于涡轮增压管", "AWD, FWD",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_stays_open(note: str) -> None:
    """Swappable days, short years, lists after a denial, `or`, and words beside the known ones."""
    assert reader(TURBO, PLAIN).read(note).asks is None


def test_a_value_that_no_class_knows_leaves_the_note_open() -> None:
    """A vehicle whose gearbox is spelled in no known way must not be excluded by `manual trans`."""
    assert reader(TURBO, {"transmission": "Getrag 233"}).read("manual trans").asks is None
    assert reader(TURBO, {"transmission": "AMT"}).read("manual trans").asks is None
    assert reader(TURBO, PLAIN).read("automatic trans").asks is None
    assert reader({"transmission": "Automatic"}, TURBO).read("auto trans").asks == Asks(
        {"transmission": ("automatic",)}
    )


@pytest.mark.parametrize(
    ("values", "note", "meant"),
    [
        (("7DCT", "6挡手自一体", "CVT无级变速", "5挡手动"), "双离合变速箱", "7dct"),
        (("7DCT", "手动", "e-CVT"), "适用于手动挡", "手动"),
        (("Automatic (AV-S6)", "Manual 5-spd", "Automatic (AM-S7)"), "CVT", "automatic (av-s6)"),
    ],
)  # fmt: skip
def test_gearboxes_are_known_by_their_usual_names(values: tuple[str, ...], note: str, meant: str) -> None:
    """With the count of gears before or behind, in either language; the more exact class counts."""
    assert reader(*({"transmission": one} for one in values)).read(note).asks == Asks({"transmission": (meant,)})


@pytest.mark.parametrize(
    ("attribute", "values", "note", "meant"),
    [
        ("drive", ("全时四驱", "适时四驱", "前置前驱"), "四驱版", ("全时四驱", "适时四驱")),
        ("aspiration", ("机械增压", "涡轮增压", "自然吸气"), "带涡轮增压", ("涡轮增压",)),
        ("fuel", ("汽油", "油电混合", "柴油"), "柴油车", None),
        ("body", ("5门7座SUV", "4门5座三厢车"), "SUV", ("5门7座suv",)),
        ("emission", ("国VI", "国V", "国IV"), "国六排放", ("国vi",)),
        ("emission", ("国五", "国Ⅵb"), "仅适用于国Ⅴ车型", ("国五",)),
        ("seats", (5, 7), "7座", (7,)),
    ],
)
def test_values_of_chinese_tables_are_told_apart(
    attribute: str, values: tuple[Scalar, ...], note: str, meant: tuple[Scalar, ...] | None
) -> None:
    """Words inside longer ones (四驱 in 全时四驱, 国V in 国VI) count for the longer."""
    asks = reader(*({attribute: one} for one in values)).read(note).asks
    assert asks == (None if meant is None else Asks({attribute: meant}))


def test_a_displacement_at_the_edge_leaves_the_note_open() -> None:
    """1.95 litres may be sold as 1.9 or 2.0."""
    assert reader(TURBO, {"displacement_l": 1.95}).read("2.0L").asks is None


def test_a_value_inside_another_leaves_the_note_open() -> None:
    """`sport suspension` might mean the one called `sport plus` too."""
    assert reader(TURBO, {"suspension": "sport plus"}).read("w/o sport suspension").asks is None


def test_a_table_without_the_attribute_is_asked_in_plain_words() -> None:
    """What a customer can tell is asked under the standard name; a denial is better answered as the note it is."""
    assert reader().read("带涡轮增压").asks == Asks({"aspiration": ("turbo",)})
    assert reader().read("exc. turbo").asks is None
    assert reader().read("with ABS").asks is None


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("carbon version", NoteKind.VARIANT), ("2 piece", NoteKind.VARIANT), ("活性炭", NoteKind.VARIANT),
        ("Located under the glove box", NoteKind.HINT), ("Torque to 25 Nm", NoteKind.HINT),
        ("安装时请润滑", NoteKind.HINT),
        ("replaces AQ1076", NoteKind.REMARK), ("May not be standard equipment", NoteKind.REMARK),
        ("已停产", NoteKind.REMARK), ("Sold as a pair", NoteKind.VARIANT), ("4片装", NoteKind.VARIANT),
        ("w/ aluminum wheels", NoteKind.CONDITION), ("Requires recalibration after replacement", NoteKind.HINT),
        ("更换后需做匹配", NoteKind.HINT), ("Non-returnable", NoteKind.REMARK), ("原编号06L115562B", NoteKind.REMARK),
        ("with air conditioning", NoteKind.CONDITION), ("banana", NoteKind.CONDITION),
    ],
)  # fmt: skip
def test_a_kind_is_proposed(note: str, kind: NoteKind) -> None:
    """From the strongest cue, `condition` where there is none; with a confidence, and without any effect."""
    reading = reader().read(note)
    assert (reading.kind, reading.asks) == (kind, None)
    assert 0 < reading.confidence < 1


@given(st.text(max_size=40))
def test_any_text_is_read_the_same_twice(text: str) -> None:
    """Reading never fails, does not depend on case, width or blanks, and is deterministic."""
    first = reader(TURBO).read(text)
    assert reader(TURBO).read(text) == first
    assert 0 < first.confidence <= 1


@given(
    st.sampled_from(["turbo", "AWD", "2.0L", "diesel", "from 06/2015"]),
    st.sampled_from(["hose", "version", "或", "kit"]),
)
def test_a_word_beside_a_known_one_is_never_dropped(known: str, other: str) -> None:
    """A note with any word that is not understood is not understood."""
    assert reader(TURBO, PLAIN).read(f"{known} {other}").asks is None


def test_conditions_meet_those_of_the_row() -> None:
    """Windows and values narrow each other; where nothing is left the row stays as it was said."""
    selector = {"make": ["T"], "model": [], "years": (2010, 2016)}
    condition = {"where": {"fuel": ["diesel", "petrol"]}, "built": days("2012-01-01", None)}
    condition["built"] = (condition["built"].start, None)  # type: ignore[attr-defined]
    asks = Asks({"fuel": ("Diesel",)}, built=days(None, "2014-12-31"), years=Window(2012, None))
    assert add(selector, condition, asks, Window(2010, 2027))
    assert selector["years"] == (2012, 2016)
    assert condition["where"] == {"fuel": ["diesel"]}
    assert condition["built"] == (days("2012-01-01", None).start, days(None, "2014-12-31").end)
    assert not add({"years": (2010, 2011)}, {}, Asks(years=Window(2012, None)), Window(2010, 2027))
    assert not add({"years": (None, None)}, {"where": {"fuel": ["x"]}}, Asks({"fuel": ("y",)}), OPEN)


def test_a_review_file_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    """The line, and the reason; nothing is taken from a bad file."""
    file = tmp_path / "reviews.jsonl"
    for line, reason in (
        ('{"text": "x", "kind": "joke"}', "line 1"), ('{"kind": "hint"}', "text or note_id"),
        ('{"text": "x", "kind": "hint", "where": {"a": 1}}', "only a condition"),
        ('{"text": "x", "built_from": "soon"}', "soon"),
    ):  # fmt: skip
        file.write_text(line)
        with pytest.raises(UnreadableSource, match=reason):
            read_reviews(file)


def test_later_reviews_correct_earlier_ones(tmp_path: Path) -> None:
    """By note, whatever its case; a deletion withdraws."""
    file = tmp_path / "reviews.jsonl"
    file.write_text('{"text": "Carbon Version", "kind": "hint", "count": 3}\n{"text": "b", "kind": "hint"}\n')
    before = read_reviews(file)
    file.write_text('{"text": "carbon version", "kind": "variant"}\n{"text": "B", "action": "D"}\n')
    found = merged(before, read_reviews(file))
    assert {key: one.kind for key, one in found.items()} == {note_id("carbon version"): NoteKind.VARIANT}
