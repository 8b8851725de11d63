"""What each kind of phase does: one kind a file, of the same name as its fields in project/phases.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.phases import agent, approval, foreach, parallel, tool, wait, workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.steps.step import Action

ACTIONS: Mapping[str, Action] = {
    "agent": agent.run,
    "tool": tool.run,
    "workflow": workflow.run,
    "approval": approval.run,
    "wait": wait.run,
    "parallel": parallel.run,
    "foreach": foreach.run,
}
