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


def credentials(given: Mapping[str, Any], secret: str) -> list[str]:
    """What a connection that is given this tries, in order; `secret` is what the files call its password."""
    files = given.get("key_filename") or []
    named = [f"key {file}" for file in ([files] if isinstance(files, str) else files)]
    agent = _of_agent() if given.get("allow_agent", True) else []
    usual = _of_home() if given.get("look_for_keys", True) else []
    return [*named, *agent, *usual, *([f"password {secret or 'without a name'}"] if given.get("password") else [])]


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
