"""Both engines and the brute-force oracle agree: generated catalogues, built as generations and searched by plans."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fitment_rules.judge import Asked
from fitment_rules.model import Window
from fitment_rules.places import places
from indexers import schema
from indexers.engine.factory import open_engine
from indexers.engine.plan import AnyOf, Order, SearchPlan
from indexers.engine.port import Engine, Reader
from indexers.generation import Generation
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.fitting import WIDEST, fitting
from search_service.resources import config_folder
from search_service.retrieval import ALL_MATCHING, Wanted, fit_filters, make_plan, place_filter
from tests.oracle import kernel, oracle
from tests.oracle.catalogues import Case, asked_again, generate
from tests.oracle.shop import publish

CATALOGUES = 10
LONG_CATALOGUES = 400
QUERIES = 50
BROAD = 500
LIMIT = 100
FACETS = ("brand", "quality")


@pytest.fixture(
    params=[
        pytest.param("embedded", id="embedded"),
        pytest.param("opensearch", id="opensearch", marks=pytest.mark.opensearch),
    ]
)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh engine of each kind; it is emptied of what a test built."""
    if request.param == "embedded":
        opened = open_engine("embedded", root=tmp_path / "engine", heap_bytes=60_000_000, threads=2)
    else:
        url, own = request.getfixturevalue("opensearch_url"), f"t{uuid.uuid4().hex[:12]}"
        opened = open_engine("opensearch", url=url, shards=3, search_timeout=30.0, prefix=own)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(config_folder())


def disagreements(case: Case, generation: Generation, reader: Reader) -> list[str]:
    """One line for every number of a search that is not the oracle's."""
    question = Asked(
        kernel.resolve(generation.vehicles, kernel.vehicle_query(case.query)),
        generation.slots,
        generation.note_slots,
        places(case.query.positions),
    )
    found = oracle.candidates(case.vehicles, case.query, case.horizon)
    expected_ids = tuple(dict.fromkeys(one.vehicle.vehicle_id for one in found))
    if set(question.candidates.vehicle_ids) != set(expected_ids):
        return [f"the oracle has {expected_ids} as candidates, the table {question.candidates.vehicle_ids}"]
    if not found:
        return []
    there = [part for part in case.parts if oracle.goes_there(part, case.applications, case.query.positions)]
    fits = {part.part_id: str(oracle.fit_of(part, case.applications, found, case.query).verdict) for part in there}
    filters = fit_filters(question, BROAD)
    lines = list(_columns(question, generation, fits))
    for mode in oracle.MODES:
        plan = make_plan(_wanted(case), filters, mode, limit=LIMIT, order=Order.RANK, facets=FACETS)
        expected = oracle.listing(there, fits, mode, dict(case.filters), FACETS)
        lines.extend(f"{mode}: {line}" for line in _differences(plan, reader, generation, expected, fits))
    return lines


def _columns(question: Asked, generation: Generation, verdicts: dict[str, str]) -> Iterator[str]:
    """The parts of the vehicle read from columns, where they are, against the oracle's verdicts."""
    found = fitting(generation, question)
    if found is None:
        if not question.asked_places and not question.answers_notes and len(question.candidates) <= WIDEST:
            yield "the columns do not say which parts fit"
        return
    declared = {generation.part_id(one) for one in generation.universal_ordinals().tolist()}
    for name, ordinals, but in (("fits", found.fits, set()), ("needs_info", found.open, declared)):
        held = set(map(generation.part_id, ordinals.tolist())) - but
        expected = {part_id for part_id, verdict in verdicts.items() if verdict == name}
        if held != expected:
            yield f"{name}: the oracle says {sorted(expected)}, the columns {sorted(held)}"


def _differences(
    plan: SearchPlan, reader: Reader, generation: Generation, expected: oracle.Listing, verdicts: dict[str, str]
) -> Iterator[str]:
    page = reader.search(plan)
    counts = dict(page.counts)
    counts[oracle.DOES_NOT_FIT] = counts.pop(ALL_MATCHING) - sum(
        count for name, count in counts.items() if name != ALL_MATCHING
    )
    if counts != {**expected.bands, **expected.excluded}:
        yield f"the oracle says {expected.bands} and {expected.excluded}, the engine {counts}"
    facets = {name: {value: count for value, count in page.facets[name] if count} for name in FACETS}
    if facets != {name: dict(expected.facets[name]) for name in FACETS}:
        yield f"the oracle counts {expected.facets}, the engine {facets}"
    for band, hits in page.hits.items():
        ids = [generation.part_id(hit.ordinal) for hit in hits]
        wrong = [part_id for part_id in ids if verdicts.get(part_id) != band]
        if wrong or len(ids) != expected.bands[band]:
            yield f"band {band} holds {ids}, of which {wrong} do not belong; it should hold {expected.bands[band]}"


def _wanted(case: Case) -> Wanted:
    asked = places(case.query.positions)
    always = (place_filter(schema.PLACE.name, asked),) if asked else ()
    return Wanted(None, always, {name: AnyOf(name, values) for name, values in case.filters if name in FACETS})


def agree(engine: Engine, vocabulary: Vocabulary, folder: Path, seed: int) -> None:
    """One catalogue, many queries; fails with the first disagreement."""
    rng = random.Random(f"engines-{seed}")
    case = generate(rng)
    data = folder / f"data-{seed}-{uuid.uuid4().hex[:8]}"
    registry = publish(case, data / "files", data, engine, vocabulary)
    generation = registry.open()
    case = replace(case, horizon=Window(*generation.manifest.horizon))
    reader = engine.reader(generation.name)
    try:
        for number in range(QUERIES):
            case = asked_again(rng, case)
            case = replace(case, filters=tuple(one for one in case.filters if one[0] in FACETS))
            if found := disagreements(case, generation, reader):
                rows = "\n".join(map(str, (*case.vehicles, *case.parts, *case.applications)))
                pytest.fail("\n".join([f"catalogue {seed}, query {number}", *found, str(case.query), rows]))
    finally:
        reader.close()
        engine.drop(generation.name)


@pytest.mark.parametrize("batch", range(5))
def test_engines_and_oracle_agree(engine: Engine, vocabulary: Vocabulary, tmp_path: Path, batch: int) -> None:
    """Bands, totals, excluded, facets and what each band holds are the oracle's, in every mode."""
    for seed in range(batch, CATALOGUES, 5):
        agree(engine, vocabulary, tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("batch", range(20))
def test_engines_and_oracle_agree_at_length(engine: Engine, vocabulary: Vocabulary, tmp_path: Path, batch: int) -> None:
    """The same over many more."""
    for seed in range(CATALOGUES + batch, CATALOGUES + LONG_CATALOGUES, 20):
        agree(engine, vocabulary, tmp_path, seed)
