"""The filter of system calls: its program is run as the kernel would, for machines that are not at hand too."""

from __future__ import annotations

import errno
import struct

import pytest

from runner.targets.sandbox.seccomp import RULES, program
from runner.targets.sandbox.syscalls import ARCHITECTURES, NUMBERS

ALLOWED, KILLED = 0x7FFF_0000, 0x8000_0000


def verdict(code: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would do with a call."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0xDEAD_0000] * (6 - len(arguments)))
    instructions = list(struct.iter_unpack("=HBBI", code))
    accumulator = at = 0
    while True:
        operation, if_true, if_false, value = instructions[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x06:
            return int(value)
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            at += if_true if holds[operation] else if_false


def judged(machine: str, name: str, *arguments: int) -> int:
    """The error that a call gets by name; 0 when it is allowed."""
    found = verdict(program(machine), ARCHITECTURES[machine], NUMBERS[machine][name], *arguments)
    return 0 if found == ALLOWED else found & 0xFFFF


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    "name, arguments, error",
    [
        ("socket", (2, 1, 0), 0),
        ("socket", (10, 2, 0), 0),
        ("socket", (1, 1, 0), errno.EAFNOSUPPORT),
        ("socket", (16, 3, 0), errno.EAFNOSUPPORT),
        ("socket", (17, 3, 0), errno.EAFNOSUPPORT),
        ("socketpair", (1, 1 | 0o2000000, 0), 0),
        ("socketpair", (1, 5, 0), 0),
        ("socketpair", (1, 2 | 0o4000, 0), errno.EPERM),
        ("socketpair", (1, 3, 0), errno.EPERM),
        ("clone", (0x01200011,), 0),
        ("clone", (0x003D0F00,), 0),
        ("clone", (0x10000011,), errno.EPERM),
        ("clone", (0x00020011,), errno.EPERM),
        ("clone3", (0,), errno.ENOSYS),
        ("ioctl", (0, 0x5401), 0),
        ("ioctl", (0, 0x5412), errno.EPERM),
        ("ioctl", (0, 0x5412 | 1 << 32), errno.EPERM),
        ("openat", (0, 0, 0, 0o4755), 0),
        ("openat", (0, 0, 0o101, 0o755), 0),
        ("openat", (0, 0, 0o101, 0o4755), errno.EPERM),
        ("openat", (0, 0, 0o20200002, 0o2755), errno.EPERM),
        ("fchmodat", (0, 0, 0o755), 0),
        ("fchmodat", (0, 0, 0o1777), 0),
        ("fchmodat", (0, 0, 0o2755), errno.EPERM),
        ("fchmod", (0, 0o4755), errno.EPERM),
        ("unshare", (0,), errno.EPERM),
    ],
)
def test_calls_are_judged_by_their_arguments(name: str, arguments: tuple[int, ...], error: int, machine: str) -> None:
    """Alike on every machine."""
    assert judged(machine, name, *arguments) == error


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_call_that_is_named_is_known(machine: str) -> None:
    """A name without a number on any machine would be a rule that does nothing."""
    named = {name for rule in RULES for name in rule.names}
    assert named == set().union(*NUMBERS.values())
    unconditional = {name for rule in RULES if not rule.tests for name in rule.names} & set(NUMBERS[machine])
    assert all(judged(machine, name) for name in unconditional)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_all_else_is_allowed(machine: str) -> None:
    """Each number that no rule names."""
    code, named = program(machine), set(NUMBERS[machine].values())
    others = [number for number in range(500) if number not in named]
    assert {verdict(code, ARCHITECTURES[machine], number) for number in others} == {ALLOWED}


@pytest.mark.parametrize("architecture, number", [(0x4000_0003, 11), (0xC000_003E, 0x4000_0029), (0, 0)])
def test_calls_of_another_kind_end_the_process(architecture: int, number: int) -> None:
    """32-bit programs, and x86's third kind: their numbers mean other calls."""
    assert verdict(program("x86_64"), architecture, number) == KILLED
