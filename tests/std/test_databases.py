"""The databases pack: SQLite for real; psql and redis-cli by programs that record how they are called.

PostgreSQL and Redis are no small things to install; what a real psql 15 and server answered is in the recordings.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from runner.tools.context import Context
from tests.std import staged
from tests.std.staged import Tools, failure

ROOT = Path(__file__).resolve().parents[2]

Put = Callable[[dict[str, str]], None]
LIBRARY = """
CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, cover BLOB);
INSERT INTO books VALUES (1, 'Granit', x'0102'), (2, 'Aube', NULL), (3, 'Brume', NULL);
CREATE VIEW titles AS SELECT title FROM books;
"""


@pytest.fixture
def tools(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("databases")


@pytest.fixture
def library(workspace: Path) -> Path:
    """An SQLite file in the workspace."""
    path = workspace / "books é.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(LIBRARY)
    return path


@pytest.fixture
def recorded(tools: Tools, workspace: Path, tmp_path: Path) -> Callable[[str, str], Path]:
    """Puts a program in place that gives an answer; the path is where it writes its words."""

    def record(program: str, answer: str) -> Path:
        staged.program(tools, tmp_path / "bin", program, answer)
        (tmp_path / "bin" / program).write_text(
            f"#!/bin/sh\nprintf '%s\\0' \"$@\" > words\ncat '{tmp_path}/bin/{program}.output'\n"
        )
        return workspace / "words"

    return record


def test_tables_are_listed_with_columns_and_rows(tools: Tools, library: Path) -> None:
    """Views too; a name with blanks and accents is a name."""
    with closing(sqlite3.connect(library)) as database:
        database.execute('CREATE TABLE "a ""b" (x)')
    _, answer = tools.call("sqlite_tables", path=library.name)
    assert answer["tables"] == [
        {"name": 'a "b', "kind": "table", "columns": ["x"], "rows": 0},
        {"name": "books", "kind": "table", "columns": ["id INTEGER", "title TEXT", "cover BLOB"], "rows": 3},
        {"name": "titles", "kind": "view", "columns": ["title TEXT"], "rows": 3},
    ]


def test_a_select_gives_rows(tools: Tools, library: Path) -> None:
    """As many as are asked for; bytes are told by their number."""
    _, answer = tools.call("sqlite_query", path=library.name, sql="SELECT * FROM books ORDER BY id", limit=1)
    assert answer == {"columns": ["id", "title", "cover"], "rows": [[1, "Granit", "[2 bytes]"]], "more": True}
    _, answer = tools.call("sqlite_query", path=library.name, sql="WITH t AS (SELECT 9e999 AS x) SELECT x FROM t;")
    assert answer == {"columns": ["x"], "rows": [["inf"]], "more": False}


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM books",
        "INSERT INTO books (title) VALUES ('x')",
        "DROP TABLE books",
        "ATTACH 'other.db' AS o",
        "VACUUM INTO 'other.db'",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "SELECT load_extension('x')",
        "SELECT 1; DELETE FROM books",
        "WITH t AS (SELECT 1) DELETE FROM books",
        "EXPLAIN DELETE FROM books",
        "SELECT zeroblob(100000000)",
        "BEGIN IMMEDIATE",
        "",
        "nonsense",
    ],
)
def test_nothing_but_one_select_is_run(tools: Tools, library: Path, workspace: Path, sql: str) -> None:
    """The file stays as it is, and no other comes to be."""
    before = library.read_bytes()
    assert failure(tools, "sqlite_query", path=library.name, sql=sql)
    assert library.read_bytes() == before
    assert list(workspace.iterdir()) == [library]


def test_a_query_that_never_ends_is_cut_off(tools: Tools, library: Path) -> None:
    """After some seconds, with what to do."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n"
    assert "the query was ended after 4 s | ask for less" in failure(
        tools, "sqlite_query", path=library.name, sql=endless
    )


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT {', '.join(['zeroblob(10000000)'] * 400)}",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 5000) SELECT zeroblob(10000000) FROM n",
    ],
)
def test_large_values_take_a_bounded_amount_of_memory(context: Context, library: Path, sql: str) -> None:
    """A row of gigabytes is refused, and rows that are large together are never there at once."""
    code = (
        "import json, resource, sys; sys.path[:0] = sys.argv[1:3]; import databases\n"
        "from runner.tools.context import Context, ToolFailed\n"
        "try: print(len(databases.sqlite_query(Context(sys.argv[3]), sys.argv[4], sys.argv[5], 1000)['rows']))\n"
        "except ToolFailed as error: print(error.message)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    words = [sys.executable, "-c", code, str(ROOT), str(ROOT / "tools.d"), str(context.workspace), library.name, sql]
    said, kib = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said in ("1000", "the query needs more than 256,000,000 bytes") or "the query was ended after" in said
    assert int(kib) < 700_000


def test_no_program_of_the_workspace_is_run_by_a_read(tools: Tools, put: Put, workspace: Path) -> None:
    """A psql or redis-cli that the workspace brings is not the machine's."""
    for program in ("psql", "redis-cli"):
        put({f".venv/bin/{program}": "#!/bin/sh\ntouch sprung\n"})
        (workspace / f".venv/bin/{program}").chmod(0o755)
    tools.call("postgres_tables", service="none")
    tools.call("postgres_query", service="none", sql="SELECT 1")
    tools.call("redis_info", port=1)
    assert not (workspace / "sprung").exists()


def test_only_files_of_the_workspace_are_opened(tools: Tools, library: Path, workspace: Path) -> None:
    """No path and no link leads out; a text is no database, and a missing one is not made."""
    library.rename(workspace.parent / "out.db")
    (workspace / "link.db").symlink_to(workspace.parent / "out.db")
    (workspace / "text.db").write_text("a text of some length, and no database at all\n" * 50)
    for path in ("../out.db", "link.db"):
        assert "leaves the workspace" in failure(tools, "sqlite_tables", path=path)
    assert "file is not a database" in failure(tools, "sqlite_tables", path="text.db")
    assert "is not there" in failure(tools, "sqlite_query", path="none.db", sql="SELECT 1")
    assert not (workspace / "none.db").exists()


def test_postgres_is_asked_in_a_session_that_only_reads(tools: Tools, recorded: Callable[[str, str], Path]) -> None:
    """The query stands in parentheses, the settings beside the service, and no password is asked for."""
    words = recorded("psql", 'id,title\n1,"Granit, gris"\n2,\n')
    status, answer = tools.call("postgres_query", sql="SELECT * FROM books -- all", limit=2, service="shop")
    assert (status, answer["columns"]) == ("ok", ["id", "title"])
    assert answer["rows"] == [{"id": "1", "title": "Granit, gris"}, {"id": "2", "title": ""}]
    options = "-c default_transaction_read_only=on -c statement_timeout=8000 -c client_min_messages=error"
    assert words.read_text().split("\0")[:-1] == [
        *("-X", "-w", "-q", "--csv"),
        f"--dbname=service=shop options='{options}'",
        "--command=SELECT * FROM (SELECT * FROM books -- all\n) AS answer LIMIT 2",
    ]


@pytest.mark.parametrize(
    "arguments", [{"sql": "SELECT 1; DROP TABLE a"}, {"sql": "SELECT 1", "service": "x' host='evil"}]
)
def test_no_second_statement_and_no_other_server_reaches_psql(
    tools: Tools, recorded: Callable[[str, str], Path], arguments: dict[str, str]
) -> None:
    """It is refused before anything is started."""
    words = recorded("psql", "")
    with pytest.raises(ValueError, match=r"sql|service"):
        tools.call("postgres_query", **arguments)
    assert not words.exists()


def test_postgres_tables_are_listed(tools: Tools, recorded: Callable[[str, str], Path]) -> None:
    """With their columns, as one query of the catalogue gives them."""
    words = recorded("psql", 'schema,table,rows,columns\npublic,books,3,"id integer, title text"\n')
    _, answer = tools.call("postgres_tables")
    assert answer["rows"] == [{"schema": "public", "table": "books", "rows": "3", "columns": "id integer, title text"}]
    assert words.read_text().split("\0")[5].startswith("--command=SELECT n.nspname AS schema,")


def test_redis_tells_of_itself_by_section(tools: Tools, recorded: Callable[[str, str], Path]) -> None:
    """An answer without sections, as without a password, is a failure."""
    words = recorded("redis-cli", "# Server\r\nredis_version:7.0.15\r\n\r\n# Memory\r\nused_memory:1024\r\n")
    _, answer = tools.call("redis_info", section="server", port=6380)
    assert answer["sections"] == {"server": {"redis_version": "7.0.15"}, "memory": {"used_memory": "1024"}}
    assert words.read_text().split("\0")[:-1] == ["-h", "127.0.0.1", "-p", "6380", "info", "server"]
    recorded("redis-cli", "NOAUTH Authentication required.\n")
    assert "NOAUTH Authentication required. | redis-cli must be there" in failure(tools, "redis_info")


def test_a_program_that_is_not_there_is_told_with_its_package(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hint says how to have it."""
    monkeypatch.setenv("PATH", str(workspace))
    assert "redis-cli" in failure(tools, "redis_info")
    assert "psql" in failure(tools, "postgres_query", sql="SELECT 1")
