"""A test that could not run is said loudly; where TEST_REQUIRE names something, its absence is a failure."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM.exists():
        return
    missing = pytest.mark.skip(
        reason=f"NOT RUN: no browser at {CHROMIUM} (Debian: apt-get install chromium; or set CHROMIUM)"
    )
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(missing)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("TEST_REQUIRE") and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(
        str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT RUN: {count} tests: {reason.removeprefix('Skipped: ')}", red=True)
    if reasons and os.environ.get("TEST_REQUIRE"):
        terminalreporter.write_line("TEST_REQUIRE is set: what did not run counts as failed", red=True)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """No test finds the log as a command of an earlier test has set it."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
