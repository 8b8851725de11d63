"""Parts and texts that stand beside a prompt that an agent takes by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.agents import Rtcros
from runner.project.meant import fields
from runner.project.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc

_TEXTS = ("context", "goal", "instructions", "system", "template", "text", "user", "examples", "prompt", "content")
"""What others call a text of a prompt; no parts here."""


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


def _place(key: str) -> Loc:
    return "prompt", key


def _named(keys: list[str]) -> str:
    return listed(f"`{key}`" for key in keys).replace(" or ", " and ")
