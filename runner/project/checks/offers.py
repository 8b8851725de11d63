"""What selectors find, and what the tools that they find are to agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project import targets
from runner.project.findings import Finding
from runner.project.words import flow
from runner.spec.selectors import Selectable, Selectables
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.project.findings import Loc
    from runner.project.project import ToolEntry


class Offers:
    """What the tools are to those that select them: by selectors, and whether and to whom they are offered."""

    def __init__(self, tools: Mapping[str, ToolEntry]) -> None:
        self._tools = tools
        self._open = frozenset([name for name, tool in tools.items() if tool.spec.enabled and tool.agents is None])
        self.things = Selectables(Selectable(tool.name, tool.pack, tool.spec.tags) for tool in tools.values())

    def of(self, agent: str, found: Iterable[str]) -> tuple[str, ...]:
        """The tools among those found that an agent gets, sorted."""
        return tuple(sorted([name for name in found if name in self._open or self.may_call(agent, name)]))

    def may_call(self, agent: str, tool: str) -> bool:
        """Whether an agent that selects a tool gets it."""
        entry = self._tools[tool]
        return entry.spec.enabled and (entry.agents is None or agent in entry.agents)

    def refusal(self, agent: str, selector: str) -> tuple[str, str] | None:
        """What to say, with a hint, to an agent that names a tool and does not get it."""
        entry = self._tools.get(selector)
        if entry is None or self.may_call(agent, selector):
            return None
        who = ", ".join(sorted(entry.agents or ())) or "nobody"
        return f"`{selector}` may be called by {who} only", f"see its `agents` in {entry.file}"


def selected(
    selectors: Sequence[str], things: Selectables, file: str, loc: Loc, what: str
) -> tuple[list[str], list[Finding]]:
    """The names found, and a finding for each selector that found nothing."""
    found, idle = things.select(selectors)
    findings = []
    for selector in idle:
        known = things.things
        words = selector.replace(",", " ").split()
        several = f"write each as an entry of its own: {flow(words)}" if words[1:] else ""
        several = several or (
            f"write it without the comma: {flow(words[0])}" if selector.endswith(",") and words else ""
        )
        hint = several or hint_for(selector.removeprefix("-"), what, known)
        place = (*loc, selectors.index(selector))
        findings.append(Finding("unknown-selector", file, place, f"`{selector}` finds no {what}", hint))
    for selector in things.in_vain(selectors):
        said = f"`{selector}` takes nothing away: nothing before it chooses a {what} of that name"
        others = [one for one in selectors if one != selector]
        place = (*loc, selectors.index(selector))
        hint = f"write it last: {flow([*others, selector])}" if others else f"say before it which, such as {flow('*')}"
        findings.append(Finding("idle-selector", file, place, said, hint, "warning"))
    return found, findings


def hint_for(selector: str, what: str, things: Iterable[Selectable]) -> str:
    """The hint for a selector that finds nothing: the one that is meant, or what there is."""
    if what == "target":
        return targets.hint_for(selector, things)
    return did_you_mean(selector, _known(things)) or _suggestion(selector, what, things)


def _known(things: Iterable[Selectable]) -> list[str]:
    """Every selector that finds something."""
    packs = {f"{thing.pack}/*" for thing in things if thing.pack}
    tags = {f"tag:{tag}" for thing in things for tag in thing.tags}
    return [*(thing.name for thing in things), *sorted(packs), *sorted(tags)]


def _suggestion(selector: str, what: str, things: Iterable[Selectable]) -> str:
    pack = selector.partition("/")[0]
    if selector.startswith("tag:"):
        return f"tags: {', '.join(sorted({tag for thing in things for tag in thing.tags})) or 'no tool has any'}"
    if what == "tool" and "/" in selector:
        return f"write tools.d/{pack}.yaml, or add std/{pack} to `use` in runner.yaml if it ships"
    return ""
