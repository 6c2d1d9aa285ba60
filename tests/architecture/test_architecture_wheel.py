"""The wheel is complete: installed in a clean environment, the command runs from an empty folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"search_service", "indexers", "ranking", "fitment_rules"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, built from this checkout."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return next(out.glob("partfit-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the wheel and, by path, the dependencies of the running one.

    Path files inside a folder added by a path file are not read, so this checkout's editable install stays unseen.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=120)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def names(wheel: Path) -> set[str]:
    """Every file in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_only_the_four_packages_are_importable(wheel: Path) -> None:
    """Nothing else lands at the top level of somebody's environment."""
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_configuration_travels_inside_the_service(wheel: Path) -> None:
    """Every file of `config/` is in the wheel under `search_service/_config`."""
    wanted = {
        f"search_service/_config/{path.relative_to(ROOT / 'config').as_posix()}"
        for path in (ROOT / "config").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted
    assert wanted <= names(wheel)


def test_every_module_and_page_is_in_the_wheel(wheel: Path) -> None:
    """No source file, static page or type marker of the packages is left behind."""
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".html", ".js", ".css", ".svg"} or path.name == "py.typed"
    }
    assert wanted <= names(wheel)


def test_the_command_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """`partfit --help` answers in a clean environment, far from the checkout, and names its commands."""
    command = [str(installed / "partfit"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin"})
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_installed_packages_are_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    """The clean environment runs the installed files, not the checkout's."""
    script = "import search_service, indexers, ranking, fitment_rules; print(search_service.__file__)"
    command = [str(installed / "python"), "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)
