"""A group whose verbs are imported only when they are called, so that `runner --help` costs hardly more than click."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from runner.cli import options
from runner.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ELSEWHERE = {
    "start": "up",
    "serve": "up",
    "stop": "down",
    "status": "ps",
    "history": "reload --history",
    "validate": "check",
    "lint": "check",
}
"""What other programs call our verbs."""


class LazyGroup(click.Group):
    """A group with a table of verbs: name -> (`module:attribute`, what it does in one sentence)."""

    def __init__(self, name: str, verbs: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(name, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]}, **more)
        self.verbs = verbs
        if name == "runner":
            options.add_to(self, hidden=False)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs in the table's order."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """The command of a verb, imported now."""
        if cmd_name not in self.verbs:
            return None
        module, _, attribute = self.verbs[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        if not any(parameter.name == "directory" for parameter in command.params):
            options.add_to(command, hidden=True)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is called; an unknown one is answered with the nearest."""
        if args and args[0] not in self.verbs and not ctx.resilient_parsing:
            raise UsageError(f"there is no verb `{args[0]}`", hint=self._hint(ctx, args[0]))
        return super().resolve_command(ctx, args)

    def _hint(self, ctx: click.Context, word: str) -> str:
        from runner.spec.words import did_you_mean

        below = [f"`{ctx.command_path} {name} {word}`" for name in self.verbs if self._has_below(ctx, name, word)]
        if self.name == "runner":
            below += _meant(word)
        near = f"did you mean {', '.join(below)}?" if below else did_you_mean(word, self.verbs)
        return near or f"there are: {', '.join(self.verbs)}; `{ctx.command_path} --help` says what they do"

    def _has_below(self, ctx: click.Context, name: str, word: str) -> bool:
        command = self.get_command(ctx, name)
        return isinstance(command, LazyGroup) and word in command.verbs

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        """The verbs with their sentences, from the table alone."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in self.verbs.items()])


def _meant(word: str) -> list[str]:
    """The verb that other programs call so, or the run of a thing of the project."""
    if word.lower() in _ELSEWHERE:
        return [f"`runner {_ELSEWHERE[word.lower()]}`"]
    folder = options.current().directory
    is_thing = any((folder / place / f"{word}.yaml").is_file() for place in ("agents.d", "workflows"))
    return [f"`runner run {word}`"] if is_thing and _NAME.fullmatch(word) else []
