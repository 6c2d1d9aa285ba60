"""The node starter on machines that lack something: it says what, and uses nothing it has not checked."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "opensearch_node.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("opensearch_node", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "opensearch_node", module)
    spec.loader.exec_module(module)
    return module


def tool(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def java(home: Path, version: str) -> Path:
    tool(home / "bin" / "java", f"echo 'openjdk version \"{version}\"' >&2")
    return home


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `start` with a Java 21 that only tells its version, a cache of its own and the environment given."""
    given = {"PATH": "/nowhere", "PARTFIT_CACHE": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)} | environment
    given["OPENSEARCH_JAVA_HOME"] = os.fspath(java(tmp_path / "jdk", "21.0.1"))
    command = [sys.executable, os.fspath(SCRIPT), "start", "--port", "0", "--name", "absent"]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def test_without_maven_it_says_so(tmp_path: Path) -> None:
    """One line that names what to install; no stack trace."""
    ended = start(tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.startswith("OpenSearch cannot be started: Maven is needed")
    assert ended.stderr.count("\n") == 1


def test_an_archive_with_another_digest_is_not_used(tmp_path: Path) -> None:
    """Whatever the repository serves: only the pinned bytes are unpacked."""
    copy = (
        'for argument; do case $argument in -DoutputDirectory=*) folder=${argument#*=};; esac; done; echo no > "$folder'
    )
    maven = tool(tmp_path / "tools" / "mvn", f'{copy}/opensearch-3.6.0.zip"')
    ended = start(tmp_path, PATH=os.fspath(maven.parent))
    assert ended.returncode == 1
    assert "it is not used" in ended.stderr
    assert list((tmp_path / "cache").rglob("*.zip")) == []


def test_maven_that_fails_is_told(tmp_path: Path) -> None:
    """A mirror that is down is no stack trace."""
    ended = start(tmp_path, PATH=os.fspath(tool(tmp_path / "tools" / "mvn", "exit 1").parent))
    assert ended.returncode == 1
    assert "Maven could not fetch" in ended.stderr


@pytest.mark.parametrize(("version", "home"), [("3.6.0", "25"), ("2.19.6", "17")])
def test_a_java_that_runs_the_release_is_chosen(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, home: str
) -> None:
    """3.x needs Java 21 or newer, 2.19 needs one before 24; the machine's default does not matter."""
    homes = [java(tmp_path / "25", "25.0.3"), java(tmp_path / "17", "17.0.15"), tmp_path / "nothing"]
    monkeypatch.setattr(script, "java_homes", lambda: iter(homes))
    assert script.find_java(script.RELEASES[version]) == tmp_path / home


def test_without_a_java_new_enough_it_says_which_there_are(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message names the version needed, those found, and the release that runs on less."""
    monkeypatch.setattr(script, "java_homes", lambda: iter([java(tmp_path / "17", "17.0.15")]))
    with pytest.raises(script.Missing, match=r"needs Java 21 or newer; found only 17 in .*--version 2\.19\.6"):
        script.find_java(script.RELEASES["3.6.0"])


def test_nothing_runs_until_it_was_started(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state file whose process is gone, or is another one by now, is no running node."""
    monkeypatch.setattr(script, "runtime_folder", lambda: tmp_path)
    node = script.Node("n")
    assert node.running() is None
    node.folder.mkdir()
    (node.folder / "process.json").write_text(
        f'{{"pid": "{os.getpid()}", "mark": "earlier", "url": "", "version": ""}}'
    )
    assert node.running() is None
    assert node.stop() is False
