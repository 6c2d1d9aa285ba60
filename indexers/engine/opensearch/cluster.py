"""The only place that speaks through opensearch-py: calls go out as JSON bytes, failures come back as the port's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionError,
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    SerializationError,
    TransportError,
)

from indexers.engine.errors import EngineBusy, EngineError, EngineRejected, EngineTimeout, EngineUnavailable

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class IndexMissing(EngineError):
    """The index named in a call is not there; the engine knows which generation that is."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the cluster is reached.

    `url` is one or several comma-separated `http[s]://[user:password@]host[:port]`. Times are in seconds:
    `search_timeout` for a search, `admin_timeout` for everything else. `connections` bounds concurrent calls a node.
    """

    url: str
    search_timeout: float = 5.0
    admin_timeout: float = 60.0
    connections: int = 32
    verify_certificates: bool = True
    ca_certificates: str | None = None


class Cluster:
    """JSON calls to a cluster, safe from several threads. A failed call is tried once more on another node."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._client = OpenSearch(
            hosts=[_host(url) for url in access.url.split(",") if url.strip()],
            pool_maxsize=access.connections,
            serializer=_Json(),
            timeout=access.admin_timeout,
            max_retries=1,
            retry_on_timeout=False,
            verify_certs=access.verify_certificates,
            ca_certs=access.ca_certificates,
            ssl_show_warn=access.verify_certificates,
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The decoded answer. Raises `IndexMissing` for 404, else as the port says."""
        try:
            return self._client.transport.perform_request(
                method, path, params=dict(params or {}), body=body, timeout=timeout
            )
        except OpenSearchException as error:
            raise _translated(error, f"{method} {path}") from error

    def lines(
        self,
        path: str,
        lines: Iterable[Any],
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """POST objects, one JSON text a line (`_msearch`)."""
        body = b"".join(_encode(line) + b"\n" for line in lines)
        return self.call("POST", path, body, params=params, timeout=timeout)

    @cached_property
    def score_weight(self) -> float:
        """What BM25 scores are multiplied by to be those of Lucene: lines before 3 still hold the factor k1 + 1."""
        major = str(self.call("GET", "/")["version"]["number"]).partition(".")[0]
        return 1.0 if major.isdecimal() and 3 <= int(major) < 7 else 1 / 2.2

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def to_json(value: Any) -> bytes:
    """Compact JSON."""
    return _encode(value)


class _Json:
    """opensearch-py's serialiser protocol on msgspec."""

    mimetype = "application/json"

    def dumps(self, data: Any) -> Any:
        return data if isinstance(data, (bytes, str)) else _encode(data)

    def loads(self, text: Any) -> Any:
        try:
            return _decode(text)
        except msgspec.DecodeError as error:
            raise SerializationError(text, error) from error


def _host(url: str) -> dict[str, Any]:
    split = urlsplit(url.strip())
    if split.scheme not in ("http", "https") or not split.hostname:
        raise EngineRejected("an OpenSearch URL looks like http[s]://[user:password@]host[:port]")
    host: dict[str, Any] = {"host": split.hostname, "port": split.port or 9200, "use_ssl": split.scheme == "https"}
    if split.path.strip("/"):
        host["url_prefix"] = split.path.strip("/")
    if split.username is not None:
        host["http_auth"] = (unquote(split.username), unquote(split.password or ""))
    return host


def _translated(error: OpenSearchException, doing: str) -> EngineError:
    if isinstance(error, ConnectionTimeout):
        return EngineTimeout(f"{doing}: no answer in time")
    if isinstance(error, ConnectionError):
        return EngineUnavailable(f"{doing}: no node answers ({error.error})")
    if isinstance(error, (AuthenticationException, AuthorizationException)):
        return EngineUnavailable(f"{doing}: the cluster refuses these credentials ({error.status_code})")
    if isinstance(error, NotFoundError):
        return IndexMissing(f"{doing}: not found")
    if isinstance(error, TransportError):
        return by_status(error.status_code, f"{doing}: {error.error}: {_reason(error.info)}")
    return EngineUnavailable(f"{doing}: {error}")


def by_status(status: int | str, message: str) -> EngineError:
    """What an HTTP status, of a call or of one item in it, means in words of the port."""
    if status == 404:
        return IndexMissing(message)
    if status == 504:
        return EngineTimeout(message)
    if status == 429:
        return EngineBusy(message)
    if isinstance(status, str) or status == 408 or status >= 500:
        return EngineUnavailable(message)
    return EngineRejected(message)


def _reason(info: Any) -> str:
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        error = info["error"]
        causes = error.get("root_cause") or [error]
        return str(causes[0].get("reason"))
    return str(info)[:300]
