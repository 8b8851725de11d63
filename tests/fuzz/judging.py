"""What an accepted mutant is: which values of the project changed, and whether the accident accounts for them.

Nothing may vanish, appear or be read in another way but what stands on the lines that were touched. A text that
swallows the line below it, a list that becomes a text, rules that are no longer there: whatever is misread in silence
has no explanation here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel

from runner.models import ScriptedModel
from runner.models.scripted import read_replies
from runner.project.project import Project
from runner.spec.types import Fields

Leaves = dict[tuple[Any, ...], Any]
_TEXTS = {"description", "prompt", "role", "task", "constraints", "rules", "state", "template", "message", "hint"}
_TEXTS |= {"text", "content", "contains", "old_string", "new_string", "ask", "show"}


def leaves(project: Project) -> Leaves:
    """Every value that the files say, by its way."""
    said: dict[str, Any] = {"settings": project.settings, "prompts": project.prompts}
    for sort in ("agents", "tools", "workflows"):
        said[sort] = {name: entry.spec for name, entry in getattr(project, sort).items()}
    said["packs"] = {name: pack.description for name, pack in project.packs.items()}
    for name, model in project.settings.models.items():
        if isinstance(model, ScriptedModel):
            said[f"replies of {name}"] = read_replies(model.replies, project.files[model.replies])
    return dict(_flat((), said))


def _flat(way: tuple[Any, ...], value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Fields):
        value = {name: {"must": kind.required, **kind.schema} for name, kind in value.types.items()}
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _flat((*way, name), below)
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            yield from _flat((*way, number), below)
    else:
        yield way, value


def explain(text: str, changed: str, before: Leaves, after: Leaves) -> str | None:
    """What the accident did, in a few words; None when it cannot account for what changed."""
    if before == after:
        return "order" if list(before) != list(after) else "nothing that is said: layout, quotes, a comment"
    if not _is_accounted_for(text, changed) or _left_out(text, changed, before, after):
        return None
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    other = {way for way in before.keys() & after.keys() if before[way] != after[way]}
    if any(type(before[way]) is not type(after[way]) for way in other if None not in (before[way], after[way])):
        return None
    if not gone and not new:
        return "a text" if all(_TEXTS & set(way) for way in other) else "a value, for another that is allowed"
    if len(gone) == len(new):
        return "a name, or the place of an entry"
    return "entries less" if len(gone) > len(new) else "entries more"


def _left_out(text: str, changed: str, before: Leaves, after: Leaves) -> bool:
    """Whether the project lost a value that the file still says as often as before."""
    lost = set(map(str, before.values())) - set(map(str, after.values()))
    was, now = (Counter(one.value for one in _scalars(said)) for said in (text, changed))
    return any(was[value] and now[value] >= was[value] for value in lost)


def _is_accounted_for(text: str, changed: str) -> bool:
    """Whether all that was read differently stands on a line that was touched, or in a text that holds one."""
    touched: tuple[set[float], set[float]] = (set(), set())
    lines = SequenceMatcher(None, text.split("\n"), changed.split("\n"), autojunk=False)
    for kind, first, last, new_first, new_last in lines.get_opcodes():
        if kind != "equal":  # where lines only went or came, the other side is touched between two lines
            touched[0].update(range(first, last) or (first - 0.5,))
            touched[1].update(range(new_first, new_last) or (new_first - 0.5,))
    sides = (_scalars(text), _scalars(changed))
    same = Counter(one.value for one in sides[0]) & Counter(one.value for one in sides[1])
    return all(
        one.value in same or one.holds_any(lines) or any(other.takes(one, others_lines) for other in others)
        for side, lines, others, others_lines in zip(sides, touched, reversed(sides), reversed(touched), strict=True)
        for one in side
    )


class _Scalar(NamedTuple):
    value: str
    first: int
    last: int
    is_block: bool

    def holds_any(self, lines: Iterable[float]) -> bool:
        return any(self.first <= line <= self.last + 0.5 for line in lines)

    def takes(self, other: _Scalar, lines: Iterable[float]) -> bool:
        """Whether it is what the other became: a block takes what is indented like it, a text goes on over a line."""
        if self.is_block:
            return other.value.split("\n")[0] in self.value
        goes_on = self.value.startswith(other.value) and not self.value[len(other.value) :].strip().startswith("- ")
        return goes_on and self.holds_any(lines)


def _scalars(text: str) -> list[_Scalar]:
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    found: list[_Scalar] = []
    due: list[Any] = [root]
    while due:
        node = due.pop()
        if isinstance(node, yaml.ScalarNode):
            is_block = node.style in ("|", ">")
            found.append(_Scalar(node.value, node.start_mark.line, node.end_mark.line, is_block))
        elif node is not None:
            due += [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return found
