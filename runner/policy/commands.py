"""Judge a free command line: what it can do, why, and exactly what runs then."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from runner.policy.reading import Reader, Unfit
from runner.spec.command_line import NotSimple, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.policy.places import Place
    from runner.policy.spec import CommandPolicy, Program, Risk


class Assessment(NamedTuple):
    """What a command line can do and why; its words, when it has some; and what runs, in which environment."""

    risk: Risk
    reason: str
    argv: tuple[str, ...] | None
    runs: tuple[str, ...]
    env: Mapping[str, str] = {}

    @property
    def shell(self) -> bool:
        """Whether only a shell can take it apart."""
        return self.argv is None


def risk_of(command: str | Sequence[str], policy: CommandPolicy, place: Place) -> Assessment:
    """What a command line, or the words of one, can do at a place."""
    if isinstance(command, str):
        try:
            argv = words(command)
        except NotSimple as why:
            return Assessment("danger", f"shell use: {why}", None, ("/bin/sh", "-c", command))
    else:
        argv = tuple(command)
    name = PurePosixPath(argv[0]).name
    program = policy.programs.get(name)
    if program is None or argv[0] not in (name, *_candidates(name, program, policy)):
        return Assessment("danger", f"unknown: {argv[0]!r} is none of the programs of tools.d/policy.yaml", argv, argv)
    runs = _found(argv[0], _candidates(name, program, policy), place)
    try:
        risk, rest = Reader(policy, place).read(program, argv[1:])
    except Unfit as why:
        return Assessment("danger", f"unknown: {name}: {why}", argv, (runs, *argv[1:]))
    env = {"PATH": ":".join(policy.path), **program.env}
    return Assessment(risk, f"{name}: all its words are known", argv, (*program.before, runs, *rest), env)


def _candidates(name: str, program: Program, policy: CommandPolicy) -> tuple[str, ...]:
    return program.paths or tuple(f"{folder.rstrip('/')}/{name}" for folder in policy.path)


def _found(word: str, candidates: Sequence[str], place: Place) -> str:
    """Where the program is on this machine; elsewhere it is looked for there."""
    if word in candidates or place.kind != "local":
        return word
    return next((path for path in candidates if Path(path).is_file() and os.access(path, os.X_OK)), candidates[0])
