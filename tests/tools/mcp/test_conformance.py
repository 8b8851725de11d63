"""The conformance suite of the protocol's authors against our client; docs/mcp.md has the whole score."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.mcp.acting import NODE, PACKAGES, ROOT

PASSES = (
    *("tools_call", "json-schema-ref-no-deref", "http-invalid-tool-headers"),
    *("auth/client-credentials-jwt", "auth/metadata-var1", "auth/resource-mismatch"),
)
LONGER = (
    *("sse-retry", "initialize", "request-metadata", "http-standard-headers", "http-custom-headers"),
    *("auth/client-credentials-basic", "auth/pre-registration", "auth/iss-wrong-issuer", "auth/scope-retry-limit"),
    *("auth/metadata-issuer-mismatch", "auth/offline-access-scope", "auth/token-endpoint-auth-post"),
)
"""What passes too, and is run in a soak."""


def run(scenario: str, folder: Path) -> str:
    """What the suite says of a scenario at the end."""
    suite = PACKAGES / "conformance/dist/index.js"
    assert suite.exists(), "the suite is not installed: run `make .venv/mcp/installed`"
    client = f"{sys.executable} {ROOT / 'dev/mcp/client.py'}"
    done = subprocess.run(
        [NODE, suite, "client", "--command", client, "--scenario", scenario, "-o", folder],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("scenario", PASSES)
def test_a_scenario_passes(scenario: str, tmp_path: Path) -> None:
    """All of its checks."""
    assert "OVERALL: PASSED" in run(scenario, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_the_longer_scenarios_pass(tmp_path: Path, rounds: object) -> None:
    """All of their checks; in a normal run those of one of them."""
    count = rounds(len(LONGER))  # type: ignore[operator]
    for scenario in LONGER[:count]:
        assert "OVERALL: PASSED" in run(scenario, tmp_path)


def test_the_document_tells_the_score() -> None:
    """Each scenario that passes here stands there."""
    said = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")
    assert [one for one in (*PASSES, *LONGER) if f"`{one}`" not in said] == []
