"""The table of jobs: which job a part is for, and what a kit makes needless."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ranking.errors import PolicyError
from ranking.jobs import Jobs, load_jobs
from ranking.recommend import bought_together
from ranking.type_table import TypeTable
from search_service.app import jobs_of
from search_service.settings import Settings

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = load_jobs(CONFIG / "jobs.yaml")
with (CONFIG / "part_types.jsonl").open(encoding="utf-8") as rows:
    EVERYTHING = dict.fromkeys((json.loads(row)["id"] for row in rows), 1)
KITS = [(kit, part) for kit, parts in SHIPPED.contains.items() for part in parts]


def offered(part_type: str, jobs: Jobs = SHIPPED) -> list[str]:
    """What goes with a part type in a catalogue of one part a type, before the first model."""
    types = TypeTable.of(None, jobs, EVERYTHING)
    return [one.part_type for one in bought_together(types, part_type, size=40)]


@pytest.mark.parametrize(("kit", "part"), KITS)
def test_a_kit_and_what_it_contains_are_never_offered_together(kit: str, part: str) -> None:
    """A belt does not call for the kit it is in, nor the kit for its belt."""
    assert part not in offered(kit)
    assert kit not in offered(part)


@pytest.mark.parametrize(
    ("kit", "part"),
    [("timing_belt_kit", "timing_belt"), ("timing_belt_kit", "timing_tensioner"), ("timing_chain_kit", "timing_chain"),
     ("clutch_kit", "release_bearing")],
)  # fmt: skip
def test_the_kits_of_the_jobs_are_known(kit: str, part: str) -> None:
    """The kits that stand in a job with their own parts; the rest of the job stays."""
    assert (kit, part) in KITS
    assert offered(kit)
    assert offered(part)


@pytest.mark.parametrize(
    ("source", "first", "later"),
    [
        ("brake_pad", ["brake_disc", "brake_wear_sensor", "brake_fluid"], "brake_caliper"),
        ("brake_fluid", ["brake_pad", "brake_disc"], "brake_caliper"),
        ("oil_filter", ["engine_oil", "drain_gasket", "air_filter", "cabin_filter"], "thermostat"),
        ("oil_filter", ["engine_oil", "drain_gasket", "air_filter", "cabin_filter"], "spark_plug"),
        ("engine_oil", ["oil_filter", "drain_gasket"], "head_gasket"),
    ],
)
def test_the_order_is_a_mechanic_s(source: str, first: list[str], later: str) -> None:
    """What the part is mostly bought for comes before what a rare job with it needs, which comes all the same."""
    found = offered(source)
    assert later in found
    assert max(found.index(name) for name in first) < found.index(later)


def test_a_job_counts_by_its_rate_and_the_share_of_the_source() -> None:
    """Pads: 3 × 1.0 of brake jobs against 1 × 0.6 of caliper jobs."""
    jobs = load_jobs(
        b"jobs:\n"
        b"- {id: a, name: {en: A}, rate: 3, part_types: {pads: 1, discs: 0.6, fluid: 0.4}}\n"
        b"- {id: b, name: {en: B}, part_types: {caliper: 1, pads: 0.6, fluid: 0.7}}"
    )
    chance = 3 / 3.6
    assert jobs.together["pads"] == pytest.approx(
        {"discs": 0.6 * chance, "caliper": 1 - chance, "fluid": 0.4 * chance + 0.7 * (1 - chance)}
    )
    assert jobs.together["caliper"] == {"pads": 0.6, "fluid": 0.7}


@pytest.mark.parametrize("part_type", ["drain_gasket", "timing_idler", "brake_pad_clip", "drum_hardware"])
def test_small_parts_of_a_job_call_for_the_rest(part_type: str) -> None:
    """They stand in jobs, so they have something to be bought with."""
    assert len(offered(part_type)) >= 3


def test_contents_outside_the_vocabulary_are_refused_with_their_line(tmp_path: Path) -> None:
    """By the loader, and by a service whose operator wrote such a table."""
    text = "intervals: {engine_oil: {months: 9}}\ncontains:\n  clutch_kit: [clutch_disk]\n"
    with pytest.raises(PolicyError, match=re.escape("'clutch_disk' is not in the vocabulary")) as caught:
        load_jobs(text.encode(), EVERYTHING)
    assert caught.value.problems[0].line == 3
    (tmp_path / "jobs.yaml").write_text(text)
    with pytest.raises(PolicyError, match="clutch_disk"):
        jobs_of(Settings(config_dir=tmp_path))


@pytest.mark.parametrize("km", ["0", "-3"])
def test_an_interval_of_no_distance_is_refused(km: str) -> None:
    """A share of it could not be told."""
    with pytest.raises(PolicyError, match="km"):
        load_jobs(f"intervals: {{engine_oil: {{months: 9, km: {km}}}}}".encode())
