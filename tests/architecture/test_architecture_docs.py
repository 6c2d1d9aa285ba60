"""The pages claim nothing that is not there: commands, options, make targets, files they link to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def snippets(text: str) -> Iterator[str]:
    """Every line of code in a page: fenced blocks line by line (continued lines joined), and inline code."""
    for match in CODE.finditer(text):
        yield from match.group().strip("`").replace("\\\n", " ").splitlines()


def uses(program: str) -> list[tuple[Path, str]]:
    """(page, rest of the line) for each use of `program` as a command in the pages."""
    pattern = re.compile(rf"(?:^|[\s$/(]){program}\s+([a-z][^#|`]*)")
    return [
        (page, match.group(1).strip())
        for page in PAGES
        for line in snippets(page.read_text(encoding="utf-8"))
        for match in pattern.finditer(line)
    ]


def targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def options(command: Any) -> set[str]:
    """Every spelling of a command's options."""
    return {text for parameter in command.params for text in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


@pytest.fixture(scope="module")
def commands() -> Any:
    """The command line as a tree of commands."""
    if find_spec("search_service.cli") is None:
        pytest.skip("search_service.cli is not there")
    import typer.main

    from search_service.cli import app

    return typer.main.get_command(app)


def test_pages_are_found() -> None:
    """The reading of pages sees the commands that CONTRIBUTING.md names."""
    assert any(page.name == "CONTRIBUTING.md" and rest.startswith("demo") for page, rest in uses("make"))


def test_every_make_target_in_the_pages_exists() -> None:
    """`make X` in a page is a target of the Makefile."""
    named = {(page.name, rest.split()[0]) for page, rest in uses("make")}
    assert {(page, target) for page, target in named if target not in targets()} == set()


def test_every_command_in_the_pages_exists(commands: Any) -> None:
    """`partfit X --option` in a page is a command with that option."""
    missing = []
    for page, rest in uses("partfit"):
        command, words = commands, rest.replace("[", " ").replace("]", " ").split()
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        if command is commands:
            missing.append(f"{page.name}: partfit {rest}")
            continue
        for option in (word.partition("=")[0] for word in words if word.startswith("--")):
            if option not in options(command):
                missing.append(f"{page.name}: partfit {rest}: {option}")
    assert missing == []


def test_every_link_between_pages_leads_somewhere() -> None:
    """A relative link in a page names a file or folder of the checkout."""
    broken = [
        f"{page.relative_to(ROOT)} -> {link}"
        for page in PAGES
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []
