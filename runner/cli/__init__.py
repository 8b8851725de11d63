"""The command `runner`: one file a group of verbs; the only place that prints or exits."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from runner import __version__
from runner.cli.edge import execute
from runner.cli.lazy import LazyGroup

_VERSION = click.version_option(
    __version__, prog_name="runner", message="%(prog)s %(version)s", help="Print the version."
)

runner = _VERSION(
    LazyGroup(
        "runner",
        {
            "init": ("runner.cli.init:init", "Make a new project in a folder."),
            "check": ("runner.cli.check:check", "Check the project's files; nothing is started."),
            "up": ("runner.cli.daemon:up", "Start the daemon on this project."),
            "down": ("runner.cli.daemon:down", "Stop the daemon."),
            "ps": ("runner.cli.daemon:ps", "Show the daemon: revision, last reload, runs."),
            "reload": ("runner.cli.daemon:reload", "Let the daemon read the files again."),
            "run": ("runner.cli.run:run", "Run an agent or a workflow and watch it."),
            "chat": ("runner.cli.chat:chat", "Talk with an agent, or with whom a message fits."),
            "test": ("runner.cli.testing:test", "Run the project's cases: by cassettes offline, or live."),
            "doctor": ("runner.cli.doctor:doctor", "Say what would keep runs from working, and what to do."),
            "approve": ("runner.cli.approve:approve", "List what waits for a person, and decide it."),
            "runs": ("runner.cli.runs:runs", "What ran: list, show, why, logs, cancel, resume, export."),
            "agents": ("runner.cli.agents:agents", "The project's agents, and exactly what they are told."),
            "tools": ("runner.cli.tools:tools", "The project's tools: what they run and take, who may call them."),
            "workflows": ("runner.cli.workflows:workflows", "The project's workflows: phases, edges, pictures."),
            "models": ("runner.cli.models:models", "The project's models, and whether their keys are here."),
            "hosts": ("runner.cli.hosts:hosts", "The machines that commands run on over SSH, and their keys."),
            "sandboxes": ("runner.cli.sandboxes:sandboxes", "The workspaces of runs' own: list, archive, remove."),
            "secrets": ("runner.cli.secrets:secrets", "Passwords and keys that are kept encrypted."),
            "diff": ("runner.cli.diff:diff", "Compare two revisions: what agents may do, are told and go through."),
            "mcp": ("runner.cli.mcp:mcp", "Servers that bring tools: agree on what their tools are."),
            "schema": ("runner.cli.schema:schema", "JSON Schemas of the files, for editors."),
            "demo": ("runner.cli.demo:demo", "Watch a small repository being mended, without key or network."),
        },
        help="Agents as code: a folder of YAML in git is the running system.",
    )
)


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    sys.exit(execute(runner, sys.argv[1:]))
