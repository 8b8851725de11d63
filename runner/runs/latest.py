"""A look at the revision that was used last, which opens, migrates and locks nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def latest_revision(path: Path) -> tuple[str, dict[str, bytes]] | None:
    """Digest and files of the revision that went live or ran last; None without a database, or one that is not ours."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            found = connection.execute(_LATEST).fetchone()
            files = dict(connection.execute(_FILES, found)) if found else {}
    except sqlite3.Error:  # whoever runs something is told what is wrong with it
        return None
    return (found[0], files) if files and None not in files.values() else None


_LATEST = """
SELECT revision FROM (
    SELECT * FROM (SELECT revision, time AS at FROM reloads WHERE ok ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT revision, queued_at AS at FROM runs ORDER BY id DESC LIMIT 1)
) ORDER BY at DESC LIMIT 1
"""
_FILES = """
SELECT file.key, contents.content FROM revisions, json_each(revisions.manifest) AS file
LEFT JOIN contents ON contents.digest = file.value WHERE revisions.digest = ?
"""
