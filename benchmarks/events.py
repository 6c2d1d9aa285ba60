"""How many events a second are taken, durably, over HTTP, and how long the slowest wait.

    python benchmarks/events.py [--seconds 5] [--connections 50] [--workers 1 2] [--batch 1 20] [--lock busy]

Starts the service in `workers` processes that share one port and one data folder, and sends events over keep-alive
connections in a closed loop. Every answer comes after the commit
(`synchronous=FULL`). `--lock busy` takes the file lock away, so that SQLite's busy handler orders the writers, for
comparison.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import itertools
import json
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from search_service.app import create_app
from search_service.live.filelock import FileLock
from search_service.live.sqlite import open_sqlite
from search_service.settings import LogLevel, Settings


def make_app(folder: Path) -> FastAPI:
    """The whole service, as `partfit serve` runs it, without a generation."""
    return create_app(Settings(data_dir=folder, log_level=LogLevel.ERROR))  # type: ignore[call-arg]


def serve(folder: str, port_socket: socket.socket, lock: str) -> None:
    """One worker process."""
    if lock == "busy":
        FileLock.held = lambda self: nullcontext()  # type: ignore[assignment,method-assign,return-value]
    if lock == "unfair":
        FileLock._enter = lambda self: fcntl.flock(self._lock, fcntl.LOCK_EX)  # type: ignore[method-assign]
    config = uvicorn.Config(make_app(Path(folder)), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[port_socket])


@contextmanager
def serving(workers: int, lock: str) -> Iterator[tuple[int, Path, list[int]]]:
    """Processes on one listening socket; ended afterwards."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listening.set_inheritable(True)
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        processes = [spawn.Process(target=serve, args=(folder, listening, lock)) for _ in range(workers)]
        for process in processes:
            process.start()
        time.sleep(8.0 * workers)
        try:
            yield listening.getsockname()[1], Path(folder), [process.pid or 0 for process in processes]
        finally:
            for process in processes:
                process.terminate()
                process.join()


def body(numbers: Iterator[int], batch: int) -> bytes:
    """`batch` clicks of some of 500 users, a millisecond apart. Filled in: the client shares the processor."""
    return b"\n".join(_click(next(numbers)) for _ in range(batch))


def _click(number: int) -> bytes:
    shares = {b"part": number % 20000, b"number": number, b"user": number % 500, b"visit": number % 900}
    seconds, milli = divmod(number, 1000)
    minutes, second = divmod(seconds, 60)
    moment = {b"hour": minutes // 60 % 24, b"minute": minutes % 60, b"second": second, b"milli": milli}
    return _CLICK % (shares | moment | {b"rank": number % 24})


_CLICK = (
    '{"application": "parts-web", "action_name": "click", "query_id": "%(number)032x", "client_id": "c-%(user)d", '
    '"session_id": "s-%(visit)d", "user_id": "u-%(user)d", '
    '"timestamp": "2026-11-22T%(hour)02d:%(minute)02d:%(second)02d.%(milli)03dZ", "user_query": "卡罗拉 前刹车片", '
    '"event_attributes": {"object": {"object_id": "ACME:BP-%(part)d", '
    '"object_id_field": "part_id"}, "n": %(number)d, "position": {"ordinal": %(rank)d}}}'
).encode()
"""A click after a search for front brake pads, in Chinese."""


async def client(port: int, until: float, numbers: Iterator[int], batch: int, waits: list[float]) -> None:
    """One keep-alive connection that asks again as soon as it is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        data = body(numbers, batch)
        head = (
            b"POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ncontent-length: %d\r\n\r\n"
        )
        started = time.perf_counter()
        writer.write(head % len(data) + data)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        accepted = json.loads(await reader.readexactly(length))["accepted"]
        waits.append(time.perf_counter() - started)
        assert accepted == batch, (answer, accepted)
    writer.close()


async def load(port: int, connections: int, seconds: float, batch: int) -> list[float]:
    """Waits, in seconds, of every request."""
    waits: list[float] = []
    numbers = itertools.count()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(port, until, numbers, batch, waits) for _ in range(connections)))
    return sorted(waits)


def processor_seconds(pids: Sequence[int]) -> float:
    """Processor time the servers have used so far (Linux)."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def report(name: str, waits: Sequence[float], batch: int, seconds: float, kept: int, used: tuple[float, float]) -> str:
    """One line of figures; fails if the store does not hold what was accepted.

    `used` is processor time of the servers and of the client. A machine with idle processors takes at most their
    number divided by the sum of both, in events a second.
    """
    assert kept == len(waits) * batch, f"{kept} kept of {len(waits) * batch} accepted"
    at = [1000 * waits[int(share * (len(waits) - 1))] for share in (0.5, 0.95, 0.99, 1.0)]
    rate = len(waits) * batch / seconds
    busy, asking = (1e6 * share / kept for share in used)
    waited = "  ".join(f"{label} {wait:.1f}" for label, wait in zip(("p50", "p95", "p99", "max"), at, strict=True))
    return f"{name:34} {rate:9,.0f} events/s, processor µs each {busy:.0f}, client {asking:.0f}; ms: {waited}"


def main(arguments: Sequence[str]) -> None:
    """Measure every combination asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--lock", choices=["file", "unfair", "busy"], default="file")
    given = parser.parse_args(arguments)
    for workers, batch in itertools.product(given.workers, given.batch):
        with serving(workers, given.lock) as (port, folder, pids):
            before, client_before = processor_seconds(pids), time.process_time()
            waits = asyncio.run(load(port, given.connections, given.seconds, batch))
            used = processor_seconds(pids) - before, time.process_time() - client_before
            store = open_sqlite(folder / "live")
            kept = sum(1 for _ in store.events())
            store.close()
        name = f"{workers} worker(s), {given.connections} connections of {batch}"
        print(report(name, waits, batch, given.seconds, kept, used), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
