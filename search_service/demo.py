"""`partfit demo`: a whole shop from nothing, in one process."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import msgspec

from indexers.generations import Generations
from indexers.inputs import Inputs
from indexers.rows import RowKind
from search_service.app import engine_of, jobs_of, models_of, vocabulary_of
from search_service.decoders.pattern_files import load_patterns
from search_service.indexing import index
from search_service.live.factory import open_live
from search_service.live.loading import file_lines, load
from search_service.sample.demo import TryRequest, try_requests
from search_service.sample.writer import write_sample
from search_service.settings import Settings
from search_service.terminal import Terminal
from search_service.training import train

SAMPLE = "sample"
READY = "demo-ready"


def prepare(
    settings: Settings, terminal: Terminal, now: datetime.datetime, parts: int, events: int
) -> list[TryRequest]:
    """Make the sample, index it, train, unless that was done before; returns requests to try."""
    folder = settings.data_dir / SAMPLE
    marker = settings.data_dir / READY
    made = _made_before(marker, parts, events)
    if made is not None:
        terminal.say(f"Using the sample made before in {folder}; delete {settings.data_dir} to start afresh.")
        return made
    summary = write_sample(folder, parts=parts, events=events, today=now.date(), progress=terminal.report)
    _patterns(settings, summary.files)
    _index_and_train(settings, terminal, now, summary.files)
    requests = try_requests(summary)
    marker.write_bytes(msgspec.json.encode(_Ready(parts, events, requests)))
    return requests


class _Ready(msgspec.Struct):
    """Written last: the sample is complete, and what to try with it."""

    parts: int
    events: int
    requests: list[TryRequest]


def _made_before(marker: Path, parts: int, events: int) -> list[TryRequest] | None:
    if not marker.exists():
        return None
    ready = msgspec.json.decode(marker.read_bytes(), type=_Ready)
    return ready.requests if (ready.parts, ready.events) == (parts, events) else None


def _index_and_train(settings: Settings, terminal: Terminal, now: datetime.datetime, files: Mapping[str, Path]) -> None:
    engine, live = engine_of(settings), open_live(settings)
    milliseconds = int(now.timestamp() * 1000)
    try:
        terminal.say("Loading users and a year of events")
        for kind in ("users", "events"):
            load(live, kind, file_lines(kind, [files[kind]]), now=milliseconds, quarantine=_refuse)
        inputs = Inputs(
            {kind: [files[kind.value]] for kind in RowKind if kind.value in files and kind is not RowKind.USERS}
        )
        result = index(settings, engine, live, vocabulary_of(settings), inputs, terminal, now=now)
        report = result.report
        terminal.say(f"Generation {result.generation}: {report.parts:,} parts, {report.applications:,} applications")
        generation = Generations(settings.data_dir, engine, settings.keep_generations).open()
        models, jobs = models_of(settings, engine), jobs_of(settings)
        outcome = train(generation, live, models, now=now, jobs=jobs, progress=terminal.say)
        terminal.say(f"Model {outcome.version or '(none passed its gate)'} from {outcome.events:,} events")
    finally:
        live.close()
        engine.close()


def _patterns(settings: Settings, files: Mapping[str, Path]) -> None:
    if "vin_patterns" in files:
        load_patterns(files["vin_patterns"], settings.data_dir, 0.0)


def _refuse(bad: object) -> None:
    raise AssertionError(f"the sample holds a bad row: {bad}")
