"""Who answers in a model's place: its fallbacks, in their order, and which of them has its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.keys import needs_key

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from runner.models import ScriptedModel, ServedModel


def chain(models: Mapping[str, ServedModel | ScriptedModel], name: str) -> list[str]:
    """A model and all that may answer in its place, in the order in which they are asked."""
    names = [name] if name in models else []
    for one in names:
        names += [other for other in models[one].fallback if other in models and other not in names]
    return names


def answering(models: Mapping[str, ServedModel | ScriptedModel], name: str, known: Container[str]) -> str:
    """The first of a model and its fallbacks that has its key, or needs none; empty when none has.

    `known` holds the names of all secrets that are there.
    """
    wanted = {one: needs_key(models[one]) for one in chain(models, name)}
    return next((one for one, variable in wanted.items() if variable is None or variable in known), "")
