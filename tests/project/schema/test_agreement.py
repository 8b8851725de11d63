"""Fields and schemas agree on files that nobody thought of: those that ship, changed at random in one place."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from runner.project.packs import read_tool
from runner.project.parsing.parse import parse
from runner.project.schema import KINDS, schema

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = [
    *[("agent", path) for path in ROOT.glob("agents.d/*.yaml")],
    *[("prompt", path) for path in ROOT.glob("agents.d/prompts/*.yaml")],
    *[("pack", path) for path in ROOT.glob("tools.d/*.yaml") if path.name != "policy.yaml"],
    ("policy", ROOT / "tools.d/policy.yaml"),
    *[("workflow", path) for path in ROOT.glob("workflows/*.yaml")],
    *[("runner", path) for path in (ROOT / "demo/runner.yaml", *ROOT.glob("runner/cli/templates/*/runner.yaml"))],
    *[("case", path) for path in ROOT.glob("runner/cli/templates/*/tests/cases/*.yaml")],
    *[("replies", path) for path in (ROOT / "demo/replies.yaml", *ROOT.glob("runner/cli/templates/*/replies.yaml"))],
]
VALUES: list[Any] = [
    None,
    0,
    1,
    -1,
    2.5,
    True,
    False,
    "",
    "x",
    "30s",
    "1s..2s",
    "pack/x",
    "a|b",
    "none",
    "read",
    "X y",
    300,
]
VALUES += [
    [],
    ["x"],
    [None],
    {},
    {"x-a": 1},
    {"a": "str"},
    {"a": {"type": "int", "default": 1}},
    {"use": "x"},
    {"to": "x"},
]
WORDS = [
    "x-note",
    "when",
    "timeout",
    "limits",
    "tool",
    "agent",
    "wait",
    "foreach",
    "command",
    "json",
    "defaults",
    "tols",
]
JUDGED_LATER = ("timeout class or duration", "selector", "selector of targets", "expression")
"""Forms of texts that the fields leave to later checks: what a selector finds, what an expression says."""

Step = str | int


def places(data: Any, at: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The ways to all values inside of data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*at, key)
        yield from places(value, (*at, key))


def mutant(chance: random.Random, data: Any) -> Any:
    """Data with one value changed, one key gone, added or called otherwise."""
    data = deepcopy(data)
    *way, last = chance.choice(list(places(data)))
    holder = data
    for step in way:
        holder = holder[step]
    what = chance.choice(["change", "change", "remove", "add", "rename"] if isinstance(holder, dict) else ["change"])
    if what == "change":
        holder[last] = deepcopy(chance.choice(VALUES))
    elif what == "add":
        holder[chance.choice(WORDS)] = deepcopy(chance.choice(VALUES))
    else:
        value = holder.pop(last)
        holder.update({chance.choice(WORDS): value} if what == "rename" else {})
    return data


def fields_take(kind: str, data: Any) -> bool:
    """Whether the models read it; those of a pack's tools are asked too."""
    try:
        TypeAdapter(KINDS[kind].model).validate_python(data)
    except ValidationError:
        return False
    tools = data["tools"].items() if kind == "pack" else ()
    return not any(isinstance(read_tool("a.yaml", name, tool, data.get("defaults")), list) for name, tool in tools)


def schema_takes(validator: Draft202012Validator, data: Any) -> bool:
    """Whether the schema has nothing against it, but for what later checks judge."""
    faults = validator.iter_errors(json.loads(json.dumps(data)))
    return all(fault.validator == "pattern" and fault.schema.get("title") in JUDGED_LATER for fault in faults)


@pytest.mark.soak
def test_the_schema_takes_whatever_the_fields_take(
    seed: int, rounds: Callable[[int], int], record_property: Callable[[str, object], None]
) -> None:
    """And refuses nearly all that they refuse; what it cannot see is counted."""
    chance = random.Random(seed)
    validators = {kind: Draft202012Validator(schema(kind)) for kind in KINDS}
    files = [
        (kind, parse(path.name, path.read_bytes(), top=list if kind == "replies" else dict).data)
        for kind, path in SHIPPED
    ]
    refused = unseen = 0
    for _ in range(rounds(10_000)):
        kind, data = chance.choice(files)
        changed = mutant(chance, data)
        right, said = fields_take(kind, changed), schema_takes(validators[kind], changed)
        assert said or not right, (kind, changed)
        refused += not right
        unseen += said and not right
    record_property("figures", f"{refused} mutants refused by the fields, {unseen} of them not by the schema")
    assert unseen <= refused // 30


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_files_of_every_kind(kind: str) -> None:
    """So that no schema goes without."""
    assert kind in {one for one, _ in SHIPPED}
