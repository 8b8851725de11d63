"""The filter of system calls as container engines read it: the same table, in the form of a profile."""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from runner.targets.sandbox.seccomp import RULES, Rule, Test

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def profile() -> str:
    """The profile in JSON. It names no machine: calls by another table of numbers than the engine's own are ended."""
    return json.dumps(
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [one for rule in RULES for one in _refused(rule)]}
    )


def _refused(rule: Rule) -> Iterator[dict[str, Any]]:
    """One entry for each way in which all tests of a rule hold: an entry cannot test one argument twice."""
    for way in itertools.product(*(_ways(test) for test in rule.tests)):
        yield {"names": rule.names, "action": "SCMP_ACT_ERRNO", "errnoRet": rule.error, "args": way}


def _ways(test: Test) -> list[dict[str, Any]]:
    """The ways in which a test holds, each of which is an equality under a mask."""
    if not test.values:
        return [_equal(test, bit, bit) for bit in _bits(test.mask)]
    if test.holds:
        return [_equal(test, test.mask, value) for value in test.values]
    low = (1 << max(test.values).bit_length()) - 1
    others = [value for value in range(low + 1) if value not in test.values]
    return [_equal(test, low, value) for value in others] + [_equal(test, bit, bit) for bit in _bits(test.mask & ~low)]


def _equal(test: Test, mask: int, value: int) -> dict[str, Any]:
    return {"index": test.argument, "op": "SCMP_CMP_MASKED_EQ", "value": mask, "valueTwo": value}


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]
