"""The data report for people: what was read, then every kind of finding with its first examples."""

from __future__ import annotations

from collections.abc import Iterator

from indexers.report import Finding, Report

MOST_SHOWN = 3
"""Examples of one kind."""

MOST_UNCOVERED = 10
"""Makes listed as covered least."""


def text_of(report: Report, most: int = MOST_SHOWN) -> str:
    """The report as lines, `most` examples of each kind of finding."""
    return "\n".join(_lines(report, most)) + "\n"


def _lines(report: Report, most: int) -> Iterator[str]:
    yield f"Data report of {report.generation}"
    for kind, rows in report.rows.items():
        skipped = f"{rows.skipped:>9,} skipped" if rows.skipped else ""
        skipped += f"{rows.none_listed:>9,} say that there is no part" if rows.none_listed else ""
        yield (
            f"  {kind:<14}{rows.read:>12,} read {rows.accepted:>12,} accepted "
            f"{rows.quarantined:>9,} quarantined{skipped}"
        )
    yield (
        f"  {report.parts:,} parts, {report.vehicles:,} vehicles ({report.base_vehicles:,} base vehicles), "
        f"{report.applications:,} applications, {report.notes:,} notes"
    )
    notes = report.note_counts
    if notes.total:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in notes.kinds.items())
        yield (
            f"  notes: {notes.understood:,} understood as conditions, {notes.given:,} with a kind, "
            f"{notes.reviewed:,} reviewed, {notes.open:,} open ({kinds})"
        )
    if report.quarantine:
        yield f"  bad rows: {report.quarantine}"
    yield from _findings(report, most)
    yield from _compared(report)
    yield from _coverage(report)


def _findings(report: Report, most: int) -> Iterator[str]:
    kinds: dict[str, list[Finding]] = {}
    for one in report.findings:
        kinds.setdefault(one.kind, []).append(one)
    yield "Findings" if kinds else "No findings"
    for kind, found in kinds.items():
        yield f"  {found[0].severity:<8}{kind}: {report.totals.get(kind, len(found)):,}"
        for one in found[:most]:
            yield f"      {_where(one)}{one.message}"
        for remedy in list(dict.fromkeys(one.remedy for one in found if one.remedy))[:most]:
            yield f"      → {remedy}"


def _where(one: Finding) -> str:
    row = "" if one.row is None else f":{one.row}"
    place = f"{one.file}{row} " if one.file else ""
    return f"{place}[{one.subject}] " if one.subject else place


def _compared(report: Report) -> Iterator[str]:
    if report.compared is not None:
        parts, rows = report.compared.parts, report.compared.applications
        yield f"Against {report.compared.generation}"
        yield f"  parts: {parts.added:,} added, {parts.removed:,} removed"
        yield (
            f"  applications: {rows.added:,} added, {rows.removed:,} removed, {rows.changed:,} changed "
            f"({rows.narrowed:,} narrowed, {rows.widened:,} widened)"
        )


def _coverage(report: Report) -> Iterator[str]:
    if report.coverage is None or not report.coverage.makes:
        return
    makes = sorted(report.coverage.makes, key=lambda one: (one.covered / max(one.base_vehicles, 1), one.make))
    total, covered = sum(one.base_vehicles for one in makes), sum(one.covered for one in makes)
    yield f"Coverage: {covered:,} of {total:,} base vehicles have an application; the least covered makes"
    for make in makes[:MOST_UNCOVERED]:
        yield f"  {make.make:<24}{make.covered:>8,} of {make.base_vehicles:,}"
