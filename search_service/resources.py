"""Where the data shipped beside the code lies."""

from __future__ import annotations

from pathlib import Path


def config_folder() -> Path:
    """The shipped `config/`: inside the package when installed from a wheel, else beside the packages.

    Raises `FileNotFoundError` if neither is there, which means a broken installation.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "_config", here.parent / "config"):
        if (folder / "part_types.jsonl").exists():
            return folder
    raise FileNotFoundError(f"no configuration folder in {here} or beside it; reinstall partfit")
