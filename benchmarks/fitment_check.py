"""`POST /v1/fitment/check` of 500 parts: verdicts, reasons and stamps over HTTP, no vehicle asked twice.

    python -m benchmarks.fitment_check                     a sample of 20,000 parts, made and indexed first
    python -m benchmarks.fitment_check --data FOLDER       over an index that is there

Vehicles have up to six candidates. Half of the parts could fit the vehicle as far as there are so many, the others are
drawn at random. The server is a process of its own; what it used of the processor stands beside, for a busy machine.
Aim at 1,000,000 parts: p50 under 10 ms.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import time
from collections import Counter
from pathlib import Path

from benchmarks.over_http import serving
from benchmarks.search import indexed, show
from benchmarks.worker import processor_time
from indexers.engine.plan import Band, Everything, SearchPlan
from search_service.app import open_runtime
from search_service.asking import ask
from search_service.parameters import Parameters
from search_service.retrieval import fit_filters
from search_service.runtime import Runtime
from search_service.vehicle_query import read_vehicle

PARTS, CANDIDATES = 500, 6
WARMING = 10
"""Checks asked first and not counted."""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="a data folder with a published generation")
    options.add_argument("--queries", type=int, default=60)
    options.add_argument("--parts", type=int, default=20_000)
    chosen = options.parse_args()
    with indexed(chosen.data, chosen.parts) as settings:
        runtime = open_runtime(settings)
        bodies = checks(runtime, chosen.queries + WARMING)
        runtime.close()
        with serving(settings) as (port, process):
            measure(port, process, bodies)


def measure(port: int, process: int, bodies: list[bytes]) -> None:
    """Ask each body once; the first `WARMING` do not count."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    taken, answers, used = list[float](), list[bytes](), 0.0
    for number, body in enumerate(bodies):
        if number == WARMING:
            used = processor_time(process)
        started = time.perf_counter()
        client.request("POST", "/v1/fitment/check", body, {"content-type": "application/json"})
        response = client.getresponse()
        answer = response.read()
        taken.append((time.perf_counter() - started) * 1000)
        assert response.status == 200, answer
        answers.append(answer)
    used, counted = processor_time(process) - used, len(bodies) - WARMING
    p50, p95 = statistics.median(taken[WARMING:]), statistics.quantiles(taken[WARMING:], n=20)[18]
    print(f"{PARTS} verdicts over HTTP {show((p50, p95))} ms p50 / p95, {1000 * used / counted:.1f} of the processor")
    verdicts = Counter(one["fit"]["verdict"] for answer in answers for one in json.loads(answer)["results"])
    print(f"answers of {statistics.median(map(len, answers)):,.0f} bytes; verdicts: {dict(verdicts)}")


def checks(runtime: Runtime, count: int) -> list[bytes]:
    """Bodies, each for another base vehicle."""
    choose = random.Random(23)
    now = runtime.serving()
    table = now.generation.vehicles
    found: dict[tuple[object, ...], bytes] = {}
    alive = now.generation.live_ordinals()
    while len(found) < count:
        row = choose.choice(table.rows)
        vehicle = {"make": row.make, "model": row.model, "year": row.years.start or 2015}
        parameters = Parameters.from_object(vehicle, "vehicle")
        asking = ask(runtime, now, read_vehicle(parameters))
        if asking.asked is None or not 0 < len(asking.asked.candidates) <= CANDIDATES:
            continue
        could = fit_filters(asking.asked, runtime.settings.broad_candidates).could
        page = now.reader.search(SearchPlan(could, (Band("could", Everything()),), PARTS // 2))
        ordinals = {hit.ordinal for hit in page.hits["could"]}
        while len(ordinals) < PARTS:
            ordinals.add(int(choose.choice(alive)))
        body = {"vehicle": vehicle, "part_ids": now.generation.part_ids(sorted(ordinals))}
        found[tuple(vehicle.values())] = json.dumps(body).encode()
    return list(found.values())


if __name__ == "__main__":
    main()
