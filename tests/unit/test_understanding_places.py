"""Place signs inside the names of parts: which are places, and which belong to what the thing is called."""

from __future__ import annotations

import pytest

from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding(load_vocabulary(), VehicleLexicon.build(()))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("右外后视镜", ("right",)),
        ("左外后视镜片", ("left",)),
        ("右内后视镜", ("right",)),
        ("左后视镜", ("left",)),
        ("外后视镜", ()),
        ("后备箱盖", ()),
        ("前照灯", ()),
        ("内饰板", ()),
        ("左前照灯", ("left",)),
        ("左后备箱撑杆", ("left",)),
        ("左后门外拉手", ("rear left outer",)),
        ("右前门内拉手", ("front right inner",)),
        ("后门外拉手", ("rear outer",)),
        ("左前下球头", ("front left lower",)),
        ("右前下摆臂胶套", ("front right lower",)),
        ("左前外球笼", ("front left outer",)),
        ("右后尾灯 外侧", ("rear right outer",)),
        ("外尾灯 左", ("left outer",)),
        ("前杠线束", ("front",)),
        ("后杠支架 左", ("rear left",)),
        ("前轮轴承", ("front",)),
        ("后桥胶套", ("rear",)),
        ("前悬挂 减震器", ("front",)),
        ("左前门玻璃升降器", ("front left",)),
        ("前挡风玻璃", ("front",)),
        ("ball joint upper", ("upper",)),
        ("outer tie rod end right", ("right outer",)),
    ],
)
def test_signs_of_places_in_names(understanding: Understanding, text: str, places: tuple[str, ...]) -> None:
    """A sign is a place where the part is one without it, or stands at the end of the car that is named."""
    assert understanding.parse(text).positions == places
