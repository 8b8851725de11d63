"""`runner check --secrets`: what is missing on this machine, and what looks wrong; values are never shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
MODELS = 'models:\n  default: {provider: openai, base_url: "http://127.0.0.1:9/v1", model: m, key: "${SHOW_KEY_9}"}\n'
PACK = (
    "description: Notes.\ntools:\n  look: "
    "{description: Look., command: [ls], env: {TOKEN: 'Bearer ${SHOW_TOKEN_9}'}%s}\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose model and tool name a secret each."""
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "runner.yaml").write_text(MODELS)
    (tmp_path / "tools.d" / "notes.yaml").write_text(PACK % "")
    return tmp_path


def test_a_missing_secret_is_a_problem_only_when_asked_for(cli: Cli, project: Path) -> None:
    """Each reference is told with its place, and where the name was looked for."""
    assert cli("-C", project, "check").code == 0
    answer = cli("-C", project, "check", "--secrets", "--format", "concise")
    assert answer.code == 3
    looked, hint = (
        "is not set (looked in the environment, .env and .runner/secrets)",
        "(write `{0}=…` into .env, or `runner secrets set {0}`)",
    )
    model, tool = answer.out.splitlines()
    assert model.endswith(f"runner.yaml:2:81: missing-secret SHOW_KEY_9 {looked} {hint.format('SHOW_KEY_9')}")
    assert tool.endswith(f"tools.d/notes.yaml:3:51: missing-secret SHOW_TOKEN_9 {looked} {hint.format('SHOW_TOKEN_9')}")


def test_secrets_that_are_there_give_nothing(cli: Cli, project: Path) -> None:
    """A file beside runner.yaml is enough."""
    (project / ".env").write_text("SHOW_KEY_9=abc123def\nSHOW_TOKEN_9=xyz987xyz\n")
    (project / ".env").chmod(0o600)
    answer = cli("-C", project, "check", "--secrets", "--format", "concise")
    assert (answer.code, answer.out) == (0, "")


def test_a_name_that_env_nearly_has_is_suggested(cli: Cli, project: Path) -> None:
    """The typo may be on either side."""
    (project / ".env").write_text("SHOW_KEY=abc123def\nSHOW_TOKEN_9=xyz987xyz\n")
    assert "(did you mean SHOW_KEY?)" in cli("-C", project, "check", "--secrets", "--format", "concise").out


def test_a_tool_that_is_turned_off_needs_no_secret(cli: Cli, project: Path) -> None:
    """It is never called."""
    (project / ".env").write_text("SHOW_KEY_9=abc123def\n")
    (project / "tools.d" / "notes.yaml").write_text(PACK % ", enabled: false")
    assert cli("-C", project, "check", "--secrets").code == 0


@pytest.mark.parametrize(
    "value, fault",
    [
        ("changeme", "is a placeholder"),
        ("XXXX", "is a placeholder"),
        ("<your key>", "is a placeholder"),
        ("your_api_key", "is a placeholder"),
        ('"abc123def\\r"', "holds a line end"),
        ('" abc123def"', "begins or ends with a blank"),
        ("“abc123def”", "begins or ends with a quote"),
        ("abc 123 def", "holds a blank"),
    ],
)
def test_a_value_that_looks_wrong_is_a_warning_without_the_value(
    cli: Cli, project: Path, value: str, fault: str
) -> None:
    """The line of .env is named, not shown."""
    (project / ".env").write_text(f"SHOW_TOKEN_9=xyz987xyz\nSHOW_KEY_9={value}\n")
    answer = cli("-C", project, "check", "--secrets")
    assert answer.code == 0
    assert f"the value of SHOW_KEY_9 {fault}" in answer.err
    assert "hint: look at line 2 of .env" in answer.err
    assert value.strip("\"' ") not in answer.err + answer.out


def test_missing_secrets_are_told_beside_other_problems(cli: Cli, project: Path) -> None:
    """All at once, in the order of the files."""
    (project / "runner.yaml").write_text(f"{MODELS}limit: {{}}\n")
    said = cli("-C", project, "check", "--secrets", "--format", "concise").out
    codes = [line.split(": ")[1].split()[0] for line in said.splitlines()]
    assert codes == ["missing-secret", "unknown-key", "missing-secret"]
