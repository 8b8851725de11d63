"""Load: what a project holds, where its parts come from, what its revision is, and that a load leaves no trace."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from runner.project.load import Loaded, load
from runner.project.project import Project
from runner.project.sources import Disk, Stored
from runner.spec.layout import FOLDERS

MODELS = "models: {default: {provider: ollama, model: any}}\n"
AGENT = "description: Helps.\nprompt: Help.\n"
PACK = """
description: Operates.
defaults: {risk: read, tags: [ops], timeout: quick}
tools:
  look: {description: Looks., command: [ls]}
  change: {description: Changes., command: [touch, x], risk: danger, tags: [edits]}
"""


def shipped() -> dict[str, bytes]:
    """Everything that ships."""
    disk = Disk(Path())
    names = [name for folder in FOLDERS for name in disk.names(f"std/{folder}")]
    return {name: disk.read(name) or b"" for name in names}


def loaded(files: dict[str, str], *, with_shipped: bool = False) -> Loaded:
    """The load of some files."""
    own = {name: text.encode() for name, text in files.items()}
    return load(Stored({**(shipped() if with_shipped else {}), **own}), Path("/project"))


def project_of(files: dict[str, str], *, with_shipped: bool = False) -> Project:
    """The project of some files that are right."""
    outcome = loaded({"runner.yaml": MODELS, **files}, with_shipped=with_shipped)
    assert outcome.problems == ()
    assert outcome.project is not None
    return outcome.project


def said(files: dict[str, str]) -> list[str]:
    """The problems of some files, a line each."""
    return [
        f"{one.file}:{one.line}:{one.column} {one.what}" for one in loaded({"runner.yaml": MODELS, **files}).problems
    ]


# -------------------------------------------------------------------------------------------------------- what it holds


def test_no_file_at_all_is_an_empty_project() -> None:
    """Every key of runner.yaml is optional, and so is the file."""
    project = loaded({}).project
    assert project is not None
    assert (project.agents, project.tools, project.workflows) == ({}, {}, {})


def test_an_agent_is_a_workflow_of_its_own() -> None:
    """It takes a text and answers in one phase."""
    entry = project_of({"agents.d/helper.yaml": AGENT}).workflows["helper"]
    assert (entry.agent, entry.file, list(entry.spec.phases)) == ("helper", "agents.d/helper.yaml", ["answer"])
    assert entry.spec.inputs is not None
    assert entry.spec.inputs.check({"text": "Hi."}) == {"text": "Hi."}


def test_a_tools_own_keys_stand_above_its_packs_defaults() -> None:
    """Key by key: what a tool says is not mixed with what the pack says."""
    tools = project_of({"tools.d/ops.yaml": PACK}).tools
    assert (tools["look"].risk, tools["look"].spec.tags, tools["look"].spec.timeout) == ("read", ("ops",), "quick")
    assert (tools["change"].risk, tools["change"].spec.tags) == ("danger", ("edits",))


@pytest.mark.parametrize(
    "keys, risk, interrupted",
    [
        ("", "write", "ask"),
        ("risk: read", "read", "again"),
        ("risk: danger", "danger", "ask"),
        ("interrupted: again", "write", "again"),
        ("risk: read, interrupted: fail", "read", "fail"),
    ],
)
def test_a_tool_writes_and_is_not_repeated_unless_it_says_so(keys: str, risk: str, interrupted: str) -> None:
    """The cautious answer is the default of both."""
    text = f"description: Ops.\ntools: {{look: {{description: Looks., command: [ls], {keys}}}}}\n"
    tool = project_of({"tools.d/ops.yaml": text}).tools["look"]
    assert (tool.risk, tool.interrupted) == (risk, interrupted)


def test_a_tool_that_runs_a_workflow_has_the_highest_risk_it_reaches() -> None:
    """Through agents, and through other tools that run workflows."""
    outer = "tools:\n  outer: {description: Runs what ships., workflow: outer}\n"
    runs = f"{outer}  ship: {{description: Ships., workflow: ship}}\n"
    project = project_of(
        {
            "tools.d/ops.yaml": PACK,
            "tools.d/runs.yaml": f"description: Runs.\n{runs}  calm: {{description: Is calm., workflow: calm}}\n",
            "agents.d/helper.yaml": AGENT + "tools: [change]\n",
            "workflows/ship.yaml": "description: Ships.\nphases: {go: {agent: helper, message: Go.}}\n",
            "workflows/outer.yaml": "description: Outer.\nphases: {go: {tool: ship}}\n",
            "workflows/calm.yaml": "description: Calm.\nphases: {go: {tool: look}}\n",
        }
    )
    risks = {name: project.tools[name].risk for name in ("ship", "outer", "calm")}
    assert risks == {"ship": "danger", "outer": "danger", "calm": "read"}


@pytest.mark.parametrize(
    "selectors, found",
    [
        ("[look]", ["look"]),
        ("[ops/*]", ["change", "look"]),
        ("[ops/look]", ["look"]),
        ('["tag:edits"]', ["change"]),
        ('["ops/*", "-change"]', ["look"]),
        ('["*"]', ["change", "look"]),
        ("[]", []),
    ],
)
def test_selectors_give_an_agent_its_tools(selectors: str, found: list[str]) -> None:
    """By name, pack, tag, all, and taken away."""
    agent = AGENT + f"tools: {selectors}\n"
    project = project_of({"agents.d/helper.yaml": agent, "tools.d/ops.yaml": PACK})
    assert list(project.agents["helper"].tools) == found


def test_a_tool_out_of_use_is_offered_to_nobody() -> None:
    """`enabled: false` takes it away from whoever selects its pack."""
    pack = PACK.replace("command: [ls]", "command: [ls], enabled: false")
    project = project_of({"agents.d/helper.yaml": AGENT + "tools: [ops/*]\n", "tools.d/ops.yaml": pack})
    assert project.agents["helper"].tools == ("change",)


def test_a_tool_may_say_which_agents_call_it() -> None:
    """An agent that only selects the pack goes without; one that asks for it by name is told."""
    files = {
        "tools.d/ops.yaml": PACK.replace("command: [ls]", "command: [ls], agents: [chief]"),
        "agents.d/chief.yaml": AGENT + "tools: [look]\n",
        "agents.d/helper.yaml": AGENT + "tools: [ops/*]\n",
    }
    agents = project_of(files).agents
    assert (agents["chief"].tools, agents["helper"].tools) == (("look",), ("change",))
    files["agents.d/helper.yaml"] = AGENT + "tools: [look]\n"
    assert said(files) == ["agents.d/helper.yaml:3:9 `look` may be called by chief only"]


def test_the_names_of_secrets_are_kept() -> None:
    """Those of runner.yaml and of tools; their values are nobody's business here."""
    project = project_of(
        {
            "runner.yaml": "models: {default: {provider: openai, model: any, key: '${MY_KEY}'}}\n",
            "tools.d/ops.yaml": PACK + "  ask: {description: Asks., command: [ask], env: {TOKEN: '${TOKEN}'}}\n",
        }
    )
    assert project.secrets == {"MY_KEY", "TOKEN"}


