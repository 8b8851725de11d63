"""A file in the folder of another kind is told once, with the place it belongs to, and blames nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.project.load import load
from runner.project.sources import Stored

SETTINGS = 'models: {default: {provider: ollama, model: "qwen3:8b"}}\n'
FILES = {
    "agents.d": "description: D.\nprompt: P.\noutput: {kind: str}\n",
    "agents.d/prompts": "description: D.\ninputs: {text: str}\ntemplate: Go.\n",
    "tools.d": "description: D.\ntools:\n  up: {description: D., command: [uptime]}\n",
    "workflows": "description: D.\nphases:\n  x: {wait: {for: 1s}}\n",
}
PAIRS = [(kind, folder) for kind in FILES for folder in FILES if kind != folder]


def told(files: dict[str, str]) -> list[str]:
    """All that is said of some files: place, code and hint."""
    sources = {"runner.yaml": SETTINGS, **files}
    loaded = load(Stored({name: text.encode() for name, text in sources.items()}), Path("/project"))
    both = (*loaded.problems, *loaded.warnings)
    return [f"{one.file}:{one.line}:{one.column} {one.code}; {one.hint}" for one in both]


@pytest.mark.parametrize("kind, folder", PAIRS)
def test_each_kind_is_known_in_the_folder_of_each_other_one(kind: str, folder: str) -> None:
    """The hint says where the file belongs, and there it is right."""
    found = f"{folder}/one.yaml:1:1 wrong-folder; move it to {kind}/one.yaml"
    assert told({f"{folder}/one.yaml": FILES[kind]}) == [found]
    assert told({f"{kind}/one.yaml": FILES[kind]}) == []


@pytest.mark.parametrize("folder", FILES)
def test_settings_are_known_in_every_folder(folder: str) -> None:
    """They belong into the one file that there is."""
    hint = "write its keys into runner.yaml, and remove this file"
    assert told({f"{folder}/one.yaml": "reload: poll\nuse: [std/qa]\n"}) == [
        f"{folder}/one.yaml:1:1 wrong-folder; {hint}"
    ]


def test_settings_become_runner_yaml_where_there_is_none() -> None:
    """Nothing is there to write their keys into."""
    files = {"agents.d/one.yaml": SETTINGS.encode(), "agents.d/two.yaml": FILES["agents.d"].encode()}
    (problem,) = load(Stored(files), Path("/project")).problems
    assert problem.hint == "move it to runner.yaml"


@pytest.mark.parametrize("kind, folder", PAIRS)
def test_what_names_a_stray_file_is_not_blamed(kind: str, folder: str) -> None:
    """An agent, a prompt, a tool, a pack and a workflow of that name are known, and cannot be used."""
    uses = {
        "agents.d": ("workflows/a.yaml", "description: D.\nphases:\n  x: {agent: one, message: Go.}\n"),
        "agents.d/prompts": ("agents.d/a.yaml", "description: D.\nprompt: {use: one, with: {text: x}}\n"),
        "tools.d": ("agents.d/a.yaml", 'description: D.\nprompt: P.\ntools: [up, "one/*"]\n'),
        "workflows": ("workflows/a.yaml", "description: D.\nphases:\n  x: {workflow: one}\n"),
    }
    name, text = uses[kind]
    assert len(told({f"{folder}/one.yaml": FILES[kind], name: text})) == 1


@pytest.mark.parametrize(
    "file, text",
    [
        ("agents.d/one.yaml", "description: D.\npromt: P.\ntools: []\n"),
        ("agents.d/one.yaml", "description: D.\nprompt: P.\nphases: {}\n"),
        ("agents.d/one.yaml", "description: D.\ntools: {read_file: true, list_files: {}}\n"),
        ("agents.d/prompts/one.yaml", "description: D.\nprompt: P.\n"),
        ("tools.d/one.yaml", "description: D.\ncommand: [uptime]\n"),
        ("workflows/one.yaml", "description: D.\nsteps: {}\n"),
        ("runner.yaml", "agents: {}\n"),
    ],
)
def test_a_mistyped_key_makes_no_file_of_another_kind(file: str, text: str) -> None:
    """Where the kind is not sure, the keys are told one by one."""
    found = told({file: text})
    assert found
    assert not [line for line in found if "wrong-folder" in line]
