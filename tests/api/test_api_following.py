"""A process follows what is published without letting answers wait."""

from __future__ import annotations

import gc
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.ranking_shop import NOW, make_shop
from ranking import artifact
from ranking.model import Model
from ranking.train import train
from ranking.trained import Settings
from search_service import runtime as following
from search_service.app import open_runtime
from search_service.models import Models
from search_service.runtime import LOOK_EVERY
from search_service.settings import load
from tests.api import shop

SECONDS = 60.0


def test_looking_for_a_new_generation_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the pointer is being read the old generation answers; the new one is in service once it was read."""
    shop.index(tmp_path)
    runtime = open_runtime(load({"data_dir": tmp_path / "data", "log_level": "error"}))
    try:
        runtime.remote = True
        first = runtime.serving().generation.name
        may_read, current = threading.Event(), runtime.generations.current

        def slow() -> str | None:
            assert may_read.wait(SECONDS)
            return current()

        monkeypatch.setattr(runtime.generations, "current", slow)
        shop.index(tmp_path)
        time.sleep(LOOK_EVERY)
        assert runtime.serving().generation.name == first
        may_read.set()
        until = time.monotonic() + SECONDS
        while runtime.serving().generation.name == first and time.monotonic() < until:
            time.sleep(0.05)
        assert runtime.serving().generation.name != first
    finally:
        runtime.close()


def test_a_model_that_is_read_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is read answers go on with the one before; then it is in service."""
    shop.index(tmp_path)
    found = make_shop(parts=80, types=3, users=20, queries=120)
    trained = train(found.events, found.items, now=NOW, seed=1, settings=Settings(factors=8, iterations=3))
    one, other = (replace(trained.model, version=f"m-{number:012x}") for number in (1, 2))
    models = tmp_path / "data" / "models"
    artifact.publish(models, replace(trained, model=one))
    runtime = open_runtime(load({"data_dir": tmp_path / "data", "log_level": "error"}))
    try:
        assert runtime.serving().model_version == one.version
        may_read, read = threading.Event(), Models.load

        def slow(held: Models, version: str) -> Model | None:
            assert may_read.wait(SECONDS)
            return read(held, version)

        monkeypatch.setattr(Models, "load", slow)
        artifact.publish(models, replace(trained, model=other))
        for _ in range(2):
            time.sleep(LOOK_EVERY)
            assert runtime.serving().model_version == one.version
        may_read.set()
        until = time.monotonic() + SECONDS
        while runtime.serving().model_version != other.version and time.monotonic() < until:
            time.sleep(0.05)
        assert runtime.serving().model_version == other.version
    finally:
        runtime.close()


def test_a_worker_nobody_asked_for_long_looks_before_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had in service may be removed meanwhile; its first answer is of what is published now."""
    shop.index(tmp_path)
    runtime = open_runtime(load({"data_dir": tmp_path / "data", "log_level": "error"}))
    try:
        runtime.remote = True
        first = runtime.serving().generation.name
        shop.index(tmp_path)
        monkeypatch.setattr(following, "LOOK_FIRST", LOOK_EVERY)
        time.sleep(LOOK_EVERY)
        assert runtime.serving().generation.name != first
    finally:
        runtime.close()


def test_a_worker_lets_go_of_the_generation_before_the_last(tmp_path: Path) -> None:
    """However often is published, it holds the objects of two generations (thousands each, that hold each other)."""
    runtime = open_runtime(load({"data_dir": tmp_path / "data", "log_level": "error"}))
    try:
        held = []
        for _ in range(4):
            shop.index(tmp_path)
            runtime.refresh()
            held.append(gc.get_freeze_count())
        assert held[3] - held[2] < 1000
    finally:
        gc.unfreeze()
        runtime.close()
