"""The fields of phases: one kind each, `foreach` beside a body's own keys, names of branches (rules R1, R5)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.project.phases import ForeachPhase, ParallelPhase, PhaseSpec, ToolBody, kind_of

PHASE: TypeAdapter[Any] = TypeAdapter(PhaseSpec)


def faults(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Kind and words of what is wrong with a phase."""
    with pytest.raises(ValidationError) as caught:
        PHASE.validate_python(data)
    return [(fault["type"], fault["msg"]) for fault in caught.value.errors()]


@pytest.mark.parametrize(
    "data, kind",
    [
        ({"agent": "a", "message": "m"}, "agent"),
        ({"tool": "t"}, "tool"),
        ({"workflow": "w"}, "workflow"),
        ({"approval": {"ask": "q"}}, "approval"),
        ({"wait": {"for": "10m"}}, "wait"),
        ({"parallel": {"a": {"tool": "t"}}}, "parallel"),
        ({"foreach": {"in": "inputs.ids"}, "tool": "t"}, "foreach"),
    ],
)
def test_r1_a_phase_is_one_of_seven_kinds(data: dict[str, Any], kind: str) -> None:
    """The key that is there says which."""
    assert kind_of(PHASE.validate_python(data)) == kind


@pytest.mark.parametrize(
    "data", [{}, {"tool": "t", "agent": "a", "message": "m"}, {"parallel": {"x": {"tool": "t"}}, "tool": "t"}]
)
def test_r1_none_or_two_kinds_are_refused(data: dict[str, Any]) -> None:
    """A phase does one thing."""
    assert faults(data) == [("kind", "exactly one of agent, tool, workflow, approval, wait, parallel says what it is")]


def test_r5_foreach_stands_beside_its_bodys_keys() -> None:
    """In the file the keys stand side by side; read, the body is a step of its own."""
    phase = PHASE.validate_python(
        {
            "foreach": {"in": "inputs.ids", "as": "n"},
            "tool": "mark",
            "with": {"key": "{{ n }}"},
            "when": "n",
            "next": "b",
        }
    )
    assert isinstance(phase, ForeachPhase)
    assert isinstance(phase.body, ToolBody)
    assert (phase.body.tool, phase.body.with_, phase.body.when, phase.next) == ("mark", {"key": "{{ n }}"}, "n", "b")


def test_r5_foreach_has_its_defaults() -> None:
    """One item at a time, called `item`, and none may fail."""
    each = PHASE.validate_python({"foreach": {"in": "x"}, "tool": "t"}).foreach
    assert (each.as_, each.concurrency, each.max_failures) == ("item", 1, 0)


@pytest.mark.parametrize("body", [{}, {"parallel": {"a": {"tool": "t"}}}])
def test_r5_foreach_needs_a_body_of_one_step(body: dict[str, Any]) -> None:
    """Alone it does nothing, and a block inside is a workflow's work."""
    assert faults({"foreach": {"in": "x"}, **body})[0][0] == "kind"


def test_r5_extensions_beside_foreach_are_ignored() -> None:
    """`x-…` keys are nobody's."""
    assert kind_of(PHASE.validate_python({"foreach": {"in": "x"}, "tool": "t", "x-note": 1})) == "foreach"


@pytest.mark.parametrize("name", ["status", "ok", "output", "error", "visits", "history", "items"])
def test_r5_the_words_of_a_record_name_no_branch(name: str) -> None:
    """`phases.verify.ok` could mean two things."""
    assert faults({"parallel": {name: {"tool": "t"}}}) == [
        ("reserved", f"`{name}` is a part of every record and cannot name a branch")
    ]


@pytest.mark.parametrize("key, value", [("next", "b"), ("errors", [{"match": "any", "to": "b"}]), ("continue", "b")])
def test_r5_edges_never_leave_a_block(key: str, value: object) -> None:
    """Branches and bodies have no ways out of their own."""
    branch = {"agent": "a", "message": "m", key: value}
    assert faults({"parallel": {"one": branch}})[0][0] == "extra_forbidden"


def test_r5_a_block_has_branches() -> None:
    """None is no block."""
    assert faults({"parallel": {}})[0][0] == "too_short"


@pytest.mark.parametrize("wait", [{}, {"for": "1s", "until": "inputs.at"}])
def test_r1_wait_takes_one_of_its_two_keys(wait: dict[str, str]) -> None:
    """A duration or a time."""
    assert faults({"wait": wait}) == [("wait_one", "wait takes exactly one of `for` and `until`")]


def test_r1_an_approval_expires_after_a_day() -> None:
    """Unless its deadline says otherwise."""
    assert PHASE.validate_python({"approval": {"ask": "q"}}).approval.deadline == 86400.0


@pytest.mark.parametrize("join", ["most", 0])
def test_r5_join_is_all_any_or_a_number(join: object) -> None:
    """Nothing else."""
    with pytest.raises(ValidationError):
        PHASE.validate_python({"parallel": {"a": {"tool": "t"}}, "join": join})
    assert isinstance(PHASE.validate_python({"parallel": {"a": {"tool": "t"}}, "join": 1}), ParallelPhase)


def test_r3_max_is_a_constant() -> None:
    """An expression would be a bound that is no bound."""
    assert "int_type" in dict(faults({"tool": "t", "next": [{"to": "a", "max": "inputs.n"}]}))
