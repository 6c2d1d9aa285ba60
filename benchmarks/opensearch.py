"""The search endpoint on OpenSearch against the raw request it makes: same body, plain keep-alive client.

    python -m benchmarks.opensearch                    a sample of 20,000 parts, made and indexed first
    python -m benchmarks.opensearch --sample FOLDER    over `parts.jsonl` … of a folder; `benchmarks.build` leaves a
                                                       million parts in `.cache/benchmarks/build`
    python -m benchmarks.opensearch --data FOLDER      over what is published there already

Needs a node (`make opensearch`, `--url`). Aim: endpoint p50 at most 1.3 x the raw p50, or 3 ms more, whichever is
larger. The server runs in a process of its own. Each query is asked both ways, in random order, so that neither
profits from the other's warm caches.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks.over_http import serving
from benchmarks.search import KINDS, queries, show
from indexers.engine.opensearch.reader import OpenSearchReader
from indexers.inputs import Inputs
from indexers.rows import RowKind
from search_service import pipeline
from search_service.app import engine_of, open_runtime, vocabulary_of
from search_service.indexing import index
from search_service.live.factory import open_live
from search_service.request import SearchRequest
from search_service.runtime import Runtime
from search_service.sample.writer import write_sample
from search_service.settings import Settings, load
from search_service.terminal import Terminal

CATALOGUE = (RowKind.VEHICLES, RowKind.PARTS, RowKind.APPLICATIONS)


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", default="http://127.0.0.1:9200")
    options.add_argument("--sample", type=Path, help="a folder with vehicles, parts and applications as JSON Lines")
    options.add_argument("--data", type=Path, help="a data folder whose generation is published on the cluster")
    options.add_argument("--parts", type=int, default=20_000)
    options.add_argument("--queries", type=int, default=100, help="queries of each kind")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        data = chosen.data or Path(made)
        settings = load({"engine": "opensearch", "opensearch_url": chosen.url, "data_dir": data, "log_level": "error"})
        if chosen.data is None or not (data / "generations").is_dir():
            _index(settings, chosen.sample or _sample(data / "sample", chosen.parts))
        with serving(settings) as (port, _):
            measure(settings, port, chosen.queries)


def measure(settings: Settings, port: int, count: int) -> None:
    """All kinds of query, each both ways."""
    runtime = open_runtime(settings)
    raw = http.client.HTTPConnection(urlsplit(settings.opensearch_url[0]).netloc)
    endpoint = http.client.HTTPConnection("127.0.0.1", port)
    print(f"{runtime.serving().generation.part_count:,} parts, {count} queries a kind; milliseconds, p50 / p95")
    for kind in KINDS:
        asked = queries(runtime, kind, count)
        raws, answers = both_ways(runtime, raw, endpoint, asked)
        over = answers[0] - raws[0]
        print(f"{kind:6} raw {show(raws)}   endpoint {show(answers)}  = {answers[0] / raws[0]:.2f} x, {over:.2f} more")
    runtime.close()


def both_ways(
    runtime: Runtime,
    raw: http.client.HTTPConnection,
    endpoint: http.client.HTTPConnection,
    asked: Sequence[SearchRequest],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """p50 and p95 in milliseconds of the raw requests, and of the endpoint's."""
    reader = runtime.serving().reader
    assert isinstance(reader, OpenSearchReader)
    choose = random.Random(5)
    taken: dict[str, list[float]] = {"raw": [], "endpoint": []}
    for one in asked:
        path, body = reader.wire(pipeline.plan_of(runtime, one))
        given = {"q": one.q, **{each.attribute: each.shown[0] for each in one.vehicle.given}}
        calls = [
            ("raw", raw, ("POST", path, body, {"content-type": "application/json"})),
            ("endpoint", endpoint, ("GET", f"/v1/search?{urlencode(given)}")),
        ]
        for name, client, request in choose.sample(calls, len(calls)):
            started = time.perf_counter()
            client.request(*request)
            response = client.getresponse()
            response.read()
            taken[name].append((time.perf_counter() - started) * 1000)
            assert response.status == 200, (name, response.status)
    raws, answers = ((statistics.median(some), statistics.quantiles(some, n=20)[18]) for some in taken.values())
    return raws, answers


def _sample(folder: Path, parts: int) -> Path:
    with Terminal() as terminal:
        write_sample(folder, parts=parts, events=0, progress=terminal.report)
    return folder


def _index(settings: Settings, sample: Path) -> None:
    engine, live = engine_of(settings), open_live(settings)
    inputs = Inputs({kind: [sample / f"{kind.value}.jsonl"] for kind in CATALOGUE})
    try:
        with Terminal() as terminal:
            now = datetime.datetime.now(datetime.UTC)
            index(settings, engine, live, vocabulary_of(settings), inputs, terminal, now=now)
    finally:
        live.close()
        engine.close()


if __name__ == "__main__":
    main()
