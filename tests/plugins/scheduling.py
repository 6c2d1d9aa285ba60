"""A pytest plugin: which tests go to one process together when several run (`-n`).

A module with a fixture of its own stays whole, so that the fixture is made once; files that say
`xdist_group("name")` stay together; every other test goes wherever there is room. The files themselves are asked: the
process that deals tests out knows no more of them than their names, and pytest 9.2 has xdist 3.8 lose the groups.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_GROUP = re.compile(r"xdist_group\(\"(\w+)\"\)")


def group_of(nodeid: str) -> str:
    """What the test is dealt out with: the name of a group, its file, or only itself."""
    file = nodeid.partition("::")[0]
    return _group_of_file(file) or nodeid


@cache
def _group_of_file(file: str) -> str | None:
    text = (ROOT / file).read_text(encoding="utf-8")
    named = _GROUP.search(text)
    return named[1] if named else file if 'scope="module"' in text else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out by `group_of`, the groups with most tests first; only with `--dist loadgroup`."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Groups(config, log)
