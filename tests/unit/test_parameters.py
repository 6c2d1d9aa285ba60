"""Parameters without a name are faults, as misspelt ones are."""

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
