"""A provider and a model in one text, as other systems name models, and how that is written here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.models import PROVIDERS
from runner.project.words import shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.project.findings import Loc

_FAMILIES = {"gpt": "openai", "o1": "openai", "o3": "openai", "claude": "anthropic", "grok": "xai", "gemini": "gemini"}
"""What names of models begin with, where one provider alone has them."""


def entry_of(text: str) -> str:
    """The entry of `models:` that a text stands for; of a bare name the provider is a guess."""
    provider, model = split(text, PROVIDERS) or (_provider_of(text), text)
    return f"{{provider: {provider}, model: {shown(model)}}}"


def of_tag(text: str, providers: Collection[str]) -> str:
    """What is written in place of a provider with its model behind it; nothing for another word."""
    both = split(text, providers)
    return f"write `provider: {both[0]}, model: {shown(both[1])}`" if both else ""


def of_name(loc: Loc, text: object) -> str:
    """What is written where a model of runner.yaml is named by its provider; nothing elsewhere."""
    if isinstance(text, str) and (loc[-1:] == ("model",) or loc[-2:-1] == ("fallback",)) and split(text, PROVIDERS):
        return f"name an entry of runner.yaml: models: {{NAME: {entry_of(text)}}}, and write NAME here"
    return ""


def split(text: str, providers: Collection[str]) -> tuple[str, str] | None:
    """Provider and model of a text that has a colon or a slash between them."""
    found = re.fullmatch(r"\s*([\w-]+?)\s*[:/]\s*(\S+)\s*", text)
    return (found[1].lower(), found[2]) if found and found[1].lower() in providers else None


def _provider_of(name: str) -> str:
    if "/" in name:
        return "openrouter"
    family = next((family for family in _FAMILIES if re.match(rf"{family}\b", name)), "")
    return _FAMILIES[family] if family else "ollama"
