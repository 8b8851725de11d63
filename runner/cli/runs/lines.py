"""Where an edge stands: file and line of the entry in the workflow of the revision that a run began with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runner.runs.events import EdgeTaken
from runner.runs.paths import FINALLY, split

if TYPE_CHECKING:
    import yaml

    from runner.runs.events import PhaseSkipped


class EdgeLines:
    """The places of edges in a revision's files, for runs of one workflow and those that it calls."""

    def __init__(self, files: Mapping[str, bytes], workflow: str) -> None:
        self._files = files
        self._workflow = workflow
        self._trees: dict[str, yaml.Node | None] = {}

    def of(self, event: EdgeTaken | PhaseSkipped) -> str:
        """`file:line` of what an event went by; empty when no line says it, as for the way to the following phase."""
        scope, phase, _ = split(event.path)
        file = self._file(self._called(scope))
        keys = (event.via, event.index) if isinstance(event, EdgeTaken) else ("when",)
        node = _at(self._tree(file), ("phases", phase, *keys))
        return f"{file}:{node.start_mark.line + 1}" if node is not None else ""

    def of_phase(self, path: str) -> str:
        """`file:line` of the phase that a visit's path names; empty when no file says it."""
        scope, phase, _ = split(path)
        file = self._file(self._called(scope))
        tree = self._tree(file)
        line = _line_of(tree if phase == FINALLY else _at(tree, ("phases",)), phase)
        return f"{file}:{line}" if line else ""

    def _called(self, scope: str) -> str:
        """The workflow that is walked in a scope; empty when no file of a workflow says it."""
        workflow, parts = self._workflow, scope.split("/") if scope else []
        while parts and workflow:
            phase, _visit, *parts = parts
            body = _at(self._tree(self._file(workflow)), ("phases", phase))
            if _at(body, ("parallel",)) is not None:
                body = _at(body, ("parallel", *parts[:1]))
                parts = parts[1:]
            elif _at(body, ("foreach",)) is not None:
                parts = parts[1:]
            called = _at(body, ("workflow",))
            workflow = str(called.value) if called is not None else ""
        return workflow

    def _file(self, workflow: str) -> str:
        names = (f"workflows/{workflow}.yaml", f"std/workflows/{workflow}.yaml")
        return next((name for name in names if workflow and name in self._files), "")

    def _tree(self, file: str) -> yaml.Node | None:
        import yaml

        if file and file not in self._trees:
            self._trees[file] = yaml.compose(self._files[file], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return self._trees.get(file)


def _line_of(node: yaml.Node | None, key: str) -> int:
    """The line of a key itself; 0 when it is not there."""
    import yaml

    names = [name for name, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    return next((name.start_mark.line + 1 for name in names if name.value == key), 0)


def _at(node: yaml.Node | None, keys: tuple[str | int, ...]) -> yaml.Node | None:
    """The node under keys; an index into what is no list (`next: NAME`) is the value itself."""
    import yaml

    for key in keys:
        if isinstance(node, yaml.MappingNode):
            node = next((value for name, value in node.value if name.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            node = node.value[key] if key < len(node.value) else None
        elif not isinstance(key, int):
            return None
    return node
