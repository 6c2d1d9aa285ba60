"""What every test runs under: a clean environment, hypothesis without deadlines, and an honest closing summary."""

from __future__ import annotations

import os
from collections import Counter
from importlib.util import find_spec

import pytest
from hypothesis import settings

PLUGINS = ("tests.plugins.opensearch", "tests.plugins.scheduling")
pytest_plugins = [name for name in PLUGINS if find_spec(name)]

# Shared machines make single examples slow at random; time is measured by benchmarks, not by examples.
settings.register_profile("partfit", deadline=None, print_blob=True)
settings.load_profile("partfit")

REQUIRED = {
    "opensearch": "PARTFIT_REQUIRE_OPENSEARCH",
    "browser": "PARTFIT_REQUIRE_BROWSER",
}
KEPT = ("PARTFIT_REQUIRE_", "PARTFIT_TEST_", "PARTFIT_OPENSEARCH_URL")


def pytest_configure(config: pytest.Config) -> None:
    """Take the operator's own settings out of the environment, so that no result depends on them."""
    for name in [name for name in os.environ if name.startswith("PARTFIT_") and not name.startswith(KEPT)]:
        del os.environ[name]


def _left_out(reporter: pytest.TerminalReporter) -> dict[str, Counter[str]]:
    """Skipped tests by what they need, with their reasons counted."""
    found: dict[str, Counter[str]] = {}
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        kind = next((kind for kind in REQUIRED if kind in report.keywords), "other")
        found.setdefault(kind, Counter())[reason.removeprefix("Skipped: ")] += 1
    return found


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what this run left out, so that a green line never says more than was run."""
    left_out = _left_out(terminalreporter)
    if not left_out:
        return
    terminalreporter.section("LEFT OUT OF THIS RUN", sep="!", red=True, bold=True)
    for kind, reasons in sorted(left_out.items()):
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count:5d} {kind}: {reason}", red=True)
        if kind in REQUIRED:
            terminalreporter.line(f"      {REQUIRED[kind]}=1 makes this a failure")
