"""Named prompts and messages that are written as an agent's prompt in parts is, and names that are none."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from runner.project.agents import Rtcros
from runner.project.meant import fields
from runner.project.words import flow, listed
from runner.spec import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.findings import Loc

_TEXTS = ("context", "goal", "instructions", "system", "template", "text", "user", "examples", "prompt", "content")
"""What others call a text of a prompt; no parts here."""
_ONE = "write one text: {}: …, or its lines indented below `|`"


def told(prompt: Any) -> Iterator[tuple[Loc, str, str, tuple[Loc, ...]]]:
    """The way to the first key of an agent's `prompt` that is too much beside `use`, what, hint, and ways to others."""
    name = prompt.get("use") if isinstance(prompt, dict) else None
    if not isinstance(name, str):
        return
    parts = [key for key in prompt if key in fields.fields_of(Rtcros)]
    texts = [key for key in prompt if key in _TEXTS]
    hint = f"write it into the template of agents.d/prompts/{name}.yaml"
    if parts:
        kind = "is a part" if len(parts) == 1 else "are parts"
        what = f"a named prompt stands alone: {_named(parts)} {kind} of a prompt"
        instead = "give the agent parts of its own in place of `use`"
        yield _place(parts[0]), what, f"{hint}, or {instead}", tuple(map(_place, parts[1:]))
    if texts:
        what = f"a named prompt stands alone: there is no {_named(texts)} beside it"
        yield _place(texts[0]), what, hint, tuple(map(_place, texts[1:]))


def of_name(loc: Loc, value: Any) -> str:
    """What is written for a prompt's name that is none: that of its file; or a text that is no name at all."""
    if loc[-1:] != ("use",) or loc[-2:-1] not in (("prompt",), ("message",)) or not isinstance(value, str):
        return ""
    stem = PurePosixPath(value).name.removesuffix(".yaml")
    if re.fullmatch(NAME, stem):
        return f"a prompt is named by its file's name alone: write `use: {stem}`"
    if "{{" in value or "{%" in value:
        return "the name is written out: it cannot be computed"
    return f"for the text itself write `{loc[-2]}: {flow(value)}`" if " " in value else ""


def without_parts(file: str, data: Mapping[str, Any]) -> Iterator[tuple[Loc, str, str, tuple[Loc, ...]]]:
    """Messages, and named prompts, that are written in the parts of an agent's prompt."""
    parts, template = fields.fields_of(Rtcros).keys(), data.get("template")
    if PurePosixPath(file).parent.name == "prompts":
        keys = [key for key in data if key in parts]
        if isinstance(template, dict) and parts & template.keys():
            yield ("template",), "a named prompt has no parts", _ONE.format("template"), ()
        elif keys and template is None:
            places = (("template",), *((key,) for key in keys[1:]))
            yield (keys[0],), "a named prompt has no parts", _ONE.format("template"), places
    for loc, message in _messages(data):
        if isinstance(message, dict) and "use" not in message and parts & message.keys():
            yield loc, "a message has no parts", f"{_ONE.format('message')}; parts stand in the agent's `prompt`", ()


def _messages(data: Mapping[str, Any]) -> Iterator[tuple[Loc, Any]]:
    """The messages of a workflow, each with its place."""
    phases = data.get("phases")
    for name, phase in phases.items() if isinstance(phases, dict) else ():
        branches = phase.get("parallel") if isinstance(phase, dict) else None
        if isinstance(phase, dict):
            yield ("phases", name, "message"), phase.get("message")
        for branch, body in branches.items() if isinstance(branches, dict) else ():
            if isinstance(body, dict):
                yield ("phases", name, "parallel", branch, "message"), body.get("message")


def _place(key: str) -> Loc:
    return "prompt", key


def _named(keys: list[str]) -> str:
    return listed(f"`{key}`" for key in keys).replace(" or ", " and ")
