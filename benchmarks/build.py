"""How long a build takes against what cannot be saved: the engine on ready documents, one typed decode of the lines.

    python -m benchmarks.build                          100,000 parts x 25 applications of one model year each
    python -m benchmarks.build --parts 1000000          the figures of the project's page
    python -m benchmarks.build --parts 1000000 --years 4

Makes a sample (seeded, once a folder), shuffles its applications, and takes every ratio from one run. Times are wall
clock: run it on an otherwise idle machine (the load average is printed; about 2 is the build itself). Memory is what
the processes hold themselves; pages of mapped files, which the system takes back at will, are not in it.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import os
import pickle
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from indexers.build import build
from indexers.documents import DocumentMaker, gather
from indexers.engine.factory import open_engine
from indexers.generation_files import WORK
from indexers.inputs import BuildRequest, Inputs
from indexers.progress import Tick
from indexers.rows import ApplicationRow, PartRow, RowKind
from indexers.sources.lines import cut
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.resources import config_folder
from search_service.sample.writer import write_sample

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
BUCKET_LINES = 500_000


class Watch(threading.Thread):
    """Highest anonymous memory of this process and its children by step, shared pages counted once, in bytes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[str, tuple[int, list[int]]] = {}
        self._step = "start"
        self._begun = time.perf_counter()
        self._ended = threading.Event()

    def step(self, name: str, total: int) -> Tick:
        """A step of the build begins; also says so."""
        print(f"  {time.perf_counter() - self._begun:7.1f} s  {name}", flush=True)
        self._step = name
        return lambda done: None

    def run(self) -> None:
        """Look four times a second."""
        while not self._ended.wait(0.25):
            step, each = self._step, sorted(map(anonymous_memory, process_tree(os.getpid())), reverse=True)
            if sum(each) > self.peaks.get(step, (0, []))[0]:
                self.peaks[step] = sum(each), each

    def stop(self) -> int:
        """End; the peak of all steps."""
        self._ended.set()
        self.join()
        return max(total for total, _ in self.peaks.values())


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    folder = arguments.folder / f"{arguments.parts}x{arguments.applications}x{arguments.years}"
    files = _sample(folder, arguments)
    vocabulary = load_vocabulary(config_folder())
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    watch = Watch()
    watch.start()
    started = time.perf_counter()
    engine = open_engine("embedded", root=data / "index")
    request = BuildRequest(
        Inputs({kind: [path] for kind, path in files.items()}), data, engine, vocabulary, NOW,
        progress=watch, processes=arguments.processes,
    )  # fmt: skip
    result = build(request)
    whole = time.perf_counter() - started
    peak = watch.stop()
    decode = _typed_decode(files)
    ready = _engine_on_ready_documents(data / "generations" / result.generation, vocabulary, folder, arguments.ready)
    _print(arguments, whole, decode, ready, result.report.seconds, peak, result.report.parts)
    for step, (total, each) in watch.peaks.items():
        print(f"  {step:<35}{total / 2**30:12.2f} GiB  ({' + '.join(f'{one / 2**30:.2f}' for one in each)})")


def _print(
    arguments: argparse.Namespace, whole: float, decode: float, ready: float, seconds: dict[str, float], peak: int,
    parts: int,
) -> None:  # fmt: skip
    engine = ready * parts
    print(f"parts                                {parts:>12,}")
    print(f"applications a part, years a row     {arguments.applications:>6} {arguments.years:>5}")
    print(f"steps                                {seconds}")
    print(f"load average                         {' '.join(f'{one:.1f}' for one in os.getloadavg()):>12}")
    print(f"file to published generation         {whole:12.1f} s")
    print(f"typed decode of the same lines       {decode:12.1f} s")
    print(f"engine on ready documents            {engine:12.1f} s  ({1 / ready:,.0f} documents a second)")
    print(f"ratio, at most 3                     {whole / (engine + decode):12.2f}")
    print(
        f"document stage                       {seconds['index']:12.1f} s  ({parts / seconds['index']:,.0f} a second)"
    )
    print(f"of the engine's rate, at least 0.6   {engine / seconds['index']:12.2f}")
    print(f"memory of the process tree, under 3  {peak / 2**30:12.2f} GiB")


