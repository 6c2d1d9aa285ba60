"""Runs the benchmarks of this folder: all of them, or the one named, with its own options.

make bench                                              every benchmark with its defaults, one after the other
make bench ARGS="--list"                                what there is
make bench ARGS="engine_search --documents 100000"      one of them
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """Every module of this folder with a `main`, and the first line of what it says of itself."""
    found = {}
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def run(name: str, arguments: list[str]) -> int:
    """One benchmark in a process of its own, so that none warms or fills the memory of the next."""
    print(f"\n== {name} {' '.join(arguments)}", flush=True)
    return subprocess.call([sys.executable, "-m", f"benchmarks.{name}", *arguments], cwd=FOLDER.parent)


def main(arguments: list[str]) -> int:
    """Exit 0 if every benchmark asked for ran, 1 if one failed, 2 on an unknown name."""
    known = benchmarks()
    if arguments[:1] == ["--list"]:
        print("\n".join(f"{name:20} {text}" for name, text in known.items()))
        return 0
    if arguments and arguments[0] not in known:
        print(f"no benchmark {arguments[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    outcomes = [run(arguments[0], arguments[1:])] if arguments else [run(name, []) for name in known]
    return int(any(outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
