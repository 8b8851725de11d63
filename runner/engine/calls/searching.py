"""Many tools behind two: a model searches them by words, and calls what it found under the rules of a direct call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.calls.offering import target_choice, tool_def
from runner.models.arguments import read_arguments
from runner.models.port import ToolDef
from runner.project import targets
from runner.project.searching import CALL, RESERVED, SEARCH, ranked
from runner.runs.events import Call, ToolReturned
from runner.runs.record import Fault, Record
from runner.spec.cuts import begin_of
from runner.spec.types import parse_fields
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.project import AgentEntry, Project

MOST = 20
"""Tools that one search tells of."""
_SOME = 5
_FORM = f'write {{"tool": NAME, "arguments": {{…}}}}; {SEARCH} tells what a tool takes'
_TAKES = parse_fields(
    {
        "query": {"type": "str", "description": "Words for what you want to do or know, in English."},
        "limit": {
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
            "default": _SOME,
            "description": "How many tools at most.",
        },
    }
)


def search_defs(project: Project, agent: AgentEntry) -> tuple[ToolDef, ToolDef]:
    """The two tools that the model of such an agent is told of."""
    count = len(agent.tools)
    found = f"Find tools by words. There are {count}; you are told the best: names, what they do and what they take."
    called = f"Call a tool that {SEARCH} has told you of."
    return ToolDef(SEARCH, found, _TAKES.schema), ToolDef(CALL, called, _call_schema(project, agent))


def _call_schema(project: Project, agent: AgentEntry) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "tool": {"type": "string", "description": "Its name."},
        "arguments": {"type": "object", "description": f"What it takes, as {SEARCH} says."},
    }
    offered = [targets.offered(project, agent, project.tools[name]) for name in agent.tools]
    choices = list(dict.fromkeys(choice for some in offered if len(some) > 1 for choice in some))
    if choices:
        properties[targets.PARAMETER] = target_choice(choices, "the tool's default unless said")
    return {"type": "object", "properties": properties, "required": ["tool"], "additionalProperties": False}


def meant(agent: AgentEntry, call: Call) -> Call | Fault:
    """The call that a `call_tool` stands for; any other stands for itself."""
    if not agent.spec.searches or call.tool != CALL:
        return call
    given = call.arguments
    if not isinstance(given, dict):
        return _wrong(f"the arguments of {CALL} are no JSON object: {begin_of(str(given), 200)}")
    tool, arguments = given.get("tool"), given.get("arguments")
    if not isinstance(tool, str):
        return _wrong(f"`tool` of {CALL} is the name of a tool, and this is {begin_of(str(tool), 80)!r}")
    if tool in RESERVED:
        return Fault(match="tool", message=f"{CALL} does not call {tool}", hint=f"call {SEARCH} itself")
    if others := sorted(given.keys() - {"tool", "arguments", targets.PARAMETER}):
        return _wrong(f"{CALL} does not take {begin_of(', '.join(others), 200)}")
    if isinstance(arguments, str):
        arguments = read_arguments(arguments, cut=False)
    if not isinstance(arguments, dict | None):
        return _wrong(f"`arguments` of {CALL} is no JSON object: {begin_of(str(arguments), 200)}")
    return _aimed(call, tool, dict(arguments or {}), given.get(targets.PARAMETER))


def _aimed(call: Call, tool: str, arguments: dict[str, Any], target: Any) -> Call | Fault:
    """The inner call, its target among its arguments as in a direct one."""
    if target is not None and arguments.setdefault(targets.PARAMETER, target) != target:
        return _wrong(f"{CALL} is given one target and the arguments of {tool} another")
    return Call(id=call.id, tool=tool, arguments=arguments)


def _wrong(message: str) -> Fault:
    return Fault(match="tool", message=message, hint=_FORM)


def not_offered(agent: AgentEntry, tool: str) -> Fault | None:
    """A fault for a tool that is none of the agent's."""
    if tool in agent.tools or (agent.spec.searches and tool == SEARCH):
        return None
    hint = f"your tools: {', '.join(agent.tools)}"
    if agent.spec.searches:
        hint = did_you_mean(tool, agent.tools) or f"{SEARCH} finds tools by words for what you want"
    return Fault(match="tool", message=f"there is no tool `{begin_of(tool, 80)}`", hint=hint)


def search(step: Step, agent: AgentEntry, call: Call, path: str) -> Record:
    """The record of a search: nothing is done by it, and the same words always find the same."""
    if path not in step.ctx.state.results:
        step.ctx.append(ToolReturned(path=path, tool=SEARCH, record=_found(step.ctx.project, agent, call.arguments)))
    return step.ctx.state.results[path]


def _found(project: Project, agent: AgentEntry, arguments: Any) -> Record:
    try:
        asked = _TAKES.check(arguments)
    except ValueError as error:
        return Record.of("failed", error=Fault(match="tool", message=f"arguments of {SEARCH}: {error}"))
    found = ranked([project.tools[name] for name in agent.tools], asked["query"])
    told = [
        {
            "name": tool.name,
            "description": tool.spec.description.partition("\n")[0],
            "risk": tool.risk,
            "parameters": tool_def(project, agent, tool).parameters,
        }
        for tool in found[: asked["limit"]]
    ]
    if told:
        return Record.of("ok", {"tools": told, "more": len(found) - len(told)})
    packs = sorted({project.tools[name].pack for name in agent.tools})
    return Record.of("no", {"tools": [], "more": 0, "packs": packs, "hint": "no tool has these words; try others"})
