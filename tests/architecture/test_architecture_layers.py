"""The import rules of pyproject.toml hold, and the kernel is pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPURE = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil",
    "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today"}


def imported(tree: ast.Module) -> Iterator[str]:
    """Top-level names of every absolute import of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def called(tree: ast.Module) -> Iterator[str]:
    """Last name of every call: `today` of `datetime.date.today()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr


def kernel() -> list[ast.Module]:
    """The modules of `fitment_rules`, parsed."""
    return [ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in (ROOT / "fitment_rules").rglob("*.py")]


def test_imports_run_one_way() -> None:
    """No contract of import-linter is broken. In a process of its own: it switches off every logger there is."""
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_kernel_imports_the_standard_library_only() -> None:
    """`fitment_rules` imports nothing but itself and the standard library."""
    names = {name for tree in kernel() for name in imported(tree)}
    assert names - sys.stdlib_module_names == {"fitment_rules"}


def test_the_kernel_has_no_io_and_no_clock() -> None:
    """`fitment_rules` imports no module that reads or writes, and asks for no time."""
    trees = kernel()
    assert not IMPURE & {name for tree in trees for name in imported(tree)}
    assert not IMPURE_CALLS & {name for tree in trees for name in called(tree)}


@pytest.mark.parametrize("source", ["import os.path", "from time import sleep", "def f():\n    import random"])
def test_impure_imports_would_be_seen(source: str) -> None:
    """The reading of imports sees dotted, from- and local imports."""
    assert IMPURE & set(imported(ast.parse(source)))


def test_a_worker_imports_only_what_it_serves_with() -> None:
    """The other engine's driver, spreadsheets and training are imported by who needs them: each costs the start."""
    program = "import sys, search_service.cli, search_service.serving; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"opensearchpy", "openpyxl", "lxml", "implicit", "scipy"}.isdisjoint(told.stdout.split())
