"""What an engine raises; driver exceptions stop here.

EngineError
├── EngineUnavailable   no node answers, or the index folder is not there; worth another try later
│   └── EngineBusy      for the moment only: worth another try at once
├── EngineTimeout       the engine did not answer in the time given
├── GenerationMissing   the generation asked for is not (or no longer) held
└── EngineRejected      the engine refused a document or a plan: a defect of ours or of the cluster's limits
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of everything that crosses the engine port."""


class EngineUnavailable(EngineError):
    """No node answers, or the index cannot be opened."""


class EngineBusy(EngineUnavailable):
    """A node has too much to do, or too little memory, for the moment."""


class EngineTimeout(EngineError):
    """The engine did not answer in the time given."""


class GenerationMissing(EngineError):
    """The generation asked for is not held any more."""

    def __init__(self, generation: str) -> None:
        super().__init__(f"generation {generation!r} is not held")
        self.generation = generation


class EngineRejected(EngineError):
    """The engine refused what it was given."""
