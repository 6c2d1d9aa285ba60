"""The last look at a finished generation, from outside: through its reader and its engine, before it is published."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexers import schema
from indexers.engine.plan import AnyOf, Band, Count, SearchPlan
from indexers.engine.port import Engine, Reader
from indexers.errors import VerificationFailed
from indexers.generation import Generation
from indexers.read_parts import number_keys

SAMPLES = 7


def verify(folder: Path, engine: Engine) -> None:
    """Raise `VerificationFailed` if counts differ, or if sampled parts are not found as they should be."""
    generation = Generation(folder)
    reader = engine.reader(generation.name)
    try:
        _same("documents", generation.part_count, reader.count())
        _same("stored parts", generation.part_count, len(generation.live_ordinals()))
        live = generation.live_ordinals()
        for at in np.unique(np.linspace(0, len(live) - 1, SAMPLES).astype(np.int64)) if len(live) else ():
            _verify_part(generation, reader, int(live[at]))
    finally:
        reader.close()


def _verify_part(generation: Generation, reader: Reader, ordinal: int) -> None:
    part_id = generation.part_id(ordinal)
    _same("ordinal", ordinal, generation.ordinal(part_id))
    part = generation.part(ordinal)
    _same("part id", part_id, part.part_id)
    keys = number_keys(part)[0]
    for key in keys[:1]:
        if ordinal not in {match.ordinal for match in generation.number_lookup(key)}:
            raise VerificationFailed(f"part {part_id!r} is not found by its number {key!r} in the table of numbers")
        _must_hold(reader, AnyOf(schema.NUMBER_EXACT.name, (key,)), ordinal, part_id)
    plain, _ = generation.part_slots(ordinal)
    if plain:
        _must_hold(reader, AnyOf(schema.SLOTS.name, plain[:1]), ordinal, part_id)


def _must_hold(reader: Reader, wanted: AnyOf, ordinal: int, part_id: str) -> None:
    key = AnyOf(schema.ORD.name, (ordinal,))
    plan = SearchPlan(wanted, (Band("all", key),), 1, counts=(Count("all", wanted),))
    page = reader.search(plan)
    if [hit.ordinal for hit in page.hits["all"]] != [ordinal] or page.counts["all"] < 1:
        raise VerificationFailed(f"part {part_id!r} is not found by {wanted.field} {wanted.values[0]!r}")


def _same(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise VerificationFailed(f"{what}: expected {expected}, found {found}")
