"""`Resource["music"]`: what a python tool is given open, by the name that `resources` of runner.yaml gives it.

A database is opened once for each worker and closed with it. Each call is a transaction of its own: kept when the
function returns, taken back when it fails. Tools whose risk is `read` can change nothing. No other file of the machine
can be attached, whatever SQL a tool is talked into.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, TypeVar

from runner.errors import ToolFailed
from runner.tools.places import is_inside, places

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    ResourceT = TypeVar("ResourceT")
    # Type checkers read the name as a type: `if TYPE_CHECKING: from sqlite3 import Connection as music` gives it one.
    Resource = Annotated[ResourceT, "given by runner"]
else:

    class Resource:
        """The annotation of a parameter that runner fills: `library: Resource["music"]`."""

        def __class_getitem__(cls, name: str) -> str:
            return f'Resource["{name}"]'


__all__ = ["Databases", "Place", "Resource", "resource_in"]

_LOCKED = "another program is writing to the database; try again"
_NAMED = re.compile(r"""(?:\w+\.)*Resource\[\s*['"]([^'"]+)['"]\s*\]""")
_BUSY = 2.0
"""Seconds to wait for another process that writes."""


class Place(TypedDict):
    """Where a database is: seen from the project's folder, the folder itself, and the SQL it begins with, if any."""

    sqlite: str
    root: str
    init: str


def resource_in(annotation: Any) -> str | None:
    """The name in `Resource["name"]`, None for any other annotation."""
    found = _NAMED.fullmatch(annotation.strip()) if isinstance(annotation, str) else None
    return found[1] if found else None


class Databases:
    """The open databases of one worker."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, bool], tuple[sqlite3.Connection, tuple[int, int]]] = {}

    @contextmanager
    def lent(self, wanted: Mapping[str, str], request: Mapping[str, Any]) -> Iterator[dict[str, sqlite3.Connection]]:
        """The connections that parameters want, by resource; what was done is kept unless it fails."""
        given = {name: self._connection(resource, request) for name, resource in wanted.items()}
        try:
            yield given
            for connection in given.values():
                connection.commit()
        finally:
            for connection in given.values():
                connection.rollback()

    def hint(self, error: BaseException) -> str:
        """What to try after an error of a database; nothing after others."""
        if not self._open or not type(error).__module__.startswith("sqlite3"):
            return ""
        text = str(error)
        if "readonly" in text:
            return "the tool's `risk` is read, so its resources cannot be changed: write `risk: write` in its file"
        if "locked" in text:
            return _LOCKED
        if "no such table" in text or "no such column" in text:
            return f"the database has {self._tables()}"
        return ""

    def _connection(self, name: str, request: Mapping[str, Any]) -> sqlite3.Connection:
        place: Place | None = request["resources"].get(name)
        if place is None:
            hint = f"add `resources: {{{name}: {{sqlite: data/{name}.db}}}}` to runner.yaml"
            raise ToolFailed(f"there is no resource `{name}`", match="unavailable", hint=hint)
        path = _path(name, place, request["closed"])
        if not path.exists():
            _make(name, path, place)
        key, found = (str(path), bool(request["writes"])), path.stat()
        identity = found.st_dev, found.st_ino
        connection, former = self._open.get(key, (None, None))
        if connection is None or former != identity:
            if connection is not None:
                connection.close()
            self._open[key] = connection, _ = _connect(path, place, writes=key[1]), identity
        return connection

    def _tables(self) -> str:
        sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        names = {row[0] for connection, _ in self._open.values() for row in connection.execute(sql)}
        return f"the tables {', '.join(sorted(names))}" if names else "no tables"


def _path(name: str, place: Place, closed: list[str]) -> Path:
    """Where the database is, links resolved: in the project's folder, and none of runner's own files."""
    root = os.path.realpath(place["root"])
    real = os.path.realpath(Path(root, place["sqlite"]))
    if not is_inside(real, [root]) or is_inside(real, places(closed)):
        what = f"the database {place['sqlite']} of the resource `{name}` leads to {real}"
        raise ToolFailed(what, match="unavailable", hint="a database lies in the project's own folder")
    return Path(real)


def _connect(path: Path, place: Place, *, writes: bool) -> sqlite3.Connection:
    import sqlite3

    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode={'rw' if writes else 'ro'}", uri=True, timeout=_BUSY)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        hint = _LOCKED if "locked" in str(error) else ""
        what = f"the database {place['sqlite']} cannot be opened: {error}"
        raise ToolFailed(what, match="unavailable", hint=hint) from error
    connection.row_factory = sqlite3.Row
    connection.set_authorizer(_without_other_files)
    return connection


def _without_other_files(action: int, *_: str | None) -> int:
    import sqlite3

    return sqlite3.SQLITE_DENY if action in {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH} else sqlite3.SQLITE_OK


def _make(name: str, path: Path, place: Place) -> None:
    """Make a database of the SQL it begins with; of several workers at once the first one's stands."""
    import sqlite3

    if not place["init"]:
        what = f"the database {place['sqlite']} of the resource `{name}` is not there"
        hint = "make it, mend the path in runner.yaml, or name the SQL that makes it: `init: data/tables.sql`"
        raise ToolFailed(what, match="unavailable", hint=hint)
    script = Path(place["init"])
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        connection = sqlite3.connect(made)
        connection.set_authorizer(_without_other_files)
        connection.executescript(script.read_text(encoding="utf-8"))
        connection.close()
        with suppress(FileExistsError):
            os.link(made, path)
    except (sqlite3.Error, OSError, ValueError) as error:
        raise ToolFailed(f"{place['sqlite']} cannot be made of {script.name}: {error}", match="unavailable") from error
    finally:
        made.unlink(missing_ok=True)
