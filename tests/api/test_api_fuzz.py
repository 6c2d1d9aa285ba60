"""Every endpoint, fuzzed from its own OpenAPI schema against a real server: no 500, no undocumented answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from search_service.app import create_app, engine_of, vocabulary_of
from search_service.settings import Settings
from tests.api.serving import served
from tests.oracle.catalogues import generate
from tests.oracle.shop import publish

pytestmark = pytest.mark.thorough

VIN = "1HGCM82633A004352"
ADMIN_KEY = "only-for-fuzzing"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES, LONG_EXAMPLES = 12, 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over a small generated catalogue."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    chosen = Settings(data_dir=folder / "data", admin_key=ADMIN_KEY, log_level="error")  # type: ignore[arg-type]
    engine = engine_of(chosen)
    publish(generate(random.Random(3)), folder / "files", chosen.data_dir, engine, vocabulary_of(chosen))
    engine.close()
    with served(chosen) as address:
        yield address


SCHEMA = schemathesis.openapi.from_dict(create_app(Settings(log_level="error")).openapi())  # type: ignore[arg-type]
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
MODES = {mode.value: mode for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)}


KNOWN = {"make": "Toyota", "model": "Corolla", "year": "2015", "vehicle_id": "v{}", "part_id": "P{}", "vin": VIN}


def make_known(case: Any, number: int) -> None:
    """Put what the catalogue holds in place of random names, so that more than the doors are tried."""
    for values in (case.path_parameters, case.query, case.body if isinstance(case.body, dict) else None):
        for name in values or ():
            if name in KNOWN:
                values[name] = KNOWN[name].format(number)
    if isinstance(case.body, dict) and "part_ids" in case.body:
        case.body |= {"part_ids": ["P0", "P1", "nobody"], "vehicle": {"make": "Toyota"}}


def fuzz(server: str, label: str, mode: str, examples: int, headers: Mapping[str, str]) -> None:
    """Send generated requests to one operation and check every answer."""
    operation = OPERATIONS[label]

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
    )
    @given(operation.as_strategy(generation_mode=MODES[mode]), st.none() | st.integers(0, 4))
    def every_answer_is_documented(case: Any, known: int | None) -> None:
        if known is not None:
            make_known(case, known)
        case.call_and_validate(base_url=server, checks=CHECKS, headers=headers)

    with suppress(Unsatisfiable):  # an operation without parameters cannot be called wrongly
        every_answer_is_documented()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_endpoint_answers_what_it_does_not_document(server: str, label: str, mode: str) -> None:
    """Whatever is sent, valid or not, gets a documented status, type and body, and never a 500."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"} if "/admin/" in label else {}
    fuzz(server, label, mode, EXAMPLES, headers)


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_endpoint_answers_what_it_does_not_document_at_length(server: str, label: str, mode: str) -> None:
    """The same with many more requests."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"} if "/admin/" in label else {}
    fuzz(server, label, mode, LONG_EXAMPLES, headers)
