"""Files in the folder of another kind: an agent among the packs is told by its keys, with the place it belongs to."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.policy import CommandPolicy
from runner.project.agents import AgentSpec, PromptSpec
from runner.project.meant import fields
from runner.project.packs import PackSpec
from runner.project.settings import Settings
from runner.project.workflows import WorkflowSpec
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_MOST = 3
"""How many keys are named that tell the kind."""


class _Kind(NamedTuple):
    """A kind of file: its fields, what it is called, its folder, and the keys of which it has one."""

    model: Any
    words: str
    folder: str
    signs: Collection[str]


_KINDS = (
    _Kind(AgentSpec, "an agent", "agents.d", ("prompt",)),
    _Kind(PromptSpec, "a prompt", "agents.d/prompts", ("template",)),
    _Kind(PackSpec, "a pack of tools", "tools.d", ("tools",)),
    _Kind(CommandPolicy, "the policy of free command lines", "tools.d", ("programs",)),
    _Kind(WorkflowSpec, "a workflow", "workflows", ("phases",)),
    _Kind(
        Settings, "a runner.yaml", "", ("models", "timeouts", "server", "storage", "reload", "execute", "workspaces")
    ),
)

_ALIKE = {AgentSpec, PromptSpec}
"""One key of the other does not make one of these: it may be this one's own under another name."""


class Stray(NamedTuple):
    """A file of another kind: what it is, what to do, and the name under which it would be read."""

    what: str
    hint: str
    belongs: str


def stray(name: str, model: Any, data: Any, is_there: Callable[[str], bool]) -> Stray | None:
    """What is said of a file that has the keys of another kind and not those of its own."""
    own = next((kind for kind in _KINDS if kind.model is model), None)
    if own is None or not isinstance(data, dict) or _signs(own, data):
        return None
    meant = next((kind for kind in _KINDS if kind is not own and _fits(kind, own, data)), None)
    if meant is None:
        return None
    telling = _telling(meant, own, data)
    why = f"it has {_all_of(telling[:_MOST])}" if telling else "its `tools` are whole tools, not names"
    file = "NAME.yaml" if name == SETTINGS else PurePosixPath(name).name
    belongs = f"{meant.folder}/{file}" if meant.folder else SETTINGS
    return Stray(f"this is {meant.words}, not {own.words}: {why}", _move(meant, belongs, is_there), belongs)


def _signs(kind: _Kind, data: dict[str, Any]) -> list[str]:
    """The keys of a file that only its kind has; `tools` hold tools in a pack alone."""
    found = [key for key in kind.signs if key in data]
    if kind.model is PackSpec and found:
        tools = data["tools"]
        is_pack = isinstance(tools, dict) and any(isinstance(tool, dict) and tool for tool in tools.values())
        return found if is_pack else []
    return found


def _fits(kind: _Kind, own: _Kind, data: dict[str, Any]) -> bool:
    """Whether the file's keys are those of the kind: all of them, or more than are known where it lies."""
    if not _signs(kind, data):
        return False
    if {kind.model, own.model} == _ALIKE and not _telling(kind, own, data)[1:]:
        return False
    unknown = _unknown(kind, data)
    return unknown == 0 or unknown < _unknown(own, data)


def _telling(kind: _Kind, own: _Kind, data: dict[str, Any]) -> list[str]:
    """The keys that the kind has and the file's own kind has not."""
    known, others = fields.fields_of(own.model), fields.fields_of(kind.model)
    return [f"`{key}`" for key in data if key in others and key not in known]


def _unknown(kind: _Kind, data: dict[str, Any]) -> int:
    known = fields.fields_of(kind.model)
    return sum(key not in known and not str(key).startswith("x-") for key in data)


def _move(meant: _Kind, belongs: str, is_there: Callable[[str], bool]) -> str:
    if not is_there(belongs):
        return f"move it to {belongs}"
    if meant.model is Settings:
        return f"write its keys into {SETTINGS}, and remove this file"
    return f"move it to {meant.folder} under another name: {belongs} is there"


def _all_of(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
