"""What a call comes to before it is judged: its arguments checked, its targets chosen, its command line read."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.engine.calls.targeting import HERE, aimed
from runner.errors import ToolFailed
from runner.project.commands import assessed
from runner.project.targets import LOCAL, SANDBOX
from runner.spec.cuts import begin_of
from runner.tools.port import Call, Ready

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.steps.step import Step
    from runner.project.project import ToolEntry
    from runner.project.settings import TimeoutClass


_ELSEWHERE = ("http", "mcp")
"""Kinds of tools that touch no workspace."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A call whose arguments are checked: one for each of its targets."""

    step: Step
    entry: ToolEntry
    agent: str
    calls: tuple[Call, ...]
    argv: list[str] | None
    request: str
    """What another machine would be sent, when the tool asks one."""

    @property
    def call(self) -> Call:
        """The call on the first target, which speaks for all but where it runs."""
        return self.calls[0]

    @property
    def targets(self) -> tuple[str, ...]:
        """Where it runs."""
        return tuple(call.target for call in self.calls)

    @property
    def shown(self) -> str:
        """What a person sees of it: the exact words of the command, text or request, or the arguments, and where."""
        arguments = self.call.arguments
        what = self.request or json.dumps(arguments, ensure_ascii=False, indent=2)
        if self.argv is not None:
            what = self.argv[-1] if self.entry.kind == "shell" else shlex.join(self.argv)
        return f"{what}\n{self._where()}{', as root by sudo' if getattr(self.entry.spec, 'sudo', False) else ''}"

    @property
    def size(self) -> int:
        """Bytes that a person would have to read: what is shown of it, or its arguments when these are longer."""
        arguments = json.dumps(self.call.arguments, ensure_ascii=False)
        return max(len(text.encode(errors="replace")) for text in (self.shown, arguments))

    @property
    def cwd(self) -> str:
        """The folder that it runs in; empty on hosts, where it is the login's own."""
        return str(self.call.workspace) if self.call.target in (LOCAL, SANDBOX) else ""

    @property
    def env(self) -> tuple[str, ...]:
        """Names of the variables that it is given besides those of every command."""
        ready = self.call.ready
        return tuple(sorted({*getattr(self.entry.spec, "env", ()), *(ready.env if ready else ())}))

    @property
    def fills_sandbox(self) -> bool:
        """Whether it may leave something in the run's own sandbox: every command there may, whatever its risk is."""
        if not self.step.is_housed or self.entry.child or self.entry.kind in _ELSEWHERE:
            return False
        return SANDBOX in self.targets or (self.targets == HERE and self.entry.risk != "read")

    def _where(self) -> str:
        """Every host of it: a person says yes to these and to no others."""
        names = self.targets
        if names == HERE:
            return f"in {self.call.workspace}"
        if names[0] == SANDBOX:
            return f"in {self.call.workspace}, in the sandbox"
        return f"on {names[0]}" if len(names) == 1 else f"on {len(names)} hosts: {', '.join(names)}"


def plan(step: Step, entry: ToolEntry | None, tool: str, arguments: Any, path: str, agent: str) -> Planned:
    """A call as it would be made; raises ToolFailed for one that cannot be."""
    if entry is None or not entry.spec.enabled:
        raise ToolFailed(f"there is no tool `{tool}`")
    if not isinstance(arguments, dict):
        raise ToolFailed(f"the arguments of {tool} are no JSON object: {begin_of(str(arguments), 200)}")
    own, targets = aimed(step, entry, arguments, agent)
    checked = _checked(entry, own)
    timeouts = step.ctx.project.timeout(_timeout(step, entry, agent))
    calls = tuple(_call(step, entry, checked, target, timeouts, path) for target in targets)
    opened = step.ctx.bench.tool(tool)
    return Planned(step, entry, agent, calls, opened.argv(calls[0]), opened.shown(calls[0]))


def _checked(entry: ToolEntry, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return entry.params.check(arguments)
    except ValueError as error:
        raise ToolFailed(f"arguments of {entry.name}: {error}") from error


def _call(
    step: Step, entry: ToolEntry, arguments: Mapping[str, Any], target: str, timeouts: TimeoutClass, path: str
) -> Call:
    here = target in (LOCAL, SANDBOX)
    seconds = timeouts.tool[1] if here else timeouts.ssh[1]
    call = Call(entry.name, arguments, step.workspace, target, seconds, step.ctx.run, path)
    read = assessed(step.ctx.project, entry, arguments, target, step.workspace)
    return call if read is None else replace(call, ready=Ready(read.runs, read.env))


def longer(planned: Planned) -> str:
    """Which key gives a call that was too slow more time."""
    name = _timeout(planned.step, planned.entry, planned.agent)
    if name[:1].isdigit():
        return f"`timeout: {name}` of its tool, phase or agent may be too short"
    kind = "tool" if planned.call.target in (LOCAL, SANDBOX) else "ssh"
    return f"give it a longer `timeout`, or raise `{kind}` of the class {name}, below `timeouts` in runner.yaml"


def _timeout(step: Step, entry: ToolEntry, agent: str) -> str:
    """A tool's own timeout wins over those of an agent and its phase, not over a phase that calls it itself."""
    own, phase = entry.spec.timeout, step.timeout
    if agent:
        return own or phase or step.ctx.project.agents[agent].spec.timeout
    return phase or own or "standard"
