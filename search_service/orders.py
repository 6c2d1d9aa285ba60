"""Orders at risk: stamped verdicts of open orders that a generation about to be published would change.

A file of open orders is JSON Lines `{"stamp", "order_id"?}`; other keys are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fitment_rules.model import Verdict
from indexers.generation import Generation
from indexers.report import Finding, Severity
from search_service.attributes import AttributeTexts
from search_service.checking import recheck
from search_service.errors import ForgedToken
from search_service.fits import Fits

KIND = "order_at_risk"
MOST_CHANGES = 3
"""Changed applications named in one message."""

GOOD = (Verdict.FITS.value, Verdict.UNIVERSAL.value, Verdict.NEEDS_INFO.value)
"""Verdicts under which an order may still be right; what becomes anything else is an error."""


class _Order(msgspec.Struct):
    stamp: str
    order_id: str | int | None = None


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """A file of open orders, checked against a generation that is not published yet."""

    file: Path
    texts: AttributeTexts
    stamp_key: str

    def findings(self, generation: Generation) -> Iterator[Finding]:
        """One for each order whose verdict would change, and for each line that carries no good stamp."""
        fits = Fits(generation, self.texts)
        with self.file.open("rb") as lines:
            for row, line in enumerate(lines, 1):
                if line.strip():
                    yield from self._finding(generation, fits, line, row)

    def _finding(self, generation: Generation, fits: Fits, line: bytes, row: int) -> Iterator[Finding]:
        try:
            order = msgspec.json.decode(line, type=_Order)
            found = recheck(generation, fits, order.stamp, self.stamp_key)
        except (msgspec.MsgspecError, ForgedToken):
            message, remedy = "the line carries no stamp that fitment/check gave", "correct the line"
            yield Finding("bad_order", "error", message, remedy, None, self.file.name, row)
            return
        if found.still_true:
            return
        now = found.now or "unknown: the part or its vehicle is gone"
        changes = "; ".join(map(_told, found.changes[:MOST_CHANGES]))
        message = f"part {found.part_id}: stamped {found.then} on {found.issued_at}, would be {now}" + (
            f" ({changes})" if changes else ""
        )
        severity: Severity = "warning" if found.now in GOOD else "error"
        subject = found.part_id if order.order_id is None else str(order.order_id)
        yield Finding(KIND, severity, message, "check the order before it ships", subject, self.file.name, row)


def _told(change: dict[str, Any]) -> str:
    attribute = f" {change['attribute']}" if change["attribute"] else ""
    whose = f"application {change['application_id']}" if change["application_id"] else "the vehicle:"
    return f"{whose}{attribute} {change['what']}"
