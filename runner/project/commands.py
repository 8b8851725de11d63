"""Free command lines of a project: where they run, what its policy says of them, and the words of any command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.policy import Assessment, Place, risk_of
from runner.project.own_files import ruling_files, secret_files
from runner.project.targets import LOCAL, SANDBOX
from runner.runs.sandboxes.places import is_sandbox
from runner.tools.command import CommandTool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Literal

    from runner.project.project import Project, ToolEntry


def assessed(
    project: Project, tool: ToolEntry, arguments: Mapping[str, Any], target: str, workspace: Path
) -> Assessment | None:
    """What a call of a tool that takes free command lines can do on a target; None for other tools."""
    if not isinstance(tool.spec, CommandTool) or not tool.spec.free or project.policy is None:
        return None
    return risk_of(arguments[tool.spec.free], project.policy, place(project, target, workspace))


def place(project: Project, target: str, workspace: Path) -> Place:
    """A target as the policy sees it, with the places that runner keeps for itself."""
    kinds: dict[str, Literal["local", "sandbox"]] = {LOCAL: "local", SANDBOX: "sandbox"}
    store = project.root / project.settings.storage.path
    closed = (*([] if is_sandbox(workspace, store) else [store]), *secret_files(project))
    fixed = ruling_files(project)
    return Place(kinds.get(target, "host"), workspace, tuple(map(str, closed)), tuple(map(str, fixed)))
