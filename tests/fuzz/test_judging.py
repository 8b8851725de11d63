"""The judge of accepted mutants: it explains what an accident did, and has no words for what is misread in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from runner.project.load import load
from runner.project.sources import Stored
from tests.fuzz.judging import Leaves, explain, leaves

AGENT = """\
description: Helps.
prompt:
  role: A helper.
  rules:
    - Look before you write.
    - Never guess.
permissions:
  - {risk: write, action: deny}
limits: {turns: 5}
"""


def read(text: str) -> Leaves:
    """What a project with that agent says."""
    models = {"models": {"default": {"provider": "ollama", "model": "any"}}}
    files = {"runner.yaml": yaml.safe_dump(models).encode(), "agents.d/helper.yaml": text.encode()}
    project = load(Stored(files), Path("/project")).project
    assert project
    return leaves(project)


@pytest.mark.parametrize(
    "old, new, why",
    [
        ("A helper.", "'A helper.'   # who", "nothing that is said: layout, quotes, a comment"),
        ("A helper.", "A hleper.", "a text"),
        ("turns: 5", "turns: 55", "a value, for another that is allowed"),
        ("    - Never guess.\n", "", "entries less"),
        ("    - Never guess.\n", "    - Never guess.\n    - Never guess.\n", "entries more"),
        (AGENT[AGENT.index("permissions") :], "", "entries less"),
    ],
)
def test_an_accident_is_explained(old: str, new: str, why: str) -> None:
    """By the values that changed, which stand on the lines that were touched."""
    changed = AGENT.replace(old, new)
    assert explain(AGENT, changed, read(AGENT), read(changed)) == why


def test_a_change_elsewhere_has_no_explanation() -> None:
    """Rules that are gone although their line stands, a text that took the line below, a list that became a text."""
    before = read(AGENT)
    gone = {way: value for way, value in before.items() if "permissions" not in way}
    assert explain(AGENT, AGENT.replace("guess", "gues"), before, gone) is None
    swallowed = AGENT.replace("    - Never", "      - Never")
    assert explain(AGENT, swallowed, before, {**before, ("agents", "helper", "prompt", "role"): "A"}) is None
    way = ("agents", "helper", "limits", "turns")
    assert explain(AGENT, AGENT.replace("turns: 5", "turns: '5'"), before, {**before, way: "5"}) is None
