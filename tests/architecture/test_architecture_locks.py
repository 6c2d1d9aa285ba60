"""The lock files pin and hash everything, and name no place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-jdk.lock")
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)", re.MULTILINE)


def plain(name: str) -> str:
    """A distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> set[tuple[str, str]]:
    """(name, version) of every entry; one package has two where platforms or interpreters differ."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {(plain(name), version) for name, version in PINNED.findall(text)}


def direct(requirements: list[str]) -> set[str]:
    """Normal names of the requirements."""
    return {plain(re.split(r"[\[<>=!~; ]", text, maxsplit=1)[0]) for text in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_no_host_and_no_path(lock: str) -> None:
    """A lock file names packages, never where they come from."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index-url|--find-links|^-e |^\.|^/| @ ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_has_a_hash(lock: str) -> None:
    """Each pinned version is followed by at least one sha256."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_the_development_lock_extends_the_other() -> None:
    """What tests run on is what the command runs on: the same versions, and more packages."""
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_every_dependency_is_locked() -> None:
    """No dependency of pyproject.toml is missing from the lock file of its kind."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": project["project"]["dependencies"] + groups["build"],
        "requirements-dev.lock": groups["dev"],
        "requirements-jdk.lock": groups["jdk"],
    }
    for lock, requirements in wanted.items():
        assert direct(requirements) <= {name for name, _ in pins(lock)}
