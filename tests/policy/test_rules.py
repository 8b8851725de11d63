"""May this call happen: first match in a list, strictest among lists, and what holds without a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from pydantic import ValidationError

from runner.policy import Answer, Judgement, Rule, Subject, explain, judge

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


PUSH = replace(WRITE, tool="run_command", argv=("git", "push", "origin", "main"))
SHELL = replace(PUSH, argv=None, shell=True, risk="danger")  # noqa: S604 - a field of that name


@pytest.mark.parametrize(
    "argv", [["git", "push", "*"], ["git", "*"], ["*"], ["git", "push", "origin", "ma*"], ["git", "push", "or*", "*"]]
)
def test_a_rule_is_about_the_words_of_a_command(argv: list[str]) -> None:
    """Word by word; a star alone at the end is whatever follows."""
    rules = [Rule.model_validate({"argv": argv, "action": "deny"})]
    assert judge(PUSH, [("runner.yaml", rules)]).action == "deny"


@pytest.mark.parametrize(
    "argv", [["git", "push"], ["git", "pull", "*"], ["git push origin main"], ["g", "*", "x"], ["*", "x"]]
)
def test_other_words_are_no_match(argv: list[str]) -> None:
    """The default holds."""
    rules = [Rule.model_validate({"argv": argv, "action": "deny"})]
    assert judge(PUSH, [("runner.yaml", rules)]).action == "ask"


def test_a_path_to_a_program_is_denied_as_its_name_is_and_not_allowed_as_it_is() -> None:
    """/tmp/git is git for a rule that forbids it, and something else for one that allows it."""
    elsewhere = replace(PUSH, argv=("/tmp/git", "push"))
    allowing = [Rule.model_validate({"argv": ["git", "*"], "action": "allow"})]
    assert judge(elsewhere, [("x", allowing)]).action == "ask"
    denying = [Rule.model_validate({"argv": ["git", "*"], "action": "deny"})]
    assert judge(elsewhere, [("x", denying)]).action == "deny"


@pytest.mark.parametrize("action, answer", [("deny", "deny"), ("ask", "ask"), ("allow", "ask")])
def test_what_needs_a_shell_may_be_any_command_for_a_rule_that_holds_back(action: str, answer: str) -> None:
    """And is none for a rule that allows."""
    rules = [Rule.model_validate({"argv": ["git", "push", "*"], "action": action})]
    assert judge(SHELL, [("x", rules)]).action == answer


def test_a_rule_that_may_be_about_a_shell_text_does_not_hide_a_stricter_one() -> None:
    """The strictest up to the first that surely is about it."""
    rules = [Rule(argv=("git", "*"), action="ask"), Rule(argv=("rm", "*"), action="deny"), Rule(action="allow")]
    assert judge(SHELL, [("x", rules)]) == Judgement("deny", "x permissions[1]")
    rules = [Rule(argv=("git", "*"), action="ask"), Rule(risk="danger", action="deny")]
    assert judge(SHELL, [("x", rules)]).action == "deny"


def test_a_call_without_a_command_is_no_match_of_a_rule_about_words() -> None:
    """A python tool has no words."""
    assert judge(WRITE, [("x", [Rule(argv=("*",), action="deny")])]).action == "ask"


@pytest.mark.parametrize(
    "target, answer", [("web1", "deny"), ("group:web", "deny"), ("group:db", "ask"), ("*", "deny")]
)
def test_a_target_is_found_by_name_or_group(target: str, answer: str) -> None:
    """As all selectors do."""
    subject = replace(WRITE, target="web1", groups=("hosts", "web"))
    assert judge(subject, [("x", [Rule(target=target, action="deny")])]).action == answer


def test_a_tainted_run_asks_whatever_the_lists_allow() -> None:
    """For all but reads that send nothing out; a denial stays one."""
    allow, deny = [("x", [Rule(action="allow")])], [("x", [Rule(action="deny")])]
    assert judge(replace(WRITE, tainted=True), allow).action == "ask"
    assert judge(replace(READ, tainted=True), allow).action == "allow"
    assert judge(replace(READ, tainted=True, egress=True), allow).action == "ask"
    assert judge(replace(WRITE, tainted=True), deny).action == "deny"


def test_every_list_says_what_it_answers() -> None:
    """The rule that decides, and those below it that match too."""
    rules = [Rule(tool="look", action="deny"), Rule(tool="edit", action="allow"), Rule(action="deny")]
    told = explain(WRITE, [("runner.yaml", rules), ("agents.d/coder.yaml", [Rule(risk="danger", action="deny")])])
    assert told.judgement == Judgement("allow", "runner.yaml permissions[1]")
    assert told.answers == (Answer("runner.yaml", "allow", 1, (2,)), Answer("agents.d/coder.yaml", None))
