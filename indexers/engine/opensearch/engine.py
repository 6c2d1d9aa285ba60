"""The OpenSearch engine: generations are indices `PREFIX-generation-NAME`."""

from __future__ import annotations

from typing import Any

from indexers.engine.errors import EngineRejected, EngineUnavailable, GenerationMissing
from indexers.engine.naming import checked
from indexers.engine.opensearch.cluster import Access, Cluster, IndexMissing
from indexers.engine.opensearch.folders import OpenSearchFolders
from indexers.engine.opensearch.mapping import creation
from indexers.engine.opensearch.reader import OpenSearchReader
from indexers.engine.opensearch.writer import OpenSearchWriter

WRITE_BLOCK = "index.blocks.write"


class OpenSearchEngine:
    """Implements `Engine` on a cluster. `shards` is the number of primary shards of every new generation. The
    indices `PREFIX_folders` and `PREFIX_models` keep the files of generations and of trained models, and say which are
    published.

    A generation is complete when its index carries the write block, which its writer sets last.
    """

    name = "opensearch"

    def __init__(self, access: Access, *, shards: int = 1, prefix: str = "partfit") -> None:
        self._cluster = Cluster(access)
        self._shards = shards
        self._stem = f"{prefix}-generation-"
        self.folders = OpenSearchFolders(self._cluster, f"{prefix}_folders")
        self.models = OpenSearchFolders(self._cluster, f"{prefix}_models")

    def writer(self, generation: str, clone_of: str | None = None) -> OpenSearchWriter:
        """See `Engine.writer`. Raises `EngineRejected` if the name is taken, `GenerationMissing` for `clone_of`."""
        index = self._index(generation)
        if generation in self.generations():
            raise EngineRejected(f"generation {generation!r} is held already")
        if clone_of is None:
            self._cluster.call("PUT", f"/{index}", creation(self._shards))
        else:
            self._clone(clone_of, index)
        return OpenSearchWriter(self._cluster, index)

    def reader(self, generation: str) -> OpenSearchReader:
        """Open a complete generation."""
        self._check_complete(generation)
        return OpenSearchReader(self._cluster, generation, self._index(generation))

    def drop(self, generation: str) -> None:
        """Delete the index; readers open on it get `GenerationMissing`."""
        try:
            self._cluster.call("DELETE", f"/{self._index(generation)}")
        except IndexMissing:
            return

    def generations(self) -> tuple[str, ...]:
        """Every index of a generation, sorted by name."""
        try:
            found = self._cluster.call(
                "GET", f"/{self._stem}*/_settings/index.uuid", params={"expand_wildcards": "all"}
            )
        except IndexMissing:
            return ()
        return tuple(sorted(name.removeprefix(self._stem) for name in found))

    def ping(self) -> None:
        """The cluster answers and has elected a manager."""
        health = self._cluster.call("GET", "/_cluster/health", timeout=self._cluster.access.search_timeout)
        if health["timed_out"]:
            raise EngineUnavailable("the cluster has no elected manager")

    def close(self) -> None:
        """Close the connections; open readers stop working."""
        self._cluster.close()

    def _index(self, generation: str) -> str:
        return f"{self._stem}{checked(generation)}"

    def _check_complete(self, generation: str) -> None:
        index = self._index(generation)
        try:
            found = self._cluster.call("GET", f"/{index}/_settings/{WRITE_BLOCK}", params={"flat_settings": "true"})
        except IndexMissing as error:
            raise GenerationMissing(generation) from error
        if found.get(index, {}).get("settings", {}).get(WRITE_BLOCK) != "true":
            raise GenerationMissing(generation)

    def _clone(self, clone_of: str, target: str) -> None:
        """The copy starts without the write block, so it is incomplete until its writer has finished."""
        self._check_complete(clone_of)
        settings: dict[str, Any] = {
            WRITE_BLOCK: None,
            "index.auto_expand_replicas": "false",
            "index.number_of_replicas": 0,
            "index.refresh_interval": "-1",
        }
        params = {"wait_for_active_shards": "1"}
        self._cluster.call("POST", f"/{self._index(clone_of)}/_clone/{target}", {"settings": settings}, params=params)
        timeout = self._cluster.access.admin_timeout
        waiting = {"wait_for_status": "yellow", "wait_for_no_initializing_shards": "true", "level": "indices"}
        health = self._cluster.call("GET", f"/_cluster/health/{target}", params=waiting, timeout=timeout)
        if health["timed_out"]:
            raise EngineUnavailable(f"{target} was not ready in time")
