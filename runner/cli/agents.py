"""`runner agents`: the agents of the project, and exactly what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, one_line, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import answer, detail, fact, figures, heading, other_answers, rule, timeout, type_words
from runner.project.searching import CALL, SEARCH
from runner.runs.fleets import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import AgentEntry, Project

DEFAULT = "; the first, unless it says another"
agents = LazyGroup(
    "agents",
    {
        "ls": ("runner.cli.agents:ls", "List the agents."),
        "show": ("runner.cli.agents:show_agent", "Show an agent: prompt, model, tools and what happens then, limits."),
        "route": ("runner.cli.routing:route_text", "Tell which agent answers a message, and why."),
        "render": ("runner.cli.rendering:render", "Print the exact texts an agent is given."),
    },
    help="The project's agents, and exactly what they are told.",
)


@click.command
def ls() -> None:
    """List the agents."""
    project = place.project()
    if options.current().json:
        show_json(list(_about(project, *project.agents.values())))
        return
    rows = [
        (name, entry.spec.model, len(entry.tools), entry.spec.description) for name, entry in project.agents.items()
    ]
    table(("NAME", "MODEL", "TOOLS", "DESCRIPTION"), rows)


def _about(project: Project, *entries: AgentEntry) -> Iterator[dict[str, Any]]:
    from runner.project.about.agents import about_agent
    from runner.project.about.missing import missing
    from runner.project.about.places import Places

    places, unavailable = Places(project), missing(project)
    for entry in entries:
        yield about_agent(project, entry, places, unavailable)


@click.command
@click.argument("name")
def show_agent(name: str) -> None:
    """Show an agent: prompt, model, tools and what happens when it calls them, limits.

    The texts are as the files write them; `runner agents render` prints them as the model gets them.
    """
    project = place.project()
    (about,) = _about(project, pick("agent", project.agents, name))
    if options.current().json:
        show_json(about)
        return
    heading(about)
    _show_mind(about)
    for part in about["prompt"]:
        text = f"  {one_line(part['text'], 100)}" if part["text"] else ""
        fact("told", f"{part['part'].ljust(11)}  {part['file']}:{part['line']}{text}")
    fact("answers", type_words(about["output"]) if about["output"] else "text")
    _show_habits(about)
    for one in about["permissions"]:
        fact("permission", rule(one))
    fact("acts on", f"{joined(about['targets'])}{DEFAULT if about['targets'][1:] else ''}")
    if about["searches"]:
        fact("tools", f"{len(about['tools'])} by search: its model is told `{SEARCH}` and `{CALL}`")
    for tool in about["tools"]:
        lacks = f"; unavailable: {tool['unavailable']}" if tool["unavailable"] else ""
        fact("tool", f"{tool['name']} ({tool['risk']}): {answer(tool)}{lacks}")
        for other in other_answers(tool):
            detail(other)
    fact("used by", ", ".join(about["used_by"]))
    for words in about["suggestions"]:
        fact("suggests", one_line(words, 100))
    fact("whole", f"`runner agents render {name}` prints its prompt")


def _show_mind(about: dict[str, Any]) -> None:
    model = about["model"]
    runs_on = ", ".join(f"{key} {value}" for key, value in model.items() if key != "name")
    fact("model", f"{model['name']}: {runs_on}")
    fact("unavailable", about["unavailable"])
    fact("timeout", timeout(about["timeout"]))
    fact("limits", figures(about["limits"]))
    fact("sampling", ", ".join(f"{key} {value:g}" for key, value in about["sampling"].items()))


def _show_habits(about: dict[str, Any]) -> None:
    """What it has beside its prompt: examples, what it keeps of a conversation, what is answered without its model."""
    for one in about["examples"]:
        calls = [call["tool"] for call in one.get("calls", ())]
        said = one.get("answer")
        answered = [one_line(said if isinstance(said, str) else as_json(said), 60)] if said is not None else []
        fact("example", f"{about['file']}:{one['line']}  {' → '.join([one_line(one['user'], 60), *calls, *answered])}")
    if memory := about["memory"]:
        before = "summed up" if memory["summarize"] else "left out"
        fact("keeps", f"the last {memory['window']} messages as they were, those before them {before}")
    for one in about["intents"]:
        reply = one_line(one["reply"], 60) if one.get("reply") else "the model puts it into words"
        say = " | ".join(one["say"])
        fact("by rule", f"{about['file']}:{one['line']}  {one_line(say, 80)} → {one['tool']}: {reply}")
