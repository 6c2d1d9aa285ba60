"""What ranking raises.

RankingError
├── PolicyError      a merchandising configuration does not pass its check; carries every problem found
├── ArtifactError    a model file is missing, damaged, or not what its manifest says
└── TrainingError    the events given cannot train a model
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class RankingError(Exception):
    """Base of everything this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a configuration: where (`rules[2].when.from`), on which line (None = not known) and what."""

    path: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self._place}{self.path or 'file'}: {self.message}"

    @property
    def without_path(self) -> str:
        """Line and message, for where the path stands beside it."""
        return f"{self._place}{self.message}"

    @property
    def _place(self) -> str:
        return f"line {self.line}: " if self.line is not None else ""


class PolicyError(RankingError):
    """A merchandising configuration does not pass its check."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class ArtifactError(RankingError):
    """A model artifact cannot be trusted: it is missing, damaged, or not what its manifest says."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class TrainingError(RankingError):
    """The events given cannot train a model, for instance because none names a known part."""
