"""The worst case of a workflow in words (rule R11), and the bound on visits it stands on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
import yaml

from runner.project.graph.checks import worst_cases
from runner.project.graph.visits import visits
from runner.project.load import load
from runner.project.memory import Recall
from runner.project.sources import Stored
from runner.project.workflows import WorkflowSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.project.project import Project

    Make = Callable[..., Project]

LOOP = """
plan: {agent: thinker, message: m}
verify: {tool: check, next: [{when: phases.verify.ok, to: done}, {to: repair, max: 2}]}
repair: {agent: thinker, message: m, next: verify}
done: {agent: thinker, message: m}
"""
AGENTS = """
thinker: {description: d, prompt: p, limits: {turns: 5}, timeout: 10s}
worker: {description: d, prompt: p, limits: {turns: 5}, timeout: 10s, tools: [look, check]}
caller: {description: d, prompt: p, limits: {turns: 5}, timeout: 10s, tools: [start]}
"""
TOOLS = """
check: {description: d, command: [pytest], timeout: 40s}
start: {description: d, workflow: sub}
"""
SUB = "{phases: {a: {agent: thinker, message: m}}}"


def spec_of(phases: str) -> WorkflowSpec:
    """A workflow of these phases."""
    return WorkflowSpec.model_validate({"description": "d", "phases": yaml.safe_load(phases)})


def test_a_loop_is_counted_by_its_bound(project_of: Make) -> None:
    """The way in once, then once for each taking; what comes after the loop only once."""
    assert visits(spec_of(LOOP)) == {"plan": 1, "verify": 3, "repair": 2, "done": 1}


def test_limits_on_visits_cut_the_count(project_of: Make) -> None:
    """A phase that may be entered twice is counted twice."""
    assert visits(spec_of(LOOP.replace("repair: {", "repair: {limits: {visits: 1}, ")))["repair"] == 1


def test_r11_the_worst_case_counts_turns_visits_and_timeouts(project_of: Make) -> None:
    """Plan, two repairs and done of 5 turns at 10 s each, and three checks of 40 s."""
    project = project_of(LOOP, agents=AGENTS, tools=TOOLS)
    assert worst_cases(project, Recall())["build"] == "at most 20 model calls and 5m20s"


@pytest.mark.parametrize(
    "phase, words",
    [
        ("{agent: thinker, message: m}", "at most 5 model calls and 50s"),
        ("{agent: thinker, message: m, limits: {turns: 1}}", "at most 1 model call and 10s"),
        ("{agent: worker, message: m}", "at most 5 model calls and 4m10s"),
        ("{agent: thinker, message: m, timeout: 2s}", "at most 5 model calls and 10s"),
        ("{agent: thinker, message: m, limits: {time: 7s}}", "at most 5 model calls and 7s"),
        ("{agent: thinker, message: m, limits: {deadline: 8s}}", "at most 5 model calls and 8s"),
        (
            "{agent: reader, message: m, retry: {max: 1, delay: 5s}, limits: {turns: 3}}",
            "at most 3 model calls and 33m5s",
        ),
        ("{tool: check}", "no model calls and at most 40s"),
        ("{tool: check, timeout: 5s}", "no model calls and at most 5s"),
        ("{tool: look, with: {path: x}}", "no model calls and at most 30s"),
        ("{tool: look, with: {path: x}, retry: {max: 2, delay: 1s..10s}}", "no model calls and at most 1m50s"),
        ("{approval: {ask: q}}", "no model calls, besides waiting for people and timers"),
        ("{workflow: sub}", "at most 5 model calls and 50s"),
        ("{parallel: {one: {agent: thinker, message: m}, two: {tool: check}}}", "at most 5 model calls and 50s"),
        ("{foreach: {in: '[1, 2, 3]', concurrency: 2}, tool: check}", "no model calls and at most 1m20s"),
        ("{foreach: {in: '[1, 2, 3]'}, agent: thinker, message: m}", "at most 15 model calls and 2m30s"),
        (
            "{foreach: {in: inputs.names}, tool: check}",
            "no model calls; time is unbounded because foreach `a` goes over a list of unknown length",
        ),
        (
            "{foreach: {in: inputs.names}, agent: thinker, message: m}",
            "unbounded because foreach `a` goes over a list of unknown length",
        ),
        ("{foreach: {in: '[]'}, agent: thinker, message: m}", "no model calls"),
        ("{agent: caller, message: m}", "at most 5 model calls and 5m"),
        ("{agent: caller, message: m, limits: {turns: 4, time: 1m}}", "at most 4 model calls and 1m"),
    ],
)
def test_r11_every_kind_of_phase_is_counted(project_of: Make, phase: str, words: str) -> None:
    """Each by what bounds it, or with the reason why nothing does."""
    project = project_of(f"a: {phase}", agents=AGENTS, tools=TOOLS, sub=SUB)
    assert worst_cases(project, Recall())["build"] == words


@pytest.mark.parametrize(
    "limits, words",
    [
        ("{time: 1h}", "at most 1h; model calls are unbounded because foreach `a` goes over a list of unknown length"),
        (
            "{turns: 9}",
            "at most 9 model calls; time is unbounded because foreach `a` goes over a list of unknown length",
        ),
        ("{turns: 9, time: 1h}", "at most 9 model calls and 1h"),
    ],
)
def test_r11_limits_of_the_workflow_bound_what_its_phases_leave_open(project_of: Make, limits: str, words: str) -> None:
    """Whichever of the two it limits."""
    text = f"{{limits: {limits}, phases: {{a: {{foreach: {{in: run.name}}, agent: thinker, message: m}}}}}}"
    assert worst_cases(project_of(agents=AGENTS, build=text), Recall())["build"] == words


def test_r8_finally_comes_on_top(project_of: Make) -> None:
    """It runs after the end, with limits of its own."""
    text = "{limits: {time: 30s}, phases: {a: {tool: check}}, finally: {tool: check}}"
    assert worst_cases(project_of(tools=TOOLS, build=text), Recall())["build"] == "no model calls and at most 1m10s"


def test_the_run_of_a_single_agent_is_counted_too(project_of: Make) -> None:
    """Under the agent's name."""
    assert worst_cases(project_of(agents=AGENTS), Recall())["thinker"] == "at most 5 model calls and 50s"


