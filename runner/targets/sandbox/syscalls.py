"""Numbers of the system calls that the sandbox judges, for each machine it knows.

From the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

from __future__ import annotations

ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
"""What the kernel calls each machine's system calls (AUDIT_ARCH_…)."""

_BOTH = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "clone3": 435,
    "openat2": 437,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "set_mempolicy_home_node": 450,
    "fchmodat2": 452,
}
_EACH = {  # x86_64, aarch64
    "socket": (41, 198),
    "socketpair": (53, 199),
    "clone": (56, 220),
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "vhangup": (153, 58),
    "mbind": (237, 235),
    "move_pages": (279, 239),
    "set_mempolicy": (238, 237),
    "migrate_pages": (256, 238),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "ioctl": (16, 29),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "mknodat": (259, 33),
    "openat": (257, 56),
}
_X86_64 = {
    "open": 2,
    "creat": 85,
    "chmod": 90,
    "mknod": 133,
    "uselib": 134,
    "modify_ldt": 154,
    "_sysctl": 156,
    "iopl": 172,
    "ioperm": 173,
}
NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": _BOTH | {name: first for name, (first, _) in _EACH.items()} | _X86_64,
    "aarch64": _BOTH | {name: second for name, (_, second) in _EACH.items()},
}
"""Machine -> name -> number; a call that a machine has not got is left out."""
