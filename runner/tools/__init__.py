"""Hands: one kind of tool a file; this table is the only place that knows them all.

A kind is imported when it is asked for: python workers import this package for their context, and must start fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.tools.base import ToolSpec

KINDS = {
    "command": "CommandTool",
    "shell": "ShellTool",
    "http": "HttpTool",
    "python": "PythonTool",
    "agent": "AgentTool",
    "workflow": "WorkflowTool",
}
"""The key that names a kind -> the class in the module of that name: its fields and its behaviour (a `port.Tool`)."""


def spec_of(kind: str) -> type[ToolSpec]:
    """The class that checks and runs tools of a kind."""
    found: type[ToolSpec] = getattr(import_module(f"{__name__}.{kind}"), KINDS[kind])
    return found


def kind_of(keys: Collection[Any]) -> str:
    """The kind that a tool's mapping is of; raises ValueError unless exactly one of its keys names one."""
    found = [kind for kind in KINDS if kind in keys]
    if not found:
        msg = f"says nothing that it does; add one of the keys {', '.join(KINDS)}"
        raise ValueError(msg)
    if len(found) > 1:
        msg = f"is of two kinds, {' and '.join(found)}; keep one of these keys"
        raise ValueError(msg)
    return found[0]
