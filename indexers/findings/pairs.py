"""Rows of a kind of finding, each with the row it is about: the first are listed, all are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from indexers.columns import Int64s
from indexers.findings.context import MOST_ROWS, Context, more
from indexers.report import Finding, Severity


class Wording(NamedTuple):
    """How a kind of finding is told. `message` takes `{part}`, `{other}` (application id) and `{other_part}`."""

    kind: str
    severity: Severity
    message: str
    remedy: str


@dataclass(slots=True)
class Pairs:
    """Rows of one kind of finding with others that explain them; `room` is how many more are listed, `total` counts."""

    rows: list[Int64s] = field(default_factory=list)
    others: list[Int64s] = field(default_factory=list)
    room: int = MOST_ROWS
    total: int = 0

    def add(self, rows: Int64s, others: Int64s) -> None:
        """List rows while there is room, without counting them; of a row that comes more than once the first counts."""
        found, firsts = np.unique(rows, return_index=True)
        self._append(found, others[firsts])

    def join(self, other: Pairs) -> None:
        """Take in what was found after these."""
        self.total += other.total
        for rows, others in zip(other.rows, other.others, strict=True):
            self._append(rows, others)

    def _append(self, rows: Int64s, others: Int64s) -> None:
        self.rows.append(rows[: self.room])
        self.others.append(others[: self.room])
        self.room -= len(self.rows[-1])

    def findings(self, context: Context, words: Wording) -> list[Finding]:
        """One finding a row listed, in the order of rows, and one for the rest."""
        none = np.empty(0, np.int64)
        rows, others = np.concatenate([none, *self.rows]), np.concatenate([none, *self.others])
        order = np.lexsort((others, rows))
        rows, others = rows[order], others[order]
        parts, other_parts = context.part_ids(rows), context.part_ids(others)
        ids = context.application_ids(others)

        def said(index: int) -> str:
            return words.message.format(part=parts[index], other=ids[index], other_part=other_parts[index])

        found = context.about(words.kind, words.severity, rows, said, words.remedy)
        return found + more(words.kind, words.severity, self.total - len(found), words.remedy)
