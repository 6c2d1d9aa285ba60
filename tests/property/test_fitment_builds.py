"""Build windows found by their days are judged as one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fitment_rules import builds
from fitment_rules.builds import Builds
from fitment_rules.model import Result, Window

DAYS = st.none() | st.integers(1, 12)
WINDOWS = st.tuples(DAYS, DAYS).map(
    lambda ends: Window(*ends) if None in ends else Window(min(ends), max(ends))  # type: ignore[type-var]
)


@given(windows=st.lists(WINDOWS, unique=True, min_size=builds.FEW + 1, max_size=60), rule=WINDOWS)
def test_many_windows_are_judged_as_one_by_one(windows: list[Window], rule: Window) -> None:
    """True where the rule's window holds all of a candidate's, possible unless they do not meet; open is unknown."""
    groups = [(window, 1 << place) for place, window in enumerate(windows)]
    results = [rule.judge(window) for window in windows]
    true = sum(1 << place for place, result in enumerate(results) if result is Result.MATCH)
    possible = sum(1 << place for place, result in enumerate(results) if result is not Result.MISMATCH)
    assert Builds(groups).masks(rule) == (true, possible)
