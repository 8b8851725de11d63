"""Yes or no, from the person at the terminal."""

from __future__ import annotations

import click

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}


def agrees(question: str) -> bool:
    """Whether the person says yes; nothing is no, and anything else is asked again."""
    while True:
        said = click.prompt(f"{question} [y/N]", default="", show_default=False, err=True)
        if (answer := _ANSWERS.get(said.strip().lower())) is not None:
            return answer
        click.echo("say y or n", err=True)
