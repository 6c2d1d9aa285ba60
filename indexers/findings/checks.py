"""Every check of the data report, and what queries keep of it.

Runs in processes that share only files with the build, so that what they held is given back when they end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from indexers.findings import siblings
from indexers.findings.comparison import Comparison
from indexers.findings.conflicts import join_conflicts
from indexers.findings.context import Context, Subject
from indexers.findings.deletes import deletes_without_adds
from indexers.findings.reading import reading_findings
from indexers.findings.replaced import replaced_in_one_load
from indexers.findings.siblings import Seen
from indexers.findings.touched import Touched
from indexers.findings.values import value_findings
from indexers.progress import Tick, silent
from indexers.report import Compared, Coverage, Finding
from indexers.workers import Workers


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings by kind, the gravest first; `totals` counts the kinds of which only the first are listed."""

    findings: list[Finding]
    totals: dict[str, int]
    coverage: Coverage
    compared: Compared | None


def check(workers: Workers, subject: Subject) -> Checked:
    """Look at a build whose rows and slots are written. Writes the parts that nothing tells apart for queries."""
    shares = max(workers.count, 1)
    seen: list[Seen] = workers.map(_look, [(subject, share, shares) for share in range(shares)], silent)
    checked: Checked = workers.map(_conclude, [(subject, seen)], silent)[0]
    return checked


def _look(subject: Subject, share: int, shares: int, tick: Tick) -> Seen:
    return siblings.look(Context(subject), share, shares)


def _conclude(subject: Subject, seen: list[Seen], tick: Tick) -> Checked:
    context = Context(subject)
    pairs = {run: found for one in seen for run, found in one.pairs.items()}
    join_conflicts(context.work, len(pairs), context.store, len(context.counts))
    told, counted = siblings.findings(context, pairs)
    findings = [
        *value_findings(context),
        *deletes_without_adds(context),
        *replaced_in_one_load(context),
        *told,
        *reading_findings(context),
    ]
    compared = None
    if context.before is not None:
        comparison = Comparison(context, context.before)
        compared = comparison.told()
        findings += comparison.findings()
    totals = Counter(one.kind for one in findings) | Counter(counted)
    order = {"error": 0, "warning": 1, "info": 2}
    findings.sort(key=lambda one: order[one.severity])
    coverage = Touched(context, np.logical_or.reduce([one.cells for one in seen])).coverage()
    return Checked(findings, dict(sorted(totals.items())), coverage, compared)
