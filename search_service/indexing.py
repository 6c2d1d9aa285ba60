"""What `partfit index` does around a build: what the live state knows goes into it, what the files tell goes back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from indexers.build import build
from indexers.engine.port import Engine
from indexers.inputs import BuildRequest, BuildResult, Inputs
from indexers.notes.lexicon import FILE as NOTE_WORDS
from indexers.notes.lexicon import load_note_lexicon
from indexers.notes.reread import NoteRules
from indexers.notes.review import Review, merged, read_reviews, write_reviews
from indexers.progress import Progress
from indexers.rows import Row, RowKind
from indexers.vocabulary import Vocabulary
from ranking.interactions import ACTIONS, STRENGTH
from search_service.attributes import AttributeTexts
from search_service.live.loading import Line, load
from search_service.live.model import ONLINE
from search_service.live.port import Kind, LiveStore
from search_service.live.records import move_pointer
from search_service.orders import OpenOrders
from search_service.runtime import stock_pointer
from search_service.settings import Settings, config_file, signing_key
from search_service.understander import Understander
from search_service.understanding.words import load_words

REVIEWS = "note_reviews.jsonl"
"""In the data folder: every decision about a note so far."""

POPULAR_DAYS = 365
HALF_LIFE_DAYS = 90.0
DAY_MS = 86_400_000


def index(
    settings: Settings,
    engine: Engine,
    live: LiveStore,
    vocabulary: Vocabulary,
    inputs: Inputs,
    progress: Progress,
    *,
    now: datetime.datetime,
    update: bool = False,
    dry_run: bool = False,
    quarantine: Path | None = None,
    reviewed: Path | None = None,
    orders: Path | None = None,
    allow_empty: bool = False,
) -> BuildResult:
    """Build and publish a generation, then load its stores, stock and promotions. Raises what `build` raises.

    `reviewed` is a file of decisions about notes; they are kept in the data folder once the generation is published.
    `orders` is a file of open orders with stamps: the report names those whose verdict would change.
    With `allow_empty` a full ACES delivery without an App may empty its brand.
    """
    reviews = note_reviews(settings, reviewed)
    sequence = live.versions().get(Kind.STOCK, 0)
    milliseconds = int(now.timestamp() * 1000)
    result = build(
        BuildRequest(
            inputs=inputs,
            data_folder=settings.data_dir,
            engine=engine,
            vocabulary=vocabulary,
            now=now,
            update=update,
            dry_run=dry_run,
            bad_share=settings.bad_row_share,
            keep=settings.keep_generations,
            quarantine=quarantine,
            allow_empty=allow_empty,
            progress=progress,
            stocked=None if inputs.given(RowKind.STOCK) else stocked(live),
            popularity=popularity(live, milliseconds),
            inspect=open_orders(settings, orders).findings if orders is not None else None,
            prepare=Understander(vocabulary, load_words(extra=settings.config_dir)).prepare,
            notes=NoteRules(load_note_lexicon(config_file(settings, NOTE_WORDS).parent), reviews),
        )
    )
    if result.published:
        if reviewed is not None:
            write_reviews(settings.data_dir / REVIEWS, reviews)
        for kind, rows in result.live.items():
            load(live, kind.value, _lines(kind, rows), now=milliseconds, quarantine=_seen_already, complete=not update)
        if result.live.get(RowKind.STOCK):
            sequence = live.versions().get(Kind.STOCK, 0)
        move_pointer(live, stock_pointer(result.generation), str(sequence))
    return result


def open_orders(settings: Settings, file: Path) -> OpenOrders:
    """A file of open orders, and what it takes to read its stamps."""
    texts = AttributeTexts.load(config_file(settings, "attributes.yaml").parent)
    return OpenOrders(file, texts, signing_key(settings))


def note_reviews(settings: Settings, file: Path | None) -> dict[str, Review]:
    """What was decided about notes so far, and what a file adds. Raises `UnreadableSource`."""
    kept = settings.data_dir / REVIEWS
    return merged(read_reviews(kept) if kept.exists() else (), read_reviews(file) if file else ())


def stocked(live: LiveStore) -> Mapping[str, Sequence[str]]:
    """Part id → stores that have it now (`online` is the web warehouse)."""
    found: dict[str, list[str]] = {}
    for row in live.stock_since(0):
        if row.quantity:
            found.setdefault(row.part_id, []).append(row.store_id or ONLINE)
    return found


def popularity(live: LiveStore, now: int) -> Mapping[str, float]:
    """Part id → decayed strength of what people did with it in the last year: the order of a search without words."""
    found: dict[str, float] = {}
    for event in live.events(now - POPULAR_DAYS * DAY_MS):
        action = ACTIONS.get(event.action)
        if event.object_id is None or action is None:
            continue
        age = max(0.0, (now - event.at) / DAY_MS)
        found[event.object_id] = found.get(event.object_id, 0.0) + float(
            STRENGTH[action] * np.exp2(-age / HALF_LIFE_DAYS)
        )
    return found


def _lines(kind: RowKind, rows: Sequence[Row]) -> Iterator[Line]:
    return (Line(kind.value, number, msgspec.json.encode(row)) for number, row in enumerate(rows, 1))


def _seen_already(bad: object) -> None:
    """Bad rows were told of by the build, which read them first."""
