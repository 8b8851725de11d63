"""Free command lines of a project: where they run, what its policy says of them, and the words of any command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.policy import Assessment, Place, risk_of
from runner.project.targets import LOCAL, SANDBOX
from runner.runs.sandboxes.places import is_sandbox
from runner.secrets.env_file import ENV_FILE
from runner.spec.layout import SETTINGS, TOP_FOLDERS
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
    root = project.root
    kinds: dict[str, Literal["local", "sandbox"]] = {LOCAL: "local", SANDBOX: "sandbox"}
    store = root / project.settings.storage.path
    closed = (*([] if is_sandbox(workspace, store) else [store]), root / ENV_FILE)
    fixed = (root / name for name in (SETTINGS, *TOP_FOLDERS))
    return Place(kinds.get(target, "host"), workspace, tuple(map(str, closed)), tuple(map(str, fixed)))
