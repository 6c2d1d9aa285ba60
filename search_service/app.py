"""The composition root: settings in, application out. The only place that opens what the rooms are given."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from indexers.engine.factory import open_engine
from indexers.engine.port import Engine
from indexers.generations import Generations
from indexers.vocabulary import Vocabulary, load_vocabulary
from ranking.jobs import Jobs, load_jobs
from search_service import console, shop
from search_service.api import admin, events, fitment, operations, parts, search, vehicles
from search_service.api.openapi import SECURITY, schemas
from search_service.api.shortcut import Shortcut
from search_service.attributes import AttributeTexts
from search_service.decoders import Decoder, FollowedPatterns, WmiTable, default_chain, load_table
from search_service.decoders.pattern_files import tables_in
from search_service.errors import install
from search_service.guard import BodyLimit, Guard
from search_service.live.factory import open_live, open_view
from search_service.logs import Metrics, configure
from search_service.make_names import MakeNames
from search_service.models import Models
from search_service.resources import config_folder
from search_service.runtime import Parts, Runtime
from search_service.settings import Settings, config_file, load, short_keys, signing_key
from search_service.understander import Understander
from search_service.understanding.words import load_words

LOG = logging.getLogger("partfit.app")
DESCRIPTION = "Search and recommendation for car parts, with fitment verdicts that explain themselves."
VERSION = "1"

COLLECT_AFTER = 10_000
"""New objects after which garbage is looked for. An answer makes thousands that die with it: at Python's 700, looking
through them was 8 % of a check of 500 parts (`benchmarks/fitment_check.py`)."""


def create_app(settings: Settings, runtime: Runtime | None = None) -> FastAPI:
    """The application; it opens its runtime when it starts and closes it when it stops.

    A `runtime` given is used as it is and left open: for a process that already holds one.
    """
    metrics = Metrics()
    log = configure(settings.log_level.value)
    for name in short_keys(settings):
        log.warning("a short key can be guessed", extra={"fields": {"setting": name}})

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        gc.set_threshold(COLLECT_AFTER)
        app.state.runtime = runtime or open_runtime(settings)
        try:
            yield
        finally:
            if runtime is None:
                app.state.runtime.close()

    app = FastAPI(title="PartFit", version=VERSION, description=DESCRIPTION, lifespan=lifespan)
    app.state.metrics = metrics
    install(app)
    routers = [one.router for one in (search, fitment, vehicles, parts, events, admin, operations)]
    for router in routers:
        app.include_router(router)
    app.include_router(shop.router())
    app.include_router(console.router())
    _describe(app)
    app.add_middleware(lambda inner: Shortcut(inner, (route for router in routers for route in router.routes)))
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.cors_origins), allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(_body_limit(settings))
    app.add_middleware(lambda inner: Guard(inner, log, metrics, timeout=settings.request_timeout))
    return app


def open_runtime(settings: Settings) -> Runtime:
    """Open engine, live state, vocabulary and decoders. Raises `EngineError`, `LiveError`, or what a bad file says."""
    engine = engine_of(settings)
    live = open_live(settings)
    vocabulary = vocabulary_of(settings)
    makers = load_table(config_folder())
    words = load_words(extra=settings.config_dir)
    return Runtime(
        Parts(
            settings=settings,
            engine=engine,
            generations=generations_of(settings, engine),
            live=live,
            view=open_view(settings, live),
            vocabulary=vocabulary,
            texts=AttributeTexts.load(config_file(settings, "attributes.yaml").parent),
            decoders=decoders_of(settings, makers),
            makers=makers,
            jobs=jobs_of(settings),
            models=models_of(settings, engine),
            stamp_key=signing_key(settings),
            make_names=MakeNames.of(words.makes),
            understand=Understander(vocabulary, words).understanding,
        )
    )


def engine_of(settings: Settings) -> Engine:
    """The engine the settings name; nothing is contacted yet."""
    return open_engine(
        settings.engine.value,
        root=settings.data_dir / "index",
        url=",".join(settings.opensearch_url),
        shards=settings.opensearch_shards,
        search_timeout=settings.opensearch_timeout,
        connections=settings.opensearch_pool,
        prefix=settings.opensearch_prefix,
        ca_certificates=str(settings.opensearch_ca) if settings.opensearch_ca else None,
    )


def generations_of(settings: Settings, engine: Engine) -> Generations:
    """The registry of generations."""
    return Generations(settings.data_dir, engine, settings.keep_generations)


def vocabulary_of(settings: Settings) -> Vocabulary:
    """The vocabulary, with the operator's own additions."""
    return load_vocabulary(config_folder(), settings.config_dir)


def models_of(settings: Settings, engine: Engine) -> Models:
    """The registry of trained models."""
    return Models(settings.data_dir, engine)


def decoders_of(settings: Settings, makers: WmiTable) -> tuple[Decoder, ...]:
    """The VIN decoders, the operator's pattern tables first: those of the setting, then those loaded."""
    return default_chain(makers, FollowedPatterns(lambda: [*settings.vin_patterns, *tables_in(settings.data_dir)]))


def jobs_of(settings: Settings) -> Jobs:
    """The table of jobs, kits and service intervals, held against the vocabulary."""
    known = vocabulary_of(settings).part_types
    return load_jobs(config_file(settings, "jobs.yaml"), known)


def _body_limit(settings: Settings) -> Any:
    longer = {"/v1/admin": settings.max_admin_body_bytes}
    return lambda inner: BodyLimit(inner, settings.max_body_bytes, longer)


def _describe(app: FastAPI) -> None:
    original = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = original()
            components = document.setdefault("components", {})
            components.setdefault("schemas", {}).update(schemas())
            components["securitySchemes"] = SECURITY
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def app_from_environment() -> ASGIApp:
    """For servers that are given an application factory by name."""
    return create_app(load())
