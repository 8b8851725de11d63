"""What we show to be let in, by its name and never by its content."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL = ("id_rsa", "id_ecdsa", "id_ed25519")
"""The files of ~/.ssh that the library tries."""
_KINDS = (paramiko.RSAKey, paramiko.ECDSAKey, paramiko.Ed25519Key)
"""As which the library reads a file, in its order."""


def credentials(given: Mapping[str, Any], secret: str) -> list[str]:
    """What a connection that is given this tries, in order; `secret` is what the files call its password."""
    files = given.get("key_filename") or []
    named = [f"key {file}" for file in ([files] if isinstance(files, str) else files)]
    agent = _of_agent() if given.get("allow_agent", True) else []
    usual = _of_home() if given.get("look_for_keys", True) else []
    return [*named, *agent, *usual, *([f"password {secret or 'without a name'}"] if given.get("password") else [])]


def unopened(given: Mapping[str, Any]) -> list[str]:
    """The named files of encrypted keys that the password, if one is given, does not open."""
    files = given.get("key_filename") or []
    named = [files] if isinstance(files, str) else files
    return [file for file in named if _is_encrypted(file) and not _opens(file, given.get("password"))]


def _is_encrypted(file: str) -> bool:
    for kind in _KINDS:
        try:
            kind.from_private_key_file(file)
        except paramiko.PasswordRequiredException:
            return True
        except (paramiko.SSHException, OSError, ValueError):  # another kind's, or no key
            continue
    return False


def _opens(file: str, password: str | None) -> bool:
    for kind in _KINDS if password else ():
        try:
            kind.from_private_key_file(file, password)
        except (paramiko.SSHException, OSError, ValueError):
            continue
        return True
    return False


def _of_agent() -> list[str]:
    """The keys of the agent that SSH_AUTH_SOCK names."""
    try:
        with closing(paramiko.Agent()) as agent:
            return [f"key {_label(key)} of the agent" for key in agent.get_keys()]
    except (paramiko.SSHException, OSError):
        return []


def _label(key: paramiko.AgentKey) -> str:
    return f"{key.get_name()} {key.comment or key.fingerprint}".strip()


def _of_home() -> list[str]:
    home = Path(os.environ.get("HOME") or Path.home())
    return [f"key ~/.ssh/{name}" for name in _USUAL if (home / ".ssh" / name).is_file()]
