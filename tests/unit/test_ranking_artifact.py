"""Models on disk: what is written comes back, what was touched is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from benchmarks.ranking_shop import NOW, make_shop
from ranking import artifact, packing
from ranking.errors import ArtifactError
from ranking.profile import Candidates, Past
from ranking.train import train
from ranking.trained import Settings, TrainedModel


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    shop = make_shop(parts=80, types=3, users=20, queries=120)
    return train(shop.events, shop.items, now=NOW, seed=1, settings=Settings(factors=8, iterations=3))


def named(trained: TrainedModel, number: int) -> TrainedModel:
    return dataclasses.replace(trained, model=dataclasses.replace(trained.model, version=f"m-{number:012x}"))


def test_a_published_model_serves_the_same_scores(trained: TrainedModel, tmp_path: Path) -> None:
    """Written, loaded and asked, it answers as the one in memory, to the bit."""
    artifact.publish(tmp_path, trained)
    loaded = artifact.load(tmp_path)
    assert loaded is not None
    past = [Past("P000001", "purchase", 2.0), Past("P000005", "click", 9.0)]
    parts = Candidates(["P000002", "new"], ["type0", "type1"], ["brand1", "brand2"], ["oe", "oem"], [9.0, 99.0])
    expected = trained.model.score(trained.model.profile(past), parts)
    assert loaded.score(loaded.profile(past), parts).tolist() == expected.tolist()
    assert loaded.version == trained.model.version == artifact.current(tmp_path)


def test_an_empty_folder_has_no_model(tmp_path: Path) -> None:
    """Before the first training there is nothing, which is no error."""
    assert artifact.load(tmp_path) is None
    assert artifact.current(tmp_path / "nowhere") is None


def test_the_last_three_are_kept(trained: TrainedModel, tmp_path: Path) -> None:
    """Publishing a fourth drops the oldest; the one in service is always there."""
    for number in range(5):
        artifact.publish(tmp_path, named(trained, number))
        os.utime(tmp_path / f"m-{number:012x}", (number + 1, number + 1))
    assert artifact.versions(tmp_path) == [f"m-{number:012x}" for number in (4, 3, 2)]


def test_an_older_version_can_be_put_back(trained: TrainedModel, tmp_path: Path) -> None:
    """Rolling back is moving the pointer."""
    artifact.publish(tmp_path, named(trained, 1))
    artifact.publish(tmp_path, named(trained, 2))
    artifact.point(tmp_path, "m-000000000001")
    assert artifact.current(tmp_path) == "m-000000000001"
    with pytest.raises(ArtifactError, match="no model"):
        artifact.point(tmp_path, "../../etc")


@pytest.mark.parametrize("name", ["arrays.npz", "manifest.json"])
@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda _: b"", lambda data: data[:50] + b"?" + data[51:]])
def test_a_damaged_file_is_refused(
    name: str, damage: Callable[[bytes], bytes], trained: TrainedModel, tmp_path: Path
) -> None:
    """Cut, emptied or altered by one byte, the model is not loaded and the error names its folder."""
    version = artifact.publish(tmp_path, trained)
    path = tmp_path / version / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ArtifactError, match=version):
        artifact.load(tmp_path)


def changed(trained: TrainedModel, **arrays: Any) -> tuple[bytes, bytes]:
    """A packed model with some arrays replaced (None: left out) and a manifest that vouches for them."""
    manifest, data = packing.pack(trained)
    with np.load(io.BytesIO(data)) as archive:
        held = {name: archive[name] for name in archive.files} | arrays
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **{name: array for name, array in held.items() if array is not None})
    facts = msgspec.json.decode(manifest)
    facts |= {"sha256": hashlib.sha256(buffer.getvalue()).hexdigest(), "size": len(buffer.getvalue())}
    return msgspec.json.encode(facts), buffer.getvalue()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"recommend": np.zeros(1)}, "other arrays"),
        ({"factors": None}, "other arrays"),
        ({"blend": np.array([{}], object)}, "no readable archive"),
        ({"blend": np.full(6, np.nan)}, "not finite"),
        ({"blend": np.zeros(3)}, "shape"),
        ({"popularity": np.zeros(80)}, "type"),
        ({"brand": np.full(80, 999, np.int32)}, "codes"),
        ({"walk_starts": np.arange(81, dtype=np.int64)[::-1].copy()}, "ascend"),
        ({"names": np.frombuffer(b"{}", np.uint8)}, "names"),
    ],
)
def test_arrays_that_are_not_a_model_are_refused(arrays: dict[str, Any], message: str, trained: TrainedModel) -> None:
    """Extra keys, missing keys, pickled objects, NaN, wrong shapes, types and codes: none of them is used."""
    with pytest.raises(ArtifactError, match=message):
        packing.unpack(*changed(trained, **arrays))


def test_the_manifest_says_what_the_model_is(trained: TrainedModel) -> None:
    """Window, counts, metrics of the gate and settings can be read without numpy."""
    facts = msgspec.json.decode(packing.pack(trained)[0])
    assert facts["parts"] == 80
    assert facts["window"][0] < facts["window"][1]
    assert {"ratio", "cold_ratio", "ours", "base"} <= facts["metrics"].keys()
    assert facts["settings"]["factors"] == 8


def test_serving_never_loads_the_trainer() -> None:
    """A worker that loads models and ranks imports neither `implicit` nor `ranking.als`."""
    code = (
        "import sys; import ranking.artifact, ranking.ranker, ranking.recommend, ranking.experiments;"
        "sys.exit('implicit' in sys.modules or 'ranking.als' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