# ---------------------------------------------------------------------------------------------------------------- `use`


def test_a_used_workflow_brings_what_it_names() -> None:
    """Agents, prompts and packs, also those that the agents name; and nothing else that ships."""
    project = project_of({"runner.yaml": MODELS + "use: [std/build]\n"}, with_shipped=True)
    assert {"analyst", "planner", "coder", "reporter", "build"} <= set(project.workflows)
    assert set(project.packs) == {"files", "qa"}
    assert {"spec", "plan", "repair"} <= set(project.prompts)


def test_a_used_pack_brings_only_itself() -> None:
    """What is not used is not there."""
    project = project_of({"runner.yaml": MODELS + "use: [std/files]\n"}, with_shipped=True)
    assert set(project.packs) == {"files"}
    assert (project.agents, project.prompts) == ({}, {})
    assert {name for name in project.files if name.endswith(".yaml")} == {"runner.yaml", "std/tools.d/files.yaml"}


def test_a_file_of_the_same_name_replaces_a_shipped_one_whole() -> None:
    """Also below a used workflow."""
    own = {"runner.yaml": MODELS + "use: [std/build]\n", "agents.d/reporter.yaml": AGENT}
    project = project_of(own, with_shipped=True)
    assert project.agents["reporter"].file == "agents.d/reporter.yaml"
    assert project.agents["reporter"].tools == ()
    assert "std/agents.d/reporter.yaml" not in project.files


def test_a_broken_file_is_not_replaced_by_the_shipped_one() -> None:
    """Whoever wrote it wants it, and not what it stood in for."""
    outcome = loaded(
        {"runner.yaml": MODELS + "use: [std/build]\n", "agents.d/reporter.yaml": "prompt: [\n"}, with_shipped=True
    )
    assert outcome.project is None
    assert {problem.file for problem in outcome.problems} == {"agents.d/reporter.yaml"}


# ------------------------------------------------------------------------------------------------------- python modules

COUNTING = 'def count(text: str, times: int = 1) -> int:\n    """Count."""\n    return len(text) * times\n'
DOWN = "; tools.d/count.yaml cannot have the tool `count`"
COUNTER = "description: Counts.\ntools:\n  count: {description: Counts., python: counting:count}\n"


