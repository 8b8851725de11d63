"""What `check` says of the machine it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.here import machine
from runner.project.load import load
from runner.project.sources import Disk, Stored

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TOOLS = """description: Tools.
tools:
  gone: {description: Is not there., command: [no-such-program-here]}
  there: {description: Is there., command: [sh]}
  own: {description: May come., command: [bin/own]}
  off: {description: Is out of use., command: [no-such-program-here], enabled: false}
"""
SETTINGS = "models:\n  default: {provider: vllm, model: m, key: '${A_KEY_THAT_NOBODY_HAS}'}\n"


def said(root: Path) -> list[str]:
    """The warnings about this machine, of files that are right."""
    project = load(Disk(root), root).project
    assert project is not None
    return [f"{one.file}:{one.line}:{one.column} {one.code} {one.what}" for one in machine.warnings(project)]


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Of tools in use, and not of programs that a run may bring."""
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "tools.d" / "work.yaml").write_text(TOOLS)
    assert said(tmp_path) == ["tools.d/work.yaml:3:48 no-program the program no-such-program-here is not there"]


def test_a_program_of_the_workspace_is_there(tmp_path: Path) -> None:
    """What is installed in .venv of the workspace is found first."""
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "tools.d" / "work.yaml").write_text(TOOLS)
    program = tmp_path / ".venv" / "bin" / "no-such-program-here"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert said(tmp_path) == []


def test_a_key_is_looked_for_in_the_environment_and_env(tmp_path: Path) -> None:
    """It is a warning until it is set."""
    (tmp_path / "runner.yaml").write_text(SETTINGS)
    what = "A_KEY_THAT_NOBODY_HAS not set (looked in the environment, .env and .runner/secrets)"
    assert said(tmp_path) == [f"runner.yaml:2:3 no-key {what}"]
    (tmp_path / ".env").write_text("A_KEY_THAT_NOBODY_HAS=x\n")
    assert said(tmp_path) == []


def test_a_missing_key_names_the_fallback_that_answers(tmp_path: Path) -> None:
    """One that has no key either is none."""
    entry = "{provider: vllm, model: m, key: '${A_KEY_THAT_NOBODY_HAS}'"
    local = "  local: {provider: vllm, model: m}\n"
    (tmp_path / "runner.yaml").write_text(
        f"models:\n  default: {entry}, fallback: [spare]}}\n  spare: {entry}, fallback: [local]}}\n{local}"
    )
    project = load(Disk(tmp_path), tmp_path).project
    assert project is not None
    kept = "write `A_KEY_THAT_NOBODY_HAS=…` into .env, or `runner secrets set A_KEY_THAT_NOBODY_HAS`"
    assert [one.hint for one in machine.warnings(project)] == [
        f"{kept}, before a run asks model `default`; until then `local` answers",
        f"{kept}, before a run asks model `spare`; until then `local` answers",
    ]


def test_folders_of_nearly_the_right_name_are_told(tmp_path: Path) -> None:
    """Only those that hold YAML, and only where the right one is missing; a revision has none."""
    for folder in ("agent.d", "workflow", "tool.d", "images"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "some.yaml").write_text("{}")
    (tmp_path / "tool.d" / "some.yaml").unlink()
    loaded = load(Disk(tmp_path), tmp_path)
    assert [one.what for one in loaded.warnings] == [
        "there is a folder `agent.d`; runner reads `agents.d`",
        "there is a folder `workflow`; runner reads `workflows`",
    ]
    assert load(Stored(loaded.files), tmp_path).warnings == ()


def test_a_program_that_holds_its_words_is_told_how_they_are_written(tmp_path: Path) -> None:
    """Each is an entry; a path with a blank may as well be one."""
    (tmp_path / "tools.d").mkdir()
    commands = ("[no-such-program-here -x, y]", '["/bin/sh -c", x]', "[/no such/program]")
    tools = (f"  t{index}: {{description: D., command: {command}}}\n" for index, command in enumerate(commands))
    (tmp_path / "tools.d" / "work.yaml").write_text(f"description: D.\ntools:\n{''.join(tools)}")
    project = load(Disk(tmp_path), tmp_path).project
    assert project is not None
    assert [one.hint for one in machine.warnings(project)] == [
        "write each word as an entry of its own: [no-such-program-here, -x, y]",
        "write each word as an entry of its own: [/bin/sh, -c, x]",
        "mend the path, or install it",
    ]


def test_the_sandbox_without_bubblewrap_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the settings ask for it, and at each server that would be started in it; nothing is started to find out."""
    (tmp_path / "runner.yaml").write_text("execute: sandbox\n")
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "tools.d/team.yaml").write_text("description: A server.\nmcp: {command: [server]}\n")
    (tmp_path / "tools.d/mcp.lock").write_text('{"servers": {"team": {"server": "", "protocol": "1", "tools": {}}}}')
    assert said(tmp_path) == []
    monkeypatch.setenv("PATH", str(tmp_path))
    what = "no-program the program bwrap is not there, which makes the sandbox:"
    assert said(tmp_path) == [
        f"runner.yaml:1:10 {what} no command can run",
        f"tools.d/team.yaml:2:16 {what} the server cannot be started",
    ]


def test_a_container_without_its_command_line_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the driver is named; a server that is a program is told that it cannot be started in any case."""
    (tmp_path / "runner.yaml").write_text("execute: sandbox\nsandbox: {driver: podman, image: debian:12}\n")
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "tools.d/team.yaml").write_text("description: A server.\nmcp: {command: [server]}\n")
    (tmp_path / "tools.d/mcp.lock").write_text('{"servers": {"team": {"server": "", "protocol": "1", "tools": {}}}}')
    monkeypatch.setenv("PATH", str(tmp_path))
    what = "no-program a server that is a program does not run in a container: with `sandbox.driver: podman`"
    assert said(tmp_path) == [
        "runner.yaml:2:19 no-program the program podman is not there: no command can run",
        f"tools.d/team.yaml:2:16 {what} in runner.yaml it cannot be started",
    ]
    (tmp_path / "podman").touch(mode=0o755)
    assert len(said(tmp_path)) == 1
