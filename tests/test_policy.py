"""May this call happen: first match in a list, strictest among lists, and what holds without a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from pydantic import ValidationError

from runner.policy import Judgement, Rule, Subject, judge

WRITE = Subject(tool="edit", pack="files", tags=("code",), risk="write", agent="coder", target="local")
READ = replace(WRITE, tool="look", risk="read")


def test_without_a_rule_reading_is_allowed_and_all_else_asks() -> None:
    """The answer says so."""
    assert judge(READ, []) == Judgement("allow", "default: risk read is allowed")
    assert judge(WRITE, []) == Judgement("ask", "default: no rule matches and risk is write")
    assert judge(replace(WRITE, risk="danger"), []).action == "ask"


def test_in_a_list_the_first_match_decides() -> None:
    """Later rules of the same list are not asked; the answer names the file and the place."""
    rules = [Rule(tool="look", action="deny"), Rule(tool="edit", action="allow"), Rule(action="deny")]
    assert judge(WRITE, [("runner.yaml", rules)]) == Judgement("allow", "runner.yaml permissions[1]")


@pytest.mark.parametrize(
    "actions, answer",
    [
        (("allow", "ask"), "ask"),
        (("deny", "allow"), "deny"),
        (("ask", "deny", "allow"), "deny"),
        (("allow", "allow"), "allow"),
    ],
)
def test_among_lists_the_strictest_answer_wins(
    actions: tuple[Literal["allow", "ask", "deny"], ...], answer: str
) -> None:
    """In whatever order the lists come."""
    lists = [(f"list{index}", [Rule(action=action)]) for index, action in enumerate(actions)]
    assert judge(WRITE, lists).action == answer
    assert judge(WRITE, lists[::-1]).action == answer


def test_a_list_without_a_match_says_nothing() -> None:
    """It does not make an allowed call ask."""
    lists = [
        ("runner.yaml", [Rule(tool="edit", action="allow")]),
        ("agents.d/coder.yaml", [Rule(tool="look", action="deny")]),
    ]
    assert judge(WRITE, lists) == Judgement("allow", "runner.yaml permissions[0]")


def test_a_rule_can_forbid_reading() -> None:
    """The default is only for what no rule names."""
    assert judge(READ, [("runner.yaml", [Rule(risk="read", action="deny")])]).action == "deny"


@pytest.mark.parametrize(
    "rule",
    [
        {"tool": "edit"},
        {"tool": "files/*"},
        {"tool": "files/edit"},
        {"tool": "tag:code"},
        {"tool": "*"},
        {"risk": "write"},
        {"agent": "coder"},
        {"agent": "*"},
        {"target": "local"},
        {"tool": "edit", "risk": "write", "agent": "coder", "target": "local"},
        {},
    ],
)
def test_a_rule_matches_by_every_key_it_has(rule: dict[str, str]) -> None:
    """Each by its selector; a rule without keys matches all."""
    assert judge(WRITE, [("runner.yaml", [Rule.model_validate({**rule, "action": "deny"})])]).action == "deny"


@pytest.mark.parametrize(
    "rule",
    [
        {"tool": "look"},
        {"tool": "qa/*"},
        {"tool": "qa/edit"},
        {"tool": "tag:web"},
        {"risk": "danger"},
        {"agent": "planner"},
        {"target": "web1"},
        {"tool": "edit", "risk": "danger"},
        {"tool": "look", "agent": "coder"},
    ],
)
def test_one_key_that_does_not_match_is_enough(rule: dict[str, str]) -> None:
    """Then the rule says nothing, and the default holds."""
    assert judge(WRITE, [("runner.yaml", [Rule.model_validate({**rule, "action": "deny"})])]).action == "ask"


@pytest.mark.parametrize("agent", ["*", "coder"])
def test_a_call_by_a_phase_has_no_agent(agent: str) -> None:
    """A rule for agents does not touch the author's own tool phases; one without `agent` does."""
    by_phase = replace(WRITE, agent="")
    assert judge(by_phase, [("runner.yaml", [Rule(agent=agent, action="deny")])]).action == "ask"
    assert judge(by_phase, [("runner.yaml", [Rule(action="deny")])]).action == "deny"


@pytest.mark.parametrize(
    "data", [{"tool": "x"}, {"action": "maybe"}, {"action": "ask", "tols": "x"}, {"action": "ask", "risk": "all"}]
)
def test_a_rule_that_says_something_else_is_refused(data: dict[str, str]) -> None:
    """A rule that is read wrong would guard nothing."""
    with pytest.raises(ValidationError):
        Rule.model_validate(data)
