"""Logs as JSON lines and the names of the metrics. Neither ever holds a VIN or a key.

Metrics live in a registry of their own per application. With several worker processes set the environment variable
`PROMETHEUS_MULTIPROC_DIR` to an empty folder before they start (`partfit serve` does): `render` then adds them up.
"""

from __future__ import annotations

import datetime
import logging
import sys
from typing import Any, TextIO
from urllib.parse import parse_qsl, unquote

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from search_service.privacy import scrub, squish

ROOT = "partfit"
SECRET_PARAMETERS = frozenset({"user_token", "key", "token", "authorization"})
VIN_PATH = "/v1/vin/"
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds


class JsonLines(logging.Formatter):
    """One JSON object a record: time, level, logger, message, and the members of `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line. Exceptions are named, their traces left out."""
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        line |= {"level": record.levelname.lower(), "logger": record.name, "message": scrub(record.getMessage())}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return msgspec.json.encode(line | getattr(record, "fields", {})).decode()


def configure(level: str = "info", stream: TextIO | None = None) -> logging.Logger:
    """Send everything to `stream` (standard error by default) as JSON lines; returns the logger of this product.

    The server's own access log is silenced, because it would print VINs.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate, access.disabled = [], False, True
    for chatty in ("opensearchpy", "httpx", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns of every 404, which is often no failure; what is one, the adapter tells as an error of ours.
    logging.getLogger("opensearch").setLevel(logging.ERROR)
    return logging.getLogger(ROOT)


def clean_path(path: str) -> str:
    """A request path as the access log may show it."""
    path = unquote(path)
    if path.startswith(VIN_PATH):
        return VIN_PATH + squish(path[len(VIN_PATH) :])
    return scrub(path)


def clean_query(query: bytes) -> str:
    """A query string as the access log may show it: decoded, VINs squished, tokens masked."""
    if not query:
        return ""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return "&".join(f"{scrub(name)}={_shown(name, value)}" for name, value in pairs)


def _shown(name: str, value: str) -> str:
    if name.lower() in SECRET_PARAMETERS:
        return "***"
    return squish(value) if name.lower() == "vin" else scrub(value)


class Metrics:
    """The numbers an operator watches, in one registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("partfit_requests", "Requests answered", ("method", "route", "status"))
        self.latency = self._histogram("partfit_request_seconds", "From request to the last byte", ("route",))
        self.engine = self._histogram("partfit_engine_seconds", "Inside the search engine", ("engine",))
        self.degraded = self._counter("partfit_degraded", "Answers that went on without something", ("what",))
        self.zero_results = self._counter("partfit_zero_results", "Searches that found nothing", ())
        self.events = self._counter("partfit_events", "Events by outcome", ("outcome",))
        self.generation_built = self._gauge("partfit_generation_built_timestamp_seconds", "When it was built")
        self.generation_age = self._gauge("partfit_generation_age_seconds", "Age of the generation that serves")
        self.live_lag = self._gauge("partfit_live_refreshed_timestamp_seconds", "When live state was last read")

    def render(self, multiprocess_dir: str | None = None) -> bytes:
        """The text format of Prometheus; with the folder of `PROMETHEUS_MULTIPROC_DIR`, over all workers."""
        if not multiprocess_dir:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, path=multiprocess_dir)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: tuple[str, ...]) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry, buckets=LATENCY_BUCKETS)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry, multiprocess_mode="mostrecent")
