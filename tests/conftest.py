"""What all tests share: one seed a session, the scale of the long shows, and an engine of Docker's."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator

import pytest

from tests import engines

SEED = "RUNNER_SEED"
SOAK = "RUNNER_SOAK"


def pytest_configure() -> None:
    """Choose the seed before worker processes start, which inherit it."""
    os.environ.setdefault(SEED, str(random.randrange(2**32)))


def pytest_report_header() -> str:
    """Say the seed where every session begins, so that a red one can be repeated."""
    return f"seed: {os.environ[SEED]} (repeat with {SEED}={os.environ[SEED]})"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the long shows counted, which they left as the property `figures`."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.fixture
def seed() -> int:
    """The session's seed; the header printed it."""
    return int(os.environ[SEED])


@pytest.fixture
def rounds() -> Callable[[int], int]:
    """How many rounds of a long show to take: all of them in a soak, else a tenth."""
    return lambda full: full if os.environ.get(SOAK) else max(1, full // 10)


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[dict[str, str]]:
    """The environment that leads to a real engine of the tests' own, which has one image."""
    with engines.docker() as env:
        yield env
