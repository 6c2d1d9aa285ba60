"""From an ACES file to compiled slots, against a bare lxml iterparse of the same file on one core.

    python -m benchmarks.aces                       200,000 Apps
    python -m benchmarks.aces --apps 1000000        the figures of the project's page

The file is made (seeded) in the shape of a real delivery: 25 Apps a part, 40,000 base vehicles, 43 % of the Apps with
a note, 5 % with an attribute of the vehicle database, ids and notes as varied as in real ones. Processor time of one
process; each side in a process of its own, whose memory (anonymous, at its highest) is told beside. The bare side is
told which tag to stop at, its fastest way. `texts` is the analysis of the parts' texts for search, which is no part of
the way to slots: it is told, and left out of the ratio.
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NARROWED = (("SubModel", 0.041, 3000), ("EngineBase", 0.004, 2500), ("BodyType", 0.002, 60), ("DriveType", 0.002, 12))
"""Element, share of the Apps that have it, how many ids there are."""
BASES, NOTED, NOTES, APPS_A_PART = 40_000, 0.43, 4000, 25
WORDS = ("carbon", "particulate", "without", "sport", "suspension", "rotor", "front", "heavy", "duty", "production")


def write(file: Path, apps: int, seed: int = 7) -> None:
    """Make a delivery of so many Apps."""
    rng = random.Random(seed)
    notes = [f"{' '.join(rng.sample(WORDS, 3))} {rng.randrange(1, 400)}" for _ in range(NOTES)]
    with file.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<ACES version="4.2">\n\t<Header><Company>Bench</Company>')
        out.write("<BrandAAIAID>BNCH</BrandAAIAID><EffectiveDate>2026-05-01</EffectiveDate>")
        out.write("<SubmissionType>FULL</SubmissionType></Header>\n")
        for number in range(1, apps + 1):
            out.write(_app(rng, number, notes))
        out.write(f"\t<Footer><RecordCount>{apps}</RecordCount></Footer>\n</ACES>\n")


def _app(rng: random.Random, number: int, notes: list[str]) -> str:
    asked = "".join(
        f'\t\t<{name} id="{1 + int(count * rng.random() ** 2)}"/>\n'
        for name, share, count in NARROWED
        if rng.random() < share
    )
    note = f"\t\t<Note>{notes[int(NOTES * rng.random() ** 3)]}</Note>\n" if rng.random() < NOTED else ""
    return (
        f'\t<App action="A" id="{number}">\n\t\t<BaseVehicle id="{1000 + rng.randrange(BASES)}"/>\n{asked}{note}'
        f'\t\t<Qty>{rng.choice((1, 1, 1, 2, 4))}</Qty>\n\t\t<PartType id="{6000 + number // 5000 % 40}"/>\n'
        f'\t\t<Position id="{rng.choice((1, 2, 22, 30))}"/>\n\t\t<Part>B{number // APPS_A_PART:06d}</Part>\n\t</App>\n'
    )


def bare(file: Path) -> dict[str, float]:
    """Only parse, and forget."""
    from lxml import etree

    with _told("iterparse") as told:
        for _, element in etree.iterparse(str(file), tag="App"):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return told


def read(file: Path, *, compiled: bool) -> dict[str, float]:
    """The build's own stages up to columns on disk, or up to slots."""
    from indexers.assemble_applications import assemble_applications
    from indexers.assemble_parts import assemble_parts, load_ordinals
    from indexers.assemble_vehicles import assemble_vehicles
    from indexers.notes.lexicon import load_note_lexicon
    from indexers.notes.reread import NoteRules
    from indexers.read_applications import read_applications
    from indexers.read_parts import read_parts
    from indexers.read_rows import RowsRead
    from indexers.rows import RowKind
    from indexers.sources.aces import read_deliveries
    from indexers.store import Store
    from indexers.vocabulary import load_vocabulary
    from search_service.resources import config_folder

    vocabulary, year = load_vocabulary(config_folder()), datetime.date.today().year
    folder = Path(tempfile.mkdtemp(dir=file.parent))
    store, work = Store(folder), folder / "work"
    work.mkdir()
    told: dict[str, float] = {}
    _tell_apart(told)
    with _told("named", told):
        deliveries = read_deliveries([file], work)
    with _told("vehicles", told):
        table = assemble_vehicles(store, deliveries.pieces(RowKind.VEHICLES), RowsRead(), None, year).table
    with _told("parts", told):
        named = deliveries.pieces(RowKind.PARTS)
        parts = assemble_parts(store, [read_parts(one, work / "parts", vocabulary, _silent) for one in named], None)
    with _told("applications", told):
        ids = frozenset(table.row_ids)
        shards = [
            read_applications(one, work / "applications", load_ordinals(folder), ids, _silent)
            for one in deliveries.pieces(RowKind.APPLICATIONS)
        ]
    told["parts"] -= told["texts"]
    if compiled:
        with _told("slots", told):
            notes = NoteRules(load_note_lexicon(config_folder()))
            assemble_applications(store, shards, [0] * len(shards), parts, table, None, notes)
    shutil.rmtree(folder)
    return told


