"""Values for `runner agents render`: from a file, or as they were in a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

FILES = {
    "agents.d/analyst.yaml": "description: A.\nprompt: Think.\n",
    "agents.d/coder.yaml": "description: C.\nprompt: {role: 'You code in {{ run.name }}.'}\noutput: {done: str}\n",
    "agents.d/prompts/task.yaml": (
        "description: T.\ninputs: {tone: str}\ntemplate: |\n  Be {{ tone }}.\n"
        "  {% for step in phases.plan.output.steps %}\n  - {{ step }}\n  {% endfor %}\n"
    ),
    "replies.yaml": (
        '- {when: {agent: analyst}, text: \'{"steps": ["dig", "fill"]}\'}\n- {text: \'{"done": "yes", "note": "n"}\'}\n'
    ),
    "workflows/make.yaml": (
        "description: M.\n"
        "inputs: {request: str, tone: {type: str, default: kind}, count: {type: int, default: 2}}\n"
        "phases:\n"
        "  plan: {agent: analyst, message: '{{ inputs.request }}', output: {steps: [str]}}\n"
        "  work:\n"
        "    agent: coder\n"
        "    message: {use: task, with: {tone: '{{ inputs.tone }}'}}\n"
        "    output: {done: str, note: str}\n"
        "  both:\n"
        "    parallel:\n"
        "      one: {agent: analyst, message: '{{ phases.work.output.note }}'}\n"
        "  each:\n"
        "    foreach: {in: phases.plan.output.steps, as: step}\n"
        "    agent: analyst\n"
        "    message: 'Do {{ step }} {{ inputs.count + 1 }} times.'\n"
    ),
}


@pytest.fixture
def made(project: Callable[..., Path]) -> Path:
    """A project whose workflow plans, then works by the plan."""
    return project(FILES)


def render(cli: Cli, root: Path, *words: str | Path) -> Any:
    """What is printed as JSON."""
    answer = cli("-C", root, "--json", "agents", "render", *words)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


def test_a_phase_is_rendered_with_what_is_given(cli: Cli, made: Path, tmp_path: Path) -> None:
    """Inputs by -i, records from a file; the answer's fields are those of the phase."""
    given = tmp_path / "given.yaml"
    given.write_text("phases: {plan: {output: {steps: [dig, fill]}}}\n")
    told = render(cli, made, "coder", "A pond", "--phase", "make.work", "-i", "tone=brief", "--given", given)
    assert told["message"] == "Be brief.\n- dig\n- fill\n"
    assert told["system"].startswith("## Role\nYou code in make.")
    assert '"note"' in told["system"]
    assert told["agent"] == "coder"


def test_text_fills_the_only_input_that_must_be_given(cli: Cli, made: Path) -> None:
    """As it does for `runner run`; other inputs have their defaults."""
    assert render(cli, made, "analyst", "A pond", "--phase", "make.plan")["message"] == "A pond"


def test_branches_and_items_are_rendered_too(cli: Cli, made: Path, tmp_path: Path) -> None:
    """A branch by its name behind the phase's; the item by its own name in the file."""
    given = tmp_path / "given.yaml"
    given.write_text("step: dig\nphases: {work: {output: {note: n}}}\ninputs: {request: r, count: 4}\n")
    assert render(cli, made, "analyst", "--phase", "make.both.one", "--given", given)["message"] == "n"
    assert render(cli, made, "analyst", "--phase", "make.each", "--given", given)["message"] == "Do dig 5 times."


def test_the_run_that_a_prompt_sees_may_be_given_too(cli: Cli, made: Path, tmp_path: Path) -> None:
    """What is not given of it stays as it is."""
    given = tmp_path / "given.yaml"
    given.write_text("run: {name: tomorrow}\n")
    told = render(cli, made, "coder", "A pond", "--phase", "make.work", "--given", given)
    assert "You code in tomorrow." in told["system"]


def test_a_runs_values_are_rendered_by_the_files_as_they_are_now(cli: Cli, made: Path) -> None:
    """The message is what the run's journal holds; an edit shows what it would have been."""
    assert cli("-C", made, "run", "make", "A pond").code == 0
    (row,) = json.loads(cli("-C", made, "--json", "runs", "ls").out)
    told = json.loads(cli("-C", made, "--json", "agents", "render", "coder", "--run", row["id"]).out)
    assert [visit["path"] for visit in told["visits"]] == ["work/1"]
    again = render(cli, made, "coder", "--phase", "make.work", "--run", row["id"])
    assert (again["system"], again["message"]) == (told["visits"][0]["system"], told["visits"][0]["message"])
    prompt = made / "agents.d/prompts/task.yaml"
    prompt.write_text(prompt.read_text().replace("Be {{ tone }}.", "Please be {{ tone }}."))
    assert render(cli, made, "coder", "--phase", "make.work", "--run", row["id"])["message"].startswith(
        "Please be kind."
    )


