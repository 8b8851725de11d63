"""What steps call: agents, tools, workflows, and the arguments they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

SUB = "{inputs: {text: str, deep: {type: bool, default: false}}, phases: {a: {tool: run_tests}}}"


@pytest.mark.parametrize(
    "phase, said",
    [
        ("{agent: codr, message: m}", "unknown-agent|agent: there is no agent `codr` (did you mean coder?)"),
        ("{tool: run_test}", "unknown-tool|tool: there is no tool `run_test` (did you mean run_tests?)"),
        ("{workflow: sbu}", "unknown-workflow|workflow: there is no workflow `sbu` (did you mean sub?)"),
        ("{agent: zzz, message: m}", "unknown-agent|agent: there is no agent `zzz` (agents: coder, planner, reader)"),
        (
            "{agent: sub, message: m}",
            (
                "unknown-agent|agent: there is no agent `sub` "
                "(`sub` is a workflow: write `workflow: sub`, with its inputs in `with`)"
            ),
        ),
        (
            "{agent: look, message: m}",
            (
                "unknown-agent|agent: there is no agent `look` "
                "(`look` is a tool: write `tool: look`, with its arguments in `with`)"
            ),
        ),
        (
            "{workflow: coder}",
            (
                "unknown-workflow|workflow: there is no workflow `coder` "
                "(`coder` is an agent: write `agent: coder`, with a `message`)"
            ),
        ),
        ("{tool: coder}", "unknown-tool|tool: there is no tool `coder` (`coder` is an agent: write `agent: coder`)"),
        ("{tool: sub}", "unknown-tool|tool: there is no tool `sub` (`sub` is a workflow: write `workflow: sub`)"),
        (
            "{tool: work/look}",
            "unknown-tool|tool: there is no tool `work/look` (leave out the pack: write `tool: look`)",
        ),
        (
            "{tool: work}",
            "unknown-tool|tool: there is no tool `work` (`work` is a pack; its tools: edit, look, run_tests)",
        ),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_right_one(
    project_of: Make, graph_says: Say, phase: str, said: str
) -> None:
    """Mistyped, or of another kind: the hint says what to write."""
    code, rest = said.split("|")
    assert graph_says(project_of(f"a: {phase}", sub=SUB)) == [f"problem {code} workflows/build.yaml:phases.a.{rest}"]


def test_branches_items_and_finally_are_checked_too(project_of: Make, graph_says: Say) -> None:
    """Wherever a step stands, its place in the file is named."""
    phases = "a: {parallel: {one: {tool: x1}, two: {tool: run_tests}}}\nb: {foreach: {in: inputs.names}, tool: x2}"
    project = project_of(phases, other="{phases: {a: {tool: run_tests}}, finally: {tool: x3}}")
    assert [said.split(": there")[0].split("yaml:")[1] for said in graph_says(project)] == [
        "finally.tool",
        "phases.a.parallel.one.tool",
        "phases.b.tool",
    ]


def test_a_tool_out_of_use_is_refused(project_of: Make, graph_says: Say) -> None:
    """It would fail each time."""
    project = project_of("a: {tool: old}", tools="old: {description: d, command: [ls], enabled: false}")
    assert graph_says(project)[0].startswith("problem disabled-tool workflows/build.yaml:phases.a.tool")


def test_whom_a_tool_is_for_does_not_bind_phases(project_of: Make, graph_says: Say) -> None:
    """`agents:` of a tool says which agents may call it; a phase is the author's own word."""
    project = project_of("a: {tool: own}", tools="own: {description: d, command: [ls], agents: [planner]}")
    assert graph_says(project) == []


@pytest.mark.parametrize(
    "given, said",
    [
        ("{paht: x}", ["with.paht: tool `look` has no parameter `paht` (did you mean path?)"]),
        ("{file: x}", ["with.file: tool `look` has no parameter `file` (did you mean path?)"]),
        (
            "{lins: 3}",
            ["with.lins: tool `look` has no parameter `lins` (did you mean lines?)", "needs the parameter `path`"],
        ),
        ("{}", ["phases.a: tool `look` needs the parameter `path`"]),
        ("{path: x, lines: many}", ["with.lines: parameter `lines` of tool `look`: "]),
        ("{path: x, lines: [1]}", ["with.lines: parameter `lines` of tool `look`: "]),
        ("{path: 3}", ["with.path: parameter `path` of tool `look`: "]),
        ('{path: x, lines: "{{ inputs.count }}"}', []),
        ("{path: x}", []),
    ],
)
def test_arguments_of_tools_are_checked(project_of: Make, graph_says: Say, given: str, said: list[str]) -> None:
    """Unknown names, missing ones and written-out values; a template is known only when it runs."""
    found = graph_says(project_of(f"a: {{tool: look, with: {given}}}"))
    assert len(found) == len(said)
    assert all(part in line for part, line in zip(said, found, strict=True))


