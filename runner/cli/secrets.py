"""`runner secrets`: values of `${NAME}` that are kept encrypted; none is ever shown."""

from __future__ import annotations

import sys

import click

from runner.cli import options, place
from runner.cli.display import say, show, show_json
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.errors import UsageError

secrets = LazyGroup(
    "secrets",
    {
        "ls": ("runner.cli.secrets:ls", "List the names of the secrets that are kept."),
        "set": ("runner.cli.secrets:set_secret", "Keep a secret: asked for without echo, or read from standard input."),
        "rm": ("runner.cli.secrets:remove", "Forget a secret."),
    },
    help="Values of ${NAME} that are kept encrypted; none is ever shown.",
)
_LARGEST = 64 * 1024


@click.command
def ls() -> None:
    """List the names of the secrets that are kept."""
    from runner.secrets.kept import read_kept

    names = sorted(read_kept(place.root()))
    if options.current().json:
        show_json([{"name": name} for name in names])
        return
    for name in names:
        show(name)
    if not names:
        say("none is kept: `runner secrets set NAME` keeps one")


@click.command
@click.argument("name")
def set_secret(name: str) -> None:
    """Keep a secret under NAME. Its value is asked for without echo, or read from standard input; never an argument."""
    from runner.secrets import REFERENCE
    from runner.secrets.kept import keep

    root = place.root()
    if not REFERENCE.fullmatch(f"${{{name}}}"):
        hint = "write letters, digits and `_`, such as DEPLOY_PASSWORD; the value is asked for"
        raise UsageError("what stands behind `set` is no name of a secret", hint=hint)
    value = _asked(name)
    if not value or "\0" in value:
        raise UsageError(f"{name} was given no value: nothing is kept" if not value else "a NUL byte is in the value")
    keep(name, value, root)
    say(f"{name} is kept, encrypted; the files name it ${{{name}}}")


@click.command
@click.argument("name")
def remove(name: str) -> None:
    """Forget a secret."""
    from runner.secrets.kept import keep, read_kept

    root = place.root()
    pick("kept secret", read_kept(root), name)
    keep(name, None, root)
    say(f"{name} is forgotten")


def _asked(name: str) -> str:
    """The value: of a person without echo, twice; else the whole standard input without its last line end."""
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, confirmation_prompt=True, err=True))
    content = sys.stdin.buffer.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise UsageError(f"a secret has at most {_LARGEST:,} bytes")
    try:
        return content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise UsageError("the value is no UTF-8 text") from error
