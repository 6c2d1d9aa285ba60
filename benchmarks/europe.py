"""A European catalogue of the neutral format: verdicts against the truth it was made from, and how long they take.

python -m benchmarks.europe [--vehicles 30000] [--articles 600] [--seed 1] [--keep FOLDER]

Vehicle types have build windows, kW, ccm and lists of engine codes, and no model years; articles name them by id, by
`ktype`, or by model with engine codes, power and build window, with exclusions. Aims: of what is called `fits` at least
99.9 % is true, nothing true is missed, and no hard negative (same model, other engine or years) fits.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search_service import checking
from search_service.app import open_runtime
from search_service.runtime import Runtime
from search_service.settings import Settings

MAKES = ("ALFA ROMEO", "AUDI", "BMW", "CITROËN", "FIAT", "FORD", "MERCEDES-BENZ", "OPEL", "PEUGEOT", "RENAULT", "SEAT",
         "ŠKODA", "TOYOTA", "VOLVO", "VW")  # fmt: skip
FUELS = ("Petrol", "Diesel", "Petrol/Electric")
BODIES = ("Hatchback", "Estate", "Saloon", "Convertible")
KILOWATTS = (51, 55, 66, 77, 81, 96, 110, 125)
DISPLACEMENTS = (1199, 1390, 1598, 1896, 1968)
TYPES_A_MODEL = 24
Row = dict[str, Any]


@dataclass
class Catalogue:
    """Files' rows, and the truth: article → ids of the vehicles it was made for."""

    vehicles: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    applications: list[Row] = field(default_factory=list)
    truth: dict[str, frozenset[str]] = field(default_factory=dict)

    def models(self) -> list[list[Row]]:
        """Vehicles by make and model."""
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.vehicles:
            found.setdefault((row["make"], row["model"]), []).append(row)
        return list(found.values())


def catalogue(vehicles: int, articles: int, seed: int) -> Catalogue:
    """Deterministic in its arguments."""
    rng, made = random.Random(seed), Catalogue()
    for number in range(vehicles):
        made.vehicles.append(_vehicle(rng, number))
    models = made.models()
    for number in range(articles):
        part_id = f"P{number:05d}"
        made.parts.append(_part(part_id, number))
        rules, true = WAYS[number % len(WAYS)](
            rng, part_id, rng.sample(models, min(len(models), rng.choice((1, 3, 12))))
        )
        made.applications += rules
        made.truth[part_id] = frozenset(true)
    return made


def _vehicle(rng: random.Random, number: int) -> Row:
    group, within = divmod(number, TYPES_A_MODEL)
    engines = random.Random(group).sample(range(1000, 9999), 9)
    start = 1995 * 12 + (group * 37) % 240 + rng.randrange(48)
    row: Row = {
        "vehicle_id": str(100_000 + number), "make": MAKES[group % len(MAKES)], "model": f"MODEL {group} ({group:X})",
        "built_from": _month(start), "ids": {"ktype": str(number + 1)},
        "attributes": {
            "engine": [f"E{code}" for code in rng.sample(engines, rng.choice((1, 1, 2, 3)))],
            "power_kw": rng.choice(KILOWATTS), "ccm": rng.choice(DISPLACEMENTS),
            "fuel": rng.choice(FUELS), "body": BODIES[within % len(BODIES)],
        },
    }  # fmt: skip
    if rng.random() < 0.85:
        row["built_to"] = _month(start + rng.randrange(12, 96))
    return row


def _month(months: int) -> str:
    return f"{months // 12}-{months % 12 + 1:02d}"


def _part(part_id: str, number: int) -> Row:
    kinds = ("Brake Pad Set", "Oil Filter", "Air Filter", "Brake Disc")
    return {"part_id": part_id, "brand": "ACME", "part_number": part_id, "part_type": kinds[number % len(kinds)],
            "title": {"en": f"{kinds[number % len(kinds)]} {part_id}"}}  # fmt: skip


def _by_id(rng: random.Random, part_id: str, models: Sequence[Sequence[Row]]) -> tuple[list[Row], list[str]]:
    ids = [row["vehicle_id"] for rows in models for row in rows if rng.random() < 0.4]
    return [{"application_id": part_id, "part_id": part_id, "vehicle_ids": ids}] if ids else [], ids


def _by_ktype(rng: random.Random, part_id: str, models: Sequence[Sequence[Row]]) -> tuple[list[Row], list[str]]:
    rows = [row for some in models for row in some if rng.random() < 0.4]
    where = {"ktype": [row["ids"]["ktype"] for row in rows]}
    rules = [{"application_id": part_id, "part_id": part_id, "vehicle": {}, "where": where}] if rows else []
    return rules, [row["vehicle_id"] for row in rows]


def _by_engine(rng: random.Random, part_id: str, models: Sequence[Sequence[Row]]) -> tuple[list[Row], list[str]]:
    """Engine codes and build window of each model, one body excluded: true where everything known lies inside."""
    rules, true = [], []
    for number, rows in enumerate(models):
        codes = {code for row in rng.sample(list(rows), min(3, len(rows))) for code in row["attributes"]["engine"]}
        start, end = sorted((rng.choice(rows)["built_from"], _month(rng.randrange(2000 * 12, 2024 * 12))))
        body = rng.choice(BODIES)
        rules.append({
            "application_id": f"{part_id}-{number}", "part_id": part_id,
            "vehicle": {"make": rows[0]["make"], "model": rows[0]["model"]}, "where": {"engine": sorted(codes)},
            "built_from": start, "built_to": end, "except": [{"body": body}],
        })  # fmt: skip
        true += [
            row["vehicle_id"]
            for row in rows
            if set(row["attributes"]["engine"]) <= codes
            and start <= row["built_from"]
            and row.get("built_to", "9999") <= end
            and row["attributes"]["body"] != body
        ]
    return rules, true


