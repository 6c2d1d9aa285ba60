"""The sample's files: complete rows of the contract, the same from the same seed, over its own or any vehicle table."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from indexers.rows import ROW_TYPES, RowKind
from search_service.live.model import Event
from search_service.live.ubi import event_of
from search_service.sample.demo import own_try_requests, try_requests
from search_service.sample.errors import NoVehicles, TooFewParts
from search_service.sample.writer import TODAY, SampleSummary, write_sample

PARTS, EVENTS = 600, 2_000
CONFIG = Path(__file__).parents[2] / "config"
NOW = 1_793_577_600_000  # 2026-11-02, the day after the sample's last
LEMONS = [
    {"vehicle_id": f"l{year}", "make": "Lemon", "model": "Zest", "year": year,
     "attributes": {"displacement_l": 2.0, "cylinders": 4, "fuel": "petrol", "transmission": "Manual 5-spd"}}
    for year in (2011, 2012, 2013)
]  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """A small sample."""
    return write_sample(tmp_path_factory.mktemp("sample"), parts=PARTS, events=EVENTS)


def rows(summary: SampleSummary, kind: str) -> Iterator[dict[str, Any]]:
    """The rows of one file."""
    for line in summary.files[kind].read_bytes().splitlines():
        yield json.loads(line)


def digests(summary: SampleSummary) -> dict[str, str]:
    """A hash a file."""
    return {kind: hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in summary.files.items()}


@pytest.mark.parametrize("kind", list(RowKind))
def test_every_row_is_a_row_of_the_contract(sample: SampleSummary, kind: RowKind) -> None:
    """Each line decodes strictly as its kind of row, and the summary counts them."""
    decoder = msgspec.json.Decoder(ROW_TYPES[kind])
    read = [decoder.decode(line) for line in sample.files[kind].read_bytes().splitlines()]
    assert len(read) == sample.rows[kind] > 0


@pytest.mark.parametrize(("kind", "key"), [("vehicles", "vehicle_id"), ("parts", "part_id"), ("parts", "part_number"),
                                           ("applications", "application_id"), ("queries", "query_id")])  # fmt: skip
def test_ids_are_unique(sample: SampleSummary, kind: str, key: str) -> None:
    """No id occurs twice in its file."""
    ids = [row[key] for row in rows(sample, kind)]
    assert len(set(ids)) == len(ids)


def test_references_lead_somewhere(sample: SampleSummary) -> None:
    """Applications, stock, garages, promotions and judged queries name only parts, vehicles and stores that exist."""
    parts = {row["part_id"] for row in rows(sample, "parts")}
    cars = {row["vehicle_id"] for row in rows(sample, "vehicles")}
    stores = {row["store_id"] for row in rows(sample, "stores")} | {"online"}
    for row in rows(sample, "applications"):
        assert row["part_id"] in parts
        assert cars.issuperset(row.get("vehicle_ids", []))
        assert ("vehicle" in row) != ("vehicle_ids" in row)
    assert all(row["part_id"] in parts and row["store_id"] in stores for row in rows(sample, "stock"))
    assert all(cars.issuperset(row["garage"]) for row in rows(sample, "users"))
    assert all(parts.issuperset(row.get("part_ids", [])) for row in rows(sample, "promotions"))
    assert all(parts.issuperset(row["must_not_fit"]) for row in rows(sample, "queries"))


def test_part_types_are_of_the_vocabulary(sample: SampleSummary) -> None:
    """Every part's type, and every judged one, is an id of `config/part_types.jsonl`."""
    known = {json.loads(line)["id"] for line in (CONFIG / "part_types.jsonl").read_text("utf-8").splitlines()}
    assert {row["part_type"] for row in rows(sample, "parts")} <= known
    assert {kind for row in rows(sample, "queries") for kind in row.get("part_types", {})} <= known


def test_titles_are_in_both_languages(sample: SampleSummary) -> None:
    """Every part has a Chinese and an English title."""
    assert all(row["title"]["zh"] and row["title"]["en"] for row in rows(sample, "parts"))


