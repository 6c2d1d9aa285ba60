"""Index settings and mappings, of nothing but what a bare server of 2.19 and 3.x has."""

from __future__ import annotations

from typing import Any

from indexers.schema import FIELDS, Field, Kind

KINDS = {field.name: field.kind for field in FIELDS}


def creation(shards: int) -> dict[str, Any]:
    """Body of index creation, set for loading: no refresh, no replicas."""
    settings = {
        "number_of_shards": shards,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "max_result_window": 100_000,
    }
    return {"settings": {"index": settings}, "mappings": _mappings()}


def _mappings() -> dict[str, Any]:
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "properties": {field.name: _property(field) for field in FIELDS},
    }


def _property(field: Field) -> dict[str, Any]:
    """BM25 defaults; `freqs` because nothing asks for phrases; doc values only where something sorts or counts."""
    match field.kind:
        case Kind.KEY:
            return {"type": "integer"}
        case Kind.TEXT:
            return {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
        case Kind.KEYWORD:
            return {"type": "keyword", "doc_values": field.counted}
        case Kind.IDS:
            return {"type": "integer", "doc_values": False}
        case Kind.NUMBER:
            return {"type": "double"}
