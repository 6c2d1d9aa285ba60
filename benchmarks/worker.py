"""A whole worker: how soon `partfit serve` answers, and how much memory it has of its own.

    python -m benchmarks.worker                     a sample of 20,000 parts, made and indexed first
    python -m benchmarks.worker --data FOLDER       over an index that is there

Times are from starting the process: until `/readyz` says ready, and until the first search with a vehicle is answered.
Memory is anonymous pages; mapped files, which the system takes back at will and workers share, are not in it. Aims at
1,000,000 parts: ready in under 3 s, under 400 MB after searches of every kind.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.build import anonymous_memory, process_tree
from benchmarks.over_http import parameters_of
from benchmarks.search import KINDS, indexed, queries
from search_service.app import open_runtime
from search_service.settings import PREFIX, Settings

PATIENCE = 60
"""Seconds after which a worker that does not answer is given up."""

MEGABYTE = 1_000_000


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="a data folder with a published generation")
    options.add_argument("--queries", type=int, default=100, help="searches of each kind before memory is looked at")
    options.add_argument("--parts", type=int, default=20_000)
    chosen = options.parse_args()
    with indexed(chosen.data, chosen.parts) as settings:
        measure(settings, paths(settings, chosen.queries))


def measure(settings: Settings, asked: list[str]) -> None:
    """One worker, from its start to the last of the searches."""
    started = time.perf_counter()
    with worker(settings) as (process, port):
        ready, used = _ready(port) - started, processor_time(process)
        at_start = _own(process)
        client = http.client.HTTPConnection("127.0.0.1", port)
        _get(client, asked[0])
        first = time.perf_counter() - started
        for path in asked[1:]:
            _get(client, path)
        print(f"ready after {ready:.2f} s, {used:.2f} s of processor time; first search answered after {first:.2f} s")
        print(f"memory of its own {at_start:.0f} MB when ready, {_own(process):.0f} MB after {len(asked)} searches")


def paths(settings: Settings, count: int) -> list[str]:
    """Searches of every kind, the first with a base vehicle."""
    runtime = open_runtime(settings)
    found = [one for kind in reversed(KINDS) for one in queries(runtime, kind, count)]
    first = queries(runtime, "base", 1)
    runtime.close()
    return [f"/v1/search?{urlencode(parameters_of(one))}" for one in (*first, *found)]


@contextmanager
def worker(settings: Settings) -> Iterator[tuple[int, int]]:
    """A server process of one worker; gives its process id and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, f"{PREFIX}DATA_DIR": str(settings.data_dir), f"{PREFIX}LOG_LEVEL": "error"}
    command = [Path(sys.executable).with_name("partfit"), "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process.pid, port
        finally:
            process.terminate()


def _ready(port: int) -> float:
    """When `/readyz` said ready."""
    gives_up = time.perf_counter() + PATIENCE
    while time.perf_counter() < gives_up:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            client.request("GET", "/readyz")
            if client.getresponse().status == http.client.OK:
                return time.perf_counter()
        except ConnectionError:
            pass
        time.sleep(0.02)
    raise TimeoutError("the worker did not get ready")


def processor_time(process: int) -> float:
    """What a process has used of the processor so far, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _own(process: int) -> float:
    return sum(map(anonymous_memory, process_tree(process))) / MEGABYTE


def _get(client: http.client.HTTPConnection, path: str) -> None:
    client.request("GET", path)
    response = client.getresponse()
    body = response.read()
    assert response.status == http.client.OK, body


if __name__ == "__main__":
    main()
