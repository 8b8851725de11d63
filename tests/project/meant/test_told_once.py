"""A mapping of the wrong shape is told once, with all of it in the hint; one that is right is never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.project.load import load
from runner.project.problems import Problem
from runner.project.sources import Stored

MODELS = 'models: {default: {provider: ollama, model: "qwen3:8b"}}\n'
AGENT = "description: D.\nprompt: P.\n"
TOOL = "{description: D., command: [cmp, a, b]%s}"
PACK = "description: D.\ntools:\n  up: " + TOOL + "\n"


def problems(files: dict[str, str]) -> tuple[Problem, ...]:
    """The problems of some files."""
    sources = {"runner.yaml": MODELS, "agents.d/helper.yaml": AGENT, **files}
    return load(Stored({name: text.encode() for name, text in sources.items()}), Path("/project")).problems


@pytest.mark.parametrize(
    "codes, hint",
    [
        ("{ok: 0, no: 3}", "the code stands before its word: write {0: ok, 3: no}"),
        ("{ok: [0, 2], no: 1}", "the code stands before its word: write {0: ok, 2: ok, 1: no}"),
        (
            "{ok: 0, failed: 1}",
            "the code stands before its word: write {0: ok}; a code that is not named is a failure",
        ),
    ],
)
def test_exit_codes_behind_their_words_are_turned(codes: str, hint: str) -> None:
    """What the hint says is right as it stands."""
    (problem,) = problems({"tools.d/ops.yaml": PACK % f", exit: {codes}"})
    assert (problem.where, problem.hint) == ("tools.up.exit", hint)
    written = hint.partition("write ")[2].partition(";")[0]
    assert problems({"tools.d/ops.yaml": PACK % f", exit: {written}"}) == ()


@pytest.mark.parametrize(
    "name, before, value",
    [
        ("runner.yaml", MODELS + "timeouts: ", "{model: 60s, tool: 20s}"),
        ("runner.yaml", "models: ", "{provider: ollama, model: small}"),
        ("workflows/one.yaml", "description: D.\nphases: ", "{agent: helper, message: Go}"),
        ("workflows/one.yaml", "description: D.\nphases: ", "{wait: {for: 1s}, next: pass}"),
        ("tools.d/one.yaml", "description: D.\ntools: ", "{description: D., command: [up], risk: read}"),
    ],
)
def test_a_level_that_is_left_out_is_told_with_all_that_belongs_below(name: str, before: str, value: str) -> None:
    """Where nothing else is wrong, the hint can be followed as it stands."""
    (problem,) = problems({name: f"{before}{value}\n"})
    written = problem.hint.removeprefix("a name stands above such keys: write ")
    assert problems({name: f"{before}{written}\n"}) == ()


@pytest.mark.parametrize(
    "agents, name",
    [
        (["slow", "slow", "patient"], "slow"),
        (["quick", "deep"], "standard"),
        (["standard", "slow"], "slow"),
        (["20s"], "standard"),
    ],
)
def test_the_missing_name_of_timeouts_is_the_one_that_agents_use(agents: list[str], name: str) -> None:
    """The classes that are built in need none."""
    files = {f"agents.d/a{number}.yaml": f"{AGENT}timeout: {used}\n" for number, used in enumerate(agents)}
    (problem,) = problems({**files, "runner.yaml": MODELS + "timeouts: {model: 60s, tool: 20s}\n"})
    assert problem.hint == f"a name stands above such keys: write {{{name}: {{model: 60s, tool: 20s}}}}"


def test_names_that_are_keys_elsewhere_are_names() -> None:
    """A class `model`, a phase `wait` and a tool `command` are as good as others."""
    files = {
        "runner.yaml": MODELS + "timeouts: {model: {model: 5s, tool: 5s}, tool: {model: 5s, tool: 5s}}\n",
        "workflows/one.yaml": "description: D.\nphases:\n  wait: {wait: {for: 1s}}\n  tool: {tool: command}\n",
        "tools.d/ops.yaml": f"description: D.\ntools:\n  command: {TOOL % ''}\n  defaults: {TOOL % ''}\n",
    }
    assert problems(files) == ()


def test_defaults_among_the_tools_hold_for_them_all_the_same() -> None:
    """Nothing follows from their place: a retry that they make safe is safe."""
    pack = f"description: D.\ntools:\n  defaults: {{risk: read, tags: [ops]}}\n  up: {TOOL % ', retry: {max: 2}'}\n"
    agent = f'{AGENT}tools: ["tag:ops"]\n'
    (problem,) = problems({"tools.d/ops.yaml": pack, "agents.d/other.yaml": agent})
    assert (problem.where, problem.hint) == ("tools.defaults", "write it in the first column, beside `tools:`")


def test_a_description_among_the_tools_is_one_too_many_where_the_file_has_one() -> None:
    """Moving it would make the key stand twice."""
    pack = f"description: D.\ntools:\n  description: Ops.\n  up: {TOOL % ''}\n"
    (problem,) = problems({"tools.d/ops.yaml": pack})
    assert problem.hint == "remove it: one stands beside `tools:`"


def test_what_a_tool_lacks_is_told_at_the_tool() -> None:
    """A key of the same name may stand further up."""
    (problem,) = problems({"tools.d/ops.yaml": "description: D.\ntools:\n  up: {command: [uptime]}\n"})
    assert (problem.line, problem.column, problem.where) == (3, 3, "tools.up.description")
