"""Applications that say the same, that contain each other, or that leave nothing to choose by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indexers.columns import Array, Bools, Int64s, starts_of
from indexers.findings.conflicts import ConflictWriter
from indexers.findings.contained import Contained
from indexers.findings.contents import Contents
from indexers.findings.context import MOST_ROWS, Context
from indexers.findings.pairs import Pairs, Wording
from indexers.findings.runs import Entries, Run, Runs, differs
from indexers.findings.touched import Touched
from indexers.report import Finding

DUPLICATE = Wording(
    "duplicate_application", "warning", "says the same as application {other} of part {other_part}",
    "delete one of the two",
)  # fmt: skip
CONTAINED = Wording(
    "overlapping_application", "info", "is contained in application {other}, which asks less of the same vehicle",
    "delete the narrower one, or say in the wider one what it excludes",
)  # fmt: skip
COMMENTED = Wording(
    "comment_no_comment", "warning",
    "of part {part} and application {other} of part {other_part} name the same vehicle, type and position, one with a "
    "condition and one without: the one without also matches where the condition holds",
    "give the one without the opposite condition, or classify the note as a variant",
)  # fmt: skip
ALIKE = Wording(
    "conflict_group", "warning",
    "part {part} cannot be told apart from part {other_part} (application {other}) for the same vehicle, type, "
    "position and conditions",
    "add the condition that tells them apart, or mark the variant in a note",
)  # fmt: skip
OVERLAP = Wording(
    "overlap", "info",
    "part {part} shares vehicle, type and position with part {other_part} (application {other}); only their conditions "
    "or notes tell them apart",
    "check that the conditions exclude each other",
)  # fmt: skip
KINDS = (DUPLICATE, CONTAINED, COMMENTED, ALIKE, OVERLAP)


@dataclass(slots=True)
class Seen:
    """What was found in some runs, by run number: pairs in the order of `KINDS`. `cells` are of `Touched`."""

    cells: Bools
    pairs: dict[int, Sequence[Pairs]] = field(default_factory=dict)


def look(context: Context, share: int, shares: int) -> Seen:
    """Look at every run whose number is `share` modulo `shares`; conflicts are left in the work folder."""
    contents = Contents(context)
    runs, touched = Runs(context, contents), Touched(context)
    seen = Seen(touched.cells)
    room = [MOST_ROWS for _ in KINDS]
    for run in runs.all():
        if run.number % shares == share:
            seen.pairs[run.number] = _Run(context, contents, runs, run, touched, room).look()
            room = [pairs.room for pairs in seen.pairs[run.number]]
    return seen


def findings(context: Context, pairs: Mapping[int, Sequence[Pairs]]) -> tuple[list[Finding], dict[str, int]]:
    """What was seen in all runs, and how many applications by kind."""
    joined = [Pairs() for _ in KINDS]
    for _, some in sorted(pairs.items()):
        for whole, one in zip(joined, some, strict=True):
            whole.join(one)
    told = [one for found, words in zip(joined, KINDS, strict=True) for one in found.findings(context, words)]
    return told, {words.kind: found.total for found, words in zip(joined, KINDS, strict=True)}


class _Run:
    """Looks at one run."""

    def __init__(
        self, context: Context, contents: Contents, runs: Runs, run: Run, touched: Touched, room: Sequence[int]
    ) -> None:
        self._context, self._contents = context, contents
        self._contained = Contained(contents)
        self._runs, self._run, self._touched = runs, run, touched
        rows = int(context.counts[run.parts].sum())
        self._pairs = {words.kind: Pairs(room=left) for words, left in zip(KINDS, room, strict=True)}
        self._hit = {words.kind: np.zeros(rows, np.bool_) for words in KINDS}

    def look(self) -> list[Pairs]:
        """Pairs in the order of `KINDS`."""
        with closing(ConflictWriter(self._context.work, self._run.number)) as conflicts:
            for entries in self._runs.entries(self._run):
                if len(entries.row):
                    first = entries.places
                    self._touched.add(entries.part[first], entries.slot[first], entries.row[first])
                    self._within_parts(entries)
                    self._between_parts(entries, conflicts)
        for kind, pairs in self._pairs.items():
            pairs.total = int(self._hit[kind].sum())
        return list(self._pairs.values())

    def _within_parts(self, entries: Entries) -> None:
        again = ~differs(entries.part)
        again[entries.sames] = False
        at = np.flatnonzero(again)
        at = at[entries.row[at] != entries.row[at - 1]]
        whole = self._whole(entries, at) == self._whole(entries, at - 1)
        self._add(DUPLICATE, entries, at[whole], lambda some: some - 1)
        self._add(CONTAINED, entries, at[~whole], lambda some: some - 1)
        for narrow, wide in self._contained.pairs(entries):
            self._add_pairs(CONTAINED, entries, narrow, wide)

    def _whole(self, entries: Entries, at: Int64s) -> Any:
        return self._contents.whole(self._context.rule_of[entries.row[at]])

    def _between_parts(self, entries: Entries, conflicts: ConflictWriter) -> None:
        """Siblings of several parts: alike in content, told apart by it, and some with content beside some without."""
        part, content, places, sames = entries.part, entries.content, entries.places, entries.sames
        place_ends, same_ends = _ends(places, part), _ends(sames, part)
        groups = part[sames] != part[same_ends]
        sizes = same_ends - sames + 1
        alike = np.repeat(groups, sizes)
        conflicts.add(starts_of(sizes[groups])[:-1], part[alike], entries.slot[alike])
        several = np.minimum.reduceat(part, places) != np.maximum.reduceat(part, places)
        apart = np.repeat(several, place_ends - places + 1) & ~alike
        both = (content[places] == 0) & (content[place_ends] != 0)
        commented = np.repeat(both, place_ends - places + 1)
        self._add(ALIKE, entries, np.flatnonzero(alike), lambda at: _of_other_part(part, sames, at))
        self._add(OVERLAP, entries, np.flatnonzero(apart), lambda at: _of_other_part(part, places, at))
        self._add(COMMENTED, entries, np.flatnonzero(commented), lambda at: _noted_or_plain(entries, at))

    def _add(self, words: Wording, entries: Entries, at: Int64s, partner: Callable[[Int64s], Int64s]) -> None:
        """Entries with a finding; `partner` gives the entries that they are about, and is asked only while listing."""
        if self._pairs[words.kind].room:
            self._add_pairs(words, entries, at, partner(at))
        else:
            self._hit[words.kind][entries.local[at]] = True

    def _add_pairs(self, words: Wording, entries: Entries, at: Int64s, others: Int64s) -> None:
        hit, pairs, local = self._hit[words.kind], self._pairs[words.kind], entries.local[at]
        if pairs.room:
            fresh = ~hit[local]
            pairs.add(entries.row[at[fresh]], entries.row[others[fresh]])
        hit[local] = True


def _ends(starts: Int64s, column: Array) -> Int64s:
    """The last entry of each group."""
    return np.append(starts[1:], len(column)) - 1


def _of_other_part(part: Array, starts: Int64s, at: Int64s) -> Int64s:
    """For entries of groups with several parts the first entry there of another part."""
    if not len(at):
        return at
    head = starts[np.searchsorted(starts, at, "right") - 1]
    turns = np.flatnonzero(differs(part))
    turn = turns[np.minimum(np.searchsorted(turns, head, "right"), len(turns) - 1)]
    return np.where(part[head] != part[at], head, turn)


def _noted_or_plain(entries: Entries, at: Int64s) -> Int64s:
    """For entries beside siblings the first of these that asks for something, or for nothing if the entry does."""
    head = entries.places[np.searchsorted(entries.places, at, "right") - 1]
    noted = entries.sames[np.searchsorted(entries.sames, head) + 1]
    return np.where(entries.content[at] == 0, noted, head)
