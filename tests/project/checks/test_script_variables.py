"""Variables of `env` that a script reads by another name; whatever somebody else may give or read is passed over."""

from __future__ import annotations

import pytest

from runner.project.checks.script_variables import check
from runner.project.project import ToolEntry
from runner.spec.types import parse_fields
from runner.tools.command import CommandTool


def told(script: str, *names: str, before: tuple[str, ...] = ("sh", "-c"), after: tuple[str, ...] = ()) -> list[str]:
    """The hints for a script with these names in `env`."""
    env = dict.fromkeys(names, "x")
    spec = CommandTool.model_validate({"description": "Does.", "command": [*before, script, *after], "env": env})
    tool = ToolEntry("do", "ops", "command", "tools.d/ops.yaml", spec, parse_fields({}), "write", "ask")
    return [finding.hint for finding in check(tool, spec.command, spec.env)]


@pytest.mark.parametrize(
    "script, name, meant",
    [
        ('post "$CHANNEL"', "TEAM_CHANNEL", "CHANNEL"),
        ('post "$TEAM_CHANNEL"', "CHANNEL", "TEAM_CHANNEL"),
        ("post ${CHANEL}", "CHANNEL", "CHANEL"),
        ("post ${CHANNEL:-all}", "TEAM_CHANNEL", "CHANNEL"),
        ('post "it\'s $CHANNEL"', "TEAM_CHANNEL", "CHANNEL"),
        ("OTHER=1; test $CHANNEL = b", "TEAM_CHANNEL", "CHANNEL"),
        ("post $channel", "CHANNEL", "channel"),
    ],
)
def test_a_renamed_variable_is_told(script: str, name: str, meant: str) -> None:
    """Both ways out, with the name of each."""
    assert told(script, name) == [f"write {meant}, or read ${name}"]


@pytest.mark.parametrize("before", [("/bin/bash", "-c"), ("bash", "-eu", "-c"), ("sh", "-ec")])
def test_every_shell_with_a_script_counts(before: tuple[str, ...]) -> None:
    """Wherever its `-c` stands."""
    assert told("post $CHANNEL", "TEAM_CHANNEL", before=before) == ["write CHANNEL, or read $TEAM_CHANNEL"]


@pytest.mark.parametrize(
    "script",
    [
        "post $TEAM_CHANNEL $CHANNEL",
        "CHANNEL=x; post $CHANNEL",
        "export CHANNEL; post $CHANNEL",
        "for CHANNEL in a b; do post $CHANNEL; done",
        "while read -r CHANNEL; do post $CHANNEL; done",
        ': "${CHANNEL:=all}"; post $CHANNEL',
        ". ./env.sh; post $CHANNEL",
        "set -a\nsource env.sh\npost $CHANNEL",
        "awk '{print $CHANNEL}'",
        "post \\$CHANNEL",
        'post "\\$CHANNEL"',
        "cd $ROOT && make",
        "post $1",
        "printenv TEAM_CHANNEL $CHANNEL",
    ],
)
def test_what_may_be_right_is_passed_over(script: str) -> None:
    """Read, set in the script or by what it takes over, no variable of the shell's, or of quite another name."""
    assert told(script, "TEAM_CHANNEL") == []


def test_what_the_system_gives_is_no_other_name() -> None:
    """A folder of one's own is no mistaken $HOME."""
    assert told("ls $HOME $PWD $LC_ALL", "TEAM_HOME", "OLD_PWD", "ALL") == []


def test_a_command_without_a_script_is_passed_over() -> None:
    """Its programs read what they like; a file's script is not looked into."""
    assert told("$CHANNEL", "TEAM_CHANNEL", before=("echo",)) == []
    assert told("$CHANNEL", "TEAM_CHANNEL", before=("sh", "post.sh", "-c")) == []


def test_a_value_behind_the_script_reads_a_variable_too() -> None:
    """It may be the name that is looked up."""
    assert told('eval "$1" $CHANNEL', "TEAM_CHANNEL") == []
    assert told("printenv $1; post $CHANNEL", "TEAM_CHANNEL", after=("sh", "TEAM_CHANNEL")) == []
