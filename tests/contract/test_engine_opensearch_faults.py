"""What the OpenSearch engine makes of a cluster in trouble, against a server that speaks its protocol and misbehaves.

A real node cannot be told to be busy, slow or half there on request; everything else runs on a real node.
"""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from indexers.engine.errors import EngineBusy, EngineRejected, EngineTimeout, EngineUnavailable
from indexers.engine.opensearch.cluster import Access, Cluster
from indexers.engine.opensearch.folders import OpenSearchFolders
from indexers.engine.opensearch.reader import OpenSearchReader
from indexers.engine.opensearch.waits import TRIES
from indexers.engine.opensearch.writer import OpenSearchWriter
from indexers.engine.plan import Band, Everything, Facet, SearchPlan

Answer = tuple[int, Any]
Script = Callable[[str, str, bytes], Answer]

PLAN = SearchPlan(Everything(), (Band("all", Everything()),), 5)
VERSION: Answer = (200, {"version": {"number": "3.6.0"}})


class Server:
    """A server on a free port that answers as `script(method, path, body)` says and remembers headers."""

    def __init__(self, script: Script, certificate: Path | None = None) -> None:
        self.authorizations: list[str | None] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(script))
        self._http.daemon_threads = True
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
            scheme = "https"
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"{scheme}://{self.host}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def _handler(self, script: Script) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                server.authorizations.append(self.headers["Authorization"])
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                status, content = script(self.command, self.path, body)
                encoded = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers and ends them with the test."""
    started: list[Server] = []

    def start(script: Script, certificate: Path | None = None) -> Server:
        started.append(Server(script, certificate))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def cluster() -> Iterator[Callable[..., Cluster]]:
    """Opens clients and closes them with the test."""
    opened: list[Cluster] = []

    def connect(url: str, **settings: Any) -> Cluster:
        opened.append(Cluster(Access(url, **settings)))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


class Bulk:
    """A cluster that takes each document only after having refused it `refusals` times."""

    def __init__(self, refusals: int, status: int = 429) -> None:
        self.refusals, self.status = refusals, status
        self.seen: dict[str, int] = {}
        self.taken: list[str] = []

    def __call__(self, method: str, path: str, body: bytes) -> Answer:
        if not path.endswith("/_bulk"):
            return 200, {}
        names = [json.loads(line)["index"]["_id"] for line in body.splitlines()[::2]]
        return 200, {"errors": True, "items": [{"index": self.outcome(name)} for name in names]}

    def outcome(self, name: str) -> dict[str, Any]:
        self.seen[name] = self.seen.get(name, 0) + 1
        if self.seen[name] <= self.refusals and name != "0":
            return {"_id": name, "status": self.status, "error": {"type": "e", "reason": "why not"}}
        self.taken.append(name)
        return {"_id": name, "status": 201}


class Pressed:
    """A cluster whose memory is full for `refusals` writes of documents."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.stored: dict[str, Any] = {}

    def __call__(self, method: str, path: str, body: bytes) -> Answer:
        if method != "PUT" or "/_doc/" not in path:
            return 200, {}
        if self.refusals:
            self.refusals -= 1
            return 429, {"error": {"type": "circuit_breaking_exception", "reason": "[parent] Data too large"}}
        self.stored[path.rpartition("/")[2]] = json.loads(body)
        return 201, {}


def test_a_folder_waits_for_a_node_short_of_memory(
    serve: Callable[..., Server], cluster: Callable[..., Cluster], tmp_path: Path
) -> None:
    """Its chunks are written once the node takes them again; of a node that never does is told."""
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "big").write_bytes(bytes(7 << 20))
    pressed, waits = Pressed(refusals=3), list[float]()
    OpenSearchFolders(cluster(serve(pressed).url), "folders", wait=waits.append).put("g1", tmp_path)
    assert sorted(pressed.stored) == ["g1", "g1%2Fbig%2F0", "g1%2Fbig%2F1", "g1%2Fbig%2F2", "g1%2Fmanifest.json%2F0"]
    assert len(waits) == 3
    pressed = Pressed(refusals=1000)
    with pytest.raises(EngineBusy):
        OpenSearchFolders(cluster(serve(pressed).url), "folders", wait=waits.append).put("g1", tmp_path)
    assert pressed.stored == {}


def test_refused_documents_are_sent_again_alone_with_growing_waits(
    serve: Callable[..., Server], cluster: Callable[..., Cluster]
) -> None:
    """A busy cluster gets every document exactly once; waits at least double in their bounds, with jitter."""
    bulk, waits = Bulk(refusals=3), list[float]()
    with OpenSearchWriter(cluster(serve(bulk).url), "g", wait=waits.append) as writer:
        writer.add({"ord": n} for n in range(4))
    assert sorted(bulk.taken) == ["0", "1", "2", "3"]
    assert bulk.seen == {"0": 1, "1": 4, "2": 4, "3": 4}
    assert len(waits) == 3
    assert all(0.1 * 2**n <= wait <= 0.2 * 2**n for n, wait in enumerate(waits))


