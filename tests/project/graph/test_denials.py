"""Approvals whose denial changes nothing (rule R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

GO = "go: {agent: coder, message: m}\n"


def test_a_denial_that_nothing_reads_goes_on(project_of: Make, names_say: Say) -> None:
    """The warning says where it goes, and what to write."""
    assert names_say(project_of("sure: {approval: {ask: q}}\n" + GO)) == [
        (
            "warning denial-unread workflows/build.yaml:phases.sure: a denial goes on to `go` all the same "
            "(next: [{when: phases.sure.ok, to: go}, {to: fail}])"
        )
    ]


@pytest.mark.parametrize(
    "phases, target",
    [
        ("sure: {approval: {ask: q}, next: other}\nother: {agent: coder, message: m}", "other"),
        ("sure: {approval: {ask: q}}", "pass"),
        ("sure: {approval: {ask: q}, next: [{when: inputs.count > 3, to: go}, {to: pass}]}\n" + GO, "pass"),
    ],
    ids=["another phase", "the last phase", "a list that asks for something else"],
)
def test_the_way_of_a_denial_is_named(project_of: Make, names_say: Say, phases: str, target: str) -> None:
    """It is the way that is taken when no other is."""
    (said,) = names_say(project_of(phases))
    assert f"a denial goes on to `{target}` all the same" in said


@pytest.mark.parametrize(
    "phases",
    [
        "sure: {approval: {ask: q}, next: [{when: phases.sure.ok, to: go}, {to: fail}]}\n" + GO,
        "sure: {approval: {ask: q}, next: fail}",
        "sure: {approval: {ask: q}}\ngo: {agent: coder, message: m, when: phases.sure.ok}",
        "sure: {approval: {ask: q}}\ngo: {agent: coder, message: 'They say {{ phases.sure.status }}'}",
        "sure: {approval: {ask: q}}\ngo: {agent: coder, message: '{{ phases | tojson }}'}",
        "first: {agent: coder, message: m}",
    ],
    ids=["its own list", "an end that fails", "a when", "a message", "all phases", "no approval"],
)
def test_a_denial_that_something_reads_is_right(project_of: Make, names_say: Say, phases: str) -> None:
    """Whatever reads the phase may tell a yes from a no."""
    assert names_say(project_of(phases)) == []


def test_what_is_to_be_written_never_leads_to_the_same_end_twice(project_of: Make, names_say: Say) -> None:
    """Where the last way out fails, a yes goes where another one leads."""
    (said,) = names_say(
        project_of("sure: {approval: {ask: q}, next: [{when: inputs.count > 3, to: go}, {to: fail}]}\n" + GO)
    )
    assert "a denial goes on to `fail` all the same" in said
    assert "next: [{when: phases.sure.ok, to: go}, {to: fail}]" in said


def test_a_condition_that_cannot_be_read_is_its_own_fault(project_of: Make, names_say: Say) -> None:
    """It may ask for the denial once it is mended."""
    phases = "sure: {approval: {ask: q}, next: [{when: '${{ phases.sure.ok }}', to: go}, {to: fail}]}\n" + GO
    said = names_say(project_of(phases))
    assert [line.split()[1] for line in said] == ["template"]
