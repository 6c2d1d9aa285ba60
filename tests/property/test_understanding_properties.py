"""What holds of understanding for every text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

PIECES = [
    *("刹车片", "前", "corolla", "卡罗拉", "2015", "15款", "5w-40", "shachepian", "brkae", "04465-02220", "的", "机油"),
    *("左后", "H7", "杀", "偏", "zzz", "原厂", "bosch", "1.8T", "-", "/", "'", "abs", "scp", "款", "年", "汉"),
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join),
)
VINS = st.from_regex(r"[A-HJ-NPR-Z]{3}[A-HJ-NPR-Z0-9]{8}[0-9]{6}", fullmatch=True)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    words = load_words()
    rows = [
        ("Toyota", "Corolla", {"zh": {"make": "丰田", "model": "卡罗拉"}}, (), {"displacement_l": 1.8, "trim": "GL"}),
        ("BYD", "Han", {"zh": {"model": "汉"}}, (), {}),
    ]
    return Understanding(load_vocabulary(), VehicleLexicon.build(rows, words.makes), ["Bosch"], words=words)


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(text=TEXTS, verbatim=st.booleans())
def test_every_text_has_an_intent_in_order(understanding: Understanding, text: str, verbatim: bool) -> None:
    """Parsing never fails; confidences lie in (0, 1] and fall; the same text gives the same intent."""
    intent = understanding.parse(text, verbatim=verbatim)
    confidences = [reading.confidence for reading in intent.part_types]
    assert all(0 < confidence <= 1 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert intent == understanding.parse(text, verbatim=verbatim)
    assert all((group.tokens or group.types) and all(group.tokens) for group in intent.groups)


@QUICK
@given(vin=VINS, before=st.sampled_from(PIECES), after=st.sampled_from(PIECES))
def test_no_vin_is_ever_shown(understanding: Understanding, vin: str, before: str, after: str) -> None:
    """Of a VIN in the text nothing but positions 1-8 and 10-11 stands in anything meant to be shown."""
    intent = understanding.parse(f"{before} {vin} {after}")
    assert intent.vin == vin
    shown = repr((intent.text, intent.rest, intent.groups, intent.readings, intent.corrections, intent.part_number))
    assert vin not in shown.upper()


@QUICK
@given(text=TEXTS)
def test_verbatim_corrects_nothing(understanding: Understanding, text: str) -> None:
    """`verbatim` leaves every word as typed."""
    assert understanding.parse(text, verbatim=True).corrections == ()


@QUICK
@given(text=TEXTS)
def test_codes_stay_codes(understanding: Understanding, text: str) -> None:
    """A correction never touches a digit: what had one still has the same ones."""
    for correction in understanding.parse(text).corrections:
        digits = [sign for sign in correction.original if sign.isdigit()]
        assert digits == [sign for sign in correction.corrected if sign.isdigit()]
