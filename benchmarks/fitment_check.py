"""`POST /v1/fitment/check` of 500 parts: verdicts, reasons and stamps over HTTP, no vehicle asked twice.

    python -m benchmarks.fitment_check                     a sample of 20,000 parts, made and indexed first
    python -m benchmarks.fitment_check --data FOLDER       over an index that is there

Vehicles have up to six candidates. Half of the parts could fit the vehicle as far as there are so many, the others are
drawn at random. Aim at 1,000,000 parts: p50 under 10 ms.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import time
from pathlib import Path

from benchmarks.over_http import served
from benchmarks.search import indexed, show, timed
from indexers.engine.plan import Band, Everything, SearchPlan
from search_service.app import create_app, open_runtime
from search_service.asking import ask
from search_service.parameters import Parameters
from search_service.retrieval import fit_filters
from search_service.runtime import Runtime
from search_service.vehicle_query import read_vehicle

PARTS, CANDIDATES = 500, 6


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="a data folder with a published generation")
    options.add_argument("--queries", type=int, default=60)
    options.add_argument("--parts", type=int, default=20_000)
    chosen = options.parse_args()
    with indexed(chosen.data, chosen.parts) as settings:
        runtime = open_runtime(settings)
        bodies = checks(runtime, chosen.queries)
        with served(create_app(settings, runtime)) as port:
            measure(port, bodies)
        runtime.close()


def measure(port: int, bodies: list[bytes]) -> None:
    """Ask each body once."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    sizes, verdicts = [], dict[str, int]()

    def check(body: bytes) -> None:
        client.request("POST", "/v1/fitment/check", body, {"content-type": "application/json"})
        response = client.getresponse()
        sizes.append(len(response.read()))
        assert response.status == 200

    started = time.process_time()
    taken = timed(check, bodies)
    used = (time.process_time() - started) / len(sizes) * 1000
    client.request("POST", "/v1/fitment/check", bodies[0], {"content-type": "application/json"})
    for one in json.loads(client.getresponse().read())["results"]:
        verdicts[one["fit"]["verdict"]] = verdicts.get(one["fit"]["verdict"], 0) + 1
    print(f"{PARTS} verdicts over HTTP {show(taken)} ms p50 / p95; processor time with the client {used:.1f} ms")
    print(f"answers of {sum(sizes) // len(sizes):,} bytes; verdicts of the first: {verdicts}")


def checks(runtime: Runtime, count: int) -> list[bytes]:
    """Bodies, each for another base vehicle; made through a runtime whose memory of vehicles is then emptied."""
    choose = random.Random(23)
    serving = runtime.serving()
    table = serving.generation.vehicles
    found: dict[tuple[object, ...], bytes] = {}
    alive = serving.generation.live_ordinals()
    while len(found) < count + count // 10 + 1:
        row = choose.choice(table.rows)
        vehicle = {"make": row.make, "model": row.model, "year": row.years.start or 2015}
        parameters = Parameters.from_object(vehicle, "vehicle")
        asking = ask(runtime, serving, read_vehicle(parameters))
        if asking.asked is None or not 0 < len(asking.asked.candidates) <= CANDIDATES:
            continue
        could = fit_filters(asking.asked, runtime.settings.broad_candidates).could
        page = serving.reader.search(SearchPlan(could, (Band("could", Everything()),), PARTS // 2))
        ordinals = {hit.ordinal for hit in page.hits["could"]}
        while len(ordinals) < PARTS:
            ordinals.add(int(choose.choice(alive)))
        body = {"vehicle": vehicle, "part_ids": serving.generation.part_ids(sorted(ordinals))}
        found[tuple(vehicle.values())] = json.dumps(body).encode()
    serving.forget_vehicles()
    return list(found.values())[:count]


if __name__ == "__main__":
    main()
