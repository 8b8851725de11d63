"""Limits of money need the price of every model that they reach, and of no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path

MODELS = """models:
  default: {provider: ollama, model: m}
  lab: {provider: vllm, model: m, base_url: "http://10.0.0.1/v1"}
  far: {provider: vllm, model: m, base_url: "http://10.0.0.2/v1", fallback: [lab]}
  told: {provider: openrouter, model: of/nobody}
"""
AGENTS = {"here": "default", "far": "far", "told": "told"}
TOOL = "description: T.\ntools:\n  ask: {description: Asks., workflow: inner}\n"


def found(root: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    """The models that lack a price, with the words that say whose limit needs it."""
    texts = {"runner.yaml": MODELS}
    texts |= {
        f"agents.d/{name}.yaml": f"description: A.\nprompt: P.\nmodel: {model}\n" for name, model in AGENTS.items()
    }
    for name, text in {**texts, **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    problems = load(Disk(root), root).problems
    assert {problem.code for problem in problems} <= {"unknown-price"}, problems
    return [(problem.where, problem.what.partition(", and ")[2]) for problem in problems]


def workflow(phases: str, limits: str = "") -> str:
    """A workflow."""
    return f"description: W.\n{limits}\nphases:\n  {phases}\n"


def test_without_limits_of_money_no_price_is_needed(tmp_path: Path) -> None:
    """Nobody asks what anything costs."""
    assert found(tmp_path, {}) == []


@pytest.mark.parametrize(
    "key", ["cost_usd_per_call", "cost_usd_per_run", "cost_usd_per_user_per_day", "cost_usd_per_day"]
)
def test_a_limit_of_runner_yaml_reaches_the_models_of_all_agents(tmp_path: Path, key: str) -> None:
    """Their fallbacks too; each model is told once."""
    limit = f"`limits.{key}` of runner.yaml limits that"
    told = found(tmp_path, {"runner.yaml": f"{MODELS}limits: {{{key}: 5}}\n"})
    assert told == [("models.lab", limit), ("models.far", limit)]


def test_a_limit_of_an_agent_reaches_its_models(tmp_path: Path) -> None:
    """A server of this machine and one that tells the cost have a price."""
    for name in ("here", "told"):
        text = f"description: A.\nprompt: P.\nmodel: {AGENTS[name]}\nlimits: {{cost_usd: 1}}\n"
        assert found(tmp_path, {f"agents.d/{name}.yaml": text}) == []
    text = "description: A.\nprompt: P.\nmodel: lab\nlimits: {cost_usd: 1}\n"
    assert found(tmp_path, {"agents.d/here.yaml": text}) == [
        ("models.lab", "`limits.cost_usd` of agents.d/here.yaml limits that")
    ]


@pytest.mark.parametrize(
    "outer",
    [
        "a: {agent: far, message: Hi.}",
        "a: {parallel: {x: {agent: far, message: Hi.}, y: {agent: here, message: Hi.}}}",
        "a: {foreach: {in: '[1]', as: n}, agent: far, message: Hi.}",
        "a: {workflow: inner}",
        "a: {tool: ask}",
    ],
)
def test_a_limit_of_a_workflow_reaches_whatever_it_calls(tmp_path: Path, outer: str) -> None:
    """By branches, items, workflows and tools that run one."""
    files = {
        "tools.d/own.yaml": TOOL,
        "workflows/inner.yaml": workflow("i: {agent: far, message: Hi.}"),
        "workflows/outer.yaml": workflow(outer, "limits: {cost_usd: 0.5}"),
    }
    limit = "`limits.cost_usd` of workflows/outer.yaml limits that"
    assert found(tmp_path, files) == [("models.lab", limit), ("models.far", limit)]


def test_a_limit_of_a_phase_reaches_that_phase_alone(tmp_path: Path) -> None:
    """Its neighbour may cost what nobody knows."""
    phases = "a: {agent: here, message: Hi., limits: {cost_usd: 1}}\n  b: {agent: far, message: Hi.}"
    assert found(tmp_path, {"workflows/w.yaml": workflow(phases)}) == []
    phases = "a: {agent: here, message: Hi.}\n  b: {agent: far, message: Hi., limits: {cost_usd: 1}}"
    limit = "`limits.cost_usd` of phase `b` in workflows/w.yaml limits that"
    assert found(tmp_path, {"workflows/w.yaml": workflow(phases)}) == [("models.lab", limit), ("models.far", limit)]


def test_a_price_is_enough(tmp_path: Path) -> None:
    """Also one of nothing."""
    free = "price: {input: 0, output: 0}}"
    models = MODELS.replace('1/v1"}', f'1/v1", {free}').replace("[lab]}", f"[lab], {free}")
    assert found(tmp_path, {"runner.yaml": f"{models}limits: {{cost_usd_per_day: 5}}\n"}) == []


PAID = """models:
  default: {provider: vllm, model: m, base_url: "http://10.0.0.1/v1", price: {input: 3, output: 15}}
  free: {provider: ollama, model: m, price: {input: 0, output: 0}}