def test_events_are_ubi_in_time_order(sample: SampleSummary) -> None:
    """Every event passes the service's own reader unchanged, with an ordinal and milliseconds, in order of time."""
    sent = list(rows(sample, "events"))
    read = [event_of(event, NOW) for event in sent]
    assert all(isinstance(event, Event) for event in read), read[0]
    moments = [event["timestamp"] for event in sent]
    assert moments == sorted(moments)
    assert all(moment[-5] == "." and moment[-1] == "Z" for moment in moments)
    assert all(event["event_attributes"]["position"]["ordinal"] >= 1 for event in sent)
    assert {event["action_name"] for event in sent} >= {"impression", "click", "add_to_cart", "purchase"}
    assert len(sent) >= EVENTS


def test_parts_are_not_chosen_before_they_are_listed(sample: SampleSummary) -> None:
    """An event's part was listed on the event's day at the latest."""
    listed = {row["part_id"]: row["listed_at"] for row in rows(sample, "parts")}
    for event in rows(sample, "events"):
        assert listed[event["event_attributes"]["object"]["object_id"]] <= event["timestamp"][:10]


def test_the_same_seed_gives_the_same_bytes(sample: SampleSummary, tmp_path: Path) -> None:
    """Two runs differ in nothing; another seed gives another catalogue over the same vehicles."""
    again = write_sample(tmp_path / "again", parts=PARTS, events=EVENTS)
    other = write_sample(tmp_path / "other", parts=PARTS, events=0, seed=8)
    assert digests(again) == digests(sample)
    assert digests(other)["parts"] != digests(sample)["parts"]
    assert digests(other)["vehicles"] == digests(sample)["vehicles"]


def test_gzip_holds_the_same_rows(sample: SampleSummary, tmp_path: Path) -> None:
    """Unpacked, the gzipped files are the plain ones."""
    packed = write_sample(tmp_path, parts=PARTS, events=0, gzip=True)
    assert packed.files["parts"].suffix == ".gz"
    assert gzip.decompress(packed.files["parts"].read_bytes()) == sample.files["parts"].read_bytes()


def test_any_vehicle_table_can_be_given(tmp_path: Path) -> None:
    """Over a table of its own the sample names only its vehicles, under the attributes these have."""
    made = write_sample(tmp_path, parts=300, events=200, vehicles=LEMONS)
    applications = list(rows(made, "applications"))
    assert [row["vehicle_id"] for row in rows(made, "vehicles")] == ["l2011", "l2012", "l2013"]
    assert {row["vehicle"]["make"] for row in applications if "vehicle" in row} == {"Lemon"}
    asked = {name for row in applications for name in row.get("where", {})}
    assert asked == {"displacement_l", "cylinders", "fuel", "transmission"}
    assert [request.vehicle["make"] for request in try_requests(made)] == ["Lemon"]


def test_applications_a_part_and_years_a_row_can_be_set(tmp_path: Path) -> None:
    """A mean of 25 rows a part is met within a tenth, each of one model year."""
    made = write_sample(tmp_path, parts=3_000, events=0, applications_per_part=25, years_per_application=1)
    assert made.rows["applications"] / 3_000 == pytest.approx(25, rel=0.1)
    years = [row["vehicle"]["years"] for row in rows(made, "applications") if "vehicle" in row]
    assert all(last in (first, None) for first, last in years)


def test_progress_is_told(tmp_path: Path) -> None:
    """The callback hears of the parts until all are written."""
    heard: list[tuple[str, int, int]] = []
    write_sample(tmp_path, parts=300, events=0, progress=lambda *step: heard.append(step))
    assert ("parts", 300, 300) in heard


def test_a_sample_can_be_as_small_as_one_part(tmp_path: Path) -> None:
    """One part and no event are a sample; none is refused, as is a table without a usable row."""
    assert write_sample(tmp_path, parts=1, events=0).rows["parts"] == 1
    with pytest.raises(TooFewParts):
        write_sample(tmp_path, parts=0)
    with pytest.raises(NoVehicles):
        write_sample(tmp_path, vehicles=[{"make": "Lemon"}])


def test_requests_need_no_second_writing(sample: SampleSummary) -> None:
    """The requests of the sample's own cars depend on its date alone: three different makes, each by VIN."""
    requests = try_requests(sample)
    assert requests == own_try_requests(TODAY)
    assert len({request.vehicle["vin"][:3] for request in requests}) == 3
    assert all(request.path.startswith("/v1/search?q=") for request in requests)
    assert all(request.page.endswith(f"#vin={request.vehicle['vin']}") for request in requests)
