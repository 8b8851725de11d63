"""yaml-language-server with our schemas: what an author sees while typing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).resolve().parents[2]
AGENT = """\
# yaml-language-server: $schema=../schemas/agent.json
description: Helps.
prompt: {role: A helper., task: Help.}
timeout: 90s
tools: [files/*, "-delete_path"]
output: {answer: str, level: "low|high", steps: [{what: str, why: "str?"}]}
"""
PACK = """\
# yaml-language-server: $schema=../schemas/pack.json
description: Look.
x-common: &common {risk: read}
tools:
  look:
    <<: *common
    description: Looks.
    command: [ls, "{{ path }}"]
    params: {path: {type: path, default: .}}
    exit: {0: ok, 1: no}
"""
FLOW = """\
# yaml-language-server: $schema=../schemas/workflow.json
description: Works.
phases:
  look:
    tool: look
    with: {path: .}
    next: [{when: phases.look.ok, to: each}, {to: fail}]
  each: {foreach: {in: phases.look.output}, agent: helper, message: "{{ item }}"}
  new:
"""


class Editor(Protocol):
    """The fixture of conftest.py."""

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """What is wrong with a file."""

    def hover(self, line: int, column: int) -> str:
        """What is said of a place."""

    def complete(self, line: int, column: int) -> list[str]:
        """What is offered at a place."""


def faults(editor: Editor, name: str, text: str) -> list[tuple[int, str]]:
    """(line from 1, words) of each fault that is shown in a file."""
    return sorted((said["range"]["start"]["line"] + 1, said["message"]) for said in editor.open(name, text))


def test_a_file_that_is_right_shows_nothing(editor: Editor) -> None:
    """With short and long types, selectors, a merge key, codes as keys, and each phase by its key."""
    assert faults(editor, "agents.d/right.yaml", AGENT) == []
    assert faults(editor, "tools.d/right.yaml", PACK) == []
    assert faults(editor, "workflows/right.yaml", FLOW.replace("  new:\n", "")) == []
    assert faults(editor, "runner.yaml", "# yaml-language-server: $schema=schemas/runner.json\nreload: poll\n") == []


@pytest.mark.parametrize(
    "name, text, right, wrong, line, said",
    [
        ("agents.d/a.yaml", AGENT, "timeout:", "timout:", 4, "Property timout is not allowed."),
        ("agents.d/b.yaml", AGENT, "90s", "90 secs", 4, "Name a timeout class, or write a duration such as 90s."),
        ("agents.d/c.yaml", AGENT, "task:", "taks:", 3, "Property taks is not allowed."),
        ("agents.d/d.yaml", AGENT, "answer: str", "answer: strng", 6, "Types are str, int,"),
        ("tools.d/a.yaml", PACK, "params:", "parms:", 9, "Property parms is not allowed."),
        ("tools.d/b.yaml", PACK, "command:", "comand:", 5, "Exactly one of command, shell, http, python"),
        ("workflows/a.yaml", FLOW, "with:", "wiht:", 6, "Property wiht is not allowed."),
        ("workflows/b.yaml", FLOW, "max", "max", 9, 'Incorrect type. Expected "object'),
        ("workflows/c.yaml", FLOW, "{in:", "{from:", 8, "Property from is not allowed."),
    ],
)
def test_a_mistake_is_shown_on_its_line(
    editor: Editor, name: str, text: str, right: str, wrong: str, line: int, said: str
) -> None:
    """In words of the one kind that was meant."""
    found = faults(editor, name, text.replace(right, wrong))
    assert any(at == line and words.startswith(said) for at, words in found), found


def test_a_key_is_explained(editor: Editor) -> None:
    """By the sentence that stands under its field."""
    editor.open("agents.d/hover.yaml", AGENT)
    assert "How long each model call may take: a timeout class or a duration." in editor.hover(3, 2)
    editor.open("tools.d/hover.yaml", PACK)
    assert "What it takes: a name and a type each." in editor.hover(8, 6)
    editor.open("workflows/hover.yaml", FLOW)
    assert "The tool's arguments; texts are templates." in editor.hover(5, 6)
    assert "The list, as an expression." in editor.hover(7, 20)


def test_keys_are_offered(editor: Editor) -> None:
    """Those that are not there yet; in a tool and a phase those of its kind, or the kinds as long as it has none."""
    editor.open("agents.d/complete.yaml", AGENT)
    rest = {"limits", "model", "permissions", "sampling", "examples", "memory", "intents", "suggestions", "targets"}
    assert rest == set(editor.complete(6, 0))
    editor.open("tools.d/complete.yaml", PACK + "    \n")
    offered = set(editor.complete(10, 4))
    assert {"env", "output", "timeout"} <= offered
    assert {"command", "python", "workflow"}.isdisjoint(offered)
    editor.open("workflows/complete.yaml", FLOW + "    \n")
    kinds = {"agent", "approval", "foreach", "parallel", "tool", "wait", "workflow"}
    assert set(editor.complete(9, 4)) == kinds


def test_values_are_offered(editor: Editor) -> None:
    """The words of a choice, and the built-in timeout classes."""
    editor.open("agents.d/values.yaml", AGENT.replace("90s", ""))
    assert {"quick", "standard", "deep"} <= set(editor.complete(3, 9))
    editor.open("tools.d/values.yaml", PACK + "    risk: \n")
    assert {"read", "write", "danger"} <= set(editor.complete(10, 10))


def test_what_is_installed_is_pinned_by_names_and_versions() -> None:
    """No address, no range; and nothing is installed that is not named."""
    pinned = json.loads((ROOT / "dev/editor/package.json").read_text())["dependencies"]
    assert [name for name, version in pinned.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    installed = json.loads((ROOT / ".venv/editor/node_modules/.package-lock.json").read_text())["packages"]
    assert {name.removeprefix("node_modules/"): about["version"] for name, about in installed.items()} == pinned
