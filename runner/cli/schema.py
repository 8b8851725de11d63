"""`runner schema`: what editors need to complete, explain and check the files."""

from __future__ import annotations

import os
from pathlib import Path

import click

from runner.cli import options
from runner.cli.display import say, show, show_json
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.errors import UsageError

schema = LazyGroup(
    "schema",
    {
        "write": ("runner.cli.schema:write", "Write a JSON Schema for each kind of file."),
        "show": ("runner.cli.schema:show_schema", "Print the JSON Schema of one kind of file."),
    },
    help="JSON Schemas of the files, for editors.",
)


@click.command
@click.argument("folder", metavar="[DIR]", default="schemas", type=click.Path(path_type=Path))
def write(folder: Path) -> None:
    """Write a JSON Schema for each kind of file.

    They go into DIR, `schemas` by default, seen from the folder of -C. Write them again after runner was upgraded.
    """
    from runner.project.schema import KINDS, text

    root = options.current().directory
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}")
    target = root / folder
    try:
        target.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            _put(target / f"{kind}.json", text(kind))
    except OSError as error:
        what = f"no schemas can be written to {target}: {error.strerror or error}"
        raise UsageError(what, hint="name a folder that you may write: `runner schema write DIR`") from error
    _tell(root, folder)


@click.command("show")
@click.argument("kind")
def show_schema(kind: str) -> None:
    """Print the JSON Schema of one kind of file."""
    from runner.project import schema

    pick("kind of file", schema.KINDS, kind)
    show(schema.text(kind).rstrip())


def _put(path: Path, content: str) -> None:
    """Write a file in the place of what has its name: where a link leads is another's."""
    path.unlink(missing_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(content)


def _tell(root: Path, folder: Path) -> None:
    from runner.project.schema import KINDS

    files = {(folder / f"{name}.json").as_posix(): kind.files for name, kind in KINDS.items()}
    if options.current().json:
        show_json({"files": list(files), "yaml.schemas": files})
        return
    for file in files:
        show(file)
    say("\nFor VS Code, in .vscode/settings.json:")
    say(f'  "yaml.schemas": {{{", ".join(f"{_quoted(file)}: {_quoted(glob)}" for file, glob in files.items())}}}')
    say("\nFor any editor with yaml-language-server, as the first line of a file:")
    for file, glob in files.items():
        say(f"  {glob.ljust(24)}  # yaml-language-server: $schema={_seen_from(root, file, glob)}")


def _quoted(text: str) -> str:
    return f'"{text}"'


def _seen_from(root: Path, file: str, glob: str) -> str:
    """The way to a schema from the files it is for."""
    holder = Path(glob.replace("**/", "")).parent
    return Path(os.path.relpath(root / file, root / holder)).as_posix()
