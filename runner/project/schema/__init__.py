"""The JSON Schema of each kind of file, made of the fields that the loader reads files with.

Dialect 2020-12, and of it only what draft-07 has too: many editors know no more. A choice that our loader makes by
looking at a key is a chain of if, then and else, so that an editor complains about the one that was meant. What a
schema cannot know (names, templates, graphs) is for `runner check` to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from runner.models.scripted import Replies
from runner.policy import CommandPolicy
from runner.project.agents import AgentSpec, PromptSpec
from runner.project.cases.fields import CaseFile
from runner.project.packs import PackSpec
from runner.project.schema.generator import Schema, generate
from runner.project.schema.places import fill
from runner.project.settings import Settings
from runner.project.workflows import WorkflowSpec
from runner.spec.layout import POLICY

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Kind:
    """A kind of file: which files are of it, and what one of them may say."""

    files: str
    """A pattern of paths from the project's root."""
    what: str
    """The file in a few words."""
    model: Any


KINDS = {
    "runner": Kind("runner.yaml", "the settings of a project", Settings),
    "agent": Kind("agents.d/*.yaml", "an agent", AgentSpec),
    "prompt": Kind("agents.d/prompts/*.yaml", "a named prompt", PromptSpec),
    "policy": Kind(POLICY, "what free command lines may do", CommandPolicy),
    "pack": Kind("tools.d/*.yaml", "a pack of tools", PackSpec),
    "workflow": Kind("workflows/*.yaml", "a workflow", WorkflowSpec),
    "replies": Kind("**/replies.yaml", "the replies of a scripted model", Replies),
    "case": Kind("tests/cases/*.yaml", "a case that is tested, or several", CaseFile),
}
"""The name of a schema -> the files it is for."""


def schema(kind: str) -> Schema:
    """The JSON Schema of a kind of file."""
    root, definitions = generate(KINDS[kind].model)
    definitions = fill(definitions)
    if "$ref" in root:
        root = definitions[_name(root["$ref"])]
    head = {"$schema": DIALECT, "title": f"runner: {KINDS[kind].what}"}
    return (
        head | {key: value for key, value in root.items() if key != "title"} | {"$defs": _reachable(root, definitions)}
    )


def text(kind: str) -> str:
    """The schema as a file holds it: the same bytes for the same fields."""
    return json.dumps(schema(kind), ensure_ascii=False, indent=2) + "\n"


def _reachable(root: Schema, definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions that a schema needs, sorted by name."""
    found: set[str] = set()
    due = [root]
    while due:
        names = _references(due.pop()) - found
        found |= names
        due += [definitions[name] for name in names]
    return {name: definitions[name] for name in sorted(found)}


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {_name(node["$ref"])} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
