"""Questions over a table of real vehicles: is the engine asked exactly when the parts shown depend on it?

python -m benchmarks.questions --map docs/examples/epa_vehicles.map.yaml --vehicles FILE [--queries 500] [--seed 1]

For year, make and model with several engines, parts are made that depend on displacement, cylinders, both, drive, on
nothing, or on an engine that no such car has; every answer is compared with the rows themselves. Aim: no difference.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from indexers.rows import RowKind
from indexers.sources.mapped import mapped_pieces
from search_service import pipeline
from search_service.app import open_runtime
from search_service.parameters import Parameters
from search_service.request import read_search
from search_service.runtime import Runtime
from search_service.settings import Settings

ENGINE = ("displacement_l", "cylinders")
KINDS = (
    "nothing",
    "one displacement",
    "every displacement",
    "cylinders",
    "both",
    "drive",
    "not this",
    "another engine",
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """A base vehicle with several engines, its rows, and the parts made for it: id → what it asks of a row."""

    make: str
    model: str
    year: int
    rows: Sequence[Row]
    parts: Mapping[str, Mapping[str, Any]]
    kind: str

    def fits(self, part_id: str, row: Row) -> bool:
        """By the row's own values; a part with `not` takes every other displacement."""
        asked = dict(self.parts[part_id])
        refused = asked.pop("not", None)
        has = row["attributes"]
        return all(has.get(name) == value for name, value in asked.items()) and (
            refused is None or has.get("displacement_l") != refused
        )

    def depends(self, attribute: str) -> bool:
        """True if some part that asks for engines and fits any row fits some values of the attribute only."""
        for part_id in (name for name, asked in self.parts.items() if not {*ENGINE, "not"}.isdisjoint(asked)):
            told = {row["attributes"].get(attribute): set[bool]() for row in self.rows}
            for row in self.rows:
                told[row["attributes"].get(attribute)].add(self.fits(part_id, row))
            outcomes = [frozenset(one) for one in told.values()]
            if any(True in one for one in outcomes) and len(set(outcomes)) > 1:
                return True
        return False


def queries(rows: Sequence[Row], count: int, seed: int) -> list[Query]:
    """Base vehicles whose rows all know displacement and cylinders, and differ in them."""
    rng = random.Random(seed)
    bases: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in rows:
        bases[row["make"], row["model"], row["year"]].append(row)
    several = [
        (base, some)
        for base, some in sorted(bases.items())
        if all(row["attributes"].get(name) is not None for row in some for name in (*ENGINE, "drive"))
        and len({row["attributes"]["displacement_l"] for row in some}) > 1
    ]
    chosen = rng.sample(several, min(count, len(several)))
    return [_query(rng, number, base, some) for number, (base, some) in enumerate(chosen)]


def _query(rng: random.Random, number: int, base: tuple[str, str, int], rows: Sequence[Row]) -> Query:
    kind = KINDS[number % len(KINDS)]
    like = rng.choice(rows)["attributes"]
    litres = sorted({row["attributes"]["displacement_l"] for row in rows})
    match kind:
        case "one displacement":
            asked: list[Row] = [{"displacement_l": like["displacement_l"]}]
        case "every displacement":
            asked = [{"displacement_l": one} for one in litres]
        case "cylinders":
            asked = [{"cylinders": like["cylinders"]}]
        case "both":
            asked = [{name: like[name] for name in ENGINE}]
        case "drive":
            asked = [{"drive": like["drive"]}] if isinstance(like["drive"], str) else []
        case "not this":
            asked = [{"not": like["displacement_l"]}]
        case "another engine":
            asked = [{"displacement_l": 99.0}]
        case _:
            asked = []
    parts = {f"Q{number}-{index}": one for index, one in enumerate([{}, *asked])}
    return Query(*base, rows, parts, kind)


def write(asked: Sequence[Query], folder: Path) -> None:
    """Parts and applications in the contract's formats."""
    with (folder / "parts.jsonl").open("w") as parts, (folder / "applications.jsonl").open("w") as rules:
        for query in asked:
            for part_id, conditions in query.parts.items():
                part = {"part_id": part_id, "brand": "ACME", "part_number": part_id, "part_type": "Oil Filter",
                        "title": {"en": f"Oil filter {part_id}"}}  # fmt: skip
                where = {name: value for name, value in conditions.items() if name != "not"}
                refused = [{"displacement_l": conditions["not"]}] if "not" in conditions else []
                vehicle = {"make": query.make, "model": query.model, "years": [query.year, query.year]}
                rule = {"part_id": part_id, "vehicle": vehicle, "where": where, "except": refused}
                parts.write(json.dumps(part) + "\n")
                rules.write(json.dumps(rule) + "\n")