def test_inputs_of_workflows_are_checked(project_of: Make, graph_says: Say) -> None:
    """As the arguments of tools are."""
    phases = "a: {workflow: sub}\nb: {workflow: sub, with: {text: t, deep: maybe, more: 1}}"
    found = graph_says(project_of(phases, sub=SUB))
    assert [said.split(": ")[0].split("phases.")[1] for said in found] == ["a", "b.with.deep", "b.with.more"]
    assert "workflow `sub` needs the input `text`" in found[0]


def test_a_timeout_that_is_neither_class_nor_duration_is_named(project_of: Make, graph_says: Say) -> None:
    """Both are good; a mistyped class is answered with the right one."""
    assert graph_says(project_of("a: {tool: run_tests, timeout: deep}\nb: {tool: run_tests, timeout: 5m}")) == []
    [said] = graph_says(project_of("a: {tool: run_tests, timeout: depp}"))
    assert "phases.a.timeout: `depp` is no timeout class and no duration (did you mean deep?)" in said


def test_workflows_that_call_each_other_are_named(project_of: Make, graph_says: Say) -> None:
    """Neither would ever end."""
    one = "{phases: {a: {workflow: two}}}"
    two = "{phases: {b: {workflow: one}}}"
    [said] = graph_says(project_of(one=one, two=two))
    assert said.startswith(
        "problem recursion workflows/two.yaml:phases.b.workflow: workflows call each other without end: one → two → one"
    )


def test_recursion_through_an_agents_tool_is_named(project_of: Make, graph_says: Say) -> None:
    """An agent that holds the workflow it stands in would start it again and again."""
    project = project_of(
        "a: {agent: boss, message: m}",
        agents="boss: {description: d, prompt: p, tools: [again]}",
        tools="again: {description: d, workflow: build, params: {request: str}}",
    )
    [said] = graph_says(project)
    assert "phases.a.agent: workflows call each other without end: build → build" in said


def test_a_workflow_called_twice_is_no_recursion(project_of: Make, graph_says: Say) -> None:
    """Two calls side by side end like one."""
    assert (
        graph_says(project_of("a: {workflow: sub, with: {text: a}}\nb: {workflow: sub, with: {text: b}}", sub=SUB))
        == []
    )


def test_a_tool_for_a_workflow_there_is_not_is_named(project_of: Make, graph_says: Say) -> None:
    """At the tool, where the name stands."""
    [said] = graph_says(project_of(tools="go: {description: d, workflow: biuld}", build=SUB))
    assert said == (
        "problem unknown-workflow tools.d/work.yaml:tools.go.workflow: "
        "there is no workflow `biuld` (did you mean build?)"
    )


@pytest.mark.parametrize(
    "phase, unsafe",
    [
        ("{tool: look, with: {path: x}, retry: {max: 2}}", None),
        ("{tool: run_tests, retry: {max: 2}}", None),
        ("{tool: edit, with: {path: x}, retry: {max: 2}}", "edit"),
        ("{agent: reader, message: m, retry: {max: 2}}", None),
        ("{agent: coder, message: m, retry: {max: 2}}", "edit"),
        ("{workflow: sub, retry: {max: 1}}", "edit"),
        ("{parallel: {one: {tool: look, with: {path: x}}, two: {agent: coder, message: m}}, retry: {max: 1}}", "edit"),
    ],
)
def test_r1_only_what_may_be_done_twice_is_tried_again(
    project_of: Make, graph_says: Say, phase: str, unsafe: str | None
) -> None:
    """Reading, and what its author says can be done again; an agent by all of its tools."""
    found = graph_says(project_of(f"a: {phase}", sub="{phases: {s: {agent: coder, message: m}}}"))
    wanted = [] if unsafe is None else [f"phases.a.retry: `retry` would do `{unsafe}` twice: it has risk write"]
    assert len(found) == len(wanted)
    assert all(part in line for part, line in zip(wanted, found, strict=True))


def test_r1_a_tool_that_cannot_be_done_twice_has_no_retry(project_of: Make, graph_says: Say) -> None:
    """The same rule at the tool itself."""
    [said] = graph_says(project_of(tools="w: {description: d, command: [ls], retry: {max: 1}}"))
    assert said.startswith("problem retry-unsafe tools.d/work.yaml:tools.w.retry")
