"""What a project's files and revisions are called: the one list of names, which all that looks for them goes by."""

from __future__ import annotations

SETTINGS = "runner.yaml"
TOP_FOLDERS = ("agents.d", "tools.d", "workflows")
FOLDERS = ("agents.d", "agents.d/prompts", "tools.d", "workflows")
"""The folders whose files are read, each without those below it."""
KNOWN_HOSTS = "known_hosts"
"""The keys of hosts that people trust, beside the settings."""
POLICY = "tools.d/policy.yaml"
"""What free command lines may do; it stands among the packs and is none."""
SHIPPED = "std/"
"""How the names of shipped files begin in a revision."""
DIGITS = 64
"""Of the whole digest of a revision."""
LARGEST = 10_000_000
"""Bytes of a file that are read at all; of YAML, far fewer."""
_SHORT = 8


def short(digest: str) -> str:
    """A digest as people are shown it; that of a revision or a commit they may say back so."""
    return digest[:_SHORT]


def with_commit(revision: str, commit: str, *, dirty: bool) -> str:
    """A revision and the commit it is of, in words: `1f2e3d4c, commit c0ffee00 with changes`."""
    changes = " with changes" if dirty else ""
    return f"{short(revision)}{f', commit {short(commit)}{changes}' if commit else ''}"


def too_large(size: int) -> str:
    """Why a file of that size is not read."""
    return f"it has {size:,} bytes; at most {LARGEST:,} are read"
