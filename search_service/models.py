"""Trained models: in the data folder, and where the engine keeps folders itself in the cluster, for every host.

On a cluster the data folder is a cache and the pointer in the cluster is the one that counts, as with generations.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from indexers.engine.errors import EngineTimeout, EngineUnavailable, GenerationMissing
from indexers.engine.port import Engine
from indexers.generations import Folders, fetch_folder
from ranking import artifact
from ranking.errors import ArtifactError
from ranking.model import Model
from ranking.trained import TrainedModel


class Models:
    """The models of one data folder and one engine."""

    def __init__(self, data_folder: Path, engine: Engine) -> None:
        self.folder = data_folder / "models"
        self._shared: Folders | None = getattr(engine, "models", None)

    def current(self) -> str | None:
        """The version in service; `None` before the first. While a cluster does not answer, the one known last."""
        if self._shared is not None:
            with contextlib.suppress(EngineUnavailable, EngineTimeout):
                return self._shared.current()
        return artifact.current(self.folder)

    def load(self, version: str) -> Model | None:
        """A version's model. Raises `ArtifactError` if it cannot be had or trusted."""
        if self._shared is not None and not (self.folder / version).is_dir():
            try:
                fetch_folder(self._shared, version, self.folder / version)
            except GenerationMissing:
                raise ArtifactError(self.folder / version, "the cluster does not hold it") from None
            artifact.point(self.folder, version)
        return artifact.load(self.folder, version)

    def publish(self, trained: TrainedModel) -> str:
        """Put a model into service for every host; returns its version."""
        version = artifact.publish(self.folder, trained)
        if self._shared is not None:
            held = self._shared.manifests()
            if version not in held:
                self._shared.put(version, self.folder / version)
            self._shared.publish(version)
            for gone in held.keys() - {version, *artifact.versions(self.folder)}:
                self._shared.drop(gone)
        return version
