"""What the indexers refuse.

IndexerError
├── BadRow              one row that cannot be read or has no meaning; goes to quarantine, never stops a load
├── UnreadableSource    a file that is not there, of an unknown kind, or damaged as a whole
├── InvalidMap          a column map that names an unknown field, a column the file lacks, or no file
├── TooManyBadRows      the share of bad rows of a kind is above the gate; nothing was published
├── EmptyDelivery       a full delivery without an App that would empty a brand; nothing was published
├── Unwritable          an application that ACES cannot say; left out of an export and counted
├── VerificationFailed  the finished generation does not hold what was put into it; nothing was published
├── NoGeneration        nothing was published yet
└── UnknownGeneration   the generation named is not (or no longer) kept
"""

from __future__ import annotations


class IndexerError(Exception):
    """Base of everything the indexers raise on purpose. Crosses from one process to another with its data."""

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.args, self.__dict__)


class BadRow(IndexerError):
    """A row to be quarantined. `field` is the contract's name (dotted), `value` what stood there."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.value = value
        self.reason = reason


class UnreadableSource(IndexerError):
    """A source file that cannot be read as a whole."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class Unwritable(IndexerError):
    """ACES cannot say what an application says; the message is the reason, and completes "each of which ..."."""


class InvalidMap(IndexerError):
    """A column map that does not say what it has to; `where` is the place in the map, dotted."""

    def __init__(self, file: str, where: str, reason: str) -> None:
        super().__init__(f"{file}: {where}: {reason}" if where else f"{file}: {reason}")
        self.file = file
        self.where = where
        self.reason = reason


class TooManyBadRows(IndexerError):
    """The gate: `bad` of `read` rows of `kind` are in quarantine, more than the share `allowed` (0..1)."""

    def __init__(self, kind: str, bad: int, read: int, allowed: float, quarantine: str) -> None:
        super().__init__(
            f"{bad} of {read} {kind} rows are bad ({bad / max(read, 1):.1%}, allowed {allowed:.1%}); "
            f"see {quarantine}. Nothing was published."
        )
        self.kind = kind
        self.bad = bad
        self.read = read
        self.quarantine = quarantine


class EmptyDelivery(IndexerError):
    """A full delivery `file` that brings nothing, and would remove all `count` applications of a brand."""

    def __init__(self, file: str, brand: str, count: int) -> None:
        super().__init__(
            f"{file}: a FULL delivery without an App that adds anything would remove all {count} applications of "
            f"{brand}; if that is meant, say --allow-empty. Nothing was published."
        )
        self.file = file
        self.brand = brand
        self.count = count


class VerificationFailed(IndexerError):
    """The finished generation differs from what was put into it."""


class NoGeneration(IndexerError):
    """Nothing was published yet, so there is nothing to read, update or roll back."""

    def __init__(self) -> None:
        super().__init__("no generation is published; build one first (partfit index)")


class UnknownGeneration(IndexerError):
    """The generation named is not kept."""

    def __init__(self, name: str) -> None:
        super().__init__(f"generation {name!r} is not kept")
        self.name = name


def _again(kind: type[IndexerError], arguments: tuple[object, ...], data: dict[str, object]) -> IndexerError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(data)
    return error
