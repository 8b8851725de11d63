"""The table of verbs: what it says is what there is, and help imports none of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from runner import __version__
from runner.cli import runner
from runner.cli.lazy import LazyGroup


def verbs(group: LazyGroup, path: str = "") -> Iterator[tuple[str, str, click.Command]]:
    """(name, sentence of the table, command) of every verb and of those below it."""
    for name, (_, sentence) in group.verbs.items():
        command = group.get_command(click.Context(group), name)
        assert command is not None
        yield f"{path}{name}", sentence, command
        if isinstance(command, LazyGroup):
            yield from verbs(command, f"{path}{name} ")


def test_each_verb_is_there_and_explains_itself() -> None:
    """Each line of a table leads to a command that has a help text and a sentence in the table."""
    found = list(verbs(runner))
    assert [name for name, sentence, command in found if not command.help or not sentence.endswith(".")] == []
    assert {"init", "check", "run", "approve", "demo", "runs why", "agents render"} <= {name for name, *_ in found}


def test_each_verb_takes_the_options_of_all(cli: Callable[..., Any]) -> None:
    """`-C`, `--json`, `-q` and `--no-color` are accepted after every verb, once."""
    for name, _, command in verbs(runner):
        flags = [flag for parameter in command.params for flag in parameter.opts]
        assert [flags.count(flag) for flag in ("-C", "--json", "-q", "--no-color")] == [1, 1, 1, 1], name


def test_help_lists_the_verbs_without_importing_them() -> None:
    """Neither the engine nor pydantic nor rich is needed to print it."""
    code = (
        "import sys\nfrom runner.cli import runner\nfrom runner.cli.edge import execute\n"
        "execute(runner, ['--help'])\n"
        "print([name for name in ('pydantic', 'rich', 'yaml', 'asyncio', 'runner.cli.run') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Run an agent or a workflow and watch it." in done.stdout
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize(
    "words, needless",
    [
        (["runs", "ls"], ["asyncio", "jinja2", "rich"]),
        (["approve"], ["asyncio", "jinja2", "rich"]),
        (["check"], ["rich", "runner.engine"]),
        (["agents", "route", "disk full"], ["rich", "runner.engine.engine", "runner.engine.calls"]),
    ],
)
def test_a_verb_imports_no_more_than_it_needs(
    project: Callable[..., Path], words: list[str], needless: list[str]
) -> None:
    """Most of the time that a short command takes is that of its imports."""
    root = project({"agents.d/disks.yaml": "description: Mends disks.\nprompt: P.\n"})
    never = [*needless, "jsonschema", "fabric", "paramiko", "mcp", "fastapi", "httpx"]
    code = (
        f"import sys\nfrom runner.cli import runner\nfrom runner.cli.edge import execute\n"
        f"execute(runner, {['-C', str(root), *words]!r})\n"
        f"print([name for name in {never!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_verb_is_answered_with_the_nearest(cli: Callable[..., Any]) -> None:
    """At the top and inside a group; without a near one all are named."""
    answer = cli("rnu")
    assert (answer.code, "did you mean run?" in answer.err) == (2, True)
    assert "there are: ls, show" in cli("runs", "xyzzy").err
    assert "`runner --help` says what they do" in cli("help").err


def test_a_verb_of_a_noun_is_answered_with_the_noun(cli: Callable[..., Any]) -> None:
    """`runner logs ID` is what one types first."""
    answer = cli("logs", "1k0")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: there is no verb `logs`\nhint: did you mean `runner runs logs`?\n"
    assert "`runner runs show`, `runner agents show`" in cli("show").err


def test_the_version_is_printed(cli: Callable[..., Any]) -> None:
    """It is data: on stdout."""
    answer = cli("--version")
    assert (answer.code, answer.out, answer.err) == (0, f"runner {__version__}\n", "")
