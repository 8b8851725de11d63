"""Whether what the Python files of tools import is on this machine; nothing is imported to find out."""

from __future__ import annotations

import ast
import sys
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.packs import modules_of
from runner.project.std import PREFIX
from runner.spec.words import did_you_mean
from runner.tools import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project


def check(project: Project) -> Iterator[Finding]:
    """A warning for each import, at the top of a tool's file, that would fail before any of its functions is called."""
    users: dict[str, list[str]] = {}
    for tool in project.tools.values():
        if not tool.file.startswith(PREFIX) and tool.spec.enabled:
            for module in dict.fromkeys(modules_of(tool.spec)):
                users.setdefault(f"{tool.file.rpartition('/')[0]}/{module}.py", []).append(tool.name)
    for file, tools in users.items():
        content = project.files.get(file, b"").decode("utf-8-sig")
        beside = {PurePosixPath(name).stem for name in project.files if PurePosixPath(name).match("tools.d/*.py")}
        for name, node in _imported(signature.body_of(content)):
            if name not in beside and not _is_there(name):
                hint = did_you_mean(name, beside | sys.stdlib_module_names)
                hint = hint or "install it where runner is installed, or import it in the function that needs it"
                names = ", ".join(f"`{tool}`" for tool in tools)
                what = f"there is no module {name} here: every call of {names} would fail"
                place = (node.lineno, node.col_offset + 1)
                yield Finding("no-import", file, (), what, hint, "warning", place=place)


def _imported(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """The modules that are imported whatever happens: not those that a `try` or an `if` looks after."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node


def _is_there(name: str) -> bool:
    try:
        return name in sys.modules or find_spec(name) is not None
    except (ImportError, ValueError):  # it is there, and says nothing of itself
        return True
