"""Inventories in Ansible's YAML form: groups of `hosts`, `vars` and `children`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from runner.targets.hosts.inventory import spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.targets.hosts.inventory import Inventory

_DEEPEST = 30
_KEYS = "hosts, vars and children"


def read(text: str, found: Inventory) -> None:
    """Take in every group; what is wrong is noted, and the rest read on."""
    try:
        if _refuse_links(text, found):
            return
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        found.fault(line, f"the YAML cannot be read: {error.problem}")
        return
    except (yaml.YAMLError, RecursionError) as error:
        found.fault(1, f"the YAML cannot be read: {str(error).splitlines()[0]}")
        return
    for name, line, node in _entries(top, found, "groups"):
        _group(name, line, node, found)


def _refuse_links(text: str, found: Inventory) -> bool:
    """Refuse what makes a small file large, or a tree a circle, and what nobody nests so deep."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            found.fault(line, "it is nested too deep" if depth > _DEEPEST else "an alias is not read here")
            return True
    return False


def _group(name: str, line: int, node: yaml.Node | None, found: Inventory) -> None:
    group = found.group(name, line)
    for key, at, value in _entries(node, found, _KEYS):
        if key == "hosts":
            for host, where, about in _entries(value, found, "hosts"):
                _hosts(host, where, _plain(about, found), name, found)
        elif key == "vars":
            group.variables |= _plain(value, found)
        elif key == "children":
            for child, where, about in _entries(value, found, "groups"):
                group.children[child] = None
                _group(child, where, about, found)
        else:
            found.fault(at, f"`{key}` is no key of a group", f"a group has {_KEYS}")


def _hosts(pattern: str, line: int, variables: dict[str, Any], group: str, found: Inventory) -> None:
    try:
        names = spread(pattern)
    except ValueError as error:
        found.fault(line, str(error))
        return
    for name in names:
        found.group(group, line).hosts[name] = None
        found.host(name, variables, line)


def _entries(node: yaml.Node | None, found: Inventory, what: str) -> Iterator[tuple[str, int, yaml.Node | None]]:
    """The keys of a mapping, each with its line; nothing at all is an empty one."""
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
        return
    if not isinstance(node, yaml.MappingNode):
        found.fault(
            node.start_mark.line + 1, f"expected a mapping of {what}", "write `name:` a line each, with a colon"
        )
        return
    for key, value in node.value:
        yield str(key.value), key.start_mark.line + 1, value


def _plain(node: yaml.Node | None, found: Inventory) -> dict[str, Any]:
    """Variables; those that are no plain values are Ansible's own business."""
    entries = _entries(node, found, "variables")
    return {name: value.value for name, _, value in entries if isinstance(value, yaml.ScalarNode) and value.value}
