"""The profile for container engines: it refuses what the program for bubblewrap refuses, with the same error."""

from __future__ import annotations

import json
import random
from typing import Any

from runner.targets.sandbox.container_filter import profile
from runner.targets.sandbox.seccomp import RULES
from runner.targets.sandbox.syscalls import NUMBERS
from tests.targets.sandbox.test_seccomp import judged

EDGES = (
    0,
    1,
    2,
    3,
    5,
    6,
    9,
    10,
    15,
    16,
    17,
    40,
    0o100,
    0o4755,
    0o2000,
    0o644,
    0x5412,
    0x541C,
    0x1000_0000,
    0x8000_0000,
)


def by_profile(rules: list[dict[str, Any]], arguments: list[int]) -> int:
    """The error that the profile gives; 0 when the call may go on."""
    for rule in rules:
        if all(arguments[test["index"]] & test["value"] == test["valueTwo"] for test in rule["args"]):
            return int(rule["errnoRet"])
    return 0


def test_the_two_forms_agree(seed: int) -> None:
    """For each call of the table, with arguments at the edges and any others."""
    chance = random.Random(seed)
    for name in sorted({name for rule in RULES for name in rule.names} & NUMBERS["x86_64"].keys()):
        rules = [rule for rule in json.loads(profile())["syscalls"] if name in rule["names"]]
        for _ in range(60):
            arguments = [chance.choice((*EDGES, chance.getrandbits(64))) for _ in range(6)]
            assert by_profile(rules, arguments) == judged("x86_64", name, *arguments), (name, arguments)
