"""Rules for tool calls: which one decides, and what holds without any.

Lists are read apart (runner.yaml's, the workflow's, the agent's): in a list the first match decides, among the lists'
answers the strictest wins. When no list has a match, `risk: read` is allowed and all else asks. A run whose revision is
no longer the one in force is judged by both, and the strictest of the two judgements holds. A run that has read what
strangers may have written asks for everything but reads that send nothing out, whatever the lists allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from runner.spec import Items, Selector, Spec
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
    target: Selector | None = None
    """The targets that it is about, as a selector: local, sandbox, a host, group:prod."""
    argv: Items[str] | None = Field(default=None, min_length=1)
    """The commands that it is about, word by word: `*` fits any part of a word, and alone at the end whatever follows.
    What needs a shell is about every command for a rule that asks or denies, and about none for one that allows."""
    action: Action
    """What happens then: the call is allowed, a person is asked, or it is denied."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a tool by its names and tags, the call's risk, who calls it, where it acts, and its command."""

    tool: str
    pack: str
    tags: tuple[str, ...]
    risk: str
    agent: str
    target: str
    groups: tuple[str, ...] = ()
    """The groups that the target is in."""
    argv: tuple[str, ...] | None = None
    """The words of the command, when it is one and could be taken apart."""
    shell: bool = False
    """Whether it is a command line that only a shell can take apart."""
    egress: bool = False
    """Whether it sends data out of this machine."""
    tainted: bool = False
    """Whether its run has read what strangers may have written."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer and the rule it comes from, in words."""

    action: Action
    rule: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one list says."""

    origin: str
    action: Action | None
    """None when none of its rules matches."""
    rule: int | None = None
    """The place of the rule that decides, the first that matches."""
    covered: tuple[int, ...] = ()
    """The places of the rules after it that match too, and are not asked."""

    @property
    def words(self) -> str:
        """The rule, as judgements name it."""
        return f"{self.origin} permissions[{self.rule}]"


@dataclass(frozen=True, slots=True)
class Explained:
    """A judgement, and what each list said, in their order."""

    judgement: Judgement
    answers: tuple[Answer, ...]


def judge(subject: Subject, lists: Iterable[tuple[str, Sequence[Rule]]]) -> Judgement:
    """The strictest answer of the lists, each given with the name of the file that holds it."""
    return explain(subject, lists).judgement


def explain(subject: Subject, lists: Iterable[tuple[str, Sequence[Rule]]]) -> Explained:
    """The judgement with every list's own answer."""
    answers = tuple(_answer(subject, origin, rules) for origin, rules in lists)
    said = [Judgement(answer.action, answer.words) for answer in answers if answer.action] or [_default(subject)]
    if subject.tainted and (subject.risk != "read" or subject.egress):
        said.append(Judgement("ask", "taint: the run has read what strangers may have written"))
    return Explained(strictest(said), answers)


def _default(subject: Subject) -> Judgement:
    if subject.risk == "read":
        return Judgement("allow", "default: risk read is allowed")
    return Judgement("ask", f"default: no rule matches and risk is {subject.risk}")


def strictest(judgements: Iterable[Judgement]) -> Judgement:
    """The strictest of several judgements, the first among equals."""
    return max(judgements, key=lambda judgement: _STRICTNESS[judgement.action])


def deciding(subject: Subject, rules: Sequence[Rule]) -> int | None:
    """The place of the rule of one list that decides, the first that matches; None when none does."""
    return next(iter(_matching(subject, rules)), None)


def _answer(subject: Subject, origin: str, rules: Sequence[Rule]) -> Answer:
    found = _matching(subject, rules)
    return Answer(origin, rules[found[0]].action, found[0], tuple(found[1:])) if found else Answer(origin, None)


def _matching(subject: Subject, rules: Sequence[Rule]) -> list[int]:
    """The places of the rules that match, the one that decides first.

    A rule about words may be about what a shell makes of a text: the strictest of those before the first one that
    is surely about the call, and that one.
    """
    found = [index for index, rule in enumerate(rules) if _applies(rule, subject)]
    if not subject.shell:
        return found
    sure = next((place for place, index in enumerate(found) if rules[index].argv is None), len(found))
    head, rest = found[: sure + 1], found[sure + 1 :]
    return sorted(head, key=lambda index: -_STRICTNESS[rules[index].action]) + rest


def _applies(rule: Rule, subject: Subject) -> bool:
    return (
        (rule.tool is None or matches(rule.tool, subject.tool, pack=subject.pack, tags=subject.tags))
        and (rule.risk is None or rule.risk == subject.risk)
        and (rule.agent is None or (subject.agent != "" and matches(rule.agent, subject.agent)))
        and (rule.target is None or matches(rule.target, subject.target, groups=subject.groups))
        and (rule.argv is None or _is_about(rule.argv, subject, widens=rule.action == "allow"))
    )


def _is_about(patterns: tuple[str, ...], subject: Subject, *, widens: bool) -> bool:
    """Whether patterns of words fit the command; what cannot be known counts against the call."""
    if subject.shell:
        return not widens
    if not subject.argv:
        return False
    if _fit(patterns, subject.argv):
        return True
    name = PurePosixPath(subject.argv[0]).name
    return not widens and _fit(patterns, (name, *subject.argv[1:]))


def _fit(patterns: tuple[str, ...], argv: tuple[str, ...]) -> bool:
    if patterns[-1] == "*":
        patterns, argv = patterns[:-1], argv[: len(patterns) - 1]
    return len(patterns) == len(argv) and all(map(fnmatchcase, argv, patterns))