def test_workflows_that_call_each_other_have_no_bound(project_of: Make) -> None:
    """The counting ends all the same."""
    one, two = "{phases: {a: {workflow: two}}}", "{phases: {a: {workflow: one}}}"
    assert worst_cases(project_of(one=one, two=two), Recall())["one"] == "unbounded because workflow `one` calls itself"


def test_r3_no_walk_enters_a_phase_more_often_than_counted(seed: int, rounds: Callable[[int], int]) -> None:
    """Random bounded graphs, walked at random: the count is never passed."""
    chance = random.Random(seed)
    for _ in range(rounds(1000)):
        graph = _random_graph(chance)
        spec = spec_of(yaml.safe_dump(graph, sort_keys=False))
        most = visits(spec)
        for _ in range(20):
            walked = _walk(spec, chance)
            assert all(walked[name] <= most[name] for name in walked), (graph, walked, most)


def _random_graph(chance: random.Random) -> dict[str, object]:
    """Phases whose edges without a bound only lead forward; bounded ones lead anywhere."""
    names = [f"p{index}" for index in range(chance.randint(1, 7))]
    phases: dict[str, object] = {}
    for index, name in enumerate(names):
        onward = [*names[index + 1 :], "pass"]
        edges = [
            {
                "when": "run.id",
                "to": chance.choice(names),
                "max": chance.randint(1, 3),
                "exhausted": chance.choice(onward),
            }
            for _ in range(chance.randint(0, 2))
        ]
        phases[name] = {"wait": {"for": "1s"}, "next": [*edges, {"to": chance.choice(onward)}]}
    return phases


def _walk(spec: WorkflowSpec, chance: random.Random) -> dict[str, int]:
    """The visits of one walk that chooses its edges by chance, as the engine takes them."""
    taken: dict[tuple[str, int], int] = {}
    counted: dict[str, int] = {}
    name = next(iter(spec.phases))
    while name in spec.phases:
        counted[name] = counted.get(name, 0) + 1
        edges = spec.phases[name].next
        assert isinstance(edges, tuple)
        index = chance.randrange(len(edges))
        edge = edges[index]
        used = taken.get((name, index), 0)
        taken[name, index] = used + 1
        name = edge.to if edge.max is None or used < edge.max else edge.exhausted
    return counted


FLEET = """
models: {default: {provider: ollama, model: m}}
timeouts: {slow: {model: 60s, tool: 30s, ssh: 5s}}
hosts: {web1: {groups: [web]}, web2: {groups: [web]}, web3: {groups: [web]}}
"""
LOOK = "description: Ops.\ntools: {look: {description: Looks., command: [ls], risk: read, timeout: slow}}\n"


@pytest.mark.parametrize(
    "step,worst",
    [
        ("{tool: look}", "no model calls and at most 30s"),
        ("{tool: look, target: web1}", "no model calls and at most 5s"),
        ('{tool: look, target: "group:web"}', "no model calls and at most 5s"),
        ('{tool: look, target: "group:web", fleet: {concurrency: 2}}', "no model calls and at most 10s"),
        ('{tool: look, target: "group:web", fleet: {batch: 1}}', "no model calls and at most 15s"),
        ('{tool: look, target: "{{ inputs.where }}", fleet: {batch: 1}}', "no model calls and at most 30s"),
        ("{agent: near, message: Go.}", "at most 1 model call and 1m30s"),
        ("{agent: far, message: Go.}", "at most 1 model call and 1m5s"),
        ("{agent: near, message: Go., target: web2}", "at most 1 model call and 1m30s"),
    ],
)
def test_r11_a_command_on_a_host_takes_the_time_of_its_class_for_hosts(tmp_path: Path, step: str, worst: str) -> None:
    """Some hosts at once, batch after batch; where nobody knows the target yet, the longest."""
    agent = "description: A.\nprompt: A.\ntimeout: slow\ntools: [look]\nlimits: {turns: 1}\ntargets: "
    files = {
        "runner.yaml": FLEET,
        "tools.d/ops.yaml": LOOK,
        "agents.d/near.yaml": f"{agent}[local, web1]\n",
        "agents.d/far.yaml": f'{agent}["group:web"]\n',
        "workflows/w.yaml": f"description: W.\ninputs: {{where: str}}\nphases: {{one: {step}}}\n",
    }
    project = load(Stored({name: text.encode() for name, text in files.items()}), tmp_path).project
    assert project
    assert project.worst_cases["w"] == worst
