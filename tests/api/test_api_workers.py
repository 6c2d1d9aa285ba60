"""Two real worker processes: an event counts at once on either, a kill loses none, new parts and models come in."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.ranking_shop import NOW, make_shop
from ranking import artifact
from ranking.train import train
from ranking.trained import Settings, TrainedModel
from search_service.live.sqlite import open_sqlite
from search_service.understanding.kept import FOLDER, fingerprint
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words
from tests.api.shop import application, did, index, part, run, serving, write_rows

pytestmark = pytest.mark.thorough

PAD = "X:A-pad-front-0"
ASKED = {"kind": "for_you", "vehicle_id": "A", "size": 100}


def offered(client: httpx.Client, **who: Any) -> set[str]:
    """Part types recommended."""
    response = client.get("/v1/recommendations", params={**ASKED, **who})
    assert response.status_code == 200, response.text
    return {item["part_type"]["id"] for item in response.json()["items"]}


def both_see_it(client: httpx.Client) -> None:
    """Thirty customers each, over fresh connections: the very next answer knows the purchase, whoever gives it."""
    for number in range(30):
        who = {"user_id": f"u{number}"}
        assert "brake_pad" in offered(client, **who)
        assert client.post("/v1/events", json=did("purchase", PAD, **who)).json()["accepted"] == 1
        assert "brake_pad" not in offered(client, **who)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, httpx.Client]]:
    """The embedded engine, indexed, and two workers."""
    folder = tmp_path_factory.mktemp("workers")
    index(folder)
    with serving(folder) as (client, _):
        yield folder, client


def test_an_event_changes_the_very_next_answer_of_either_worker(shop: tuple[Path, httpx.Client]) -> None:
    """On the embedded engine."""
    both_see_it(shop[1])


def test_a_generation_comes_with_what_texts_are_looked_up_in(shop: tuple[Path, httpx.Client]) -> None:
    """The command that made it wrote the files that this code and these words ask for, and no worker any other."""
    name = fingerprint(load_vocabulary(), load_words())
    for generation in (shop[0] / "data" / "generations").glob("g*"):
        assert [folder.name.partition("-")[0] for folder in (generation / FOLDER).glob("[!.]*")] == [name]


@pytest.mark.opensearch
def test_an_event_changes_the_very_next_answer_on_opensearch(tmp_path: Path, opensearch_url: str) -> None:
    """On two workers over a real node."""
    prefix = f"w{time.time_ns() % 10**9}"
    chosen = {
        "PARTFIT_ENGINE": "opensearch", "PARTFIT_OPENSEARCH_URL": opensearch_url, "PARTFIT_OPENSEARCH_PREFIX": prefix,
        "PARTFIT_OPENSEARCH_TIMEOUT": "30",
    }  # fmt: skip
    index(tmp_path, **chosen)
    with serving(tmp_path, **chosen) as (client, _):
        both_see_it(client)


def test_a_kill_loses_no_acknowledged_event_and_a_repeated_one_counts_once(tmp_path: Path) -> None:
    """Events are posted without a pause, SIGKILL ends every process; what was acknowledged is there, once."""
    index(tmp_path)
    acknowledged: list[str] = []
    with serving(tmp_path) as (client, process):

        def send() -> None:
            try:
                for number in range(100_000):
                    event = did("click", f"P{number}", client_id="c1") | {"event_id": str(number)}
                    for _ in range(2):
                        assert client.post("/v1/events", json=event).json()["accepted"] == 1
                    acknowledged.append(f"P{number}")
            except httpx.TransportError:
                return

        sender = threading.Thread(target=send)
        sender.start()
        while len(acknowledged) < 50:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        sender.join()
    store = open_sqlite(tmp_path / "data" / "live")
    kept = [event.object_id for event in store.events()]
    store.close()
    assert len(kept) == len(set(kept))
    assert set(kept) >= set(acknowledged)


def test_a_part_indexed_now_is_recommended_within_five_seconds(shop: tuple[Path, httpx.Client]) -> None:
    """Added by `--update` while both workers serve: as a substitute, and at the place that is kept for new parts."""
    folder, client = shop
    new = part("A-pad-front-9", "brake_pad", "front", listed_at=time.strftime("%Y-%m-%d"))
    files = [("parts", [new]), ("applications", [application(new)])]
    told = [f"--{name}={write_rows(folder / f'new-{name}.jsonl', rows)}" for name, rows in files]
    run(folder, "index", "--update", *told)
    similar = {"kind": "similar", "part_id": PAD, "vehicle_id": "A"}
    until = time.monotonic() + 5
    while "X:A-pad-front-9" not in client.get("/v1/recommendations", params=similar).text:
        assert time.monotonic() < until
    shown = client.get("/v1/recommendations", params={"kind": "for_vehicle", "vehicle_id": "A"}).json()
    assert "X:A-pad-front-9" in [item["part_id"] for item in shown["items"]]


def test_models_are_swapped_without_a_failed_request(shop: tuple[Path, httpx.Client], trained: TrainedModel) -> None:
    """Five swaps while requests run: every one is answered in full, and in the end by the last model."""
    folder, client = shop
    failed: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answer = client.get("/v1/recommendations", params={**ASKED, "user_id": "u1"})
            if answer.status_code != 200 or not answer.json()["items"]:
                failed.append(answer.text)

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(5):
        name = f"m-{number:012x}"
        model = dataclasses.replace(trained.model, version=name)
        artifact.publish(folder / "data" / "models", dataclasses.replace(trained, model=model))
        _served_by(client, name)
    done.set()
    asking.join()
    assert failed == []


def test_a_damaged_model_leaves_the_one_in_service(shop: tuple[Path, httpx.Client], trained: TrainedModel) -> None:
    """It is not loaded, the answers go on and name it in `degraded`."""
    folder, client = shop
    good, bad = (dataclasses.replace(trained.model, version=f"m-{number:012x}") for number in (10, 11))
    models = folder / "data" / "models"
    artifact.publish(models, dataclasses.replace(trained, model=good))
    _served_by(client, good.version)
    aside = folder / "aside"
    artifact.publish(aside, dataclasses.replace(trained, model=bad))
    arrays = aside / bad.version / artifact.ARRAYS
    arrays.write_bytes(arrays.read_bytes()[:-100])
    shutil.copytree(aside / bad.version, models / bad.version)
    artifact.point(models, bad.version)
    until = time.monotonic() + 10
    while "model" not in (answer := client.get("/v1/recommendations", params=ASKED).json())["degraded"]:
        assert time.monotonic() < until
    assert answer["model_version"] == good.version
    assert answer["items"]


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    """A model of another shop: it knows none of these parts, which must not matter."""
    found = make_shop(parts=80, types=3, users=20, queries=120)
    return train(found.events, found.items, now=NOW, seed=1, settings=Settings(factors=8, iterations=3))


def _served_by(client: httpx.Client, version: str) -> None:
    """Wait until ten answers in a row, so most likely both workers', are of this model."""
    until, seen = time.monotonic() + 20, 0
    while seen < 10:
        found = client.get("/v1/recommendations", params=ASKED).json()["model_version"]
        seen = seen + 1 if found == version else 0
        assert time.monotonic() < until
