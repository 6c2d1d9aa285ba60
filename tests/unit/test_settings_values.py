"""Settings: from the environment and `.env`, checked, described without secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search_service.errors import InvalidSettings
from search_service.settings import (
    MASK,
    Settings,
    config_file,
    describe,
    load,
    short_keys,
    signing_key,
    unknown_variables,
)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`, so that nobody's settings decide a test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARTFIT_OPENSEARCH_URL", raising=False)
    return tmp_path


def test_the_environment_wins_over_the_file(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` fills in what the environment leaves open."""
    (empty_folder / ".env").write_text("PARTFIT_PORT=9001\nPARTFIT_HOST=0.0.0.0\n")
    monkeypatch.setenv("PARTFIT_PORT", "9002")
    settings = load()
    assert (settings.port, settings.host) == (9002, "0.0.0.0")


def test_an_empty_variable_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """`PARTFIT_ADMIN_KEY=` in a compose file does not set an empty key."""
    monkeypatch.setenv("PARTFIT_ADMIN_KEY", "")
    assert load().admin_key is None


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks around the commas do not count."""
    monkeypatch.setenv("PARTFIT_CORS_ORIGINS", "https://a.example, https://b.example,")
    monkeypatch.setenv("PARTFIT_VIN_PATTERNS", "a.yaml,~/b.yaml")
    settings = load()
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.vin_patterns == (Path("a.yaml"), Path.home() / "b.yaml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTFIT_PORT", "http"),
        ("PARTFIT_ENGINE", "elastic"),
        ("PARTFIT_BAD_ROW_SHARE", "1.5"),
        ("PARTFIT_WORKERS", "0"),
        ("PARTFIT_OPENSEARCH_URL", "localhost:9200"),
    ],
)
def test_an_impossible_value_is_named_by_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable."""
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert [error.field for error in caught.value.errors] == [name]


def test_a_key_that_can_be_guessed_is_named() -> None:
    """It works, and `doctor` and the log say which variable it is; none unset or long is named."""
    settings = load({"admin_key": "secret", "stamp_key": "long enough for anybody"})
    assert short_keys(settings) == ["PARTFIT_ADMIN_KEY"]
    assert short_keys(load()) == []


def test_every_setting_is_described() -> None:
    """One line a setting, each with a meaning."""
    lines = describe(load())
    assert {line.name for line in lines} == {f"PARTFIT_{name.upper()}" for name in Settings.model_fields}
    assert all(len(line.meaning) > 10 for line in lines)


def test_secrets_are_masked() -> None:
    """Keys, and the password inside a URL, never show; the rest of the URL does."""
    settings = load({"admin_key": "topsecret1", "opensearch_url": "https://u:pw12@node:9200,http://b:9200"})
    lines = {line.name: line for line in describe(settings)}
    assert lines["PARTFIT_ADMIN_KEY"][2:] == (MASK, True)
    assert lines["PARTFIT_OPENSEARCH_URL"].value == f"https://{MASK}@node:9200,http://b:9200"
    assert not any("topsecret1" in line.value or "pw12" in line.value for line in lines.values())
    assert "topsecret1" not in repr(settings)


def test_unknown_variables_are_named(empty_folder: Path) -> None:
    """A misspelt name is reported, from the environment and from the file; known ones are not."""
    (empty_folder / ".env").write_text("PARTFIT_PROT=1\nOTHER=2\n")
    given = {"PARTFIT_ADMINKEY": "x", "PARTFIT_PORT": "1", "partfit_host": "y", "PATH": "z"}
    assert unknown_variables(given) == ["PARTFIT_ADMINKEY", "PARTFIT_PROT"]


def test_the_signing_key_is_made_once(tmp_path: Path) -> None:
    """Workers that start at the same time end with one key, readable by the owner only."""
    settings = load({"data_dir": tmp_path / "data"})
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: signing_key(settings), range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert (tmp_path / "data" / "stamp.key").stat().st_mode & 0o077 == 0
    assert signing_key(load({"stamp_key": "operator-key"})) == "operator-key"


def test_the_operators_file_stands_in_place_of_ours(tmp_path: Path) -> None:
    """By name; what his folder lacks is ours."""
    (tmp_path / "synonyms.yaml").write_text("{}")
    settings = load({"config_dir": tmp_path})
    assert config_file(settings, "synonyms.yaml") == tmp_path / "synonyms.yaml"
    assert config_file(settings, "part_types.jsonl").parent != tmp_path


def test_training_steps_back_as_far_as_the_settings_say(tmp_path: Path) -> None:
    """In a process of its own; that nothing is published yet ends it after that."""
    asking = "import atexit, os; atexit.register(lambda: print('niceness', os.nice(0)))"
    code = f"{asking}; from search_service.cli import main; main()"
    environment = {**os.environ, "PARTFIT_DATA_DIR": str(tmp_path), "PARTFIT_TRAIN_NICENESS": "7"}
    before = os.nice(0)
    done = subprocess.run(
        [sys.executable, "-c", code, "train"], env=environment, capture_output=True, text=True, check=False
    )
    assert f"niceness {min(before + 7, 19)}" in done.stdout, done.stderr
