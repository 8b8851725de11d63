"""Where templates and expressions stand in agents, workflows and tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.project.agents import NamedPrompt, Rtcros
from runner.project.findings import Finding
from runner.project.phases import AgentBody, ApprovalBody, ToolBody, WaitBody, WorkflowBody
from runner.secrets import REFERENCE
from runner.tools.http import HttpTool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.agents import AgentSpec
    from runner.project.findings import Loc
    from runner.project.project import Project, ToolEntry
    from runner.project.steps import Step
    from runner.project.workflows import WorkflowSpec
    from runner.prompts import TemplateError

_RAW = "signs that are meant for a program stand in {% raw %}…{% endraw %}"


@dataclass(frozen=True, slots=True)
class Text:
    """A template, or a bare expression, at its place in a file."""

    loc: Loc
    source: str
    is_expression: bool = False
    includes: bool = False
    """Whether it may include named prompts."""


@dataclass(frozen=True, slots=True)
class Use:
    """A named prompt that is used at a place in a file."""

    loc: Loc
    prompt: NamedPrompt


def of_agent(spec: AgentSpec) -> Iterator[Text | Use]:
    """The texts of an agent's prompt."""
    if isinstance(spec.prompt, Rtcros):
        for part in ("role", "task", "constraints", "rules", "state"):
            yield from _nested(("prompt", part), getattr(spec.prompt, part), includes=True)
    else:
        yield of_message(("prompt",), spec.prompt)


def of_step(step: Step) -> Iterator[Text | Use]:
    """The texts of a step, besides its `when`."""
    if step.spec.workspace is not None:
        yield Text((*step.loc, "workspace"), step.spec.workspace)
    if isinstance(step.spec, AgentBody | ToolBody) and step.spec.target is not None:
        yield Text((*step.loc, "target"), step.spec.target)
    match step.spec:
        case AgentBody():
            yield of_message((*step.loc, "message"), step.spec.message)
        case ToolBody() | WorkflowBody():
            yield from in_data((*step.loc, "with"), step.spec.with_)
        case ApprovalBody():
            yield Text((*step.loc, "approval", "ask"), step.spec.approval.ask)
            if step.spec.approval.show is not None:
                yield Text((*step.loc, "approval", "show"), step.spec.approval.show)
        case WaitBody() if step.spec.wait.until is not None:
            yield Text((*step.loc, "wait", "until"), step.spec.wait.until, is_expression=True)


def of_alerts(spec: WorkflowSpec) -> Iterator[tuple[Loc, str | None, list[Text]]]:
    """The texts of a workflow's alerts: where they stand, the condition, and those that need it to hold."""
    for index, alert in enumerate(spec.alerts):
        loc = ("alerts", index)
        yield loc, None, [Text((*loc, "about"), alert.about)]
        yield loc, alert.when, [Text((*loc, "text"), alert.text)]


def of_tool(tool: ToolEntry) -> Iterator[Text]:
    """The texts of a tool; kinds without templates have none."""
    loc = ("tools", tool.name)
    for key in ("command", "shell"):
        yield from _nested((*loc, key), getattr(tool.spec, key, None))
    if isinstance(tool.spec, HttpTool):
        request = tool.spec.http
        plain = {name: value for name, value in request.headers.items() if not REFERENCE.search(value)}
        asked = {"url": request.url, "headers": plain, "query": request.query, "json": request.as_json}
        yield from _nested((*loc, "http"), {**asked, "form": request.form, "body": request.body})


def in_data(loc: Loc, data: Mapping[str, Any]) -> list[Text]:
    """The texts anywhere in the values of a `with`."""
    return _nested(loc, data)


def of_message(loc: Loc, message: str | NamedPrompt) -> Text | Use:
    """A text, or the named prompt that stands in its place."""
    return Use(loc, message) if isinstance(message, NamedPrompt) else Text(loc, message, includes=True)


def prompt_file(project: Project, name: str) -> str:
    """The file of a named prompt."""
    usual = f"agents.d/prompts/{name}.yaml"
    if usual in project.files:
        return usual
    return next((file for file in project.files if file.endswith(usual)), usual)


def unreadable(file: str, loc: Loc, error: TemplateError) -> Finding:
    """The fault of a text that is no template."""
    what, _, hint = str(error).partition("; ")
    if loc[::2] == ("tools", "shell"):
        hint = "; ".join(filter(None, (hint, _RAW)))
    return Finding("template", file, loc, what, hint, line=error.lineno, near=error.near)


def _nested(loc: Loc, value: Any, *, includes: bool = False) -> list[Text]:
    if isinstance(value, str):
        return [Text(loc, value, includes=includes)]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    found: list[Text] = []
    for key, item in items:
        if isinstance(item, str):
            found.append(Text((*loc, key), item, includes=includes))
        else:
            found += _nested((*loc, key), item, includes=includes)
    return found
