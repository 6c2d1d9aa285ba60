"""Folders (generations, models) kept in the cluster, so that every host serves the same without sharing a disk.

One index holds them: each file in chunks, then one document that says the folder is complete, and the pointer.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from indexers.engine.errors import EngineBusy, EngineRejected, GenerationMissing
from indexers.engine.naming import checked
from indexers.engine.opensearch.cluster import Cluster, IndexMissing
from indexers.engine.opensearch.waits import waits

CHUNK_BYTES = 3 << 20
"""Of a file, in one document: 4 MiB as base64, of which a node holds several copies while it takes them in."""

MOST_CHUNKS = 10_000
"""Documents of one folder that a search returns at once: 30 GB of files."""

POINTER = "/pointer"
"""Id of the document that names the published generation; no generation can be called so."""

_CREATION = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
    "mappings": {
        "dynamic": False,
        "properties": {
            "generation": {"type": "keyword"},
            "complete": {"type": "boolean"},
            "data": {"type": "binary"},
        },
    },
}


class OpenSearchFolders:
    """Keeps folders by generation name, and which of them is published, in the index `index`."""

    def __init__(self, cluster: Cluster, index: str, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._cluster = cluster
        self._index = index
        self._wait = wait

    def put(self, generation: str, folder: Path) -> None:
        """Store every file of the folder; it can be fetched only once all are there."""
        self._create()
        sizes: dict[str, int] = {}
        for file in sorted(one for one in folder.iterdir() if one.is_file()):
            sizes[file.name] = 0
            with file.open("rb") as stream:
                while data := stream.read(CHUNK_BYTES):
                    body = {"generation": generation, "data": base64.b64encode(data).decode()}
                    self._put(_chunk(generation, file.name, sizes[file.name]), body)
                    sizes[file.name] += 1
        manifest = (folder / "manifest.json").read_text()
        whole = {"generation": generation, "complete": True, "chunks": sizes, "manifest": manifest}
        self._put(checked(generation), whole)

    def fetch(self, generation: str, folder: Path) -> None:
        """Write the files into an empty folder. Raises `GenerationMissing`."""
        found = self._get(checked(generation))
        if found is None:
            raise GenerationMissing(generation)
        for name, chunks in found["chunks"].items():
            if "/" in name or name.startswith("."):
                raise EngineRejected(f"generation {generation!r} names a file {name!r}")
            with (folder / name).open("wb") as out:
                for number in range(chunks):
                    chunk = self._get(_chunk(generation, name, number))
                    if chunk is None:
                        raise GenerationMissing(generation)
                    out.write(base64.b64decode(chunk["data"]))

    def manifests(self) -> Mapping[str, str]:
        """Complete folders by name, with their manifests as JSON text."""
        query = {"size": 1000, "query": {"term": {"complete": True}}, "_source": ["generation", "manifest"]}
        try:
            self._cluster.call("POST", f"/{self._index}/_refresh")
            found = self._cluster.call("POST", f"/{self._index}/_search", query)
        except IndexMissing:
            return {}
        return {hit["_source"]["generation"]: hit["_source"]["manifest"] for hit in found["hits"]["hits"]}

    def drop(self, generation: str) -> None:
        """Delete a folder's documents; none there is no error."""
        query = {"size": MOST_CHUNKS, "query": {"term": {"generation": checked(generation)}}, "_source": False}
        try:
            self._cluster.call("POST", f"/{self._index}/_refresh")
            found = self._cluster.call("POST", f"/{self._index}/_search", query)["hits"]["hits"]
            if found:
                self._cluster.lines(f"/{self._index}/_bulk", [{"delete": {"_id": one["_id"]}} for one in found])
        except IndexMissing:
            return

    def current(self) -> str | None:
        """The published generation; `None` if there is none."""
        found = self._get(POINTER)
        return None if found is None else str(found["published"])

    def left(self) -> Mapping[str, float]:
        """When others were replaced, as `publish` was told."""
        found = self._get(POINTER)
        return {} if found is None else found.get("left", {})

    def publish(self, generation: str, left: Mapping[str, float] = MappingProxyType({})) -> None:
        """Move the pointer, and keep with it when others were replaced (seconds since 1970)."""
        self._create()
        self._put(POINTER, {"published": checked(generation), "left": dict(left)})

    def _create(self) -> None:
        try:
            self._cluster.call("GET", f"/{self._index}/_settings/index.uuid")
        except IndexMissing:
            try:
                self._cluster.call("PUT", f"/{self._index}", _CREATION)
            except EngineRejected as error:
                if "resource_already_exists" not in str(error):
                    raise

    def _put(self, key: str, body: Mapping[str, Any]) -> None:
        """Write one document. A node short of memory refuses for a moment (`circuit_breaking_exception`): ask again."""
        refused = EngineBusy(key)
        for pause in waits(random.Random(key)):
            if pause:
                self._wait(pause)
            try:
                self._cluster.call("PUT", f"/{self._index}/_doc/{quote(key, safe='')}", body)
                return
            except EngineBusy as error:
                refused = error
        raise refused

    def _get(self, key: str) -> Any:
        try:
            return self._cluster.call("GET", f"/{self._index}/_doc/{quote(key, safe='')}")["_source"]
        except IndexMissing:
            return None


def _chunk(generation: str, file: str, number: int) -> str:
    return f"{checked(generation)}/{file}/{number}"
