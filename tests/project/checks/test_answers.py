"""Answers that are written out are given as the agent has to, and none that may be right is told to be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path

MODELS = "models: {default: {provider: scripted, replies: replies.yaml}}\n"
TOOLS = "description: D.\ntools:\n  look: {description: Looks., command: [ls], risk: read}\n"
SHAPED = "output: {share: int, note: {type: str, default: none}}\n"
OWN = "description: W.\nphases:\n  ask: {agent: helper, message: go, output: {share: int}}\n"


def found(root: Path, agent: str, replies: str = "[]", **workflows: str) -> list[tuple[str, str]]:
    """Where an answer does not fit, and how severe that is."""
    files = {"runner.yaml": MODELS, "replies.yaml": replies, "tools.d/own.yaml": TOOLS}
    files["agents.d/helper.yaml"] = f"description: H.\nprompt: P.\ntools: [look]\n{agent}"
    files |= {f"workflows/{name}.yaml": text for name, text in workflows.items()}
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    loaded = load(Disk(root), root)
    assert {one.code for one in (*loaded.problems, *loaded.warnings)} <= {"wrong-answer"}
    return [(one.where, "problem") for one in loaded.problems] + [(one.where, "warning") for one in loaded.warnings]


@pytest.mark.parametrize(
    "output,example,wrong",
    [
        (SHAPED, "{user: u, answer: {share: 1}}", ""),
        (SHAPED, "{user: u, answer: {share: 1, shares: 2}}", "examples[0].answer"),
        (SHAPED, "{user: u, answer: half}", "examples[0].answer"),
        (SHAPED, "{user: u, calls: [{tool: look}]}", "examples[0]"),
        (SHAPED, "{user: u, calls: [{tool: look}], answer: {share: 1}}", ""),
        ("", "{user: u, answer: half}", ""),
        ("", "{user: u, calls: [{tool: look}]}", ""),
        ("", "{user: u, answer: {share: 1}}", "examples[0].answer"),
    ],
)
def test_an_example_answers_as_its_agent_has_to(tmp_path: Path, output: str, example: str, wrong: str) -> None:
    """By the fields of `output`, else in text."""
    told = found(tmp_path, f"{output}examples: [{example}]\n")
    assert told == ([(wrong, "problem")] if wrong else [])


def test_an_example_may_be_for_the_output_of_a_phase(tmp_path: Path) -> None:
    """The agent alone answers in text; that phase of a workflow asks for fields."""
    assert found(tmp_path, "examples: [{user: u, answer: {share: 1}}]\n", own=OWN) == []


@pytest.mark.parametrize(
    "reply,is_wrong",
    [
        ("It is done.", True),
        ("'[1]'", True),
        ('\'{"share": "half"}\'', True),
        ("'{\"share\": 1}'", False),
        ("'{\"share\": {{ result.exit_code }}}'", False),
        ("'{{ result.stdout }}'", False),
    ],
)
def test_a_fixed_reply_fits_the_output(tmp_path: Path, reply: str, *, is_wrong: bool) -> None:
    """What a template gives is not known before it is rendered."""
    intents = f"intents: [{{say: [look around], tool: look, reply: {reply}}}]\n"
    assert found(tmp_path, SHAPED + intents) == ([("intents[0].reply", "problem")] if is_wrong else [])


def test_any_reply_does_where_there_is_no_output(tmp_path: Path) -> None:
    """It is the answer as it stands."""
    assert found(tmp_path, "intents: [{say: [look around], tool: look, reply: Done.}]\n") == []


@pytest.mark.parametrize(
    "reply,is_wrong",
    [
        ("{text: {share: 1}}", False),
        ("{text: {shares: 1}}", True),
        ("{text: [1]}", True),
        ("{when: {agent: helper}, text: {share: half}}", True),
        ("{when: {phase: ask}, text: {share: 1, note: x}}", True),
        ("{when: {phase: ask}, text: {share: 1}}", False),
        ("{text: Any words.}", False),
        ("{text: {shares: 1}, calls: [{tool: look}]}", False),
    ],
)
def test_a_scripted_answer_that_fits_no_output_is_warned_of(tmp_path: Path, reply: str, *, is_wrong: bool) -> None:
    """Of those agents and phases that it may be for; only a warning, as it may be there to be asked again."""
    assert found(tmp_path, SHAPED, f"[{reply}]", own=OWN) == ([("[0].text", "warning")] if is_wrong else [])


def test_a_scripted_mapping_for_an_agent_that_answers_in_text_is_its_text(tmp_path: Path) -> None:
    """JSON is a text."""
    assert found(tmp_path, "", "[{text: {any: 1}}]") == []
