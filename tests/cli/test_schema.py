"""`runner schema`: files for editors, and how to point an editor at them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runner.cli import runner
from runner.cli.edge import execute
from runner.project.schema import KINDS, text


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, the data and the talk of a command."""
    code = execute(runner, ["--no-color", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_schema_of_each_kind_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into `schemas` of the project's folder; no project needs to be there yet."""
    code, out, err = said(capsys, "-C", str(tmp_path), "schema", "write")
    assert code == 0
    assert out.split() == [f"schemas/{kind}.json" for kind in KINDS]
    assert {path.name: path.read_text() for path in (tmp_path / "schemas").iterdir()} == {
        f"{kind}.json": text(kind) for kind in KINDS
    }
    assert "# yaml-language-server: $schema=schemas/runner.json" in err
    assert "# yaml-language-server: $schema=../../schemas/prompt.json" in err
    assert '"schemas/agent.json": "agents.d/*.yaml"' in err


def test_another_folder_is_named_as_it_is_seen_from_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Relative to each kind's own folder, also from outside of the project."""
    root = tmp_path / "project"
    root.mkdir()
    _, out, err = said(capsys, "-C", str(root), "schema", "write", "../kept")
    assert out.startswith("../kept/runner.json\n")
    assert "# yaml-language-server: $schema=../../kept/agent.json" in err
    assert (tmp_path / "kept/agent.json").exists()


def test_the_settings_of_an_editor_come_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ready to be merged into settings.json by a program."""
    _, out, err = said(capsys, "-C", str(tmp_path), "--json", "schema", "write")
    told = json.loads(out)
    assert told["yaml.schemas"]["schemas/pack.json"] == "tools.d/*.yaml"
    assert told["files"] == list(told["yaml.schemas"])
    assert err == ""


def test_writing_again_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands there of an older runner is replaced."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/agent.json").write_text("old")
    assert said(capsys, "-C", str(tmp_path), "schema", "write")[0] == 0
    assert said(capsys, "-C", str(tmp_path), "schema", "write")[0] == 0
    assert (tmp_path / "schemas/agent.json").read_text() == text("agent")


def test_a_link_or_a_pipe_in_the_place_of_a_schema_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A project from elsewhere may hold one: what a link leads to stays as it is, and a pipe holds nobody up."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "schemas/runner.json").symlink_to("../precious")
    os.mkfifo(tmp_path / "schemas/agent.json")
    assert said(capsys, "-C", str(tmp_path), "schema", "write")[0] == 0
    assert (tmp_path / "precious").read_text() == "mine"
    assert (tmp_path / "schemas/runner.json").read_text() == text("runner")
    assert (tmp_path / "schemas/agent.json").read_text() == text("agent")


@pytest.mark.parametrize("kind", KINDS)
def test_one_schema_is_shown(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON, with or without --json."""
    assert said(capsys, "schema", "show", kind) == (0, text(kind), "")
    assert said(capsys, "--json", "schema", "show", kind) == (0, text(kind), "")


def test_a_kind_that_there_is_none_is_answered_by_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as for every name."""
    code, out, err = said(capsys, "schema", "show", "workflows")
    assert (code, out) == (2, "")
    assert "there is no kind of file `workflows`" in err
    assert "did you mean workflow?" in err


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the way, and a project's folder that is not there."""
    (tmp_path / "schemas").write_text("")
    code, _, err = said(capsys, "-C", str(tmp_path), "schema", "write")
    assert code == 2
    assert "no schemas can be written to" in err
    code, _, err = said(capsys, "-C", str(tmp_path / "gone"), "schema", "write")
    assert code == 2
    assert "there is no folder" in err