def _by_power(rng: random.Random, part_id: str, models: Sequence[Sequence[Row]]) -> tuple[list[Row], list[str]]:
    """Power and displacement of each model, some types excluded by id."""
    rules, true = [], []
    for number, rows in enumerate(models):
        like = rng.choice(rows)["attributes"]
        alike = [row for row in rows if all(row["attributes"][name] == like[name] for name in ("power_kw", "ccm"))]
        out = [row["vehicle_id"] for row in alike if rng.random() < 0.3]
        rules.append({
            "application_id": f"{part_id}-{number}", "part_id": part_id,
            "vehicle": {"make": rows[0]["make"], "model": rows[0]["model"]},
            "where": {"power_kw": like["power_kw"], "ccm": like["ccm"]},
            "except": [{"vehicle_id": out}] if out else [],
        })  # fmt: skip
        true += [row["vehicle_id"] for row in alike if row["vehicle_id"] not in out]
    return rules, true


WAYS = (_by_id, _by_ktype, _by_engine, _by_power)


@dataclass
class Outcome:
    """Counts over pairs of article and vehicle, and milliseconds a check."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    negatives: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """As printed."""
        called, true = self.right + self.wrong, self.right + self.missed
        return (
            f"{name}: precision {self.right / max(called, 1):.4%} of {called:,}, "
            f"recall {self.right / max(true, 1):.4%} of {true:,}, "
            f"{self.wrong} of {self.negatives:,} hard negatives called fits, "
            f"p50 {statistics.median(self.milliseconds):.2f} ms, longest {max(self.milliseconds):.1f} ms a check"
        )


def measure(runtime: Runtime, made: Catalogue, rng: random.Random) -> Iterator[str]:
    """Checks of every article against vehicles it is for and their neighbours, asked by id and by attributes."""
    by_id = {row["vehicle_id"]: row for row in made.vehicles}
    near: dict[str, list[str]] = {}
    neighbours = {row["vehicle_id"]: rows for rows in made.models() for row in rows}
    for part_id, true in made.truth.items():
        for vehicle_id in rng.sample(sorted(true), min(20, len(true))):
            for row in (by_id[vehicle_id], *rng.sample(neighbours[vehicle_id], 6)):
                near.setdefault(row["vehicle_id"], []).append(part_id)
    for name, ask in (("by vehicle_id", _ask_by_id), ("by ktype", _ask_by_ktype)):
        outcome = Outcome()
        for vehicle_id, part_ids in near.items():
            _check(runtime, ask(by_id[vehicle_id]), vehicle_id, sorted(set(part_ids)), made.truth, outcome)
        yield outcome.line(name)


def _ask_by_id(row: Row) -> Row:
    return {"vehicle_id": row["vehicle_id"]}


def _ask_by_ktype(row: Row) -> Row:
    return {"make": row["make"], "attr.ktype": row["ids"]["ktype"]}


def _check(
    runtime: Runtime,
    vehicle: Row,
    vehicle_id: str,
    part_ids: list[str],
    truth: Mapping[str, frozenset[str]],
    outcome: Outcome,
) -> None:
    body = json.dumps({"vehicle": vehicle, "part_ids": part_ids}).encode()
    started = time.perf_counter()
    answer = checking.check(runtime, checking.read_check(body, runtime.settings))
    outcome.milliseconds.append((time.perf_counter() - started) * 1e3)
    for one in answer.results:
        fits = one.fit is not None and one.fit.verdict == "fits"
        true = vehicle_id in truth[one.part_id]
        outcome.right += fits and true
        outcome.wrong += fits and not true
        outcome.missed += true and not fits
        outcome.negatives += not true


def index(made: Catalogue, folder: Path) -> tuple[Settings, float]:
    """`partfit index` on the files; the settings to serve it, and its seconds."""
    options = []
    for kind in ("vehicles", "parts", "applications"):
        path = folder / f"{kind}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in getattr(made, kind)), "utf-8")
        options += [f"--{kind}", str(path)]
    settings = Settings(data_dir=folder / "data", log_level="error")  # type: ignore[arg-type]
    environment = {"PARTFIT_DATA_DIR": str(settings.data_dir), "PYTHONPATH": ":".join(sys.path)}
    started = time.perf_counter()
    command = [sys.executable, "-c", "from search_service.cli import main; main()", "index", *options]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return settings, time.perf_counter() - started


def main() -> None:
    """Print the shares and times."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--vehicles", type=int, default=30_000)
    options.add_argument("--articles", type=int, default=600)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    made = catalogue(given.vehicles, given.articles, given.seed)
    linked = sum(map(len, made.truth.values()))
    with tempfile.TemporaryDirectory() as aside:
        folder = given.keep or Path(aside)
        folder.mkdir(parents=True, exist_ok=True)
        settings, seconds = index(made, folder)
        print(f"{given.vehicles:,} vehicles, {given.articles:,} articles, {linked:,} pairs: indexed in {seconds:.1f} s")
        runtime = open_runtime(settings)
        try:
            for line in measure(runtime, made, random.Random(given.seed)):
                print(line)
        finally:
            runtime.close()


if __name__ == "__main__":
    main()
