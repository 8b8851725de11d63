"""Paths that a phase writes out, and that lie outside of every workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """from runner.tools.context import Context


def kept(context: Context, path: str) -> str:
    return context.read_text(path)


def handed_on(context: Context, path: str) -> str:
    return helper(context, path)


def free(context: Context, path: str) -> str:
    return open(path).read() + context.read_text("x")


def helper(context, path):
    return ""
"""
TOOL = '  {name}: {{description: Does., python: "ops:{name}", params: {{path: {kind}}}, risk: read}}\n'


def told(
    root: Path, path: str, *, tool: str = "kept", workspaces: str = "[.]", extra: str = "", kind: str = "path"
) -> list[str]:
    """What is said of a phase that gives this path."""
    tools = "".join(TOOL.format(name=name, kind=kind) for name in ("kept", "handed_on", "free"))
    files = {
        "runner.yaml": f"workspaces: {workspaces}\n",
        "tools.d/ops.yaml": f"description: Ops.\ntools:\n{tools}",
        "tools.d/ops.py": MODULE,
        "workflows/work.yaml": "description: Works.\ninputs: {where: {type: str, default: .}}\nphases:\n"
        f"  a: {{tool: {tool}, with: {{path: '{path}'}}{extra}}}\n"
        "  b: {wait: {for: 1s}, when: inputs.where == 'x'}\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(text)
    loaded = load(Disk(root), root)
    assert not loaded.problems
    return [warning.what for warning in loaded.warnings if warning.code == "outside-path"]


@pytest.mark.parametrize("tool", ["kept", "handed_on"])
@pytest.mark.parametrize("path", ["/etc/hosts", "../notes.md", "src/../../x"])
def test_a_path_that_leads_out_is_told(tmp_path: Path, path: str, tool: str) -> None:
    """In the words that the run would fail with."""
    assert told(tmp_path / "project", path, tool=tool) == [f"'{path}' leaves the workspace"]


def test_several_workspaces_are_named(tmp_path: Path) -> None:
    """It lies in none of them."""
    assert told(tmp_path / "project", "/etc/hosts", workspaces="[., data]") == [
        "'/etc/hosts' leaves the workspaces ., data"
    ]


def test_a_path_inside_of_a_workspace_is_right(tmp_path: Path) -> None:
    """By its words, by another workspace, and through a link."""
    root = tmp_path / "project"
    assert told(root, "src/../x") == told(root, f"{root}/x") == told(root, "../project/x") == []
    assert told(root, "../data/x", workspaces="[., ../data]") == []
    (tmp_path / "link").symlink_to(root)
    assert told(root, f"{tmp_path}/link/x") == []


def test_what_only_the_run_knows_is_left_to_it(tmp_path: Path) -> None:
    """A workspace or path by a template, a function that opens by itself, a parameter that is no path."""
    root = tmp_path / "project"
    assert told(root, "/etc/hosts", extra=', workspace: "{{ inputs.where }}"') == []
    assert told(root, "/{{ inputs.where }}") == []
    assert told(root, "/etc/hosts", tool="free") == []
    assert told(root, "/etc/hosts", kind="str") == []
    assert told(root, "/etc/hosts", workspaces='["~nobody-of-that-name"]') == []
