"""A large project: a thousand agents with texts of their own, a thousand tools in fifty packs, a hundred workflows."""

from __future__ import annotations

import random
from pathlib import Path

AGENTS, PACKS, TOOLS_A_PACK, WORKFLOWS = 1_000, 50, 20, 100
_WORDS = (
    "service order invoice customer network disk backup report alert cluster queue worker region account "
    "payment schedule review change release branch commit test failure timeout retry password certificate "
    "domain address gateway balance carefully quickly always never before after every first last clear "
    "short exact complete careful known stated written"
)
_RUNNER = """
models:
  default: {provider: ollama, model: "qwen3:8b"}
  cloud: {provider: openrouter, model: google/gemini-2.5-pro}
timeouts:
  slow: {model: 120s..300s, tool: 60s}
permissions:
  - {tool: pack-1/*, action: ask}
  - {risk: danger, action: ask}
"""
_AGENT = """
description: {description}
model: {model}
timeout: {timeout}
prompt:
  role: {role}
  task: |
    {task}
    You are {{{{ agent.name }}}} and work in {{{{ run.workspace }}}}.
    For example:
    - {example}
    - {other_example}
  constraints: {constraints}
  rules:
    - {rule}
    - {other_rule}
    - "Call {{{{ agent.tools | length }}}} tools at most: {last_rule}"
  state: {state}
output: {{answer: str, steps: [str], sure: bool}}
tools: [{tools}]
permissions:
  - {{risk: write, action: ask}}
limits: {{turns: {turns}, same_call: 2}}
"""
_TOOL = """
  {name}:
    description: {description}
    command: [{program}, "--name={{{{ name }}}}", "{{{{ path }}}}"]
    params:
      name: {{type: str, pattern: "^[a-z]+$", description: {param}}}
      path: {{type: str, default: /}}
    risk: {risk}
"""
_WORKFLOW = """
description: {description}
inputs: {{request: str, count: {{type: int, default: 3}}}}
limits: {{time: 2h}}
phases:
  plan:
    agent: {planner}
    message: |
      {text}
      Request, in {{{{ inputs.count }}}} steps: {{{{ inputs.request }}}}
    output: {{steps: [str], first: str}}
  look:
    tool: {look}
    with: {{name: disk, path: "{{{{ phases.plan.output.first }}}}"}}
    errors: [{{match: any, to: fix, max: 2}}]
  work:
    agent: {worker}
    message: "Do {{{{ phases.plan.output.steps | join(', ') }}}}. {more}"
    timeout: slow
  verify:
    parallel:
      tests: {{tool: {tests}, with: {{name: tests}}}}
      review: {{agent: {reviewer}, message: "Review {{{{ phases.work.output.answer }}}}"}}
      style: {{agent: {stylist}, message: "Look at {{{{ phases.work.output.answer }}}}", workspace: style}}
    next:
      - {{when: phases.verify.ok, to: many}}
      - {{to: fix, max: 3}}
  many:
    foreach: {{in: phases.plan.output.steps, as: part, concurrency: 1}}
    tool: {each}
    with: {{name: part, path: "{{{{ part }}}}"}}
    next: report
  fix:
    agent: {fixer}
    message: "Mend it: {{{{ phases.verify.tests.output.text | default('nothing known') }}}}"
    next: [{{to: work, max: 3}}]
  report:
    agent: {reporter}
    message: Report on {{{{ inputs.request }}}} after {{{{ phases.work.visits }}}} tries.
finally:
  tool: {last}
  with: {{name: end}}
"""


def furnish(root: Path) -> None:
    """Write the project; the same one each time."""
    chance = random.Random(7)  # noqa: S311 - texts, no secrets
    files = {"runner.yaml": _RUNNER}
    files |= {f"agents.d/agent-{number}.yaml": _agent(chance, number) for number in range(AGENTS)}
    files |= {f"tools.d/pack-{number}.yaml": _pack(chance, number) for number in range(PACKS)}
    files |= {f"workflows/flow-{number}.yaml": _workflow(chance) for number in range(WORKFLOWS)}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())


def _agent(chance: random.Random, number: int) -> str:
    parts = ("description", "role", "example", "other_example", "rule", "other_rule", "last_rule", "state")
    texts = {part: _text(chance, 10) for part in parts} | {"task": _text(chance, 30), "constraints": _text(chance, 20)}
    texts["last_rule"] = texts["last_rule"].lower()
    pack = number % PACKS
    tools = f"pack-{pack}/*, {_tool(chance)}, -{_name(pack, 0)}"
    model = "default" if number % 3 else "cloud"
    return _AGENT.format(**texts, model=model, timeout="standard", tools=tools, turns=10 + number % 20)


def _pack(chance: random.Random, pack: int) -> str:
    head = f"description: {_text(chance, 6)}\ndefaults: {{timeout: quick, tags: [ops]}}\ntools:"
    tools = (
        _TOOL.format(
            name=_name(pack, number),
            description=_text(chance, 9),
            program=chance.choice(("df", "ls", "cat", "stat")),
            param=_text(chance, 5),
            risk=chance.choice(("read", "read", "write")),
        ).rstrip()
        for number in range(TOOLS_A_PACK)
    )
    return head + "".join(tools) + "\n"


def _workflow(chance: random.Random) -> str:
    agents = {part: _agent_name(chance) for part in ("planner", "worker", "reviewer", "stylist", "fixer", "reporter")}
    tools = {part: _tool(chance) for part in ("look", "tests", "each", "last")}
    return _WORKFLOW.format(
        **agents, **tools, description=_text(chance, 8), text=_text(chance, 25), more=_text(chance, 10)
    )


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS.split(), k=words)).capitalize() + "."


def _name(pack: int, number: int) -> str:
    return f"tool-{pack}-{number}"


def _tool(chance: random.Random) -> str:
    return _name(chance.randrange(PACKS), chance.randrange(TOOLS_A_PACK))


def _agent_name(chance: random.Random) -> str:
    return f"agent-{chance.randrange(AGENTS)}"
