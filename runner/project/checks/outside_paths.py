"""Paths that a phase writes out for a tool, and that lie outside of every workspace: the call is sure to be refused."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.phases import ToolBody
from runner.project.steps import steps
from runner.runs.sandboxes.places import SANDBOX
from runner.tools import signature
from runner.tools.python import PythonTool

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import Project, ToolEntry, WorkflowEntry

    Written = tuple[Loc, str, str, str, str | None]
    """Where a path is written; the tool, its parameter, the path, and the workspace that the step names."""

_HINT = "give a path inside the workspace, such as src/app.py"


def check(project: Project, recall: Recall) -> Iterator[Finding]:
    """A warning for each."""
    declared = project.declared_workflows
    written = recall.each("paths", lambda name: _written(declared[name]), declared)
    for entry, found in zip(declared.values(), written, strict=True):
        for loc, name, param, path, own in found:
            tool = project.tools.get(name)
            folders = [*project.settings.workspaces, *filter(None, [own])]
            if tool is None or param not in _kept_inside(project, tool) or _is_inside(project.root, path, folders):
                continue
            several = f"s {', '.join(project.settings.workspaces)}" if project.settings.workspaces[1:] else ""
            what = f"'{path}' leaves the workspace{several}"
            yield Finding("outside-path", entry.file, (*loc, "with", param), what, _HINT, "warning")


def _written(entry: WorkflowEntry) -> tuple[Written, ...]:
    """The paths that are absolute or climb; none where a template chooses the workspace, or it is the run's own."""
    found: list[Written] = []
    for step in steps(entry.spec):
        own = getattr(step.spec, "workspace", None) or entry.spec.workspace
        if isinstance(step.spec, ToolBody) and not _has_template(own or "") and own != SANDBOX:
            for param, value in step.spec.with_.items():
                if isinstance(value, str) and not _has_template(value) and _leads_out(value):
                    found.append((step.loc, step.spec.tool, param, value, own))
    return tuple(found)


def _has_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def _leads_out(path: str) -> bool:
    return "\0" not in path and (path.startswith("/") or os.path.normpath(path).split("/")[0] == "..")


def _kept_inside(project: Project, tool: ToolEntry) -> Collection[str]:
    """The parameters of a Python tool that its function opens by its Context, which keeps to the workspace."""
    paths = {name for name, kind in tool.params.types.items() if kind.schema.get("format") == "path"}
    if not paths or not isinstance(tool.spec, PythonTool):
        return ()
    module, _, function = tool.spec.python.partition(":")
    content = project.files.get(f"{tool.file.rpartition('/')[0]}/{module}.py", b"")
    try:
        body = signature.body_of(content.decode("utf-8-sig"))
    except ValueError:
        return ()
    found = (node for node in body if isinstance(node, ast.FunctionDef) and node.name == function)
    return {name for node in found for name in _given_to_context(node) & paths}


def _given_to_context(function: ast.FunctionDef) -> set[str]:
    """The names that stand in a call of a method of the Context, or beside it in another call."""
    contexts = {one.arg for one in function.args.args if one.annotation and "Context" in ast.unparse(one.annotation)}
    given: set[str] = set()
    for call in ast.walk(function):
        if isinstance(call, ast.Call):
            names = {one.id for one in call.args if isinstance(one, ast.Name)}
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if contexts & names or (isinstance(owner, ast.Name) and owner.id in contexts):
                given |= names
    return given


def _is_inside(root: Path, path: str, folders: list[str]) -> bool:
    """Whether a path lies in one of the folders, by its words or by where links lead; also where that is not known."""
    try:
        places = [root / Path(folder).expanduser() for folder in folders]
        known = [form(place) for place in places for form in (os.path.normpath, os.path.realpath)]
        meant = [form(place / path) for place in places for form in (os.path.normpath, os.path.realpath)]
    except (ValueError, RuntimeError):  # a NUL, or the home of nobody: told when the run begins
        return True
    return any(Path(one).is_relative_to(other) for one in meant for other in known)
