"""`partfit doctor`: one line for each thing that must work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexers.engine.port import Engine
from search_service.app import engine_of, generations_of, models_of, vocabulary_of
from search_service.live.factory import open_live
from search_service.live.policies import Policies
from search_service.settings import Settings, short_keys


@dataclass(frozen=True, slots=True)
class Check:
    """One check and its outcome."""

    name: str
    passed: bool
    detail: str


def diagnose(settings: Settings) -> list[Check]:
    """Every check, in order; a failed one does not keep the others from being tried."""
    engine = engine_of(settings)
    checks = (
        ("settings", lambda: _settings(settings)),
        ("engine", lambda: _engine(engine)),
        ("vocabulary", lambda: f"{len(vocabulary_of(settings).part_types)} part types"),
        ("generation", lambda: _generation(settings, engine)),
        ("model", lambda: _model(settings, engine)),
        ("live state", lambda: _live(settings)),
        ("policy", lambda: _policy(settings)),
    )
    try:
        return [_tried(name, check) for name, check in checks]
    finally:
        engine.close()


def _tried(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except Exception as error:
        return Check(name, False, f"{type(error).__name__}: {error}")


def _settings(settings: Settings) -> str:
    short = short_keys(settings)
    warning = f"; {', '.join(short)} could be guessed: choose something longer" if short else ""
    return f"engine {settings.engine.value}, data in {settings.data_dir}{warning}"


def _engine(engine: Engine) -> str:
    engine.ping()
    return f"{engine.name} answers; {len(engine.generations())} generations held"


def _generation(settings: Settings, engine: Engine) -> str:
    generation = generations_of(settings, engine).open()
    reader = engine.reader(generation.name)
    try:
        count = reader.count()
    finally:
        reader.close()
    if count != generation.part_count:
        raise ValueError(f"{generation.name}: {count} documents for {generation.part_count} parts; index again")
    return f"{generation.name}: {count:,} parts"


def _model(settings: Settings, engine: Engine) -> str:
    models = models_of(settings, engine)
    version = models.current()
    if version is None:
        return "none yet; popularity order is used (partfit train)"
    models.load(version)
    return version


def _live(settings: Settings) -> str:
    store = open_live(settings)
    try:
        store.ping()
        return "answers"
    finally:
        store.close()


def _policy(settings: Settings) -> str:
    store = open_live(settings)
    try:
        published = Policies(store, lambda: 0).published()
        return "the default; nothing published" if published is None else published.version
    finally:
        store.close()
