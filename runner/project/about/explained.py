"""What would happen with one call of a tool: its risk, its words, and what every list of rules answers."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.policy import Subject, explain
from runner.project.commands import assessed
from runner.tools.port import Call

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.policy import Assessment, Explained, Rule
    from runner.project.project import AgentEntry, Project, ToolEntry


@dataclass(frozen=True)
class Asked:
    """A call that is not made: the tool, its checked arguments, who would call it, and where."""

    tool: ToolEntry
    arguments: Mapping[str, Any]
    agent: AgentEntry | None
    target: str
    workspace: Path


def explained(project: Project, asked: Asked) -> dict[str, Any]:
    """All of it as plain data; raises ToolFailed for arguments that make no command."""
    tool = asked.tool
    found = assessed(project, tool, asked.arguments, asked.target, asked.workspace)
    words = found.argv if found else _argv(asked)
    subject = Subject(
        tool.name,
        tool.pack,
        tuple(tool.spec.tags),
        found.risk if found else tool.risk,
        asked.agent.name if asked.agent else "",
        asked.target,
        groups=next((thing.groups for thing in project.targets.things if thing.name == asked.target), ()),
        argv=words,
        shell=found.shell if found else tool.kind == "shell",
        egress=bool(tool.spec.egress),
    )
    told = explain(subject, _lists(project, asked.agent))
    return {
        "tool": tool.name,
        "agent": subject.agent or None,
        "target": asked.target,
        **_about(tool, subject, found, words),
        "action": told.judgement.action,
        "rule": told.judgement.rule,
        "lists": _answers(told),
    }


def _lists(project: Project, agent: AgentEntry | None) -> list[tuple[str, tuple[Rule, ...]]]:
    own = [(agent.file, agent.spec.permissions)] if agent else []
    return [("runner.yaml", project.settings.permissions), *own]


def _argv(asked: Asked) -> tuple[str, ...] | None:
    """The words of a tool of kind command or shell."""
    make = getattr(asked.tool.spec, "argv", None)
    if asked.tool.kind not in ("command", "shell") or make is None:
        return None
    call = Call(asked.tool.name, asked.arguments, asked.workspace, asked.target, 0, "", "")
    return tuple(make(call))


def _about(
    tool: ToolEntry, subject: Subject, found: Assessment | None, words: tuple[str, ...] | None
) -> dict[str, Any]:
    runs = found.runs if found else words
    return {
        "risk": subject.risk,
        "reason": found.reason if found else "said in the tool's file, or its kind's default",
        "argv": list(words) if words is not None else None,
        "shell": subject.shell,
        "runs": None if runs is None else runs[-1] if tool.kind == "shell" else shlex.join(runs),
    }


def _answers(told: Explained) -> list[dict[str, Any]]:
    return [
        {"file": one.origin, "action": one.action, "rule": one.rule, "covered": list(one.covered)}
        for one in told.answers
    ]
