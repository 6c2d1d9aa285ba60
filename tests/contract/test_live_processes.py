"""The SQLite store over several processes: all writes are kept, a killed writer blocks nobody and loses nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from search_service.live.model import Event, StockRow, wire_time
from search_service.live.sqlite import open_sqlite
from search_service.live.ubi import event_of

SPAWN = multiprocessing.get_context("spawn")


def click(part: str) -> Event:
    shown = {"position": {"ordinal": 1}, "object": {"object_id": part}}
    made = event_of({"action_name": "click", "timestamp": wire_time(0), "user_id": "u", "event_attributes": shown}, 1)
    assert isinstance(made, Event)
    return made


def write(folder: Path, name: str, count: int) -> None:
    """A worker process: single events and stock rows, one commit each."""
    store = open_sqlite(folder)
    for n in range(count):
        store.append([click(f"{name}{n}")])
        store.put_stock([StockRow(f"{name}{n}", "s", 1, 0)])
    store.close()


def write_until_killed(folder: Path, accepted: Connection) -> None:
    """A worker process that tells, after each commit, how many it made."""
    store = open_sqlite(folder)
    for n in range(1_000_000):
        store.append([click(f"k{n}")])
        accepted.send(n)


def test_writes_of_several_processes_are_all_kept(tmp_path: Path) -> None:
    """Three processes, forty commits each, none lost; every stock write has a number of its own."""
    workers = [SPAWN.Process(target=write, args=(tmp_path, name, 40)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = open_sqlite(tmp_path)
    expected = {f"{name}{n}" for name in "abc" for n in range(40)}
    assert {event.object_id for event in store.events()} == expected
    assert {row.part_id: row.sequence for row in store.stock_since(0)}.keys() == expected
    assert len({row.sequence for row in store.stock_since(0)}) == len(expected)
    store.close()


def test_a_killed_writer_loses_nothing_it_accepted(tmp_path: Path) -> None:
    """SIGKILL between commits: what it reported is there, and another process writes on at once."""
    here, there = SPAWN.Pipe(duplex=False)
    worker = SPAWN.Process(target=write_until_killed, args=(tmp_path, there))
    worker.start()
    there.close()
    last = -1
    while last < 20:
        last = here.recv()
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    while here.poll():
        try:
            last = here.recv()
        except EOFError:
            break
    store = open_sqlite(tmp_path)
    started = time.monotonic()
    store.append([click("after")])
    assert time.monotonic() - started < 5
    kept = {event.object_id for event in store.events()}
    assert kept >= {f"k{n}" for n in range(last + 1)} | {"after"}
    store.close()