def test_a_cluster_that_stays_busy_is_unavailable(
    serve: Callable[..., Server], cluster: Callable[..., Cluster]
) -> None:
    """After the last try the build fails and says so; nothing is silently left out."""
    bulk = Bulk(refusals=1000, status=503)
    with (
        pytest.raises(EngineUnavailable, match=f"1 documents were refused {TRIES} times"),
        OpenSearchWriter(cluster(serve(bulk).url), "g", wait=lambda seconds: None) as writer,
    ):
        writer.add([{"ord": 0}, {"ord": 1}])
    assert bulk.seen["1"] == TRIES


def test_a_document_refused_for_good_is_named(serve: Callable[..., Server], cluster: Callable[..., Cluster]) -> None:
    """A mapping conflict is no matter of waiting."""
    with (
        pytest.raises(EngineRejected, match="document 1: why not"),
        OpenSearchWriter(cluster(serve(Bulk(refusals=1, status=400)).url), "g") as writer,
    ):
        writer.add([{"ord": 0}, {"ord": 1}])


def found(**changes: Any) -> dict[str, Any]:
    answer = {
        "timed_out": False,
        "_shards": {"failed": 0},
        "hits": {"total": {"value": 1}, "hits": [{"sort": [7]}]},
        "aggregations": {"0": {"buckets": [], "doc_count_error_upper_bound": 0}},
    }
    return answer | changes


def searching(answer: dict[str, Any]) -> Script:
    def script(method: str, path: str, body: bytes) -> Answer:
        return VERSION if path == "/" else (200, {"responses": [answer] * (len(body.splitlines()) // 2)})

    return script


@pytest.mark.parametrize(
    ("changes", "partial"),
    [
        ({}, ()),
        ({"timed_out": True}, ("engine_timeout",)),
        ({"_shards": {"failed": 1}}, ("engine_shards",)),
    ],
)
def test_an_answer_without_some_shards_is_partial(
    serve: Callable[..., Server], cluster: Callable[..., Cluster], changes: dict[str, Any], partial: tuple[str, ...]
) -> None:
    """OpenSearch answers 200 with what it has; the page says that it is not all."""
    page = OpenSearchReader(cluster(serve(searching(found(**changes))).url), "g", "partfit-generation-g").search(PLAN)
    assert [hit.ordinal for hit in page.hits["all"]] == [7]
    assert page.partial == partial


def test_inexact_facet_counts_are_refused(serve: Callable[..., Server], cluster: Callable[..., Cluster]) -> None:
    """A count with an error bound is never passed on as a count."""
    inexact = found(aggregations={"0": {"buckets": [], "doc_count_error_upper_bound": 2}})
    reader = OpenSearchReader(cluster(serve(searching(inexact)).url), "g", "partfit-generation-g")
    with pytest.raises(EngineRejected, match="facet 'b'"):
        reader.search(SearchPlan(Everything(), (), 0, facets=(Facet("b", "brand", Everything()),)))


def test_a_slow_search_times_out(serve: Callable[..., Server], cluster: Callable[..., Cluster]) -> None:
    """The caller's time is kept, whatever the cluster does, and nothing is tried twice."""
    searches: list[str] = []

    def script(method: str, path: str, body: bytes) -> Answer:
        if path == "/":
            return VERSION
        searches.append(path)
        time.sleep(1.0)
        return 200, {}

    reader = OpenSearchReader(cluster(serve(script).url, search_timeout=0.2), "g", "partfit-generation-g")
    started = time.monotonic()
    with pytest.raises(EngineTimeout):
        reader.search(PLAN)
    assert time.monotonic() - started < 0.9
    assert len(searches) == 1


def test_a_dead_node_is_passed_over(serve: Callable[..., Server], cluster: Callable[..., Cluster]) -> None:
    """With two nodes given, one that does not answer costs no error."""
    reader = OpenSearchReader(
        cluster(f"http://127.0.0.1:9,{serve(searching(found())).url}"), "g", "partfit-generation-g"
    )
    assert [reader.search(PLAN).hits["all"][0].ordinal for _ in range(4)] == [7] * 4


def test_credentials_are_sent_and_never_shown(serve: Callable[..., Server], cluster: Callable[..., Cluster]) -> None:
    """User and password come from the URL, escaped as there; a refusal names neither."""
    server = serve(lambda method, path, body: (401, {"error": "no"}))
    with pytest.raises(EngineUnavailable, match="refuses these credentials") as refused:
        cluster(f"http://anna:s%40cret@{server.host}").call("GET", "/")
    assert server.authorizations == ["Basic " + base64.b64encode(b"anna:s@cret").decode()]
    assert "cret" not in str(refused.value)
    assert "anna" not in str(refused.value)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is needed to make a certificate")
def test_certificates_are_verified(
    serve: Callable[..., Server], cluster: Callable[..., Cluster], tmp_path: Path
) -> None:
    """TLS to a server with a certificate of one's own authority works, and to an unknown one does not."""
    certificate = tmp_path / "node.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=node"]
    made = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate)]
    subprocess.run([*command, *made, "-keyout", str(certificate.with_suffix(".key"))], check=True, capture_output=True)
    url = serve(lambda method, path, body: VERSION, certificate).url
    assert cluster(url, ca_certificates=str(certificate)).call("GET", "/") == VERSION[1]
    assert cluster(url, verify_certificates=False).call("GET", "/") == VERSION[1]
    with pytest.raises(EngineUnavailable):
        cluster(url).call("GET", "/")