def test_the_signature_of_a_function_says_what_a_tool_takes() -> None:
    """Without running the module."""
    project = project_of({"tools.d/count.yaml": COUNTER, "tools.d/counting.py": COUNTING})
    assert project.tools["count"].params.check({"text": "a"}) == {"text": "a", "times": 1}


@pytest.mark.parametrize(
    "module, what",
    [
        (
            COUNTING.replace("count(", "cuont("),
            "tools.d/count.yaml:3:41 tools.d/counting.py: there is no function count",
        ),
        (
            "def count(text: str) -> int\n    return 1\n",
            f"tools.d/counting.py:1:28 this is no Python: expected ':'{DOWN}",
        ),
        ("\ufeffdef count(: return 1\n", f"tools.d/counting.py:1:11 this is no Python: invalid syntax{DOWN}"),
        ("a = 1\n  b = 2\n", f"tools.d/counting.py:2:2 this is no Python: unexpected indent{DOWN}"),
        (
            "a = '\x00'\n",
            f"tools.d/counting.py:1:1 this is no Python: source code string cannot contain null bytes{DOWN}",
        ),
        ("async def count(): ...\n", f"tools.d/counting.py:1:1 count is async; a tool is a plain function{DOWN}"),
        (
            "def count(ä: str, b): ...\n",
            f"tools.d/counting.py:1:19 the parameter b has no type; write b: str, or another{DOWN}",
        ),
    ],
)
def test_a_module_that_cannot_be_used_is_told_where_it_is_mended(module: str, what: str) -> None:
    """In the Python file, with the tools that it takes down; a function that is not there where it is named."""
    files = {"tools.d/count.yaml": COUNTER, "tools.d/counting.py": module}
    assert said(files) == [what]


def test_a_python_file_that_cannot_be_read_is_one_problem_however_many_tools_it_takes_down() -> None:
    """Neither its tools one by one nor what names them is at fault."""
    pack = (
        "description: Counts.\ntools:\n"
        "  lines: {description: Counts., python: counting:lines}\n"
        "  words: {description: Counts., python: counting:words}\n"
        "  size: {description: Counts., command: [wc], output: {parse: counting:size}}\n"
    )
    agent = "description: Helps.\nprompt: Help.\ntools: [count/*, lines, -words]\n"
    workflow = "description: Works.\nphases:\n  look: {tool: words}\n"
    files = {"tools.d/count.yaml": pack, "agents.d/a.yaml": agent, "workflows/w.yaml": workflow}
    down = "tools.d/count.yaml cannot have the tools `lines`, `words`, `size`"
    assert said({**files, "tools.d/counting.py": "def ("}) == [
        f"tools.d/counting.py:1:5 this is no Python: invalid syntax; {down}"
    ]


@pytest.mark.parametrize(
    "params, what",
    [
        ("{text: str, times: int}", ""),
        ("{text: str}", ""),
        ("{txt: str}", "count.yaml:4:14 counting:count is given `txt` and does not take it (did you mean text?)"),
        (
            "{text: str, a: int}",
            "count.yaml:4:25 counting:count is given `a` and does not take it (it takes: text, times)",
        ),
        ("{times: int}", "count.yaml:4:5 counting:count needs `text` and is not given it (it is given: times)"),
    ],
)
def test_params_are_those_of_the_function(params: str, what: str) -> None:
    """Else every call would fail."""
    pack = COUNTER.replace("count}", f"count,\n    params: {params}}}")
    outcome = loaded({"tools.d/count.yaml": pack, "tools.d/counting.py": COUNTING})
    told = [
        f"{one.file.removeprefix('tools.d/')}:{one.line}:{one.column} {one.what} ({one.hint})"
        for one in outcome.problems
    ]
    assert told == [what] * bool(what)


def test_every_module_beside_a_pack_belongs_to_the_revision() -> None:
    """A module may import its neighbours."""
    files = {"tools.d/count.yaml": COUNTER, "tools.d/counting.py": COUNTING, "tools.d/helping.py": "A = 1\n"}
    first = project_of(files)
    second = project_of({**files, "tools.d/helping.py": "A = 2\n"})
    assert "tools.d/helping.py" in first.files
    assert first.revision != second.revision


# ------------------------------------------------------------------------------------------------------------- revision


