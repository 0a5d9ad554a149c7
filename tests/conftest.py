"""A test that could not run is said loudly; where TEST_REQUIRE names something, its absence is a failure."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

pytest_plugins = ("tests.services.fixtures",)

NEEDS = {"browser", "elasticsearch", "go", "kafka", "promtool"}

WAITING = {"cluster", "end_to_end", "services"}
"""Folders of tests that wait long, for processes that are killed and come back: they begin first."""

MOST_WORKERS = 6
"""More of them would only wait for the longest file, and each takes memory for itself and for what it starts."""

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not WAITING.intersection(item.path.parts))
    if CHROMIUM.exists():
        return
    missing = pytest.mark.skip(
        reason=f"NOT RUN browser (none at {CHROMIUM}; Debian: apt-get install chromium; or set CHROMIUM)"
    )
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(missing)


def required() -> set[str]:
    """What TEST_REQUIRE names."""
    return set(filter(None, re.split(r"[,\s]+", os.environ.get("TEST_REQUIRE", ""))))


def pytest_configure() -> None:
    if unknown := required() - NEEDS:
        raise pytest.UsageError(f"TEST_REQUIRE: {', '.join(sorted(unknown))} is none of {', '.join(sorted(NEEDS))}")
    for name in ("COLUMNS", "LINES"):  # readline gives them to what pytest starts, so to its workers too
        os.environ.pop(name, None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many run tests side by side: more than there are processors, for many tests wait for something."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 2, MOST_WORKERS)


def left_out(reporter: pytest.TerminalReporter) -> Counter[tuple[str, str]]:
    """How many tests did not run, by what they needed ("" where it is none of NEEDS) and why."""
    reasons: Counter[tuple[str, str]] = Counter()
    for report in reporter.stats.get("skipped", []):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        told = re.fullmatch(r"(?:Skipped: )?NOT RUN (\w+) \((.*)\)", reason, re.DOTALL)
        reasons[(told[1], told[2]) if told else ("", reason.removeprefix("Skipped: "))] += 1
    return reasons


def counts_as_failed(need: str) -> bool:
    """Whether a test that did not run for want of this fails the run."""
    return bool(required()) and (not need or need in required())


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and exitstatus == 0 and any(counts_as_failed(need) for need, _ in left_out(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = left_out(terminalreporter)
    for (need, why), count in reasons.items():
        said = f"NOT RUN {need}={count} ({why})" if need else f"NOT RUN: {count} tests: {why}"
        terminalreporter.write_line(said, red=True)
    if any(counts_as_failed(need) for need, _ in reasons):
        terminalreporter.write_line("TEST_REQUIRE is set: what did not run counts as failed", red=True)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """No test finds the log as a command of an earlier test has set it."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