def _tell_apart(told: dict[str, float]) -> None:
    """Add up under `texts` what making search fields of parts takes."""
    from indexers.part_documents import PartDocuments

    made, told["texts"] = PartDocuments.fields, 0.0

    def fields(*arguments: Any) -> dict[str, Any]:
        started = time.process_time()
        found = made(*arguments)
        told["texts"] += time.process_time() - started
        return found

    PartDocuments.fields = fields  # type: ignore[method-assign]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "partfit-bench-aces")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    file = arguments.folder / f"{arguments.apps}.xml"
    if arguments.side:
        told = SIDES[arguments.side](file)
        print(" ".join(f"{name}={value:.3f}" for name, value in told.items()))
        return
    if not file.exists():
        arguments.folder.mkdir(parents=True, exist_ok=True)
        write(file, arguments.apps)
    found = {side: _run(side, arguments) for side in SIDES}
    print(f"Apps {arguments.apps:,}, {file.stat().st_size / 2**20:.0f} MiB, load {os.getloadavg()[0]:.1f}")
    for side, told in found.items():
        memory, texts = told.pop("memory"), told.pop("texts", 0.0)
        steps = "  ".join(f"{name} {value:.1f}" for name, value in told.items())
        whole = sum(told.values())
        print(
            f"{side:<9}{whole:7.1f} s  {arguments.apps / whole:>9,.0f} Apps/s  {memory:6.0f} MiB"
            f"  {steps}  (texts {texts:.1f})"
        )
    ratio = sum(found["bare"].values()) / sum(found["slots"].values())
    print(f"file to slots, of the bare parser's speed, at least 0.4: {ratio:.2f}")


def _run(side: str, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.aces", "--side", side, "--apps", str(arguments.apps)]
    command += ["--folder", str(arguments.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        most = _watch(process)
        assert process.stdout is not None
        out = process.stdout.read()
    if process.returncode:
        raise SystemExit(process.returncode)
    return {name: float(value) for name, value in (pair.split("=") for pair in out.split())} | {"memory": most}


def _watch(process: subprocess.Popen[str]) -> float:
    """Highest anonymous memory in MiB, looked at from outside: pages of mapped files the system takes back at will."""
    most = 0
    while process.poll() is None:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                most = max(most, int(line.split()[1]))
        time.sleep(0.005)
    return most / 1024


@contextmanager
def _told(name: str, told: dict[str, float] | None = None) -> Iterator[dict[str, float]]:
    told = {} if told is None else told
    started = time.process_time()
    yield told
    told[name] = time.process_time() - started


def _silent(_: int) -> None:
    """No progress is shown."""


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "bare": bare,
    "columns": lambda file: read(file, compiled=False),
    "slots": lambda file: read(file, compiled=True),
}

if __name__ == "__main__":
    main()
