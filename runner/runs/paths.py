"""Paths of steps and names of runs, as events carry them."""

from __future__ import annotations

FINALLY = "finally"
"""The name of a workflow's last step in paths; no phase may be called so."""

TOOL = "tool:"
"""What the name of a run of one tool call begins with; no workflow and no agent can be called so."""

CHAT = "chat:"
"""The name of a run of a message that names no agent, until one is chosen; nothing of the files can be called so."""

SUMMARY = "summary"
"""What the last part of a path begins with where a model sums up a conversation; a turn's is `turn-1`."""

TRY = "try-"
"""What the last part of a path begins with where a step is tried again: the second time is `try-2`."""

CHOICE = "choice"
"""The last part of a path where a model chooses between agents."""


def title(kind: str, name: str) -> str:
    """What a run is of, in words: `workflow build`, `tool ping`."""
    return "chat" if name == CHAT else f"{kind} {name.removeprefix(TOOL)}"


def is_summary(path: str) -> bool:
    """Whether a model call sums up a conversation."""
    return path.rpartition("/")[2].startswith(SUMMARY)


def is_aside(path: str) -> bool:
    """Whether a model call is for the engine's own use, to sum up or to choose: its words are nobody's answer."""
    return is_summary(path) or path.rpartition("/")[2] == CHOICE


def untried(path: str) -> str:
    """The path of a step, whichever of its tries a path is of."""
    parent, _, last = path.rpartition("/")
    return parent if last.startswith(TRY) else path


def split(path: str) -> tuple[str, str, int]:
    """(scope, phase, visit) of a phase's path: `sub/1/inner/2` is visit 2 of `inner` in the scope `sub/1`."""
    scope, _, rest = path.rpartition("/")
    head, _, phase = scope.rpartition("/")
    return head, phase, int(rest)


def prefixes(path: str) -> list[str]:
    """The path's holders from the run itself down to its parent: `a/1/turn-2` -> ["", "a", "a/1"]."""
    parts = path.split("/")
    return ["", *("/".join(parts[:end]) for end in range(1, len(parts)))]
