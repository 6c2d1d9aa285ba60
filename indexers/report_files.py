"""The data report as it is kept: beside the generation that it is about, with the lists of notes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from indexers.findings.checks import Checked
from indexers.generation_files import REPORT, TO_REVIEW, UNDERSTOOD, Manifest
from indexers.notes.reread import NotesRead
from indexers.report import NoteCounts, Report, RowCounts
from indexers.report_text import text_of
from indexers.store import MANIFEST, Store


def report_of(
    store: Store, manifest: Manifest, notes: NoteCounts, checked: Checked, rows: Mapping[str, RowCounts],
    seconds: Mapping[str, float], quarantine: Path | None,
) -> Report:  # fmt: skip
    """The report of a build; `seconds` by step, `quarantine` if there are bad rows."""
    node = store.get("slots.node")
    slots = np.bincount(node) if len(node) else np.zeros(1, np.int64)
    used = slots[slots > 0] if len(node) else slots
    return Report(
        generation=manifest.id, rows=dict(rows), parts=manifest.parts, vehicles=manifest.vehicles,
        base_vehicles=manifest.base_vehicles, applications=manifest.applications,
        notes=notes.total, note_counts=notes, findings=checked.findings, totals=checked.totals,
        coverage=checked.coverage, compared=checked.compared,
        quarantine=None if quarantine is None else str(quarantine), slots=manifest.slots,
        slots_per_node={"p50": int(np.percentile(used, 50)), "p99": int(np.percentile(used, 99)),
                        "max": int(used.max())},
        seconds=dict(seconds),
    )  # fmt: skip


def keep_report(store: Store, manifest: Manifest, report: Report, notes: NotesRead) -> None:
    """Write report and lists of notes into the generation's folder, and their digests into its manifest."""
    written = {
        f"{REPORT}.json": msgspec.json.encode(report),
        f"{REPORT}.txt": text_of(report).encode(),
        f"{TO_REVIEW}.jsonl": b"".join(line + b"\n" for line in notes.proposals),
        f"{UNDERSTOOD}.jsonl": b"".join(line + b"\n" for line in notes.readings),
    }
    for name, data in written.items():
        (store.folder / name).write_bytes(data)
    digests = {name: store.digest(name) for name in written}
    store.put_json(MANIFEST, msgspec.structs.replace(manifest, files={**manifest.files, **digests}))
