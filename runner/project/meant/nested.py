"""Kinds of phases that stand where one step is held: in a branch, in an item, in `finally`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.project.findings import Loc

_KINDS = ("foreach", "parallel")
"""Kinds that hold steps; only phases are of them."""
_IN_A_BRANCH = {
    "foreach": "move it out, to a phase of its own, or into a workflow of its own: {workflow: NAME}",
    "parallel": "put its branches beside this one, or into a workflow of their own: {workflow: NAME}",
}


def told(loc: Loc, keys: Any) -> tuple[str, str] | None:
    """What is wrong with a step at `loc` that has these keys, and a hint; None when it holds no other steps."""
    kind = next((kind for kind in _KINDS if kind in keys), "")
    if loc[:1] == ("phases",) and loc[-2:-1] == ("parallel",) and kind:
        return f"branches hold one step: a {kind} stands in none", _IN_A_BRANCH[kind]
    if loc == ("finally",) and kind:
        return f"`finally` holds one step: no {kind}", f"put the {kind} into a workflow of its own: {{workflow: NAME}}"
    if loc[:1] == ("phases",) and {*_KINDS} <= {*keys}:
        what = "each item is one step: a parallel stands in none"
        return what, "put its branches into a workflow of their own, and write `workflow: NAME` in place of `parallel`"
    return None
