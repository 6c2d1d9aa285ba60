"""The embedded engine: tantivy, in process, a folder on disk."""

from indexers.engine.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
