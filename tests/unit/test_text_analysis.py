"""The one text analysis: scripts, sizes, stems, part numbers."""

from __future__ import annotations

import pytest

from indexers.text import Analysis, analyse, fold, number_key, number_keys_in, phrase_key, rims


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("煞車片", "煞车片"),
        ("ｂｒａｋｅ", "BRAKE"),
        ("Citroën", "citroen"),
        ("anti–roll", "anti-roll"),
        ("機油濾清器", "机油滤清器"),
    ],
)
def test_spellings_fold_together(one: str, other: str) -> None:
    """Width, case, script, accents and kinds of dashes make no difference."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("5W-40", "5w40"),
        ("5w 40", "5w40"),
        ("225/55 R18", "225/55r18"),
        ("225 55 18", "225/55r18"),
        ("2255518", "225/55r18"),
        ("205/55ZR16", "205/55r16"),
        ("60 Ah", "60ah"),
        ("60安", "60ah"),
        ('26"', "26in"),
        ("26寸", "26in"),
        ("1.8 T", "1.8t"),
        ("1.6升", "1.6l"),
        ("DOT 4", "dot4"),
        ("R-134a", "r134a"),
        ("12 V", "12v"),
        ("3/4-16 UNF", "3/4-16un"),
        ("M20 × 1.5", "m20x1.5"),
        ("M20*1.5", "m20x1.5"),
        ("5*112", "5x112"),
        ("G12++", "g12plusplus"),
        ("G12 plus", "g12plus"),
        ("DOT 5.1", "dot5.1"),
        ("HFO-1234yf", "r1234yf"),
        ("-35℃", "minus35c"),
        ("热值 6", "heatrange6"),
        ("295/80 R22.5", "295/80r22.5"),
    ],
)
def test_sizes_are_one_token(text: str, token: str) -> None:
    """However a size is punctuated, it is indexed and searched as the same token."""
    assert analyse(text) == [token]


def test_a_tyre_names_the_rim_it_is_for() -> None:
    """Only whole tyre sizes have a rim."""
    assert rims("tire 225/45r17 91w 205/55r16 w712/95") == ["r17", "r16"]


def test_a_unit_needs_its_number() -> None:
    """A character that may be a unit stays itself in a word: 安全 is no ampere hour."""
    assert "12ah" not in analyse("12安全气囊")
    assert analyse("安")[0] == "安"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("brake pads", ["brake", "pad"]),
        ("Tyres tires", ["tire", "tire"]),
        ("anti-roll bar bushes", ["anti", "roll", "bar", "bush"]),
        ("brake lining", ["brake", "lining"]),
        ("A/C", ["ac"]),
        ("front/rear", ["front", "rear"]),
        ("won't start", ["wont", "start"]),
        ("driver's", ["driver"]),
        ("2012-2016", ["2012", "2016"]),
        ("H4/H7", ["h4", "h7"]),
        ("04465-02220", ["0446502220"]),
        ("lens lenses", ["lens", "lens"]),
    ],
)
def test_latin_words_and_codes(text: str, tokens: list[str]) -> None:
    """Words are stemmed in one spelling and split at hyphens; codes and part numbers are joined."""
    assert analyse(text) == tokens


def test_chinese_gives_characters_pairs_and_words() -> None:
    """A run gives every character, every pair, and the longest words of the lexicon."""
    analysis = Analysis(["刹车片", "前刹车片盒"])
    assert analysis("前刹车片") == ["前", "刹", "车", "片", "前刹", "刹车", "车片", "刹车片"]


def test_overlapping_words_take_the_longest() -> None:
    """Of two words that begin at one place the longer is taken, and none begins inside it."""
    assert Analysis(["膨胀水", "膨胀水箱", "水箱盖"])("膨胀水箱盖")[-1] == "膨胀水箱"


def test_a_phrase_key_ignores_blanks_between_chinese() -> None:
    """Blanks count between Latin words only."""
    assert phrase_key("刹车 片") == phrase_key("刹车片")
    assert phrase_key("Brake  Pads") == "brake pad"


@pytest.mark.parametrize("typed", ["0 986-494.240", "0986494240", "0986 494 240", "０９８６４９４２４０"])
def test_a_number_key_has_no_punctuation(typed: str) -> None:
    """Blanks, dashes, dots and width do not count in a part number."""
    assert number_key(typed) == "0986494240"


def test_look_alike_signs_of_numbers_stay_apart() -> None:
    """O and 0, I and 1 are different part numbers."""
    assert number_key("O1-I0") == "O1I0"


def test_numbers_in_a_text_are_joined_over_blanks_but_not_over_words() -> None:
    """Pieces with nothing but blanks between may be one number; Chinese text parts numbers."""
    assert number_keys_in("HU 7020 z 机滤") == ["HU7020Z", "HU7020", "7020Z", "7020"]
    assert "HU7020机滤Z" not in number_keys_in("HU7020 机滤 z")
    assert number_keys_in("HU7020 机滤 z") == ["HU7020"]


def test_a_number_has_a_digit_and_four_signs() -> None:
    """Words and short sizes are no part numbers."""
    assert number_keys_in("brake pads H7") == ["BRAKEPADSH7", "PADSH7"]
    assert number_keys_in("brake pads") == []
