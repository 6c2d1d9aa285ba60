"""Every check of the data report, and what queries keep of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from indexers.findings.context import Context
from indexers.findings.deliveries import Comparison, deletes_without_adds
from indexers.findings.siblings import Siblings
from indexers.findings.values import value_findings
from indexers.report import Compared, Coverage, Finding
from indexers.report_findings import findings_of


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings by kind, the gravest first; `totals` counts the kinds of which only the first are listed."""

    findings: list[Finding]
    totals: dict[str, int]
    coverage: Coverage
    compared: Compared | None


def check(context: Context, year: int) -> Checked:
    """Look at a build whose rows and slots are written. Writes the parts that nothing tells apart for queries."""
    siblings = Siblings(context)
    siblings.look()
    siblings.conflicts.write(context.store, context.parts.count)
    findings = [
        *value_findings(context, year),
        *deletes_without_adds(context),
        *siblings.findings(),
        *findings_of(context.vehicles, context.parts, context.applications, context.part_shards, context.shards),
    ]
    compared = None
    if context.before is not None:
        comparison = Comparison(context, context.before)
        compared = comparison.told()
        findings += comparison.findings()
    totals = Counter(one.kind for one in findings) | Counter(siblings.totals())
    order = {"error": 0, "warning": 1, "info": 2}
    findings.sort(key=lambda one: order[one.severity])
    return Checked(findings, dict(sorted(totals.items())), siblings.touched.coverage(), compared)
