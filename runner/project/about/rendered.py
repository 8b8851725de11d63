"""What a model would be told, with values that somebody gives; what lacks is told with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.project.about.places import Places
from runner.project.names import texts
from runner.project.names.texts import Use
from runner.project.render import render_data, render_message, render_system, seen_by_prompt
from runner.prompts import RenderError, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.project.agents import Message
    from runner.project.findings import Loc
    from runner.project.names.texts import Text
    from runner.project.project import AgentEntry, Project
    from runner.spec.types import Fields


class Unrendered(Exception):
    """A text that cannot be rendered with these values, and why."""

    def __init__(self, why: str, place: str = "", *, is_message: bool = False) -> None:
        super().__init__(why)
        self.place = place
        """`file:line: ` of the text, if it was found."""
        self.is_message = is_message
        """Whether it is of the message, not of the system prompt."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An agent, and what it is asked at a place in a file."""

    agent: AgentEntry
    file: str
    loc: Loc
    message: Message
    output: Fields | None
    """The fields of its answer there."""


def rendered(project: Project, telling: Telling, values: Mapping[str, Any]) -> tuple[str, str]:
    """The system prompt and the message, exactly as a model gets them; raises `Unrendered`."""
    try:
        system = render_system(project, telling.agent, telling.output, values["run"])
        return system, render_message(project, telling.message, values)
    except (RenderError, ValueError) as error:
        places = Places(project)
        own = {"agent": seen_by_prompt(project, telling.agent, telling.output), "run": values["run"]}
        prompt = _faults(project, places, telling.agent.file, texts.of_agent(telling.agent.spec), own)
        message = _faults(project, places, telling.file, [texts.of_message(telling.loc, telling.message)], values)
        for place, why in prompt:
            raise Unrendered(why, place) from error
        for place, why in message:
            raise Unrendered(why, place, is_message=True) from error
        raise Unrendered(str(error)) from error


def _faults(
    project: Project, places: Places, file: str, found: Iterable[Text | Use], values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The texts that cannot be rendered, each with its place and why."""
    for text in found:
        if isinstance(text, Use):
            yield from _faults_of_use(project, places, file, text, values)
        else:
            yield from _fault(places, file, text.loc, text.source, project.prompt_texts, values)


def _faults_of_use(
    project: Project, places: Places, file: str, use: Use, values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Those of a named prompt: the values it is given, then its own text."""
    name, given = use.prompt.use, use.prompt.with_
    faults = list(_faults(project, places, file, texts.in_data((*use.loc, "with"), given), values))
    prompt = project.prompts[name]
    inputs: Mapping[str, Any] = {}
    try:
        inputs = prompt.inputs.check(render_data(given, values)) if prompt.inputs and not faults else {}
    except ValueError as error:
        faults.append((f"{file}:{places.line(file, (*use.loc, 'with'))}: ", str(error)))
    yield from faults
    if not faults:
        file = places.prompt_file(name)
        yield from _fault(places, file, ("template",), prompt.template, project.prompt_texts, {**values, **inputs})


def _fault(
    places: Places, file: str, loc: Loc, source: str, includes: Mapping[str, str], values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    try:
        template(source, dict(includes)).render(values)
    except RenderError as error:
        yield f"{file}:{places.line(file, loc, error.lineno or 1)}: ", str(error)
