"""`runner agents render`: the exact texts an agent is given, alone or in a phase of a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import say, show, show_json
from runner.cli.inputs import given
from runner.cli.names import pick
from runner.errors import RunnerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.phases import AgentBody
    from runner.project.project import Project, WorkflowEntry


@click.command
@click.argument("name")
@click.argument("text", required=False)
@click.option("--phase", "at", metavar="WORKFLOW.PHASE[.BRANCH]", help="As this phase asks it, with the inputs of -i.")
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An input; may be given again.")
def render(name: str, text: str | None, at: str | None, pairs: tuple[str, ...]) -> None:
    """Print the exact texts an agent is given.

    The system prompt, and the message that `runner run NAME TEXT` would give it. With --phase those of that phase:
    what only a run knows stands there as ‹its path›. What a run was really told: `runner runs show ID --prompts`.
    """
    project = place.project()
    pick("agent", project.agents, name)
    if at is None:
        if pairs:
            raise UsageError("an agent's only input is its TEXT", hint="name a phase with --phase WORKFLOW.PHASE")
        texts = _alone(project, name, text or "")
    else:
        texts = _in_phase(project, name, at, text, pairs)
    if options.current().json:
        show_json({"agent": name, "revision": project.revision, **texts})
        return
    show(texts["system"])
    if texts["message"]:
        show(f"\n---- message ----\n{texts['message']}")
    if "‹" in texts["message"] + texts["system"]:
        say("\nwhat stands in ‹ › is known when it runs")


def _alone(project: Project, name: str, text: str) -> dict[str, str]:
    from runner.project import samples
    from runner.project.render import render_system

    entry = project.agents[name]
    run = samples.of_run(project, name)
    system = _rendered(f"the prompt of {name}", lambda: render_system(project, entry, entry.spec.output, run))
    return {"system": system, "message": text}


def _in_phase(project: Project, name: str, at: str, text: str | None, pairs: tuple[str, ...]) -> dict[str, str]:
    from runner.project import samples
    from runner.project.render import render_message, render_system

    entry, body, item = _find(project, name, at)
    values = {
        "inputs": _inputs(entry, given(entry, text, pairs)),
        "phases": samples.of_phases(project, entry.spec),
        "run": samples.of_run(project, entry.name),
        **item,
    }
    agent = project.agents[name]
    output = body.output or agent.spec.output
    return {
        "system": _rendered(f"the prompt of {name}", lambda: render_system(project, agent, output, values["run"])),
        "message": _rendered(f"the message of {at}", lambda: render_message(project, body.message, values)),
    }


def _inputs(entry: WorkflowEntry, values: dict[str, Any]) -> dict[str, Any]:
    if entry.spec.inputs is None:
        return {}
    try:
        return entry.spec.inputs.check(values)
    except ValueError as error:
        raise UsageError(f"inputs of {entry.name}: {error}") from error


def _find(project: Project, name: str, at: str) -> tuple[WorkflowEntry, AgentBody, dict[str, Any]]:
    """The workflow, the step where the agent answers, and the item it may be for; raises `UsageError`."""
    from runner.project import samples
    from runner.project.phases import AgentBody, ForeachPhase, ParallelPhase

    workflow, _, rest = at.partition(".")
    entry = pick("workflow", {key: one for key, one in project.workflows.items() if not one.agent}, workflow)
    phase, _, branch = rest.partition(".")
    spec: Any = pick(f"phase of {workflow}", entry.spec.phases, phase)
    item = samples.of_item(spec)
    if isinstance(spec, ForeachPhase):
        spec = spec.body
    elif isinstance(spec, ParallelPhase):
        spec = pick(f"branch of {workflow}.{phase}", spec.parallel, branch)
    if not isinstance(spec, AgentBody) or spec.agent != name:
        answers = f"{spec.agent} answers there" if isinstance(spec, AgentBody) else "no agent answers there"
        raise UsageError(f"{name} has nothing to say in {at}: {answers}", hint=f"`runner workflows show {workflow}`")
    return entry, spec, item


def _rendered(what: str, render: Callable[[], str]) -> str:
    from runner.prompts import RenderError

    try:
        return render()
    except (RenderError, ValueError) as error:
        hint = "what a tool puts out is known to a run only: `runner runs show ID --prompts` shows what it was told"
        raise RunnerError(f"{what} cannot be rendered: {error}", hint=hint) from error
