"""Yes or no: what counts as which, and what is asked again."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from runner.cli.consent import agrees


@click.command
def ask() -> None:
    """Print the answer."""
    click.echo(agrees("go on?"))


@pytest.mark.parametrize(
    "typed, answer, again",
    [
        ("y\n", True, 0),
        ("YES \n", True, 0),
        ("n\n", False, 0),
        ("No\n", False, 0),
        ("\n", False, 0),
        ("maybe\nja\ny\n", True, 2),
    ],
)
def test_only_yes_is_yes(typed: str, answer: Any, again: int) -> None:
    """What is neither is asked again, with what can be said."""
    done = CliRunner().invoke(ask, input=typed)
    assert done.stdout == f"{answer}\n"
    assert done.stderr.count("say y or n") == again
    assert done.stderr.count("go on? [y/N]: ") == again + 1


def test_nobody_is_no_answer() -> None:
    """The end of the input is neither yes nor no."""
    assert CliRunner().invoke(ask, input="").exit_code == 1
