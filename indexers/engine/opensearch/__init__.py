"""The OpenSearch engine: one index a generation, on a cluster of the 2.19 or 3.x line."""

from indexers.engine.opensearch.engine import OpenSearchEngine

__all__ = ["OpenSearchEngine"]
