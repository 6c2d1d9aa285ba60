"""Pattern tables on disk: a table is checked and put into the data folder, and running servers follow the folder."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from fitment_rules.vin import VinReport
from search_service.decoders.errors import DecoderError
from search_service.decoders.pattern_rows import PatternRow, RowError, read_rows
from search_service.decoders.patterns import PatternDecoder
from search_service.decoders.port import DecodedField

FOLDER: Final = "vin_patterns"
LOOK_EVERY: Final = 0.5
"""Seconds between two looks for changed tables."""
LOG = logging.getLogger("partfit.decoders")


@dataclass(frozen=True, slots=True)
class PatternsLoaded:
    """What became of a table: rows that decode, rows left out, and where it was put (`None`: refused)."""

    accepted: int
    errors: tuple[RowError, ...]
    path: Path | None


def tables_in(data_dir: Path) -> list[Path]:
    """The tables of a data folder, by name."""
    return sorted((data_dir / FOLDER).glob("*.csv"))


def load_patterns(file: Path, data_dir: Path, bad_share: float) -> PatternsLoaded:
    """Check a table and put it into the data folder under its own name, in place of an earlier one.

    Refused where more than the share `bad_share` of its rows is bad. Raises `TableUnreadable`, `OSError`.
    """
    rows, errors = _read(file)
    accepted = sum(map(len, rows.values()))
    if len(errors) > bad_share * (accepted + len(errors)):
        return PatternsLoaded(accepted, errors, None)
    target = data_dir / FOLDER / f"{file.stem}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(f".{os.getpid()}.tmp")
    aside.write_bytes(file.read_bytes())
    aside.replace(target)
    return PatternsLoaded(accepted, errors, target)


class FollowedPatterns:
    """Decodes by all tables that `files` names, read again when one of them changes."""

    name = "patterns"

    def __init__(self, files: Callable[[], Sequence[Path]]) -> None:
        """Reads them once. Raises `TableUnreadable`, `OSError`; what fails later leaves the tables held in place."""
        self._files = files
        self._signature, self._decoder = self._load(files())
        self._looked = time.monotonic()

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        """Attributes of the matching rows."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            self._follow()
        return self._decoder.decode(report)

    def _follow(self) -> None:
        try:
            files = self._files()
            if _signature(files) != self._signature:
                self._signature, self._decoder = self._load(files)
        except (DecoderError, OSError) as error:
            LOG.warning("VIN pattern tables not read again: %s", error)

    def _load(self, files: Sequence[Path]) -> tuple[tuple[object, ...], PatternDecoder]:
        signature = _signature(files)
        rows: dict[str, tuple[PatternRow, ...]] = {}
        for file in files:
            some, errors = _read(file)
            for error in errors:
                LOG.warning("VIN pattern left out", extra={"fields": asdict(error)})
            for wmi, found in some.items():
                rows[wmi] = (*rows.get(wmi, ()), *found)
        return signature, PatternDecoder(rows)


def _read(file: Path) -> tuple[dict[str, tuple[PatternRow, ...]], tuple[RowError, ...]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return read_rows(lines, file.name)


def _signature(files: Sequence[Path]) -> tuple[object, ...]:
    stats = ((file, file.stat()) for file in files)
    return tuple((file, stat.st_mtime_ns, stat.st_size, stat.st_ino) for file, stat in stats)
