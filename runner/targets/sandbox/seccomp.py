"""The filter of system calls, as a BPF program: what a command in the sandbox may ask of the kernel.

All is allowed but a list. What is on it: sockets of other kinds than the internet's (a Unix socket would reach the
services of this machine), namespaces and mounts, other processes' memory, keys, kernel facilities whose faults became
escapes, and files that run as their owner, which on disk may be root.
"""

from __future__ import annotations

import errno
import struct
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from runner.targets.sandbox.syscalls import ARCHITECTURES, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x4000_0000
"""From here on numbers are of x86's third kind of system calls, which would pass the filter by other names."""

_INTERNET = (2, 10)  # AF_INET, AF_INET6
_CONNECTED = (1, 5)  # SOCK_STREAM, SOCK_SEQPACKET: in a pair they reach nobody else; a SOCK_DGRAM can send to any name
_KIND = 0xF
_NAMESPACES = 0x7E02_0000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_CREATE = 0o100 | 0o20000000  # O_CREAT, O_TMPFILE: only then there is a mode
_AS_OWNER = 0o6000  # set-user-ID, set-group-ID


class Test(NamedTuple):
    """A test of one argument: the rule goes on only when it holds."""

    argument: int
    mask: int
    values: tuple[int, ...]
    """Equal to one of these under the mask; with none given, any bit of the mask."""
    holds: bool = True


class Rule(NamedTuple):
    """Calls that fail with `error` when all tests hold."""

    names: tuple[str, ...]
    error: int
    tests: tuple[Test, ...] = ()


_ALL_BITS = 0xFFFF_FFFF
RULES = (
    # Those that take their arguments in memory, where a filter cannot look: there are older ones for the same.
    Rule(("clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register"), errno.ENOSYS),
    Rule(("socket",), errno.EAFNOSUPPORT, (Test(0, _ALL_BITS, _INTERNET, holds=False),)),
    Rule(("socketpair",), errno.EPERM, (Test(1, _KIND, _CONNECTED, holds=False),)),
    Rule(("clone",), errno.EPERM, (Test(0, _NAMESPACES, ()),)),
    Rule(("ioctl",), errno.EPERM, (Test(1, _ALL_BITS, _TERMINAL_INPUT),)),
    Rule(("open",), errno.EPERM, (Test(1, _CREATE, ()), Test(2, _AS_OWNER, ()))),
    Rule(("openat",), errno.EPERM, (Test(2, _CREATE, ()), Test(3, _AS_OWNER, ()))),
    Rule(("creat", "chmod", "fchmod", "mknod"), errno.EPERM, (Test(1, _AS_OWNER, ()),)),
    Rule(("fchmodat", "fchmodat2", "mknodat"), errno.EPERM, (Test(2, _AS_OWNER, ()),)),
    Rule(("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "mount_setattr"), errno.EPERM),
    Rule(("open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick"), errno.EPERM),
    Rule(("open_by_handle_at", "name_to_handle_at", "fanotify_init"), errno.EPERM),
    Rule(("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"), errno.EPERM),
    Rule(("keyctl", "add_key", "request_key"), errno.EPERM),
    Rule(("bpf", "perf_event_open", "userfaultfd", "lookup_dcookie", "modify_ldt", "uselib", "_sysctl"), errno.EPERM),
    Rule(("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"), errno.EPERM),
    Rule(("reboot", "swapon", "swapoff", "syslog", "acct", "quotactl", "quotactl_fd", "vhangup"), errno.EPERM),
    Rule(("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm"), errno.EPERM),
    Rule(("mbind", "move_pages", "set_mempolicy", "set_mempolicy_home_node", "migrate_pages"), errno.EPERM),
)


@cache
def program(machine: str) -> bytes:
    """The filter for a machine, as bubblewrap reads it: an array of struct sock_filter."""
    parts = [_of_this_kind(machine)]
    for rule in RULES:
        numbers = [NUMBERS[machine][name] for name in rule.names if name in NUMBERS[machine]]
        parts += [_judged(number, rule) for number in numbers]
    return b"".join((*parts, _instruction(_RETURN, _ALLOW)))


def _of_this_kind(machine: str) -> bytes:
    """Kill whoever calls by another table of numbers: a 32-bit program, or x86's third kind."""
    return b"".join(
        (
            _instruction(_LOAD, _ARCHITECTURE),
            _instruction(_JUMP_EQUAL, ARCHITECTURES[machine], 1, 0),
            _instruction(_RETURN, _KILL),
            _instruction(_LOAD, _NUMBER),
            _instruction(_JUMP_AT_LEAST, _X32, 0, 1),
            _instruction(_RETURN, _KILL),
        )
    )


def _judged(number: int, rule: Rule) -> bytes:
    """One call: load its number, and pass over the rest when it is another or a test does not hold."""
    verdict = _instruction(_RETURN, _ERRNO | rule.error)
    body = verdict
    for test in reversed(rule.tests):
        body = b"".join(_tested(test, _count(body))) + body
    return _instruction(_LOAD, _NUMBER) + _instruction(_JUMP_EQUAL, number, 0, _count(body)) + body


def _tested(test: Test, rest: int) -> Iterator[bytes]:
    """The instructions of a test; `rest` follow it, and are passed over when it does not hold.

    The low half of an argument says it all: the kernel takes these as 32-bit values, or keeps their flags there.
    """
    yield _instruction(_LOAD, _ARGUMENTS + 8 * test.argument)
    if not test.values:
        yield _instruction(_JUMP_ANY_BIT, test.mask, 0, rest)
        return
    yield _instruction(_AND, test.mask)
    for left, value in zip(reversed(range(len(test.values))), test.values, strict=True):
        # The last one decides for what equals none; those before it go on to the next.
        otherwise = rest if test.holds and not left else 0
        yield _instruction(_JUMP_EQUAL, value, left + (0 if test.holds else rest), otherwise)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _count(code: bytes) -> int:
    return len(code) // 8
