"""A small shop of several part types, indexed by the real command and served by real processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from search_service.cli import app as command
from search_service.live.model import wire_time

CARS = ("A", "B")
VEHICLES = [{"vehicle_id": name, "make": "Make", "model": name, "year": 2018} for name in CARS]
USERS = [{"user_id": "ann", "garage": ["gone", "A", "B"]}, {"user_id": "bob", "garage": []}]
WHOLE = ("oil_filter", "air_filter", "wiper_blade")


def part(name: str, kind: str, place: str = "", **more: Any) -> dict[str, Any]:
    """A part of a brand of its type."""
    return {
        "part_id": f"X:{name}", "brand": more.pop("brand", f"Brand {name[-1]}"), "part_number": name,
        "part_type": kind, "position": [place] if place else [], "title": {"en": name},
        "price": {"amount": 100.0, "currency": "CNY"}, "listed_at": "2020-01-01", **more,
    }  # fmt: skip


def parts() -> list[dict[str, Any]]:
    """For each car three pads and two discs at each axle, two of three filters and wipers; fluids for all."""
    rows = []
    for car in CARS:
        for place in ("front", "rear"):
            rows += [part(f"{car}-pad-{place}-{n}", "brake_pad", place) for n in range(3)]
            rows += [part(f"{car}-disc-{place}-{n}", "brake_disc", place) for n in range(2)]
        rows += [part(f"{car}-{kind}-{n}", kind) for kind in WHOLE for n in range(2)]
    fluids = ("brake_fluid", "engine_oil")
    return rows + [part(f"{kind}-{n}", kind, universal=True) for kind in fluids for n in range(3)]


def application(row: dict[str, Any]) -> dict[str, Any]:
    """A part fits the car its number begins with."""
    car = row["part_number"][0]
    return {"application_id": row["part_id"], "part_id": row["part_id"], "vehicle": {"make": "Make", "model": car}}


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


OURS = {"PARTFIT_TRAIN_NICENESS": "0"}
"""A command runs in the process of the tests, which must not step back for good."""


def run(folder: Path, *arguments: str, **environment: str) -> None:
    """One command that must succeed, on the data of `folder`."""
    result = CliRunner().invoke(
        command, arguments, env={**OURS, "PARTFIT_DATA_DIR": str(folder / "data"), **environment}
    )
    assert result.exit_code == 0, f"{result.output} {result.exception!r}"


def index(folder: Path, *more: str, rows: Sequence[dict[str, Any]] | None = None, **environment: str) -> None:
    """Index these parts (all by default); `--update` among `more` adds them."""
    rows = parts() if rows is None else rows
    fitted = [application(row) for row in rows if not row.get("universal")]
    files = [("vehicles", VEHICLES), ("parts", rows), ("applications", fitted)]
    told = [f"--{name}={write_rows(folder / f'{name}.jsonl', some)}" for name, some in files]
    run(folder, "index", *more, *told, **environment)


@contextmanager
def serving(
    folder: Path, workers: int = 2, **environment: str
) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """`partfit serve` in a process group of its own; each request of the client is a new connection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = "from search_service.cli import main; main()"
    told = [sys.executable, "-c", program, "serve", "--port", str(port), "--workers", str(workers)]
    chosen = {"PARTFIT_DATA_DIR": str(folder / "data"), "PARTFIT_LOG_LEVEL": "error", **environment}
    process = subprocess.Popen(told, env={**os.environ, **chosen}, start_new_session=True)
    limits = httpx.Limits(max_keepalive_connections=0)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0, limits=limits) as client:
            _wait(client, process)
            yield client, process
    finally:
        process.terminate()
        process.wait(30)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not get ready")


def did(what: str, part_id: str, **who: str) -> dict[str, Any]:
    """A UBI event of now."""
    moment = wire_time(time.time_ns() // 10**6)
    shown = {"position": {"ordinal": 1}, "object": {"object_id": part_id, "object_id_field": "part_id"}}
    return {"action_name": what, "timestamp": moment, "event_attributes": shown, **who}
