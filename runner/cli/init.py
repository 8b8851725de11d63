"""`runner init`: a small project that answers without a key."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.cli import options
from runner.cli.display import say, show
from runner.cli.names import pick
from runner.cli.templates import IGNORE, TEMPLATES, content
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.cli.templates import Template

_LIST = "\n".join(f"  {name.ljust(10)} {template.about}" for name, template in TEMPLATES.items())


@click.command(epilog=f"\b\nTemplates:\n{_LIST}")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("-t", "--template", "name", default="minimal", metavar="NAME", help="What to begin with (see below).")
def init(folder: Path | None, name: str) -> None:
    """Make a new project in a folder.

    Writes files that run as they are: `minimal` when no other template is named. Nothing is overwritten. A relative
    DIR is seen from the folder of -C.
    """
    template = pick("template", TEMPLATES, name)
    target = options.current().directory / (folder or "")
    try:
        _refuse_to_overwrite(target, template)
        _write(target, name, template)
    except OSError as error:
        what = f"no project can be made in {target}: {error.strerror or error}"
        raise UsageError(what, hint="name a folder that you may write: `runner init DIR`") from error
    _print_steps(target, template)


def _refuse_to_overwrite(target: Path, template: Template) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, not a folder")
    there = [name for name in template.files if _is_there(target / name)]
    if there:
        raise UsageError(
            f"{target} holds {', '.join(there)} already; nothing was written",
            hint="name another folder: `runner init DIR`",
        )


def _write(target: Path, name: str, template: Template) -> None:
    for file in (*template.files, ".gitignore"):
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _is_there(path):  # a .gitignore of one's own stays
            with path.open("xb") as new:
                new.write(content(name, file))


def _is_there(path: Path) -> bool:
    """Whether anything has that name: a link to nowhere would be written through."""
    return path.is_symlink() or path.exists()


def _print_steps(target: Path, template: Template) -> None:
    files = {**template.files, ".gitignore": IGNORE}
    show(f"Made a project in {target.resolve()}:")
    width = max(map(len, files))
    for name, words in files.items():
        show(f"  {name.ljust(width)}  {words}")
    steps = [] if target.resolve() == Path.cwd() else [f"cd {shlex.quote(str(target))}"]
    steps += ['git init && git add . && git commit -m "A new project"', "runner check", *template.steps]
    say("\nNext:")
    for step in steps:
        say(f"  {step}")