def _sample(folder: Path, arguments: argparse.Namespace) -> dict[RowKind, Path]:
    files = {kind: folder / f"{kind}.jsonl" for kind in (RowKind.VEHICLES, RowKind.PARTS, RowKind.APPLICATIONS)}
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        write_sample(
            folder, parts=arguments.parts, seed=arguments.seed, events=0,
            applications_per_part=arguments.applications, years_per_application=arguments.years,
        )  # fmt: skip
        _shuffle(files[RowKind.APPLICATIONS], random.Random(arguments.seed))
        (folder / "ready").touch()
    return files


def _shuffle(file: Path, rng: random.Random) -> None:
    """Rearrange the lines at random, some in memory at a time."""
    buckets = [file.with_suffix(f".{number}") for number in range(max(1, file.stat().st_size // (BUCKET_LINES * 250)))]
    outs = [bucket.open("wb") for bucket in buckets]
    with file.open("rb") as lines:
        for line in lines:
            outs[int(rng.random() * len(outs))].write(line)
    for out in outs:
        out.close()
    with file.open("wb") as shuffled:
        for bucket in buckets:
            some = bucket.read_bytes().splitlines(keepends=True)
            rng.shuffle(some)
            shuffled.writelines(some)
            bucket.unlink()


def _typed_decode(files: dict[RowKind, Path]) -> float:
    """Seconds of one core for decoding the parts and applications into typed rows, reading not counted."""
    spent = 0.0
    gc.disable()
    for kind, row in ((RowKind.PARTS, PartRow), (RowKind.APPLICATIONS, ApplicationRow)):
        decoder = msgspec.json.Decoder(row)
        for piece in cut(kind, files[kind], 1):
            for block in piece.blocks():
                started = time.perf_counter()
                decoder.decode_lines(block.data)
                spent += time.perf_counter() - started
    gc.enable()
    return spent


def _engine_on_ready_documents(generation: Path, vocabulary: Vocabulary, folder: Path, count: int) -> float:
    """Seconds a document: adding and committing up to `count` made before; what unpickling them takes is taken off."""
    batches = list(_ready_batches(generation, vocabulary, count))
    made = sum(len(pickle.loads(batch)) for batch in batches)
    started = time.perf_counter()
    for batch in batches:
        pickle.loads(batch)
    unpickling = time.perf_counter() - started
    root = folder / "ready-index"
    shutil.rmtree(root, ignore_errors=True)
    engine = open_engine("embedded", root=root)
    started = time.perf_counter()
    with engine.writer("g1") as writer:
        for batch in batches:
            writer.add(pickle.loads(batch))
    spent = time.perf_counter() - started - unpickling
    shutil.rmtree(root)
    return spent / made


def _ready_batches(generation: Path, vocabulary: Vocabulary, count: int) -> Iterator[bytes]:
    from indexers.assemble_applications import coverage_again

    coverage_again(generation, generation / WORK)
    ordinals = np.arange(min(count, len(np.load(generation / "part.flags.npy", mmap_mode="r"))))
    maker = DocumentMaker(generation, vocabulary, {})
    for batch in gather(generation, vocabulary, ordinals):
        yield pickle.dumps(maker.documents(batch), pickle.HIGHEST_PROTOCOL)
    shutil.rmtree(generation / WORK)


def process_tree(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for tasks in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting.extend(map(int, tasks.read_text().split()))
            except OSError:
                continue
    return found


def anonymous_memory(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=int, default=100_000)
    parser.add_argument("--applications", type=int, default=25)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--ready", type=int, default=100_000, help="documents for the engine's own run")
    parser.add_argument("--folder", type=Path, default=Path(".cache/benchmarks/build"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
