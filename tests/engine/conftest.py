"""What tests of the engine start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A project with a few tools and one agent that always answers `Done.`."""
    return House(tmp_path)
