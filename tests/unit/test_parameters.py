"""Parameters without a name are faults, as misspelt ones are; advice on names nobody knows."""

from __future__ import annotations

import pytest

from search_service.errors import Invalid
from search_service.parameters import Parameters


@pytest.mark.parametrize("prefix", ["attr", "filter"])
def test_a_point_needs_a_name_behind_it(prefix: str) -> None:
    """`attr.=x` says nothing of any attribute, so it must not pass unseen."""
    parameters = Parameters([(f"{prefix}.", "x"), (f"{prefix}.brand", "ACME")])
    assert parameters.named(prefix) == {"brand": ["ACME"]}
    with pytest.raises(Invalid) as caught:
        parameters.finish()
    assert [one.field for one in caught.value.errors] == [f"{prefix}."]


@pytest.mark.parametrize(
    ("name", "advice"),
    [("vehicleid", "did you mean 'vehicle_id'?"), ("built", "is sent as 'attr.built'"), ("drive", "'attr.drive'")],
)
def test_an_unknown_name_says_what_may_be_meant(name: str, advice: str) -> None:
    """A name like it, else how attributes of a vehicle are sent, where vehicles are taken."""
    parameters = Parameters([(name, "x")])
    for known in ("lat", "lon", "q", "vehicle_id"):
        parameters.all(known)
    with pytest.raises(Invalid) as caught:
        parameters.finish()
    assert advice in caught.value.errors[0].message
