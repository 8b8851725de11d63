"""`runner init`: a small project that answers without a key."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from runner.cli import options
from runner.cli.display import say, show
from runner.errors import UsageError

STARTER = Path(__file__).resolve().parent / "starter"
FILES = {
    "runner.yaml": "models, permissions, and what is used of what ships with runner",
    "agents.d/hello.yaml": "an agent: what it is told and which tools it has",
    "tools.d/machine.yaml": "a pack of tools: commands, with their parameters",
    "workflows/report.yaml": "a workflow: tool, agent, tool",
    "replies.yaml": "what the model answers, as long as no real one is set",
    ".gitignore": "keeps the journal and secrets out of git",
}


@click.command
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def init(folder: Path | None) -> None:
    """Make a new project in a folder.

    Writes a runner.yaml, an agent, a pack of tools and a workflow that run as they are. Nothing is overwritten. A
    relative DIR is seen from the folder of -C.
    """
    target = options.current().directory / (folder or "")
    try:
        _refuse_to_overwrite(target)
        _write(target)
    except OSError as error:
        what = f"no project can be made in {target}: {error.strerror or error}"
        raise UsageError(what, hint="name a folder that you may write: `runner init DIR`") from error
    _print_steps(target)


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, not a folder")
    there = [name for name in FILES if name != ".gitignore" and (target / name).exists()]
    if there:
        raise UsageError(
            f"{target} holds {', '.join(there)} already; nothing was written",
            hint="name another folder: `runner init DIR`",
        )


def _write(target: Path) -> None:
    for name in FILES:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # a .gitignore of one's own stays
            path.write_bytes((STARTER / name.lstrip(".")).read_bytes())


def _print_steps(target: Path) -> None:
    show(f"Made a project in {target.resolve()}:")
    width = max(map(len, FILES))
    for name, words in FILES.items():
        show(f"  {name.ljust(width)}  {words}")
    steps = [] if target.resolve() == Path.cwd() else [f"cd {shlex.quote(str(target))}"]
    steps += [
        'git init && git add . && git commit -m "A new project"',
        "runner check",
        'runner run hello "How is the disk?"',
        "runner up                # then edit agents.d/hello.yaml: the next run goes by it",
    ]
    say("\nNext:")
    for step in steps:
        say(f"  {step}")
