"""Ways out of a sandbox, whatever makes it; each can really be tried."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Every attack prints ESCAPED when it comes through, or leaves a trace that `harm` finds.
HEAD = """
import ctypes, glob, json, os, shutil, signal, socket, sys
facts = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
def escaped(condition=True):
    print("ESCAPED" if condition else "held")
def call(number, *arguments):
    libc.syscall.restype = ctypes.c_long
    return libc.syscall(number, *arguments)
try:
    exec(sys.argv[2])
except (Exception, SystemExit) as error:
    print("held:", error)
"""

WORK_WITHOUT = {
    "a server of this machine": "socket.create_connection(('127.0.0.1', facts['port']), 2); escaped()",
    "a file beside the workspace": "escaped('CANARY' in open(facts['outside']).read())",
    "a link out of the workspace": "escaped('CANARY' in open('link').read())",
    "the processes of this machine": "escaped(open(f'/proc/{facts[\"pid\"]}/cmdline').read().startswith('sleep'))",
    "an environment": "escaped('CANARY' in open(f'/proc/{facts[\"pid\"]}/environ').read())",
    "a unix socket in the workspace": "socket.socket(socket.AF_UNIX).connect('socket'); escaped()",
    "an abstract unix socket": "socket.socket(socket.AF_UNIX).connect('\\0' + facts['abstract']); escaped()",
    "a datagram from a pair of sockets": "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM);"
    "a.sendto(b'x', 'letters'); escaped()",
    "a file that runs as its owner": "open('s', 'w').close(); os.chmod('s', 0o4755); escaped()",
    "a file born to run as its owner": "os.umask(0); os.open('b', os.O_CREAT | os.O_WRONLY, 0o4755);"
    "escaped(os.stat('b').st_mode & 0o4000)",
    "a file made to run as its owner by a new call": "open('n', 'w').close();"
    "escaped(call(452, -100, b'n', 0o4755, 0) == 0)",
    "a file of the tool's own folder": "open('runner.yaml', 'a').write('x'); escaped()",
    "git's settings": "open('.git/config', 'a').write('[core]'); escaped()",
    "git's hooks": "open('.git/hooks/post-checkout', 'w').write('x'); escaped()",
    "another git": "os.rename('.git', 'other'); escaped()",
    "a secret": "escaped('CANARY' in open('.env').read())",
    "the store": "escaped('CANARY' in open('.runner/token').read())",
    "another store": "os.rename('.runner', 'other'); escaped()",
    "a folder above a file that is kept": "os.rename('prompts', 'other'); escaped()",
    "a folder that was not there": "os.makedirs('workflows', exist_ok=True); open('workflows/w.yaml', 'w'); escaped()",
    "a file that is kept, by another name": "os.link('prompts/coder.py', 'other');"
    "open('other', 'a').write('x'); escaped()",
    "much memory": "b = b'x' * (700 << 20); escaped()",
    "a large file": "f = open('large', 'wb', 0); [f.write(b'x' * (1 << 20)) for _ in range(6)]; escaped()",
}
"""Harmless ways: outside of a sandbox they come through."""

ONLY_INSIDE = {
    "/etc/shadow": "open('/etc/shadow').read(); escaped()",
    "/etc/shadow by the first process": "open('/proc/1/root/etc/shadow').read(); escaped()",
    "root's capabilities": "status = dict(line.split(':', 1) for line in open('/proc/self/status'));"
    "escaped(int(status['CapEff'], 16))",
    "being root": "escaped(os.getuid() == 0)",
    "becoming root": "os.setuid(0); escaped()",
    "a signal to a process": "os.kill(facts['pid'], 9)",
    "writing by a link": "open('link', 'w').write('harm')",
    "a new user namespace": "escaped(libc.unshare(0x10000000) == 0)",
    "a new user namespace by clone": "escaped(call(56, 0x10000011, 0, 0, 0, 0) >= 0)",
    "a new user namespace by clone3": "b = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17);"
    "escaped(call(435, b, 88) >= 0)",
    "unshare": "escaped(os.system('unshare --user --map-root-user true') == 0)",
    "bubblewrap": "escaped(os.system('bwrap --ro-bind / / true') == 0)",
    "a mount": "escaped(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0)",
    "an unmount": "escaped(libc.umount2(b'.env', 2) == 0)",
    "a remount": "escaped(libc.mount(b'none', b'.git', None, 32 | 4096, None) == 0)",
    "ptrace": "p = os.fork() or os.execvp('sleep', ['sleep', '9']);"
    "escaped(libc.ptrace(16, p, 0, 0) == 0); os.kill(p, 9)",
    "another's memory": "b = ctypes.create_string_buffer(64);"
    "escaped(call(310 if os.uname().machine == 'x86_64' else 270, os.getppid(), b, 1, b, 1, 0) >= 0)",
    "keys": "escaped(call(250 if os.uname().machine == 'x86_64' else 219, 0, -3, 1, 0, 0) >= 0)",
    "bpf": "escaped(call(321 if os.uname().machine == 'x86_64' else 280, 0, 0, 0) >= 0 or ctypes.get_errno() != 1)",
    "io_uring": "escaped(call(425, 1, 0) >= 0 or ctypes.get_errno() != 38)",
    "calls of another kind": "escaped(call(0x40000000 + 41, 1, 1, 0) >= 0)",
    "raw packets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW); escaped()",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); escaped()",
    "a route": "socket.create_connection(('192.0.2.1', 80), 2); escaped()",
    "the kernel's settings": "open('/proc/sys/kernel/core_pattern', 'w').write('x'); escaped()",
    "a device": "os.mknod('disk', 0o60600, os.makedev(8, 0)); escaped()",
    "the system's programs": "open('/usr/bin/harm', 'w'); escaped()",
    "the root folder": "open('/harm', 'w'); escaped()",
    "the devices' folder": "open('/dev/harm', 'w'); escaped()",
    "a full /tmp": "[open(f'/tmp/{n}', 'wb').write(b'x' * (2 << 20)) for n in range(6)]; escaped()",
    "a full home": "[open(os.environ['HOME'] + f'/{n}', 'wb').write(b'x' * (2 << 20)) for n in range(6)]; escaped()",
    "full shared memory": "[open(f'/dev/shm/{n}', 'wb').write(b'x' * (2 << 20)) for n in range(6)]; escaped()",
    "runner's own programs": "open(sys.prefix + '/harm', 'w'); escaped()",
    "the folder of the owner": "escaped(os.path.exists(facts['home'] + '/.ssh') or os.path.exists('/root/.bashrc'))",
    "what is above the workspace": "escaped(os.listdir('..') != ['workspace'])",
    "the accounts": "escaped('daemon:' in open('/etc/passwd').read())",
    "more processes than allowed": "n = 0\ntry:\n  while n < 200:\n    if os.fork() == 0: signal.pause()\n    n += 1\n"
    "except OSError: pass\nescaped(n >= 40)",
    "more threads than allowed": "import threading\nfor _ in range(60):\n"
    "  threading.Thread(target=signal.pause, daemon=True).start()"
    "\nescaped(); sys.stdout.flush(); os._exit(0)",
    "raising a limit": "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999)); escaped()",
    "what the first process holds open": "open_ones = glob.glob('/proc/1/fd/*');"
    "escaped(any(os.path.isdir(f) or os.path.isfile(f) for f in open_ones) or not open_ones)",
}
"""Ways that would do harm without a sandbox, or need rights there that not everybody has."""


@contextmanager
def attackable(workspace: Path) -> Iterator[dict[str, Any]]:
    """What an attacker may know of this machine: it is all real; what was to be left alone is looked at after."""
    outside = workspace.parent / "outside"
    outside.write_text("CANARY")
    (workspace / "link").symlink_to(outside)
    abstract = f"runner-test-{os.getpid()}"
    victim = subprocess.Popen(["sleep", "600"], env={**os.environ, "OF_THE_DAEMON": "CANARY"})
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.socket(socket.AF_UNIX) as named,
            socket.socket(socket.AF_UNIX) as hidden,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as letters,
        ):
            here = Path.cwd()
            os.chdir(workspace)  # a path of a socket must be short
            named.bind("socket")
            letters.bind("letters")
            os.chdir(here)
            for name in ("socket", "letters"):
                (workspace / name).chmod(0o777)
            hidden.bind(f"\0{abstract}")
            named.listen()
            hidden.listen()
            yield {
                "port": server.getsockname()[1],
                "outside": str(outside),
                "pid": victim.pid,
                "abstract": abstract,
                "home": str(Path.home()),
                "workspace": str(workspace),
            }
        assert victim.poll() is None, "the process outside was ended"
    finally:
        victim.kill()
        victim.wait()


def words(attack: str, facts: dict[str, Any]) -> list[str]:
    """The command of an attack."""
    return [sys.executable, "-B", "-c", HEAD, json.dumps(facts), attack]


def harm(facts: dict[str, Any]) -> list[str]:
    """What an attack has done, as seen from outside."""
    root = Path(facts["workspace"])
    untouched = {
        "runner.yaml": (root / "runner.yaml").read_text() == "learn: true\n",
        "prompts/coder.py": (root / "prompts" / "coder.py").read_text() == "fine\n",
        "outside": Path(facts["outside"]).read_text() == "CANARY",
        "git": "[core]\n[core]" not in (root / ".git" / "config").read_text() and (root / ".git" / "HEAD").exists(),
        "hooks": not (root / ".git" / "hooks" / "post-checkout").exists(),
        "store": (root / ".runner" / "token").read_text() == "CANARY\n",
        "modes": not any(path.lstat().st_mode & 0o6000 for path in root.iterdir()),
        "workflows": not list((root / "workflows").iterdir()),
    }
    return [name for name, is_so in untouched.items() if not is_so]
