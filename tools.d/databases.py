"""The databases pack: SQLite files of the workspace, read only, and what the output of psql and redis-cli says.

A query of SQLite is one SELECT. An authorizer refuses all else, no other file is attached, and rows, sizes and time
are bounded: a query that never ends is cut off.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import time
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.tools.context import Context, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 4.0
_ROWS = 1_000
_CELL = 2_000
"""Characters of one value that are shown."""
_LARGEST = 10_000_000
"""Bytes of the largest value that a query may make."""
_MEMORY = 256_000_000
"""Bytes that SQLite may take for a query."""
_COUNTED = 1_000_000
"""Rows up to which a table is counted."""
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def sqlite_tables(context: Context, path: str) -> dict[str, Any]:
    """The tables and their columns."""
    with _opened(context, path) as database:
        kinds = "type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        sql = f"SELECT name, type FROM sqlite_master WHERE {kinds} ORDER BY name"  # noqa: S608 - written out above
        found = database.execute(sql).fetchmany(_ROWS)
        return {"tables": [_table(database, name, kind) for name, kind in found]}


def sqlite_query(context: Context, path: str, sql: str, limit: int = 100) -> dict[str, Any]:
    """The rows of a SELECT."""
    with _opened(context, path) as database:
        database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
        cursor = database.execute(sql)
        if cursor.description is None:
            raise ToolFailed("this is no SELECT", hint="one SELECT, or WITH … SELECT, is run and nothing else")
        columns = [column[0] for column in cursor.description]
        most = min(max(limit, 1), _ROWS)
        # One by one: many large values are never there at once.
        rows = [[_shown(value) for value in row] for row in islice(cursor, most)]
        return {"columns": columns, "rows": rows, "more": len(rows) == most and cursor.fetchone() is not None}


def csv_rows(text: str, exit: int) -> dict[str, Any]:
    """The rows that psql gives as CSV."""
    rows = list(csv.reader(io.StringIO(text)))
    columns = rows[0] if rows else []
    return {"columns": columns, "rows": [dict(zip(columns, row, strict=False)) for row in rows[1:]]}


def redis_fields(text: str, exit: int) -> dict[str, Any]:
    """The fields that Redis tells, by section."""
    sections: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("# "):
            fields = sections.setdefault(line[2:].lower(), {})
        elif ":" in line:
            name, _, value = line.partition(":")
            fields[name] = value
    if not sections:
        raise ToolFailed(f"the server told nothing of itself: {text.strip()[:500] or 'no output'}")
    return {"sections": sections}


@contextmanager
def _opened(context: Context, path: str) -> Iterator[sqlite3.Connection]:
    """The database, read only, for a few seconds; what SQLite answers becomes words for the model."""
    context.open(path).close()  # a file, and no device or FIFO
    place = context.resolve(path)
    end = time.monotonic() + _SECONDS
    try:
        with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True, timeout=1)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            # SQLite follows links by itself: the file that it opened must be the one that was judged.
            if database.execute("PRAGMA database_list").fetchone()[2] != str(place):
                raise ToolFailed(f"'{path}' has just been changed", hint="try again")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
            database.execute(f"PRAGMA hard_heap_limit = {_MEMORY}")
            database.set_progress_handler(lambda: time.monotonic() > end, 10_000)
            yield database
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except MemoryError:
        raise ToolFailed(
            f"the query needs more than {_MEMORY:,} bytes", hint="ask for fewer or smaller values"
        ) from None


def _explained(path: str, error: sqlite3.Error) -> ToolFailed:
    text = str(error)
    if text == "interrupted":
        return ToolFailed(f"the query was ended after {_SECONDS:g} s", match="timeout", hint="ask for less")
    if "not authorized" in text or "prohibited" in text:
        return ToolFailed(f"only a SELECT is run: {text}", hint="one SELECT, or WITH … SELECT, is run and nothing else")
    if "one statement" in text:
        return ToolFailed("these are several statements", hint="give one SELECT")
    return ToolFailed(f"'{path}': {text}")


def _table(database: sqlite3.Connection, name: str, kind: str) -> dict[str, Any]:
    quoted = '"{}"'.format(name.replace('"', '""'))
    columns = [f"{column[1]} {column[2]}".strip() for column in database.execute(f"PRAGMA table_info({quoted})")]
    counted = f"SELECT COUNT(*) FROM (SELECT 1 FROM {quoted} LIMIT {_COUNTED})"  # noqa: S608 - a quoted name
    return {"name": name, "kind": kind, "columns": columns, "rows": database.execute(counted).fetchone()[0]}


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    if isinstance(value, str) and len(value) > _CELL:
        return f"{value[:_CELL]}… [{len(value)} characters]"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value
