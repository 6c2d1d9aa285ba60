"""A pytest plugin: one real OpenSearch node for a whole test session, also under xdist.

`opensearch_url` is the address in `PARTFIT_OPENSEARCH_URL`, or a node that `scripts/opensearch_node.py` starts on first
use and that ends with the session; `PARTFIT_TEST_OPENSEARCH_VERSION` chooses its version. Where none can be had, tests
that ask for it are skipped, or fail with `PARTFIT_REQUIRE_OPENSEARCH=1`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

RUN = "PARTFIT_TEST_RUN"
MISSING = "OpenSearch cannot be started: "
"""How the script begins to say what the machine lacks."""
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "opensearch_node.py"


def pytest_configure(config: pytest.Config) -> None:
    """Name the session once; workers inherit the name."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = uuid.uuid4().hex[:12]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the node with the session that started it."""
    if hasattr(config, "workerinput") or RUN not in os.environ:
        return
    if _outcome().exists():
        subprocess.run([sys.executable, os.fspath(SCRIPT), "stop", "--name", _node()], check=True, capture_output=True)
    shutil.rmtree(_shared(), ignore_errors=True)
    del os.environ[RUN]


@pytest.fixture(scope="session")
def opensearch_url() -> str:
    """URL of a real OpenSearch that every test of the session shares; use names of your own in it."""
    given = os.environ.get("PARTFIT_OPENSEARCH_URL")
    if given:
        return given
    with _locked():
        if not _outcome().exists():
            _outcome().write_text(json.dumps(_start()))
    outcome: dict[str, str] = json.loads(_outcome().read_text())
    if "url" in outcome:
        return outcome["url"]
    if "missing" not in outcome:
        pytest.fail(outcome["broken"], pytrace=False)
    if os.environ.get("PARTFIT_REQUIRE_OPENSEARCH", "") not in ("", "0"):
        pytest.fail(f"PARTFIT_REQUIRE_OPENSEARCH is set. {outcome['missing']}", pytrace=False)
    pytest.skip(outcome["missing"])


def _start() -> dict[str, str]:
    """`url`; or `missing`, what the machine lacks; or `broken`, how the script itself failed."""
    command = [sys.executable, os.fspath(SCRIPT), "start", "--name", _node(), "--port", "0"]
    started = subprocess.run(command, capture_output=True, text=True, check=False)
    if started.returncode == 0:
        return {"url": started.stdout.strip()}
    missing = [line for line in started.stderr.splitlines() if line.startswith(MISSING)]
    return {"missing": missing[0]} if missing else {"broken": started.stderr}


def _node() -> str:
    return f"test-{os.environ[RUN]}"


def _shared() -> Path:
    return Path(tempfile.gettempdir()) / f"partfit-{_node()}"


def _outcome() -> Path:
    return _shared() / "outcome.json"


@contextmanager
def _locked() -> Iterator[None]:
    """One worker starts the node, the others wait for its outcome."""
    _shared().mkdir(exist_ok=True)
    with (_shared() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
