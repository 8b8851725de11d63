"""Rules that never decide anything, because one above them takes all that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.policy import Rule
    from runner.spec.selectors import Selectables


class Reach:
    """What rules are about: tools, each with the risks that its calls may have."""

    def __init__(self, tools: Selectables, risks: Mapping[str, Sequence[str]]) -> None:
        self._tools = tools
        self._risks = risks
        self._found: dict[tuple[str | None, str | None], set[tuple[str, str]]] = {}

    def of(self, rule: Rule) -> set[tuple[str, str]]:
        """The tools that a rule is about, each with those of its risks that it is about."""
        key = rule.tool, rule.risk
        if key not in self._found:
            names = self._risks if rule.tool is None else self._tools.find(rule.tool)
            pairs = ((name, risk) for name in names for risk in self._risks.get(name, ()))
            self._found[key] = {pair for pair in pairs if rule.risk in (None, pair[1])}
        return self._found[key]


def check(file: str, rules: Sequence[Rule], reach: Reach) -> Iterator[Finding]:
    """A warning for each rule that an earlier one of another action keeps from ever being reached."""
    for place, rule in enumerate(rules):
        for above, other in enumerate(rules[:place]):
            if _covers(other, rule) and reach.of(rule) and reach.of(rule) <= reach.of(other):
                if other.action != rule.action:
                    what = f"never reached: permissions[{above}] decides all that it is about ({other.action})"
                    hint = "the first match decides: write this rule above that one"
                    yield Finding("unreached-rule", file, ("permissions", place), what, hint, severity="warning")
                break


def _covers(other: Rule, rule: Rule) -> bool:
    """Whether a rule is about every agent, target and command that another one is about."""
    return (
        other.agent in (None, "*", rule.agent)
        and (other.target in (None, rule.target))
        and (other.argv in (None, rule.argv))
        and (other.agent != "*" or rule.agent is not None)
    )
