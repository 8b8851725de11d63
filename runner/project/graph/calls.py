"""The checks of what steps call: agents, tools and workflows that there are, with arguments that fit."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.project.checks.arguments import check_arguments
from runner.project.findings import Finding
from runner.project.graph.ways import Way, closing_ways
from runner.project.phases import AgentBody, ApprovalBody, ParallelPhase, ToolBody, WaitBody, WorkflowBody
from runner.project.settings import BUILT_IN_TIMEOUTS
from runner.project.steps import steps
from runner.spec.durations import timeout_hint
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import Project, ToolEntry, WorkflowEntry
    from runner.project.steps import AnySpec, Step


def check(project: Project, entry: WorkflowEntry, step: Step) -> Iterator[Finding]:
    """What is wrong with what one step calls."""
    match step.spec:
        case AgentBody():
            yield from _agent(project, entry.file, step.loc, step.spec)
        case ToolBody():
            yield from _tool(project, entry.file, step.loc, step.spec)
        case WorkflowBody():
            yield from _workflow(project, entry.file, step.loc, step.spec)
    yield from _timeout(project, entry.file, step)
    yield from _retry(project, entry.file, step)


def check_recursion(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    """Workflows and agents that call each other without end, by phases or by tools; `seen` is the view."""
    tools = recall.same(
        "called by tools", tuple((tool.name, tool.child) for tool in project.tools.values() if tool.child)
    )
    callers, called = project.workflows if tools else project.declared_workflows, dict(tools)
    found = recall.each("calls", lambda name: _calls(seen, callers[name], called), callers, tools)
    ways = [*chain.from_iterable(found)]
    for way, trail in closing_ways(dict.fromkeys(way.source for way in ways), ways):
        entry = project.workflows[way.source]
        circle = " → ".join([*trail, way.target])
        what = f"workflows call each other without end: {circle}"
        hint = "a loop inside one workflow, with a `max` on an edge, does the same with an end"
        if entry.agent:
            what, hint = (
                f"agents call each other without end: {circle}",
                "take the tool that closes it from one of them",
            )
            yield Finding("recursion", entry.file, ("tools",), what, hint)
        else:
            yield Finding("recursion", entry.file, way.loc, what, hint)


def check_prompts(project: Project) -> Iterator[Finding]:
    """A warning for each agent whose whole prompt is the name of one."""
    for agent in project.agents.values() if project.prompts else ():
        if isinstance(agent.spec.prompt, str) and agent.spec.prompt in project.prompts:
            yield _bare(agent.file, ("prompt",), agent.spec.prompt)


def _bare(file: str, loc: Loc, name: str) -> Finding:
    what = f"{name} is told as it stands, and is the name of a prompt"
    return Finding("bare-name", file, loc, what, f"write {{use: {name}}} for the prompt", "warning")


def check_tools(project: Project) -> Iterator[Finding]:
    """Tools that run a workflow there is not, or would be tried again although that may do their work twice."""
    for tool in project.tools.values():
        known: Mapping[str, object] = project.agents if tool.kind == "agent" else project.workflows
        if tool.child and tool.child not in known:
            hint = did_you_mean(tool.child, known) or _all_of(f"{tool.kind}s", known)
            what = f"there is no {tool.kind} `{tool.child}`"
            yield Finding(f"unknown-{tool.kind}", tool.file, ("tools", tool.name, tool.kind), what, hint)
        if tool.spec.retry is not None and not _repeatable(tool):
            what = f"`retry` would do `{tool.name}` twice: it has risk {tool.risk} and interrupted: {tool.interrupted}"
            yield Finding("retry-unsafe", tool.file, ("tools", tool.name, "retry"), what, _RETRY_HINT, at_key=True)


def _agent(project: Project, file: str, loc: Loc, body: AgentBody) -> Iterator[Finding]:
    if isinstance(body.message, str) and body.message in project.prompts:
        yield _bare(file, (*loc, "message"), body.message)
    if body.agent in project.agents:
        return
    hint = did_you_mean(body.agent, project.agents)
    if body.agent in project.workflows:
        hint = f"`{body.agent}` is a workflow: write `workflow: {body.agent}`, with its inputs in `with`"
    elif body.agent in project.tools:
        hint = f"`{body.agent}` is a tool: write `tool: {body.agent}`, with its arguments in `with`"
    what = f"there is no agent `{body.agent}`"
    yield Finding("unknown-agent", file, (*loc, "agent"), what, hint or _all_of("agents", project.agents))


def _workflow(project: Project, file: str, loc: Loc, body: WorkflowBody) -> Iterator[Finding]:
    called = project.workflows.get(body.workflow)
    if called is not None and not called.agent:
        owner = f"workflow `{body.workflow}`"
        yield from check_arguments(file, loc, body.with_, called.spec.inputs, owner, "input")
        return
    known = project.declared_workflows
    hint = did_you_mean(body.workflow, known)
    if body.workflow in project.agents:
        hint = f"`{body.workflow}` is an agent: write `agent: {body.workflow}`, with a `message`"
    what = f"there is no workflow `{body.workflow}`"
    yield Finding("unknown-workflow", file, (*loc, "workflow"), what, hint or _all_of("workflows", known))


def _tool(project: Project, file: str, loc: Loc, body: ToolBody) -> Iterator[Finding]:
    tool = project.tools.get(body.tool)
    if tool is None:
        what = f"there is no tool `{body.tool}`"
        yield Finding("unknown-tool", file, (*loc, "tool"), what, _tool_hint(project, body.tool))
        return
    if not tool.spec.enabled:
        what = f"the tool `{body.tool}` is out of use: `enabled: false` in {tool.file}"
        yield Finding("disabled-tool", file, (*loc, "tool"), what, "enable it, or call another tool")
    yield from check_arguments(file, loc, body.with_, tool.params, f"tool `{body.tool}`", "parameter")


def _tool_hint(project: Project, name: str) -> str:
    plain = name.replace(".", "/").rpartition("/")[2]
    if plain != name and plain in project.tools:
        return f"leave out the pack: write `tool: {plain}`"
    first = name.replace("(", " ").partition(" ")[0]
    if first != name and first in project.tools:
        return f"write `tool: {first}`, with its arguments in `with`"
    for kind, known in (("agent", project.agents), ("workflow", project.workflows)):
        if name in known:
            return f"`{name}` is {'an' if kind == 'agent' else 'a'} {kind}: write `{kind}: {name}`"
    if name in project.packs:
        return f"`{name}` is a pack; its tools: {', '.join(sorted(_of_pack(project, name)))}"
    return did_you_mean(plain, project.tools) or "tools.d holds the tools; `use:` of runner.yaml brings shipped ones"


def _of_pack(project: Project, pack: str) -> list[str]:
    return [tool.name for tool in project.tools.values() if tool.pack == pack]


def _all_of(kind: str, names: Iterable[str]) -> str:
    return f"{kind}: {', '.join(sorted(names)) or 'none'}"


def _timeout(project: Project, file: str, step: Step) -> Iterator[Finding]:
    if step.spec.timeout is None:
        return
    try:
        project.timeout(step.spec.timeout)
    except ValueError:
        known = sorted({*BUILT_IN_TIMEOUTS, *project.settings.timeouts})
        what = f"`{step.spec.timeout}` is no timeout class and no duration"
        yield Finding("unknown-timeout", file, (*step.loc, "timeout"), what, timeout_hint(step.spec.timeout, known))


def _retry(project: Project, file: str, step: Step) -> Iterator[Finding]:
    if step.spec.retry is None or isinstance(step.spec, ApprovalBody | WaitBody):
        return
    unsafe = next((tool for tool in reached_tools(project, step.spec) if not _repeatable(tool)), None)
    if unsafe is not None:
        what = (
            f"`retry` would do `{unsafe.name}` twice: it has risk {unsafe.risk} and interrupted: {unsafe.interrupted}"
        )
        yield Finding("retry-unsafe", file, (*step.loc, "retry"), what, _RETRY_HINT, at_key=True)


def _repeatable(tool: ToolEntry) -> bool:
    return tool.risk == "read" or tool.interrupted == "again"


def reached_tools(project: Project, spec: AnySpec, seen: frozenset[str] = frozenset()) -> Iterator[ToolEntry]:
    """Every tool that a step can call, by its agent and by the workflows it calls too."""
    match spec:
        case ToolBody():
            yield from _known(project, (spec.tool,))
        case AgentBody():
            entry = project.agents.get(spec.agent)
            yield from _known(project, entry.tools if entry else ())
        case ParallelPhase():
            for branch in spec.parallel.values():
                yield from reached_tools(project, branch, seen)
        case WorkflowBody() if spec.workflow in project.workflows and spec.workflow not in seen:
            for step in steps(project.workflows[spec.workflow].spec):
                yield from reached_tools(project, step.spec, seen | {spec.workflow})


def _known(project: Project, names: tuple[str, ...]) -> Iterator[ToolEntry]:
    return (project.tools[name] for name in names if name in project.tools)


def _calls(project: Project, entry: WorkflowEntry, tools: Mapping[str, str]) -> list[Way]:
    """The workflows that a workflow calls by phases, and by those `tools` that run one."""
    ways = []
    for step in steps(entry.spec):
        called: list[str] = []
        if isinstance(step.spec, WorkflowBody):
            called, key = [step.spec.workflow], "workflow"
        elif isinstance(step.spec, AgentBody):
            agent = project.agents.get(step.spec.agent)
            called, key = [tools[name] for name in (agent.tools if agent else ()) if name in tools], "agent"
        elif isinstance(step.spec, ToolBody):
            called, key = [tools[name] for name in (step.spec.tool,) if name in tools], "tool"
        ways += [Way(entry.name, name, (*step.loc, key), "call") for name in called if name in project.workflows]
    return ways


_RETRY_HINT = "only what has risk: read or interrupted: again is tried again; an `errors` edge with `max` is said aloud"
