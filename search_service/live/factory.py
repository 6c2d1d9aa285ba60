"""Opens the store of live state that goes with the engine."""

from __future__ import annotations

from search_service.live.port import LiveStore
from search_service.live.retention import Retention
from search_service.live.sqlite import open_sqlite
from search_service.live.view import LiveView
from search_service.settings import EngineKind, Settings


def open_live(settings: Settings) -> LiveStore:
    """SQLite in the data folder, or indices of the cluster. Raises `LiveUnavailable` if the folder cannot be used."""
    retention = Retention(settings.event_retention_days)
    if settings.engine is EngineKind.EMBEDDED:
        return open_sqlite(settings.live_dir, settings.max_queued_events, retention)
    from indexers.engine.opensearch.cluster import Access, Cluster  # the driver takes a fifth of a second to import
    from search_service.live.opensearch import open_opensearch

    ca = None if settings.opensearch_ca is None else str(settings.opensearch_ca)
    access = Access(
        ",".join(settings.opensearch_url),
        search_timeout=settings.opensearch_timeout,
        admin_timeout=settings.opensearch_write_timeout,
        connections=settings.opensearch_pool,
        ca_certificates=ca,
    )
    return open_opensearch(
        Cluster(access),
        settings.opensearch_prefix,
        settings.opensearch_replicas,
        settings.max_queued_events,
        retention,
    )


def open_view(settings: Settings, store: LiveStore) -> LiveView:
    """The view a worker reads; on a cluster a thread follows it, because a look is a network call there."""
    return LiveView(store, settings.live_refresh, background=settings.engine is EngineKind.OPENSEARCH)
