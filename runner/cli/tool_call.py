"""`runner tools call`: one call of a tool, made by a person, with the rules and the journal of any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import place
from runner.cli.client import find
from runner.cli.explain import arguments
from runner.cli.follow import hand_over
from runner.cli.inputs import texts_of
from runner.cli.names import pick
from runner.cli.run import project_of
from runner.errors import UsageError
from runner.project.targets import PARAMETER, is_moved

if TYPE_CHECKING:
    from runner.project.project import ToolEntry


@click.command
@click.argument("name")
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An argument of the call.")
@click.option("--target", default="", metavar="TARGET", help="Where it runs: local, sandbox, a host, or group:NAME.")
def call_tool(name: str, pairs: tuple[str, ...], target: str) -> int:
    """Call a tool once and watch it.

    The call is judged, asked about and written down as one that a phase of a workflow makes: it is a run of its own,
    `tool:NAME`, to be shown, explained and begun again as any other. `--target group:NAME` calls it on all hosts of a
    group at once. What it gives is printed on stdout, what happens meanwhile on stderr.

    Exits with 0 ok, 1 no, 5 waiting for approval, 6 failed, 7 cancelled.
    """
    from runner.project.startable import call_of, inputs_of_call

    daemon = find(place.storage())
    project = project_of(daemon) if daemon else place.project()
    tool = pick("tool", project.tools, name)
    given = _given(tool, pairs)
    inputs, entry = inputs_of_call(tool, given, target), call_of(project, tool)
    if daemon is None:
        from runner.cli import local

        return local.run(project, entry, inputs)
    return hand_over(daemon, daemon.call(name, given, target), entry.spec.phases, detach=False)


def _given(tool: ToolEntry, pairs: tuple[str, ...]) -> dict[str, Any]:
    """The arguments that were typed; who takes the target for one is told how it is said."""
    if is_moved(tool) and PARAMETER in texts_of(pairs) and PARAMETER not in tool.params.types:
        raise UsageError(f"{tool.name} takes no `{PARAMETER}`", hint="where it runs is said by --target")
    return arguments(tool, pairs)
