"""Which keys of hosts are trusted: the project's own `known_hosts` first, then those of OpenSSH.

Where the project's file names a host, it alone decides. A line with `@revoked` forbids its key wherever it stands;
`@cert-authority` trusts nothing here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from binascii import Error as NoBase64
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.spec.layout import KNOWN_HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STANDARD_PORT = 22
_REVOKED = "@revoked"
_FIELDS = 3


class Trusted(NamedTuple):
    """One line of a file: a host's key, in base64, and where it stands."""

    kind: str
    key: str
    file: Path
    line: int
    marker: str = ""


def entry_name(address: str, port: int) -> str:
    """How a host is written in such files: `web1`, or `[web1]:2222`."""
    return address.lower() if port == _STANDARD_PORT else f"[{address.lower()}]:{port}"


def fingerprint(key: bytes) -> str:
    """A key's fingerprint as OpenSSH shows it: `SHA256:…`."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip('=')}"


def files(root: Path) -> list[Path]:
    """The files that are asked, the project's own first."""
    home = Path(os.environ.get("HOME") or Path.home())
    return [root / KNOWN_HOSTS, home / ".ssh" / "known_hosts", Path("/etc/ssh/ssh_known_hosts")]


def trusted(name: str, root: Path) -> list[Trusted]:
    """The keys that a host may show: those of the first file that names it, without those revoked anywhere."""
    lines = [[one for one in _read(file) if one is not None and _names(one[0], name)] for file in files(root)]
    entries = [[entry for _, entry in found] for found in lines]
    revoked = {entry.key for found in entries for entry in found if entry.marker == _REVOKED}
    plain = [[entry for entry in found if not entry.marker and entry.key not in revoked] for found in entries]
    return next((found for found in plain if found), [])


def trust(name: str, kind: str, key: bytes, root: Path) -> Path:
    """Write a key into the project's file, in place of all that it said of the host; atomically, 0644."""
    file = root / KNOWN_HOSTS
    before = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if file.exists() else []
    kept = [line for line in before if not _is_of(line, name)]
    text = "\n".join([*kept, f"{name} {kind} {base64.b64encode(key).decode()}", ""])
    fresh = file.with_name(f".{KNOWN_HOSTS}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8", errors="surrogateescape")
        fresh.chmod(0o644)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return file


def _is_of(line: str, name: str) -> bool:
    """Whether a line is about this host and no other; revoked keys stay."""
    parts = line.split()
    return len(parts) >= _FIELDS and not parts[0].startswith(("#", "@")) and parts[0].split(",") == [name]


def _read(file: Path) -> Iterator[tuple[str, Trusted] | None]:
    """The lines of a file that can be used: which hosts they are of, and the key."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        marker = parts.pop(0) if parts and parts[0].startswith("@") else ""
        if len(parts) >= _FIELDS and not parts[0].startswith("#") and _is_base64(parts[2]):
            yield parts[0], Trusted(parts[1], parts[2], file, number, marker)


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (NoBase64, ValueError):
        return False


def _names(patterns: str, name: str) -> bool:
    """Whether the first field of a line means this host."""
    words = patterns.split(",")
    if any(word.startswith("!") and _fits(word[1:], name) for word in words):
        return False
    return any(_fits(word, name) for word in words if not word.startswith("!"))


def _fits(pattern: str, name: str) -> bool:
    if pattern.startswith("|1|"):
        return _is_hash_of(pattern, name)
    # `[` has no meaning of its own in these files: it begins an address with a port.
    return fnmatchcase(name, pattern.lower().replace("[", "[[]"))


def _is_hash_of(pattern: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in pattern.removeprefix("|1|").split("|"))
    except (NoBase64, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)


def shown(entries: Iterable[Trusted]) -> str:
    """Trusted keys in words: `ssh-ed25519 SHA256:… (known_hosts:3)`."""
    return ", ".join(f"{one.kind} {fingerprint(base64.b64decode(one.key))} ({one.file}:{one.line})" for one in entries)