def test_what_no_sample_stands_for_is_told_with_its_file_and_line(cli: Cli, made: Path) -> None:
    """The variable, where it is read, and how it is given; of a named prompt the line in its own file."""
    (made / "workflows/deep.yaml").write_text(
        "description: D.\n"
        "phases:\n"
        "  plan: {tool: look}\n"
        "  here: {agent: analyst, message: '{{ phases.plan.output.data.rows }}'}\n"
        "  there: {agent: analyst, message: {use: rows}}\n"
    )
    (made / "agents.d/prompts/rows.yaml").write_text(
        "description: R.\ntemplate: |\n  A\n  {{ phases.plan.output.data.rows }}\n"
    )
    (made / "tools.d").mkdir()
    (made / "tools.d/own.yaml").write_text(
        "description: O.\ntools: {look: {description: L., command: [echo, '{}'], output: {json: true}}}\n"
    )
    answer = cli("-C", made, "agents", "render", "analyst", "--phase", "deep.here")
    lacks = "cannot be rendered: 'phases.plan.output' has no item 'data'"
    assert f"workflows/deep.yaml:4: the message of deep.here {lacks}" in answer.err
    assert "--given FILE or --run ID" in answer.err
    answer = cli("-C", made, "agents", "render", "analyst", "--phase", "deep.there")
    assert f"agents.d/prompts/rows.yaml:4: the message of deep.there {lacks}" in answer.err


def test_a_prompt_that_cannot_be_rendered_is_told_with_its_file_and_line(cli: Cli, made: Path) -> None:
    """The agent's own."""
    (made / "agents.d/odd.yaml").write_text("description: O.\nprompt:\n  role: R\n  task: '{{ run.id / 2 }}'\n")
    answer = cli("-C", made, "agents", "render", "odd")
    assert answer.code == 6
    assert "agents.d/odd.yaml:4: the prompt of odd cannot be rendered: " in answer.err


def test_a_value_of_the_wrong_type_is_told_where_it_is_given_to_a_prompt(cli: Cli, made: Path, tmp_path: Path) -> None:
    """The place is that of `with`."""
    flow = made / "workflows/make.yaml"
    flow.write_text(flow.read_text().replace("'{{ inputs.tone }}'", "'{{ phases.plan.output.tone }}'"))
    flow.write_text(flow.read_text().replace("{steps: [str]}", "{steps: [str], tone: str}"))
    given = tmp_path / "given.yaml"
    given.write_text("phases: {plan: {output: {tone: 3}}}\ninputs: {request: r}\n")
    answer = cli("-C", made, "agents", "render", "coder", "--phase", "make.work", "--given", given)
    assert (
        "workflows/make.yaml:7: the message of make.work cannot be rendered: tone: expected a text, got 3" in answer.err
    )


@pytest.mark.parametrize(
    "words, error",
    [
        (
            ("--phase", "make.work", "-i", "request=r", "-i", "count=x"),
            "inputs of make: count: expected a whole number",
        ),
        (("--phase", "make.work", "-i", "request=r", "-i", "ton=x"), "ton: there is no such field; did you mean tone?"),
        (("--phase", "make.work", "--given", "no.yaml"), "--given no.yaml cannot be read: No such file"),
        (("--given", "no.yaml"), "an agent's only input is its TEXT"),
        (("--run", "1", "-i", "text=x"), "--run alone shows what the agent was told"),
    ],
)
def test_what_cannot_be_is_refused_in_words(cli: Cli, made: Path, words: tuple[str, ...], error: str) -> None:
    """With the nearest name where there is one."""
    assert cli("-C", made, "run", "analyst", "hi").code == 0
    answer = cli("-C", made, "agents", "render", "coder", *words)
    assert answer.code in (2, 6)
    assert error in answer.err


@pytest.mark.parametrize(
    "text, error",
    [
        ("phases: {pln: {}}", "there is no phase of make `pln`"),
        ("phases: [plan]", "`phases` has to be a mapping"),
        ("phases: {plan: done}", "`phases.plan` has to be a record"),
        ("phases: {plan: ", "is never closed"),
        ("- plan", "has to be a mapping"),
        ("phase: {plan: {}}", "there is no name `phase` that a template could read\nhint: did you mean phases?"),
        ("stap: dig", "there is no name `stap` that a template could read\nhint: did you mean step?"),
        ("tone: dig", "there is no name `tone` that a template could read\nhint: there are: phases, inputs, run, step"),
        ("run: {nam: x}", "there is no value of `run` `nam` that a template could read\nhint: did you mean name?"),
        ("run: x", "`run` has to be a mapping"),
        (
            "phases: {plan: {outptu: {}}}",
            "there is no part of `phases.plan` `outptu` that a template could read\nhint: did you mean output?",
        ),
    ],
)
def test_a_file_of_values_is_checked(cli: Cli, made: Path, tmp_path: Path, text: str, error: str) -> None:
    """Before anything is rendered."""
    given = tmp_path / "given.yaml"
    given.write_text(text)
    answer = cli("-C", made, "agents", "render", "coder", "--phase", "make.work", "--given", given)
    assert answer.code in (2, 3)
    assert error in answer.err


def test_a_run_of_another_workflow_is_refused(cli: Cli, made: Path) -> None:
    """Its phases are others."""
    assert cli("-C", made, "run", "analyst", "hi").code == 0
    (row,) = json.loads(cli("-C", made, "--json", "runs", "ls").out)
    answer = cli("-C", made, "agents", "render", "coder", "--phase", "make.work", "--run", row["id"])
    assert f"run {row['id']} is of analyst, not of make" in answer.err
