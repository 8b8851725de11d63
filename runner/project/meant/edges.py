"""Entries of `next` and `errors` that belong to the other list, and bounds of theirs that would have to be computed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.project.flow import ErrorEdge
from runner.project.meant import fields, known_as
from runner.project.meant.rewrite import COMPUTED
from runner.project.words import flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.project.findings import Finding

_ENTRY = 5
"""Keys and indexes that lead to a key of an entry: phases, NAME, next, 0, to."""
_MATCHES = fields.choices(ErrorEdge.model_fields["match"].annotation)


def told(findings: Iterable[Finding], data: Any) -> Iterator[Finding]:
    """The findings of a workflow with this data, with hints that repeat the entry they are about."""
    for finding in findings:
        hint = _hint(finding, data) if len(finding.loc) == _ENTRY and finding.loc[0] == "phases" else ""
        yield replace(finding, hint=hint) if hint else finding


def _hint(finding: Finding, data: Any) -> str:
    _, name, edges, index, key = finding.loc
    phase = data["phases"][name]
    if edges not in ("next", "errors") or not isinstance(phase[edges], list):
        return ""
    entry = phase[edges][index]
    if finding.code == "unknown-key" and (edges, key) == ("next", "match"):
        return _of_errors(entry)
    if finding.code == "unknown-key" and (edges, key) == ("errors", "when"):
        return _of_next(entry, phase, [*data["phases"]], str(name))
    if finding.code == "wrong-type" and (edges, key) == ("next", "max"):
        return _counted(entry, str(name), finding.hint, is_last=index == len(phase["next"]) - 1)
    return ""


def _of_errors(entry: Mapping[str, Any]) -> str:
    if "when" in entry:
        return "an entry has one of them: `when` in `next`, `match` in `errors`"
    return f"`match` belongs to `errors`: move this entry there: errors: [{flow(dict(entry))}]"


def _of_next(entry: Mapping[str, Any], phase: Mapping[str, Any], phases: list[str], name: str) -> str:
    """Where an entry of `errors` belongs that has a condition; nothing for one that names a kind of failure."""
    if "match" in entry:
        return "remove it: an entry of `errors` asks for nothing but the kind of failure; `max: 3` bounds it"
    if known_as.chosen(str(entry["when"]), _MATCHES):
        return ""
    belongs = "`when` belongs to `next`: move this entry there"
    if isinstance(phase.get("next"), list):
        return f"{belongs}, above the last one: {flow(dict(entry))}"
    following = phases[phases.index(name) + 1 :]
    otherwise = phase.get("next") or (following[0] if following else "pass")
    return f"{belongs}: next: {flow([dict(entry), {'to': otherwise}])}"


def _counted(entry: Mapping[str, Any], name: str, hint: str, *, is_last: bool) -> str:
    """How an edge is taken as often as an input says: its phase's visits are counted in its condition."""
    found = COMPUTED.fullmatch(str(entry["max"]))
    if found is None or not hint:
        return ""
    count = found[1] or found[2]
    asked = f"phases.{name}.visits <= {count}"
    if "when" not in entry:
        below = ", and below it `{to: fail}`" if is_last else ""
        return f"{hint}; to stop earlier add `when: {asked}` to this entry{below}"
    alone = ", in brackets the rest of it" if re.search(r"\bor\b|\bif\b", str(entry["when"])) else ""
    return f"{hint}; to stop earlier add `and {asked}` to its `when`{alone}"
