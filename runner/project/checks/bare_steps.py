"""A step that is a bare name, or holds one as its key: written out with the kind of the thing that has the name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.project.words import flow
from runner.spec.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.project.findings import Finding, Loc
    from runner.project.project import Project

_FORM = "write {tool: NAME}, or {agent: NAME, message: …}: "
_KEYS = (
    *("next", "errors", "when", "limits", "message", "with", "foreach", "join"),
    *("workspace", "timeout", "continue", "target", "fleet"),
)
"""Keys of phases that stand too far left, or among the branches."""
_WRITTEN = ("write ", "`")
"""How hints begin that say already what is written."""
_CODES = frozenset({"wrong-type", "kind"})
_BRANCH = 4
"""Keys that lead to a branch: `phases`, its phase, `parallel`, its name."""


def named(findings: Iterable[Finding], raw: Callable[[str], Any], project: Project) -> Iterator[Finding]:
    """The findings; those about a step that names a thing of the project say how the step is written."""
    for finding in findings:
        if finding.code in _CODES and _is_step(finding.loc) and not finding.hint.startswith("`"):
            data = raw(finding.file)
            value = _value(data, finding.loc)
            hint = _hint(value, finding.loc, data, project)
            form = _FORM if isinstance(value, str) and not finding.hint.startswith(_WRITTEN) else ""
            yield replace(finding, hint=hint or form + finding.hint)
        else:
            yield finding


def _is_step(loc: Loc) -> bool:
    if loc[:1] == ("phases",):
        return len(loc) == len(("phases", "NAME")) or (len(loc) == _BRANCH and loc[2] == "parallel")
    return loc == ("finally",)


def _value(data: Any, loc: Loc) -> Any:
    for part in loc:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _hint(value: Any, loc: Loc, data: Any, project: Project) -> str:
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else _only(value)
    if loc[-1] in _KEYS and loc[0] == "phases":
        move = (
            "move it out of `parallel`, as far left as that"
            if len(loc) == _BRANCH
            else "indent it as far as the other keys above"
        )
        return f"`{loc[-1]}` is a key of the phase: {move}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        several = "it is one step: several are the phases of another workflow, here {workflow: NAME}"
        return several if value[1:] else f"write {flow(value[0])}, without a - or brackets"
    if loc == ("finally",) and isinstance(value, str) and value in data.get("phases", ()):
        return f"`{value}` is a phase, and `finally` is a step of its own: write the keys of `{value}` below it"
    return next((step for name in names if (step := _step(str(name), project))), "")


def _only(value: Any) -> list[Any]:
    """The name in a list of one."""
    return value if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else []


def _step(name: str, project: Project) -> str:
    """How a call of the thing with a name, or the one that is nearest to it, is written."""
    forms = {
        **dict.fromkeys(project.declared_workflows, "{workflow: NAME}"),
        **dict.fromkeys(project.agents, "{agent: NAME, message: …}"),
        **dict.fromkeys(project.tools, "{tool: NAME}"),
    }
    meant = nearest(name, forms, cutoff=0.8)
    return f"write {forms[meant].replace('NAME', meant)}" if meant else ""
