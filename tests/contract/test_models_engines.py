"""A published model serves on every host of an engine: from the folder, or from the cluster."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.ranking_shop import NOW, make_shop
from indexers.engine.factory import open_engine
from indexers.engine.port import Engine
from ranking.train import train
from ranking.trained import Settings, TrainedModel
from search_service.models import Models


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    shop = make_shop(parts=80, types=3, users=20, queries=120)
    return train(shop.events, shop.items, now=NOW, seed=1, settings=Settings(factors=8, iterations=3))


@pytest.fixture
def cluster(opensearch_url: str) -> Iterator[Engine]:
    prefix = f"partfit_test_{uuid.uuid4().hex[:12]}"
    engine = open_engine("opensearch", url=opensearch_url, prefix=prefix)
    yield engine
    engine.models._cluster.call("DELETE", f"/{prefix}_models")  # type: ignore[attr-defined]
    engine.close()


def versioned(trained: TrainedModel, number: int) -> TrainedModel:
    return dataclasses.replace(trained, model=dataclasses.replace(trained.model, version=f"m-{number:012x}"))


def test_a_folder_holds_the_models_of_the_embedded_engine(trained: TrainedModel, tmp_path: Path) -> None:
    """What is published is in service, from the data folder alone."""
    models = Models(tmp_path, open_engine("embedded", root=tmp_path / "index"))
    assert models.current() is None
    version = models.publish(trained)
    loaded = models.load(version)
    assert loaded is not None
    assert loaded.version == models.current() == version


@pytest.mark.opensearch
def test_another_host_serves_the_model_that_this_one_published(
    trained: TrainedModel, tmp_path: Path, cluster: Engine
) -> None:
    """A host with an empty data folder fetches the model in service, follows the next, and keeps it when cut off."""
    here, there = Models(tmp_path / "here", cluster), Models(tmp_path / "there", cluster)
    first, second = there.load(here.publish(trained)), versioned(trained, 2)
    assert first is not None
    assert first.factors.tolist() == trained.model.factors.tolist()
    here.publish(second)
    version = there.current()
    assert version == "m-000000000002"
    loaded = there.load(version)
    assert loaded is not None
    assert loaded.version == version
    unreachable = open_engine("opensearch", url="http://127.0.0.1:9")
    assert Models(tmp_path / "there", unreachable).current() == "m-000000000002"
    unreachable.close()


@pytest.mark.opensearch
def test_the_cluster_keeps_the_models_that_the_trainer_keeps(
    trained: TrainedModel, tmp_path: Path, cluster: Engine
) -> None:
    """Older versions go from the cluster as they go from the folder of the host that trains."""
    models = Models(tmp_path, cluster)
    for number in range(5):
        models.publish(versioned(trained, number))
    held = cluster.models.manifests()  # type: ignore[attr-defined]
    assert len(held) == 3
    assert "m-000000000004" in held
