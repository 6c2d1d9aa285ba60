"""Tests that need the same thing are dealt out together."""

from __future__ import annotations

import pytest

from tests.plugins.scheduling import group_of


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/unit/test_understanding_parse.py::test_one[a::b]", "tests/unit/test_understanding_parse.py"),
        ("tests/browser/test_browser_shop.py::test_one", "browser"),
        ("tests/unit/test_scheduling.py::test_one[a::b]", "tests/unit/test_scheduling.py::test_one[a::b]"),
    ],
)
def test_a_module_with_a_fixture_of_its_own_stays_whole(nodeid: str, group: str) -> None:
    """And a named group together; a test that shares nothing goes alone."""
    assert group_of(nodeid) == group
