"""An agent: what it is told, what it runs on, how it answers, what it may call and what happens then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.models.chains import chain
from runner.project.about.judged import judged
from runner.project.about.uses import place, uses
from runner.project.agents import NamedPrompt, Rtcros
from runner.project.compare.plain import plain, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.about.places import Places
    from runner.project.project import AgentEntry, Project

PARTS = ("role", "task", "constraints", "rules", "state")


def about_agent(project: Project, entry: AgentEntry, places: Places, unavailable: Mapping[str, str]) -> dict[str, Any]:
    """All that the files say of an agent, each with its place; `unavailable` as `missing` gives it."""
    spec = entry.spec
    timeout = project.timeout(spec.timeout)
    model = project.settings.models.get(spec.model)
    return {
        "name": entry.name,
        "file": entry.file,
        "line": 1,
        "description": spec.description,
        "model": {"name": spec.model, **(written(model) if model else {})},
        "timeout": {"name": spec.timeout, "model": list(timeout.model), "tool": list(timeout.tool)},
        "prompt": list(_prompt(entry, places)),
        "output": spec.output.schema if spec.output else None,
        "targets": list(entry.targets),
        "searches": entry.spec.searches,
        "tools": [_tool(project, entry, name, unavailable) for name in entry.tools],
        "permissions": written(spec.permissions),
        "limits": spec.limits.model_dump(),
        "sampling": written(spec.sampling),
        "examples": list(_listed(entry, places, "examples")),
        "memory": None if spec.memory is None else plain(spec.memory),
        "intents": list(_listed(entry, places, "intents")),
        "suggestions": list(spec.suggestions),
        "used_by": [f"{workflow.name}.{place(step)}" for workflow, step in uses(project, "agent", entry.name)],
        "unavailable": _unavailable(project, spec.model, unavailable),
    }


def _unavailable(project: Project, model: str, unavailable: Mapping[str, str]) -> str | None:
    """Why its model cannot be asked; None when it can, or a fallback answers."""
    whys = [unavailable.get(f"model {name}") for name in chain(project.settings.models, model)]
    return whys[0] if whys and all(whys) else None


def _prompt(entry: AgentEntry, places: Places) -> Iterator[dict[str, Any]]:
    """The parts of its prompt as they are written, in the order in which they are given to the model."""
    prompt = entry.spec.prompt
    if isinstance(prompt, NamedPrompt):
        file = places.prompt_file(prompt.use)
        yield {"part": f"prompt {prompt.use}", "text": None, "file": file, "line": places.line(file, ("template",))}
    elif isinstance(prompt, str):
        yield {"part": "prompt", "text": prompt, "file": entry.file, "line": places.line(entry.file, ("prompt",))}
    elif isinstance(prompt, Rtcros):
        for part in PARTS:
            if text := getattr(prompt, part):
                line = places.line(entry.file, ("prompt", part))
                shown = text if isinstance(text, str) else "\n".join(text)
                yield {"part": part, "text": shown, "file": entry.file, "line": line}


def _listed(entry: AgentEntry, places: Places, key: str) -> Iterator[dict[str, Any]]:
    """The items of a list in its file, each as it is written and with its line."""
    for index, item in enumerate(getattr(entry.spec, key)):
        yield {**written(item), "line": places.line(entry.file, (key, index))}


def _tool(project: Project, entry: AgentEntry, name: str, unavailable: Mapping[str, str]) -> dict[str, Any]:
    tool = project.tools[name]
    return {
        "name": name,
        "risk": tool.risk,
        "description": tool.spec.description,
        **judged(project, tool, entry),
        "unavailable": unavailable.get(f"tool {name}"),
    }
