"""What ships: `use:`, what it brings, and files of the same name, each of which replaces a shipped one whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.project.load import Loaded, load
from runner.project.sources import Disk

MODELS = "models: {default: {provider: ollama, model: any}}\n"
PROMPT = "description: Mine.\ntemplate: Plan {{ inputs.request }} in one step.\n"
Make = Callable[..., Loaded]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Loads a project that uses `use`, with these files of its own."""

    def write(use: str, files: dict[str, str] | None = None) -> Loaded:
        for name, text in {"runner.yaml": f"use: [{use}]\n{MODELS}", **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load(Disk(tmp_path), tmp_path)

    return write


def said(loaded: Loaded) -> list[str]:
    """Place and words of each problem."""
    return [f"{one.file}:{one.line} {one.what}" for one in loaded.problems]


def test_a_used_workflow_brings_all_that_it_names(make: Make) -> None:
    """Agents, their packs, prompts; and nothing that nobody names."""
    project = make("std/build").project
    assert project
    assert set(project.agents) == {"analyst", "planner", "coder", "reporter"}
    assert set(project.packs) == {"files", "qa"}
    assert set(project.prompts) == {"spec", "plan", "execute", "repair", "complete"}
    assert all(agent.file.startswith("std/") for agent in project.agents.values())
    alone = make("std/reporter").project
    assert alone
    assert (set(alone.agents), set(alone.prompts)) == ({"reporter"}, set())


def test_the_same_thing_twice_is_a_warning(make: Make) -> None:
    """It changes nothing."""
    loaded = make("std/qa, std/files, std/qa")
    assert [(one.what, one.line) for one in loaded.warnings] == [("`std/qa` stands here twice", 1)]
    assert loaded.project


@pytest.mark.parametrize(
    "file, text",
    [
        ("agents.d/planner.yaml", "description: Mine.\nprompt: Plan.\ntools: [git_status]\n"),
        ("agents.d/prompts/plan.yaml", PROMPT),
        ("workflows/build.yaml", "description: Mine.\nphases:\n  only: {agent: coder, message: Go.}\n"),
        ("tools.d/files.yaml", "description: Mine.\ntools:\n  look: {description: Looks., command: [/bin/ls]}\n"),
    ],
)
def test_a_file_of_the_same_name_replaces_the_shipped_one_whole(make: Make, file: str, text: str) -> None:
    """The shipped one is not read, and what else the workflow brings still is."""
    loaded = make("std/reporter, std/build" if "files" not in file else "std/files", {file: text})
    assert said(loaded) == []
    assert loaded.project
    assert file in loaded.project.files
    assert f"std/{file}" not in loaded.project.files


def test_a_shipped_workflow_runs_the_agent_that_the_project_replaces(make: Make) -> None:
    """Its tools are those of the project's file."""
    own = "description: Mine.\nprompt: Plan.\ntools: [git_status]\n"
    project = make("std/build", {"agents.d/planner.yaml": own}).project
    assert project
    assert project.workflows["build"].file == "std/workflows/build.yaml"
    assert project.agents["planner"].tools == ("git_status",)


def test_a_pack_that_lacks_a_tool_is_told_at_the_pack_with_who_names_it(make: Make) -> None:
    """Both files are named; the shipped agent is not at fault."""
    own = "description: Mine.\ntools:\n  git_status: {description: Looks., command: [/bin/true]}\n"
    (only,) = said(make("std/reporter", {"tools.d/qa.yaml": own}))
    place = "this file stands in the place of std/qa, and std/agents.d/reporter.yaml names it"
    assert only == f"tools.d/qa.yaml:2 the tool `git_diff` is missing: {place}"


def test_a_field_that_a_replaced_tool_no_longer_has_leads_to_the_file_that_replaces_it(make: Make) -> None:
    """The shipped prompt that reads it is where it is seen."""
    shipped = Disk(Path()).read("std/tools.d/qa.yaml")
    assert shipped
    own = shipped.decode().replace('output: {parse: "qa:pytest_report"}', "output: {json: true}")
    loaded = make(
        "std/build", {"tools.d/qa.yaml": own, "tools.d/qa.py": (Disk(Path()).read("std/tools.d/qa.py") or b"").decode()}
    )
    assert {one.file for one in loaded.problems} == {
        "std/agents.d/prompts/complete.yaml",
        "std/agents.d/prompts/repair.yaml",
    }
    assert all(one.hint.endswith("look at what you replace: tools.d/qa.yaml") for one in loaded.problems)


@pytest.mark.parametrize(
    "file, text, what",
    [
        ("agents.d/coder.yaml", "description: Mine.\nprompt: [\n", "this [ is never closed"),
        ("agents.d/prompts/plan.yaml", "description: Mine.\n", "the key `template` is missing"),
        ("tools.d/qa.yaml", "", "the file is empty"),
        ("workflows/build.yaml", "phases: {}\n", "the key `description` is missing"),
    ],
)
def test_a_broken_override_does_not_bring_the_shipped_file_back(make: Make, file: str, text: str, what: str) -> None:
    """Only the override is at fault; nothing runs on what it was to replace."""
    loaded = make("std/build", {file: text})
    assert loaded.project is None
    assert {one.file for one in loaded.problems} == {file}
    assert what in [one.what for one in loaded.problems]
    assert f"std/{file}" not in loaded.files


def test_an_override_that_cannot_be_read_does_not_bring_the_shipped_file_back(make: Make, tmp_path: Path) -> None:
    """A link that leads nowhere is a fault of the link."""
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "tools.d" / "qa.yaml").symlink_to("elsewhere.yaml")
    loaded = make("std/qa")
    assert said(loaded) == ["tools.d/qa.yaml:1 it is a link to elsewhere.yaml, which is not there"]
    assert "std/tools.d/qa.yaml" not in loaded.files


@pytest.mark.parametrize(
    "tools, use",
    [("write_file", "std/files"), ("-run_tests", "std/qa"), ("files/*", "std/files"), ("std/files", "std/files")],
)
def test_a_tool_that_ships_is_told_with_the_use_that_brings_it(make: Make, tools: str, use: str) -> None:
    """The hint ends the problem when it is followed to the letter."""
    agent = {"agents.d/helper.yaml": f'description: d\nprompt: p\ntools: ["*", {tools}]\n'}
    other = {"std/files": "std/qa", "std/qa": "std/files"}[use]
    [problem] = make(other, agent).problems
    assert problem.hint.startswith(f"it comes with runner: write `use: [{other}, {use}]` in runner.yaml")
    kept = {name: text.replace("std/files]", "files/*]") for name, text in agent.items()}
    assert make(f"{other}, {use}", kept).problems == ()


def test_an_agent_that_ships_is_told_with_the_use_that_brings_it(make: Make) -> None:
    """As its workflow does, which names it."""
    phases = "description: d\nphases: {a: {agent: coder, message: m}}\n"
    [problem] = make("", {"workflows/work.yaml": phases}).problems
    assert problem.hint == "it comes with runner: add `use: [std/coder]` to runner.yaml"
    assert make("std/coder").problems == ()


def test_a_pack_in_use_that_is_named_as_use_names_it_is_told_as_selectors_name_it(make: Make) -> None:
    """It is in use already."""
    [problem] = make("std/files", {"agents.d/a.yaml": "description: d\nprompt: p\ntools: [std/files]\n"}).problems
    assert problem.hint == "write files/*"