def differences(runtime: Runtime, query: Query, milliseconds: list[float]) -> Iterator[str]:
    """What the answer's question is and should not be."""
    pairs = {"make": query.make, "model": query.model, "year": query.year}
    request = read_search(Parameters(pairs.items()), runtime.settings)
    started = time.process_time()
    answer = msgspec.to_builtins(pipeline.answer(runtime, request))
    milliseconds.append((time.process_time() - started) * 1e3)
    question = answer["vehicle"]["question"]
    name = question["attribute"] if question else None
    wanted = any(map(query.depends, ENGINE))
    if (name in ENGINE) != wanted:
        yield f"asks {name}, the parts {'' if wanted else 'do not '}depend on the engine"
    if name is None:
        return
    values = {value for row in query.rows for value in _values(row, name)}
    if {option["value"] for option in question["options"]} != values:
        yield f"offers {[option['value'] for option in question['options']]}, the rows have {values}"
    shown = [item["part_id"] for item in answer["items"]]
    for option in question["options"]:
        rows = [row for row in query.rows if option["value"] in _values(row, name)]
        told = Counter(_outcome([query.fits(part_id, row) for row in rows]) for part_id in shown)
        if (option["fits"], option["needs_info"], option["does_not_fit"]) != (told[True], told[None], told[False]):
            yield f"counts {option}, the rows say {told}"


def _values(row: Row, name: str) -> tuple[Any, ...]:
    value = row["attributes"].get(name)
    return tuple(value) if isinstance(value, list) else (value,)


def _outcome(fits: Sequence[bool]) -> bool | None:
    return fits[0] if len(set(fits)) == 1 else None


def main() -> None:
    """Print differences by kind, the first few in full."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--map", type=Path, required=True)
    options.add_argument("--vehicles", type=Path, required=True)
    options.add_argument("--queries", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside)
        shutil.copy(given.map, folder / "map.yaml")
        (folder / given.vehicles.name).symlink_to(given.vehicles.resolve())
        asked = queries(list(_rows(folder / "map.yaml")), given.queries, given.seed)
        write(asked, folder)
        _told(asked, _index(folder))


def _told(asked: Sequence[Query], settings: Settings) -> None:
    runtime = open_runtime(settings)
    wrong: dict[str, list[str]] = {kind: [] for kind in KINDS}
    milliseconds: list[float] = []
    try:
        for query in asked:
            found = [
                f"{query.year} {query.make} {query.model}: {one}" for one in differences(runtime, query, milliseconds)
            ]
            wrong[query.kind] += found[:1]
    finally:
        runtime.close()
    wanted = sum(any(map(query.depends, ENGINE)) for query in asked)
    print(
        f"{len(asked)} queries, {wanted} of whose parts depend on the engine; "
        f"p50 {statistics.median(milliseconds):.1f} ms of processor time an answer"
    )
    for kind, lines in wrong.items():
        print(f"{kind}: {len(lines)} of {sum(query.kind == kind for query in asked)} differ", *lines[:5], sep="\n  ")


def _rows(file: Path) -> Iterator[Row]:
    blocks = (block for piece in mapped_pieces(file, RowKind.VEHICLES) for block in piece.blocks())
    yield from (msgspec.json.decode(row) for block in blocks for row in block.data.splitlines() if row.strip())


def _index(folder: Path) -> Settings:
    settings = Settings(data_dir=folder / "data", log_level="error")  # type: ignore[arg-type]
    command = [sys.executable, "-c", "from search_service.cli import main; main()", "index", "--map", "map.yaml",
               "--parts", "parts.jsonl", "--applications", "applications.jsonl"]  # fmt: skip
    environment = {"PARTFIT_DATA_DIR": str(settings.data_dir), "PYTHONPATH": ":".join(sys.path)}
    subprocess.run(command, check=True, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    return settings


if __name__ == "__main__":
    main()
