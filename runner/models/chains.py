"""Who answers in a model's place when its key is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.keys import needs_key
from runner.models.pricing import chain

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from runner.models import ScriptedModel, ServedModel


def answering(models: Mapping[str, ServedModel | ScriptedModel], name: str, known: Container[str]) -> str:
    """The first of a model and its fallbacks that has its key, or needs none; empty when none has.

    `known` holds the names of all secrets that are there.
    """
    wanted = {one: needs_key(models[one]) for one in chain(models, name)}
    return next((one for one, variable in wanted.items() if variable is None or variable in known), "")
