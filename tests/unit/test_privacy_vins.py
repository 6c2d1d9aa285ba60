"""VINs are squished wherever they stand, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.privacy import check_digit_holds, scrub, scrub_id, scrub_tree, squish

VIN = "1HGCM82633A004352"
SHORT = "1HGCM8263A"


def test_squish_keeps_positions_1_to_8_and_10_to_11() -> None:
    """The check digit and the serial are gone."""
    assert squish("ABCDEFGH9JK234567") == "ABCDEFGHJK"
    assert squish(" 1hgcm82633a004352 ") == SHORT


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "卡罗拉{}刹车片",
        "vin:{}.",
        "VIN{}",
        "/v1/search?q={}&x=1",
        "({}) {}",
    ],
)
def test_a_vin_is_found_in_any_surroundings(text: str) -> None:
    """Beside Chinese, after the word VIN, between punctuation, twice."""
    assert scrub(text.replace("{}", VIN)) == text.replace("{}", SHORT)
    assert scrub(text.replace("{}", VIN.lower())) == text.replace("{}", SHORT)


def test_full_width_and_grouped_vins_are_found() -> None:
    """As a Chinese keyboard types them, and as papers print them."""
    wide = "".join(chr(ord(char) + 0xFEE0) for char in VIN)
    assert scrub(f"{wide} 机油") == f"{SHORT} 机油"
    assert scrub("1HG CM82-633A 004352") == SHORT
    assert scrub("WVW ZZZ 1JZ 3W 386752") == "WVWZZZ1J3W"


def test_a_vin_with_one_character_too_many_is_squished() -> None:
    """It still names the car; other words and numbers of 18 characters stay."""
    for at in range(len(VIN)):
        assert VIN[9:] not in scrub(f"pads {VIN[: at + 1]}{VIN[at:]} please")
    assert scrub("WVWZZZ1JZ3W3867522") == "WVWZZZ1J3W"
    for text in ("ABCDEF12345678901Z", "123456789012345678", "uncharacteristically 2015"):
        assert scrub(text) == text


def test_a_mistyped_vin_is_squished_too() -> None:
    """The check digit need not hold, and O for 0 does not save it."""
    assert scrub("1HGCM82643A004352") == SHORT
    assert scrub("1HGCM82633AOO4352") == SHORT


@pytest.mark.parametrize(
    "text",
    [
        "telecommunication",
        "卡罗拉 2015 1.6 CVT 刹车片",
        "225/55R18 98V 5W-40 60Ah",
        "0 986 494 240 / 04465-02220",
        "CH47 BRAKE PADS 2015",
        "10157312345678902",
        "0123456789abcdef0123456789abcdef",
        "",
    ],
)
def test_what_is_no_vin_stays(text: str) -> None:
    """Words, sizes, part numbers, numeric and hexadecimal ids."""
    assert scrub(text) == text


def test_ids_are_scrubbed_by_the_strict_rule() -> None:
    """A VIN used as an id is squished; ids in mixed case, all digits, or without a serial stay distinct."""
    assert scrub_id(VIN) == SHORT
    assert scrub_id(f"ACME:{VIN}") == f"ACME:{SHORT}"
    for kept in ("QnTPuZkXhuTTpbFqz", "10157312345678902", "Ab3dEfGh9JkLm1234"):
        assert scrub_id(kept) == kept


def test_a_tree_is_scrubbed_to_its_leaves() -> None:
    """Values, members of lists and keys; numbers and nulls pass."""
    tree = {"a": [VIN, 1, None, {"b": f"x {VIN}"}], VIN: True}
    assert scrub_tree(tree) == {"a": [SHORT, 1, None, {"b": f"x {SHORT}"}], SHORT: True}


def test_known_check_digits_hold() -> None:
    """The example of 49 CFR 565, and one digit off."""
    assert check_digit_holds("1M8GDM9AXKP042788")
    assert not check_digit_holds("1M8GDM9A1KP042788")
    assert not check_digit_holds("too short")


@given(
    st.text(alphabet="ABCDEFGHJKLMNPRSTUVWXYZ", min_size=3, max_size=3), st.text("0123456789", min_size=14, max_size=14)
)
def test_no_vin_survives(letters: str, digits: str) -> None:
    """Whatever 17 characters with three letters and digits: the whole is gone, and scrubbing again changes nothing."""
    vin = letters + digits
    cleaned = scrub(f"我的车 {vin} 机滤")
    assert vin not in cleaned
    assert cleaned == f"我的车 {squish(vin)} 机滤"
    assert scrub(cleaned) == cleaned


@given(st.text())
def test_scrubbing_never_fails(text: str) -> None:
    """Any text at all, and the result is stable."""
    assert scrub(scrub(text)) == scrub(text)
