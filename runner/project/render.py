"""The exact texts an agent is given: its system prompt from the parts R T C R O S, and the message of a phase."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.project.agents import NamedPrompt, Rtcros
from runner.prompts import template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.agents import Message
    from runner.project.project import AgentEntry, Project
    from runner.spec.types import Fields


def render_system(project: Project, entry: AgentEntry, output: Fields | None, run: Mapping[str, Any]) -> str:
    """The system prompt of an agent; `output` are the fields of its answer here. Raises `prompts.RenderError`."""
    values = {"agent": seen_by_prompt(project, entry, output), "run": run}
    prompt = entry.spec.prompt
    parts = _parts(prompt, values) if isinstance(prompt, Rtcros) else [render_message(project, prompt, values)]
    if output is not None:
        parts.append(_section("Output", _describe(output)))
    return "\n\n".join(part.strip() for part in parts)


def render_message(project: Project, message: Message, values: Mapping[str, Any]) -> str:
    """A text, or a named prompt with its inputs; raises `prompts.RenderError`."""
    if not isinstance(message, NamedPrompt):
        return template(message, project.prompt_texts).render(values)
    prompt = project.prompts[message.use]
    given = render_data(message.with_, values)
    inputs = prompt.inputs.check(given) if prompt.inputs else {}
    return template(prompt.template, project.prompt_texts).render({**values, **inputs})


def render_data(data: Any, values: Mapping[str, Any]) -> Any:
    """Data of a file with its texts rendered; a text that is exactly one `{{ }}` keeps its type (rule R9)."""
    if isinstance(data, str):
        return template(data).value(values)
    if isinstance(data, dict):
        return {key: render_data(value, values) for key, value in data.items()}
    if isinstance(data, list):
        return [render_data(item, values) for item in data]
    return data


def seen_by_prompt(project: Project, entry: AgentEntry, output: Fields | None) -> dict[str, Any]:
    """What a prompt sees as `agent`."""
    tools = [{"name": name, "description": project.tools[name].spec.description} for name in entry.tools]
    schema = None if output is None else output.schema
    spec = entry.spec
    return {"name": entry.name, "description": spec.description, "model": spec.model, "tools": tools, "output": schema}


def _parts(prompt: Rtcros, values: Mapping[str, Any]) -> list[str]:
    constraints = [prompt.constraints] if isinstance(prompt.constraints, str) else prompt.constraints or ()
    sections = (
        ("Role", prompt.role or ""),
        ("Task", prompt.task or ""),
        ("Constraints", _lines(constraints)),
        ("Rules", _lines(prompt.rules)),
        ("State", prompt.state or ""),
    )
    return [_section(title, template(text).render(values)) for title, text in sections if text]


def _lines(items: tuple[str, ...] | list[str]) -> str:
    return items[0] if len(items) == 1 else "\n".join(f"- {item}" for item in items)


def _section(title: str, text: str) -> str:
    return f"## {title}\n{text.strip()}"


def _describe(output: Fields) -> str:
    schema = json.dumps(output.schema, ensure_ascii=False)
    return f"Answer with one JSON object and nothing else. It must fit this JSON Schema:\n{schema}"
