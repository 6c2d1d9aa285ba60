"""How long `for_you` takes: in process, and over HTTP at a steady rate with a training beside it.

    PARTFIT_DATA_DIR=… python -m benchmarks.recommend [--rate 50] [--seconds 20] [--workers 2] [--train]

The folder holds a published generation, users and events (`partfit sample --parts 200000`, `index`, `users load`,
`events load`, `train`). An open loop sends each request at its time whether or not earlier ones are answered, so a wait
is the customer's, not the queue's of a closed loop. Customers and cars are drawn at random. The first half of each line
is not counted, so that the cars of `warm` lines were asked about before; most of `any car` lines are asked about for
the first time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import httpx

from search_service.app import open_runtime
from search_service.parameters import Parameters
from search_service.recommending import read_recommend, recommend
from search_service.runtime import Runtime
from search_service.settings import load

CALLS = 300
NICE = 19
Pairs = list[tuple[str, str]]


def main(arguments: Sequence[str]) -> int:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--train", action="store_true", help="train on 5 million events meanwhile, at nice 19")
    given = parser.parse_args(arguments)
    runtime = open_runtime(load())
    if runtime.serving_or_none() is None:
        print("left out: PARTFIT_DATA_DIR holds no generation")
        return 0
    print(f"{runtime.serving().generation.part_count:,} parts, model {runtime.serving().model_version}, load {_load()}")
    draws = _draws(runtime)
    for name, draw in draws.items():
        _in_process(name, runtime, draw)
    runtime.close()
    _over_http(draws, given)
    return 0


def _draws(runtime: Runtime) -> dict[str, Callable[[random.Random], Pairs]]:
    rows = runtime.serving().generation.vehicles.rows
    garage = [row.vehicle_id for row in random.Random(1).sample(rows, min(len(rows), 50))]

    def person(chance: random.Random) -> Pairs:
        return [("kind", "for_you"), ("client_id", f"c{chance.randint(1, 3000):05d}")]

    return {
        "no car": person,
        "50 cars, warm": lambda chance: [*person(chance), ("vehicle_id", chance.choice(garage))],
        "any car": lambda chance: [*person(chance), ("vehicle_id", chance.choice(rows).vehicle_id)],
    }


def _in_process(name: str, runtime: Runtime, draw: Callable[[random.Random], Pairs]) -> None:
    chance, wall, used = random.Random(2), [], []
    for number in range(2 * CALLS):
        request = read_recommend(Parameters(draw(chance)), runtime.settings)
        began, busy = time.perf_counter(), time.thread_time()
        recommend(runtime, request)
        if number >= CALLS:
            wall.append(time.perf_counter() - began)
            used.append(time.thread_time() - busy)
    print(f"in process, {name:<16} wall {_told(wall)}   processor {_told(used)}")


def _over_http(draws: dict[str, Callable[[random.Random], Pairs]], given: argparse.Namespace) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from search_service.cli import main; main()"]
    told = [*command, "serve", "--port", str(port), "--workers", str(given.workers)]
    server = subprocess.Popen(told, env={**os.environ, "PARTFIT_LOG_LEVEL": "error"})
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        with _training() if given.train else nullcontext():
            for name, draw in draws.items():
                waits = asyncio.run(_open_loop(port, draw, given.rate, 2 * given.seconds))
                beside = "training beside" if given.train else "no training"
                print(f"HTTP, {given.rate:g}/s, {given.workers} workers, {beside}, {name:<16} wall {_told(waits)}")
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _training() -> Iterator[None]:
    """A training of 5 million events that outlasts the lines, as far back as `partfit train` steps."""
    command = [sys.executable, "-m", "benchmarks.training"]
    process = subprocess.Popen(["nice", f"-n{NICE}", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _open_loop(port: int, draw: Callable[[random.Random], Pairs], rate: float, seconds: float) -> list[float]:
    """What each answer of the second half took, seconds from when it was due."""
    chance, waits = random.Random(3), list[float]()
    limits = httpx.Limits(max_connections=200, keepalive_expiry=2.0)  # the server closes idle ones after 5 s
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client:

        async def one(due: float) -> None:
            answer = await client.get("/v1/recommendations", params=draw(chance))
            assert answer.status_code == 200, answer.text
            if due >= started + seconds / 2:
                waits.append(time.perf_counter() - due)

        started, tasks = time.perf_counter() + 0.1, []
        for number in range(int(rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0.0))
            tasks.append(asyncio.create_task(one(due)))
        await asyncio.gather(*tasks)
    return waits


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(url, timeout=60).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server did not get ready")


def _told(times: Sequence[float]) -> str:
    at = sorted(times)
    return "  ".join(f"p{share} {1000 * at[int(share / 100 * (len(at) - 1))]:.2f}" for share in (50, 95, 99)) + " ms"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