"""
SMALL = "0.1"
"""Dollars: less than 8,192 tokens of an answer cost."""


def warned(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    """The limits that no call fits in."""
    texts = {"runner.yaml": PAID, "agents.d/a.yaml": "description: A.\nprompt: P.\n", **files}
    for name, text in texts.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    loaded = load(Disk(root), root)
    assert loaded.problems == ()
    return [(one.file, one.line, one.where) for one in loaded.warnings if one.code == "small-limit"]


@pytest.mark.parametrize(
    "key", ["cost_usd_per_call", "cost_usd_per_run", "cost_usd_per_user_per_day", "cost_usd_per_day"]
)
def test_a_limit_below_one_call_is_warned_of_where_it_stands(tmp_path: Path, key: str) -> None:
    """Once, however many agents it holds for."""
    other = {"agents.d/b.yaml": "description: B.\nprompt: P.\n"}
    small = {"runner.yaml": f"{PAID}limits: {{{key}: {SMALL}}}\n"}
    assert warned(tmp_path, {**small, **other}) == [("runner.yaml", 4, f"limits.{key}")]
    assert warned(tmp_path, {"runner.yaml": f"{PAID}limits: {{{key}: 0.2}}\n"}) == []


def test_the_longest_answer_is_what_the_agent_says(tmp_path: Path) -> None:
    """A short one fits into a small limit."""
    agent = f"description: A.\nprompt: P.\nlimits: {{cost_usd: {SMALL}}}\n"
    assert warned(tmp_path, {"agents.d/a.yaml": agent}) == [("agents.d/a.yaml", 3, "limits.cost_usd")]
    assert warned(tmp_path, {"agents.d/a.yaml": f"{agent}sampling: {{max_tokens: 4000}}\n"}) == []


def test_a_limit_of_a_workflow_or_a_phase_is_looked_at_for_the_agents_that_it_reaches(tmp_path: Path) -> None:
    """Each at its own place."""
    limit = f"limits: {{cost_usd: {SMALL}}}"
    files = {
        "workflows/one.yaml": workflow("go: {agent: a, message: m}", limit),
        "workflows/two.yaml": workflow(f"go: {{agent: a, message: m, {limit}}}"),
        "workflows/none.yaml": workflow("go: {wait: {for: 1s}}", limit),
    }
    assert [(file, where) for file, _, where in warned(tmp_path, files)] == [
        ("workflows/one.yaml", "limits.cost_usd"),
        ("workflows/two.yaml", "phases.go.limits.cost_usd"),
    ]


def test_what_costs_nothing_fits_into_any_limit(tmp_path: Path) -> None:
    """Also into none at all: a limit of 0 allows what is free."""
    free = {"agents.d/a.yaml": "description: A.\nprompt: P.\nmodel: free\n"}
    assert warned(tmp_path, {**free, "runner.yaml": f"{PAID}limits: {{cost_usd_per_day: 0}}\n"}) == []
