"""`runner tools explain`: what would happen with a call, and which rule says so; nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.aim import aim
from runner.cli.display import one_line, show_json
from runner.cli.inputs import texts_of
from runner.cli.names import pick
from runner.cli.sheet import ANSWERS, detail, fact, heading
from runner.errors import ToolFailed, UsageError
from runner.project.targets import GROUP

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project, ToolEntry


@click.command
@click.argument("name")
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An argument of the call.")
@click.option("--agent", metavar="NAME", help="The agent that would call it; without it a phase.")
@click.option("--target", metavar="TARGET", help="Where it would run, also group:NAME.  [default: as in a run]")
def explain_call(name: str, pairs: tuple[str, ...], agent: str | None, target: str | None) -> None:
    """Tell what would happen with a call, and which rule says so. Nothing is called.

    Without --target it is told for where a run would make the call: on the agent's first target, else here, or in the
    sandbox where the files say so. On all hosts of a group each is judged, and the strictest answer holds for the call.
    """
    project = place.project()
    tool = pick("tool", project.tools, name)
    caller = pick("agent", project.agents, agent) if agent else None
    try:
        told = _told(project, tool, arguments(tool, pairs), caller, target)
    except ToolFailed as error:
        raise UsageError(f"no call of {name}: {error.message}", hint=error.hint) from error
    if options.current().json:
        show_json(told)
        return
    heading({"name": name, "file": tool.file, "line": _line(project, tool)})
    _show(told)


def arguments(tool: ToolEntry, pairs: tuple[str, ...]) -> dict[str, Any]:
    """The arguments that were typed, checked; raises `UsageError`."""
    try:
        return tool.params.check(tool.params.from_texts(texts_of(pairs)))
    except ValueError as error:
        missing = [f"-i {name}=…" for name, kind in tool.params.types.items() if kind.required]
        hint = f"write {' '.join(missing)}" if missing else "it takes no arguments that must be given"
        raise UsageError(f"arguments of {tool.name}: {error}", hint=hint) from error


def _told(
    project: Project, tool: ToolEntry, given: dict[str, Any], caller: AgentEntry | None, target: str | None
) -> dict[str, Any]:
    """What would happen; of a group what would happen on the host with the strictest answer, and `hosts`: all."""
    from runner.project.about.explained import Asked, explained

    workspace = (project.root / project.settings.workspaces[0]).expanduser().resolve()
    places, why = aim(project, tool, caller, target)
    lacks = _lacks(tool, caller)
    answers = [{**explained(project, Asked(tool, given, caller, place, workspace)), **lacks} for place in places]
    if target is None or not target.startswith(GROUP):
        return {**answers[0], "target_why": why}
    strictest = max(answers, key=lambda one: list(ANSWERS).index(one["action"]))
    return {**strictest, "target": target, "target_why": why, "hosts": answers}


def _lacks(tool: ToolEntry, caller: AgentEntry | None) -> dict[str, str]:
    """What denies a call whatever the rules say: nobody calls a tool that he does not have."""
    if caller is None or tool.name in caller.tools:
        return {}
    its = one_line(", ".join(caller.tools), 200) or "none"
    return {"action": "deny", "rule": f"{caller.file}: {caller.name} cannot call {tool.name}; its tools: {its}"}


def _line(project: Project, tool: ToolEntry) -> int:
    from runner.project.about.places import Places

    return Places(project).line(tool.file, ("tools", tool.name))


def _show(told: dict[str, Any]) -> None:
    fact("caller", f"agent {told['agent']}" if told["agent"] else "a phase of a workflow")
    fact("target", f"{told['target']}{' (' + told['target_why'] + ')' if told['target_why'] else ''}")
    fact("runs", told["runs"])
    fact("risk", f"{told['risk']} ({told['reason']})")
    for answer in told["lists"]:
        fact("rules", _answered(answer))
        for index in answer["covered"]:
            detail(f"permissions[{index}] matches too and is not asked: the first match decides")
    if told["shell"]:
        detail("a shell could make any command of it: rules with argv that ask or deny count, those that allow do not")
    fact("answer", f"{ANSWERS[told['action']]} ({told['rule']})")
    for one in told.get("hosts", ()):
        detail(f"{one['target']}: {ANSWERS[one['action']]} ({one['rule']})")


def _answered(answer: dict[str, Any]) -> str:
    if answer["action"] is None:
        return f"{answer['file']}: no rule is about it"
    return f"{answer['file']}: permissions[{answer['rule']}] says {answer['action']}"
