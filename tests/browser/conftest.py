"""A real browser on a real server: a small catalogue of known answers, indexed and served by the real commands."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 120.0
PATIENCE_MS = 15_000
"""How long a page may take on a busy machine."""

expect.set_options(timeout=PATIENCE_MS)
ADMIN_KEY = "browser-test-key"
MARKUP = '<img src=x onerror="window.hacked=1">'
PADS = 30
"""Brake pads that fit both engines: more than a page of 24."""


def vehicles() -> list[dict[str, Any]]:
    """Two engines of one Corolla, and another car."""
    zh = {"zh": {"make": "丰田", "model": "卡罗拉"}}
    corolla = {"make": "Toyota", "model": "Corolla", "year_from": 2014, "year_to": 2016, "names": zh}
    return [
        {"vehicle_id": "c16", **corolla, "attributes": {"engine": "1ZR-FE"}},
        {"vehicle_id": "c18", **corolla, "attributes": {"engine": "2ZR-FE"}},
        {"vehicle_id": "f1", "make": "Ford", "model": "Focus", "year": 2015, "attributes": {"engine": "M8DA"}},
    ]


def part(number: int, title: str, zh: str, **more: Any) -> dict[str, Any]:
    """A part of the brand ACME (even numbers) or BREMO (odd ones)."""
    brand = "ACME" if number % 2 == 0 else "BREMO"
    return {
        "part_id": f"{brand}:P-{number}", "brand": brand, "part_number": f"P-{number}", "part_type": "Brake Pad Set",
        "position": ["front"], "title": {"en": title, "zh": zh}, "price": {"amount": 100 + number, "currency": "CNY"},
        **more,
    }  # fmt: skip


def parts() -> list[dict[str, Any]]:
    """Pads for both engines, one pair for the small engine only, one for the Ford, one universal, one with markup."""
    both = [part(number, f"Front brake pad set {number}", f"前刹车片 {number}") for number in range(PADS)]
    return [
        *both,
        part(100, "Front brake pad set for the small engine", "小排量前刹车片"),
        part(101, "Front brake pad set for the Ford", "福特前刹车片"),
        part(102, "Brake pad grease, universal", "通用刹车片润滑脂", universal=True, part_type="Brake Grease"),
        part(103, f"Brake pad {MARKUP}", f"刹车片 {MARKUP}"),
        part(104, "Brake pad under every kind of condition", "条件刹车片"),
    ]


def applications() -> list[dict[str, Any]]:
    """What fits what."""
    corolla = {"make": "Toyota", "model": "Corolla", "years": [2014, 2016]}
    rows = [{"part_id": row["part_id"], "vehicle": corolla} for row in parts()[:PADS]]
    rows += [
        {"part_id": "ACME:P-100", "vehicle": corolla, "where": {"engine": ["1ZR-FE"]}},
        {"part_id": "BREMO:P-101", "vehicle": {"make": "Ford", "model": "Focus", "years": [2015, 2015]}},
        {"part_id": "BREMO:P-103", "vehicle": corolla},
        {
            "part_id": "ACME:P-104",
            "vehicle": corolla,
            "where": {"drive": ["FWD", "AWD"]},
            "except": [{"trim": "Sport"}],
            "built_from": "2014-03",
            "notes": [
                {"text": "with ADVICS caliper", "lang": "en", "kind": "condition"},
                {"text": "Replace the wear sensor too", "lang": "en", "kind": "hint"},
            ],
        },
    ]
    return [{"application_id": f"a{index}", **row} for index, row in enumerate(rows)]


def write(folder: Path, kind: str, rows: list[dict[str, Any]]) -> str:
    """Rows as JSON Lines; the file's path."""
    path = folder / f"{kind}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def command(*arguments: str) -> list[str]:
    """The `partfit` command of the running interpreter."""
    return [sys.executable, "-c", "from search_service.cli import main; main()", *arguments]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `/readyz` says so; fail with the server's log otherwise."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=15) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the server did not get ready:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a served shop with the catalogue of this file."""
    folder = tmp_path_factory.mktemp("shop")
    environment = os.environ | {"PARTFIT_DATA_DIR": str(folder / "data"), "PARTFIT_ADMIN_KEY": ADMIN_KEY}
    files = [
        "--vehicles", write(folder, "vehicles", vehicles()), "--parts", write(folder, "parts", parts()),
        "--applications", write(folder, "applications", applications()),
    ]  # fmt: skip
    built = subprocess.run(command("index", *files), env=environment, cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    port, log = free_port(), folder / "serve.log"
    with log.open("wb") as output:
        serve = command("serve", "--host", "127.0.0.1", "--port", str(port))
        process = subprocess.Popen(serve, env=environment, cwd=folder, stdout=output, stderr=output)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is installed; without one the browser tests are left out, or fail where they are required."""
    for name in (os.environ.get("PARTFIT_TEST_CHROMIUM"), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    reason = "no Chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)"
    if os.environ.get("PARTFIT_REQUIRE_BROWSER", "") not in ("", "0"):
        pytest.fail(f"PARTFIT_REQUIRE_BROWSER is set, and there is {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A browser for the tests of one file: its event loop must not outlive them."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield launched
        launched.close()


class Visit:
    """One customer with a browser profile of his own; notes what the page asked for and what went wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def open(self, path: str = "/") -> Page:
        """Load a page of the shop."""
        self.page.goto(self.address + path)
        return self.page


@pytest.fixture
def visit(browser: Browser, shop: str) -> Iterator[Visit]:
    """A desktop customer who reads English."""
    with browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}) as context:
        yield Visit(context, shop)


@pytest.fixture
def phone_visit(browser: Browser, shop: str) -> Iterator[Visit]:
    """A customer with a phone who reads Chinese."""
    viewport = {"width": 390, "height": 844}
    with browser.new_context(locale="zh-CN", viewport=viewport, has_touch=True, is_mobile=True) as context:
        yield Visit(context, shop)
