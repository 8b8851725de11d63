"""Rules that never decide anything, because one above them takes all that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.policy import Rule
    from runner.project.project import Project
    from runner.spec.selectors import Selectables


def check(file: str, rules: Sequence[Rule], tools: Selectables, project: Project) -> Iterator[Finding]:
    """A warning for each rule that an earlier one of another action keeps from ever being reached."""
    reach = [_calls(rule, tools, project) for rule in rules]
    for place, rule in enumerate(rules):
        for above, other in enumerate(rules[:place]):
            if reach[place] and reach[place] <= reach[above] and _covers(other, rule):
                if other.action != rule.action:
                    what = f"never reached: permissions[{above}] decides all that it is about ({other.action})"
                    hint = "the first match decides: write this rule above that one"
                    yield Finding("unreached-rule", file, ("permissions", place), what, hint, severity="warning")
                break


def _calls(rule: Rule, tools: Selectables, project: Project) -> set[tuple[str, str]]:
    """The tools that a rule is about, each with the risks that its calls may have."""
    names = project.tools if rule.tool is None else tools.find(rule.tool)
    return {
        (name, risk)
        for name in names
        if name in project.tools
        for risk in project.tools[name].risks
        if rule.risk in (None, risk)
    }


def _covers(other: Rule, rule: Rule) -> bool:
    """Whether a rule is about every agent, target and command that another one is about."""
    return (
        other.agent in (None, "*", rule.agent)
        and (other.target in (None, rule.target))
        and (other.argv in (None, rule.argv))
        and (other.agent != "*" or rule.agent is not None)
    )
