"""Branches, items and keys that mean nothing where they stand (rules R5, R11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

BRANCHES = """
both:
  parallel:
    one: {agent: coder, message: a%s}
    two: {agent: %s, message: b}
"""


def test_r5_join_cannot_wait_for_more_than_there_is(project_of: Make, graph_says: Say) -> None:
    """Three of two branches never come."""
    phases = "both: {join: 3, parallel: {one: {tool: run_tests}, two: {tool: run_tests}}}"
    assert graph_says(project_of(phases)) == [
        (
            "problem join-too-large workflows/build.yaml:phases.both.join: "
            "join waits for 3 branches that are ok, but there are only 2 branches (write at most 2, or `all`)"
        )
    ]


@pytest.mark.parametrize("join", ["2", "1", "any", "all"])
def test_r5_join_up_to_all_branches_is_right(project_of: Make, graph_says: Say, join: str) -> None:
    """Every number up to the number of branches can be reached."""
    phases = f"both: {{join: {join}, parallel: {{one: {{tool: run_tests}}, two: {{tool: run_tests}}}}}}"
    assert graph_says(project_of(phases)) == []


def test_r11_two_writing_agents_in_one_workspace_are_warned_of(project_of: Make, graph_says: Say) -> None:
    """They may overwrite each other's work."""
    [said] = graph_says(project_of(BRANCHES % ("", "coder")))
    assert said.startswith(
        "warning shared-workspace workflows/build.yaml:phases.both.parallel.two: branches `one` and `two`"
    )
    assert "(edit)" in said


@pytest.mark.parametrize("one, two", [("", "reader"), (', workspace: "{{ inputs.request }}"', "coder")])
def test_r11_readers_and_other_workspaces_are_not_warned_of(
    project_of: Make, graph_says: Say, one: str, two: str
) -> None:
    """An agent that only reads, or one with a folder of its own, disturbs nobody."""
    assert graph_says(project_of(BRANCHES % (one, two))) == []


def test_r11_tools_side_by_side_are_the_authors_word(project_of: Make, graph_says: Say) -> None:
    """Only agents choose what they do."""
    phases = "both: {parallel: {one: {tool: run_tests}, two: {tool: edit, with: {path: a}}}}"
    assert graph_says(project_of(phases)) == []


@pytest.mark.parametrize(
    "concurrency, more, warned", [(2, "", True), (1, "", False), (2, ', workspace: "{{ item }}"', False)]
)
def test_r11_writing_agents_on_several_items_at_once_are_warned_of(
    project_of: Make,
    graph_says: Say,
    concurrency: int,
    more: str,
    *,
    warned: bool,
) -> None:
    """Not when they take turns, or each item has its own folder."""
    phases = f"many: {{foreach: {{in: inputs.names, concurrency: {concurrency}}}, agent: coder, message: m{more}}}"
    said = graph_says(project_of(phases))
    assert [line.split(":")[0] for line in said] == (
        ["warning shared-workspace workflows/build.yaml"] if warned else []
    )


@pytest.mark.parametrize(
    "phase, key, what",
    [
        ("{approval: {ask: q}, timeout: 3s}", "timeout", "`timeout` means nothing for approval"),
        ("{wait: {for: 1s}, retry: {max: 1}}", "retry", "`retry` means nothing for wait"),
        ("{tool: run_tests, limits: {turns: 3}}", "limits.turns", "`turns` counts model calls, and tool makes none"),
        (
            "{foreach: {in: inputs.names}, tool: run_tests, limits: {visits: 3}}",
            "limits.visits",
            "`visits` is a limit of phases, and an item is entered once",
        ),
    ],
)
def test_keys_that_mean_nothing_are_refused(project_of: Make, graph_says: Say, phase: str, key: str, what: str) -> None:
    """No key is silently ignored."""
    assert graph_says(project_of(f"a: {phase}")) == [
        (f"problem idle-key workflows/build.yaml:phases.a.{key}: {what} (remove it)")
    ]
