"""`runner agents render`: the exact texts an agent is given, alone or in a phase of a workflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli import given, options, place
from runner.cli.display import say, show, show_json
from runner.cli.inputs import given as all_given
from runner.cli.inputs import typed
from runner.cli.names import pick
from runner.cli.runs.prompts import print_prompts
from runner.errors import RunnerError, UsageError
from runner.project.about.rendered import Telling, Unrendered, rendered
from runner.project.names import samples
from runner.project.phases import AgentBody, ForeachPhase, ParallelPhase

if TYPE_CHECKING:
    from runner.project.findings import Loc
    from runner.project.project import AgentEntry, Project, WorkflowEntry


@click.command
@click.argument("name")
@click.argument("text", required=False)
@click.option("--phase", "at", metavar="WORKFLOW.PHASE[.BRANCH]", help="As this phase asks it, with the inputs of -i.")
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An input; may be given again.")
@click.option("--given", "file", type=click.Path(path_type=Path), metavar="FILE", help="YAML with records of `phases`.")
@click.option("--run", "run", metavar="ID", help="What it was told in this run; with --phase, with the run's values.")
def render(name: str, text: str | None, **asked: Any) -> None:
    """Print the exact texts an agent is given.

    The system prompt, and the message that `runner run NAME TEXT` would give it. With --phase those of that phase:
    what only a run knows stands there as ‹its path›, unless FILE gives it (`phases: {plan: {output: {steps: [one]}}}`)
    or the run ID had it. With --run alone, what the agent was really told in that run.
    """
    project = place.project()
    agent = pick("agent", project.agents, name)
    past = given.past(asked["run"]) if asked["run"] else None
    if asked["at"] is None and past is not None:
        _print_told(name, past, is_alone=not (text or asked["pairs"] or asked["file"]))
        return
    if asked["at"] is None:
        if asked["pairs"] or asked["file"]:
            raise UsageError("an agent's only input is its TEXT", hint="name a phase with --phase WORKFLOW.PHASE")
        texts = _alone(project, agent, text or "")
    else:
        texts = _in_phase(project, agent, text, past, asked)
    _print({"agent": name, "revision": project.revision, **texts})


def _print(data: dict[str, Any]) -> None:
    if options.current().json:
        show_json(data)
        return
    show(data["system"])
    if data["message"]:
        show(f"\n---- message ----\n{data['message']}")
    if "‹" in data["message"] + data["system"]:
        say("\nwhat stands in ‹ › is known when it runs")


def _print_told(agent: str, past: given.Past, *, is_alone: bool) -> None:
    """What the agent's models were sent in a run, from the journal."""
    if not is_alone:
        raise UsageError("--run alone shows what the agent was told", hint="to give other values add --phase")
    past.state.prompts = {path: told for path, told in past.state.prompts.items() if told.agent == agent}
    print_prompts(past.row, past.state)


def _alone(project: Project, agent: AgentEntry, text: str) -> dict[str, str]:
    telling = Telling(agent, "", (), "", agent.spec.output)
    system, _ = _rendered(project, telling, {"run": samples.of_run(project, agent.name)}, "")
    return {"system": system, "message": text}


def _in_phase(
    project: Project, agent: AgentEntry, text: str | None, past: given.Past | None, asked: dict[str, Any]
) -> dict[str, str]:
    entry, telling, item = _find(project, agent, asked["at"])
    values = {**(given.then(project, entry, past) if past else given.before(project, entry)), **item}
    if asked["file"]:
        given.add(values, entry, asked["file"])
    is_given = bool(past or asked["file"])
    values["inputs"] |= (typed if is_given else all_given)(entry, text, asked["pairs"])
    values["inputs"] = _checked(entry, values["inputs"])
    system, message = _rendered(project, telling, values, asked["at"])
    return {"system": system, "message": message}


def _checked(entry: WorkflowEntry, values: dict[str, Any]) -> dict[str, Any]:
    if entry.spec.inputs is None:
        return {}
    try:
        return entry.spec.inputs.check(values)
    except ValueError as error:
        raise UsageError(f"inputs of {entry.name}: {error}") from error


def _find(project: Project, agent: AgentEntry, at: str) -> tuple[WorkflowEntry, Telling, dict[str, Any]]:
    """The workflow, what the agent is asked there, and the item it may be for; raises `UsageError`."""
    workflow, _, rest = at.partition(".")
    entry = pick("workflow", project.declared_workflows, workflow)
    phase, _, branch = rest.partition(".")
    loc: Loc = ("phases", phase)
    spec: Any = pick(f"phase of {workflow}", entry.spec.phases, phase)
    item = samples.of_item(spec)
    if isinstance(spec, ForeachPhase):
        spec = spec.body
    elif isinstance(spec, ParallelPhase):
        spec, loc = pick(f"branch of {workflow}.{phase}", spec.parallel, branch), (*loc, "parallel", branch)
    if not isinstance(spec, AgentBody) or spec.agent != agent.name:
        answers = f"{spec.agent} answers there" if isinstance(spec, AgentBody) else "no agent answers there"
        raise UsageError(
            f"{agent.name} has nothing to say in {at}: {answers}", hint=f"`runner workflows show {workflow}`"
        )
    telling = Telling(agent, entry.file, (*loc, "message"), spec.message, spec.output or agent.spec.output)
    return entry, telling, item


def _rendered(project: Project, telling: Telling, values: dict[str, Any], at: str) -> tuple[str, str]:
    try:
        return rendered(project, telling, values)
    except Unrendered as error:
        what = f"the message of {at}" if error.is_message else f"the prompt of {telling.agent.name}"
        hint = "give it by --given FILE or --run ID; `runner runs show ID --prompts` shows what a run was told"
        raise RunnerError(f"{error.place}{what} cannot be rendered: {error}", hint=hint) from error
