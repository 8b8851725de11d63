"""How rules of `permissions` are written that stand in another shape: a mapping, a word, `TOOL: ACTION`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from runner.policy import Action, Rule
from runner.project.words import flow

if TYPE_CHECKING:
    from runner.project.findings import Loc

_ACTIONS = get_args(Action)
_KEYS = frozenset(Rule.model_fields)
_LONGEST = 3
"""Rules that a hint writes out."""


def of_value(loc: Loc, value: Any) -> str:
    """How the rules at `permissions`, or an entry there, are written; nothing at other places."""
    if loc[-1:] == ("permissions",):
        rules = _rules(value)
        more = ["…"] if len(rules) > _LONGEST else []
        return f"write a list: [{', '.join([*map(flow, rules[:_LONGEST]), *more])}]" if rules else ""
    if loc[-2:-1] == ("permissions",) and isinstance(loc[-1], int):
        rules = _rules(value)
        return f"write {flow(rules[0])}" if len(rules) == 1 else ""
    if loc[-1:] == ("tool",) and "permissions" in loc and isinstance(value, list) and value:
        return "a rule is about one selector: write a rule for each, or pack/*, or tag:WORD"
    return ""


def of_key(loc: Loc, value: Any) -> str:
    """How a rule is written one of whose keys is a tool or an action; nothing for other keys."""
    rules = _rules({loc[-1]: value}) if loc[-3:-2] == ("permissions",) else []
    return f"write {flow(rules[0])}" if len(rules) == 1 else ""


def _rules(value: Any) -> list[dict[str, str]]:
    """The rules that were probably meant."""
    if isinstance(value, str):
        return _rule_of_words(value)
    if not isinstance(value, dict) or not value:
        return []
    if set(value) <= _KEYS:
        return [value]
    return [rule for key, item in value.items() for rule in _rules_of_pair(key, item)]


def _rules_of_pair(key: Any, value: Any) -> list[dict[str, str]]:
    """`TOOL: ACTION`, `ACTION: TOOL` or `ACTION: [TOOL, …]`."""
    if value in _ACTIONS:
        return [{"tool": str(key), "action": value}]
    tools = value if isinstance(value, list) else [value]
    return [{"tool": tool, "action": key} for tool in tools if isinstance(tool, str)] if key in _ACTIONS else []


def _rule_of_words(text: str) -> list[dict[str, str]]:
    """`ACTION`, `ACTION TOOL` or `TOOL ACTION`."""
    words = text.replace(":", " ").split() if "tag:" not in text else text.split()
    actions = [word for word in words if word in _ACTIONS]
    tools = [word for word in words if word not in _ACTIONS]
    if len(actions) != 1 or len(tools) > 1:
        return []
    return [{"tool": tool, "action": actions[0]} for tool in tools] or [{"action": actions[0]}]
