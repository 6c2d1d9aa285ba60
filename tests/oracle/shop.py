"""Builds a case as a real generation and asks it: straight through search plans, or over HTTP without a socket."""

from __future__ import annotations

import asyncio
import datetime
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from fitment_rules.model import note_id
from indexers.build import build
from indexers.engine.port import Engine
from indexers.generations import Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import Vocabulary
from search_service.app import create_app
from search_service.settings import Settings
from tests.oracle import files
from tests.oracle.catalogues import Case
from tests.oracle.oracle import Query

YEAR = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
KINDS = {"vehicles": RowKind.VEHICLES, "parts": RowKind.PARTS, "applications": RowKind.APPLICATIONS}


def publish(case: Case, folder: Path, data: Path, engine: Engine, vocabulary: Vocabulary) -> Generations:
    """Write the case's files to `folder` and publish them as one generation of `data`."""
    folder.mkdir(parents=True, exist_ok=True)
    written = files.write(case, folder)
    inputs = Inputs(files={KINDS[name]: (path,) for name, path in written.items()})
    build(BuildRequest(inputs, data, engine, vocabulary, _now(), bad_share=1.0, processes=0))
    return Generations(data, engine, 3)


def _now() -> datetime.datetime:
    """Some second of 2026: generations are named by it, and test sessions may share a node."""
    return YEAR + datetime.timedelta(seconds=secrets.randbelow(360 * 24 * 3600))


@dataclass
class Client:
    """Calls an application in this process."""

    runner: asyncio.Runner
    inner: httpx.AsyncClient

    def get(self, path: str, params: Mapping[str, Any]) -> Any:
        """The JSON of a successful GET."""
        return self._json(self.runner.run(self.inner.get(path, params=params)))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a successful POST."""
        return self._json(self.runner.run(self.inner.post(path, json=body)))

    def _json(self, response: httpx.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()


@contextmanager
def serving(settings: Settings) -> Iterator[Client]:
    """An application over a data folder that holds a published generation."""
    with asyncio.Runner() as runner:
        app = create_app(settings)
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        inner = _client(app)
        try:
            yield Client(runner, inner)
        finally:
            runner.run(inner.aclose())
            runner.run(lifespan.__aexit__(None, None, None))


def parameters(query: Query) -> dict[str, list[str]]:
    """The vehicle parameters of the contract, as text. An attribute may be said once only."""
    found: dict[str, list[str]] = {}
    for name, said in query.given:
        key = name if name in ("make", "model", "year", "engine", "vehicle_id") else f"attr.{name}"
        found[key] = [str(value) for value in said]
    if query.built:
        found["attr.built"] = [query.built]
    if query.vin_serial:
        found["attr.vin_serial"] = [query.vin_serial]
    for text, answer in query.notes.items():
        found[f"attr.note:{note_id(text)}"] = ["yes" if answer else "no"]
    if query.unknown:
        found["unknown"] = list(query.unknown)
    return found


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop")
