"""Words for gearboxes and fuels against the values that Chinese tables have for them."""

from __future__ import annotations

import pytest

from search_service.understanding.vehicles import fuels, transmissions

GEARBOXES = ("5挡手动", "6挡手自一体", "CVT无级变速", "7挡双离合", "固定齿比变速箱")
FUELS = ("汽油", "油电混合", "插电式混合动力", "纯电动")


@pytest.mark.parametrize(
    ("said", "meant"), [("manual", GEARBOXES[:1]), ("automatic", GEARBOXES[1:]), ("dct", GEARBOXES[3:4])]
)
def test_a_gearbox_is_known_by_its_chinese_names(said: str, meant: tuple[str, ...]) -> None:
    """手自一体 shifts by itself: who says 自动挡 means it too, who says 手动 does not."""
    assert transmissions(said, GEARBOXES) == frozenset(meant)


def test_a_hybrid_is_known_by_its_chinese_names() -> None:
    """混合 as well as 混动."""
    assert fuels("hybrid", FUELS) == frozenset(FUELS[1:3])