def test_equal_files_are_one_revision() -> None:
    """Whatever the order they were given in."""
    files = {"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT}
    assert project_of(files).revision == project_of(dict(reversed(files.items()))).revision


@pytest.mark.parametrize(
    "change",
    [
        {"agents.d/a.yaml": AGENT + "# a note\n"},
        {"agents.d/c.yaml": AGENT},
        {"runner.yaml": MODELS + "reload: poll\n"},
    ],
)
def test_any_other_byte_is_another_revision(change: dict[str, str]) -> None:
    """A comment, a file more, a setting."""
    assert project_of({"agents.d/a.yaml": AGENT}).revision != project_of({"agents.d/a.yaml": AGENT, **change}).revision


def test_a_name_that_moves_to_another_file_is_another_revision() -> None:
    """Names and contents are told apart in the digest."""
    first = project_of({"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT + "# b\n"})
    second = project_of({"agents.d/a.yaml": AGENT + "# b\n", "agents.d/b.yaml": AGENT})
    assert first.revision != second.revision


def test_a_kept_revision_is_loaded_again_from_its_own_files() -> None:
    """What was read is all that is needed, shipped files included."""
    project = project_of({"runner.yaml": MODELS + "use: [std/build]\n"}, with_shipped=True)
    again = load(Stored(project.files), project.root).project
    assert again is not None
    assert again.revision == project.revision
    assert (set(again.workflows), set(again.tools)) == (set(project.workflows), set(project.tools))


def test_a_file_that_did_not_change_is_not_read_anew() -> None:
    """The fields of the same content are the same object; those of another content are not."""
    first = project_of({"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT})
    second = project_of({"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT + "model: default\n"})
    assert first.agents["a"].spec is second.agents["a"].spec
    assert first.agents["b"].spec is not second.agents["b"].spec


# ------------------------------------------------------------------------------------------------------------- all told


def test_the_problems_of_all_files_are_told_in_order() -> None:
    """By file, line and column, however they were found."""
    found = loaded(
        {
            "runner.yaml": MODELS + "reload: always\n",
            "agents.d/b.yaml": "description: Helps.\n",
            "agents.d/a.yaml": AGENT + "modell: x\ntools: look\n",
            "workflows/w.yaml": "description: [\n",
        }
    ).problems
    places = [(one.file, one.line, one.column) for one in found]
    assert places == sorted(places)
    assert {one.file for one in found} == {"runner.yaml", "agents.d/a.yaml", "agents.d/b.yaml", "workflows/w.yaml"}


@pytest.mark.parametrize(
    "broken", ["runner.yaml", "agents.d/helper.yaml", "tools.d/ops.yaml", "agents.d/prompts/ask.yaml"]
)
def test_what_a_broken_file_would_have_given_is_not_missed(broken: str) -> None:
    """One mistake, one problem: whoever names the file's things did nothing wrong."""
    files = {
        "agents.d/helper.yaml": AGENT + "tools: [look, 'tag:ops']\n",
        "agents.d/prompts/ask.yaml": "description: Asks.\ntemplate: Look around.\n",
        "tools.d/ops.yaml": PACK,
        "workflows/work.yaml": "description: Works.\nphases:\n"
        "  a: {agent: helper, message: {use: ask}}\n  b: {tool: look}\n",
        broken: "description: [a\n",
    }
    (line,) = said(files)
    assert line.startswith(f"{broken}:1:14 ")


def test_a_mistake_beside_a_broken_file_is_still_told() -> None:
    """A name is only excused when the broken file could have given it."""
    files = {
        "agents.d/helper.yaml": "description: [\n",
        "workflows/work.yaml": "description: Works.\nphases:\n  a: {agent: helper, message: Hi.}\n"
        "  b: {agent: chief, message: Hi.}\n",
    }
    assert [line.partition(" ")[2] for line in said(files)][1:] == ["there is no agent `chief`"]


def test_a_load_leaves_the_collector_as_it_was() -> None:
    """Also when it was off."""
    was: dict[bool, Any] = {}
    for state in (True, False):
        (gc.enable if state else gc.disable)()
        loaded({"runner.yaml": "models: ["})
        was[state] = gc.isenabled()
    gc.enable()
    assert was == {True: True, False: False}


def test_of_a_file_with_very_many_faults_a_hundred_are_told(tmp_path: Path) -> None:
    """Thousands of unknown keys or duplicates are refused at once, not looked for one by one."""
    (tmp_path / "runner.yaml").write_text("".join(f"k{number}: v\n" for number in range(5_000)))
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d" / "a.yaml").write_text("description: a\n" * 5_000)
    problems = load(Disk(tmp_path), tmp_path).problems
    told = [one.what for one in problems if one.code == "too-many"]
    assert told == ["the file has more than 100 faults; this is one of them", "the file has 4,900 more problems"]
    assert len(problems) == 2 * 101
