"""What the page of models says of the servers that it was tried with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

from runner.models import Wire

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_has_a_row_for_each_format_with_the_versions_that_are_installed() -> None:
    """A server that does not have the format is a `none`."""
    packages = json.loads((ROOT / "dev/third_party/package.json").read_text())["dependencies"]
    (llmock,) = re.findall(r"^llmock==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    section = (ROOT / "docs/models.md").read_text().partition("## What it was tried with")[2]
    for wire in get_args(Wire):
        (row,) = re.findall(rf"^\| `{wire}` \|(.*)\|$", section, re.MULTILINE)
        aimock, second, real = (cell.strip() for cell in row.split("|"))
        assert aimock.startswith(packages["@copilotkit/aimock"])
        assert second.startswith("none" if wire == "ollama" else llmock)
        assert real == "none"
