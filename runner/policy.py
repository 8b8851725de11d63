"""May this call happen: allow, ask or deny, and by which rule.

Lists are read apart (runner.yaml's, the workflow's, the agent's): in a list the first match decides, among the lists'
answers the strictest wins. When no list has a match, `risk: read` is allowed and all else asks. A run whose revision is
no longer the one in force is judged by both, and the strictest of the two judgements holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from runner.spec import Selector, Spec
from runner.spec.selectors import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Action = Literal["allow", "ask", "deny"]
_STRICTNESS: dict[str, int] = {"allow": 0, "ask": 1, "deny": 2}


class Rule(Spec):
    """A rule for tool calls: every key it has must match."""

    tool: Selector | None = None
    """The tools that it is about, as a selector."""
    risk: Literal["read", "write", "danger"] | None = None
    """The risk of the tools that it is about."""
    agent: Selector | None = None
    """The agents that it is about, as a selector; a phase that calls a tool itself is no agent."""
    target: str | None = None
    """The targets that it is about."""
    action: Action
    """What happens then: the call is allowed, a person is asked, or it is denied."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a tool by its names and tags, its risk, who calls it and where it acts."""

    tool: str
    pack: str
    tags: tuple[str, ...]
    risk: str
    agent: str
    target: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer and the rule it comes from, in words."""

    action: Action
    rule: str


def judge(subject: Subject, lists: Iterable[tuple[str, Sequence[Rule]]]) -> Judgement:
    """The strictest answer of the lists, each given with the name of the file that holds it."""
    answers = [answer for origin, rules in lists if (answer := _first(subject, origin, rules))]
    if answers:
        return strictest(answers)
    if subject.risk == "read":
        return Judgement("allow", "default: risk read is allowed")
    return Judgement("ask", f"default: no rule matches and risk is {subject.risk}")


def strictest(judgements: Iterable[Judgement]) -> Judgement:
    """The strictest of several judgements, the first among equals."""
    return max(judgements, key=lambda judgement: _STRICTNESS[judgement.action])


def deciding(subject: Subject, rules: Sequence[Rule]) -> int | None:
    """The place of the rule of one list that decides, the first that matches; None when none does."""
    return next((index for index, rule in enumerate(rules) if _applies(rule, subject)), None)


def _first(subject: Subject, origin: str, rules: Sequence[Rule]) -> Judgement | None:
    index = deciding(subject, rules)
    return None if index is None else Judgement(rules[index].action, f"{origin} permissions[{index}]")


def _applies(rule: Rule, subject: Subject) -> bool:
    return (
        (rule.tool is None or matches(rule.tool, subject.tool, pack=subject.pack, tags=subject.tags))
        and (rule.risk is None or rule.risk == subject.risk)
        and (rule.agent is None or (subject.agent != "" and matches(rule.agent, subject.agent)))
        and (rule.target is None or matches(rule.target, subject.target))
    )
