"""Databases that python tools are given open: what they may do there, what is kept, and what leads on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.tools.port import Call
from runner.tools.resources import resource_in
from runner.tools.workers import FolderWorkers, Given

TOOLS = """
import os
from runner.tools.context import Context, Resource, ToolFailed

def titles(library: Resource["music"]) -> list[str]:
    return [row["title"] for row in library.execute("SELECT title FROM tracks ORDER BY title")]

def add(library: Resource["music"], title: str, context: Context, fail: bool = False) -> int:
    library.execute("INSERT INTO tracks VALUES (?)", (title,))
    if fail:
        raise ToolFailed("not this one")
    return os.getpid()

def execute(library: Resource["music"], sql: str) -> list[list]:
    return [list(row) for row in library.execute(sql)]

def same(library: Resource["music"], other: Resource["music"]) -> bool:
    return library is other

def elsewhere(library: Resource["films"]) -> None: ...
"""
SQL = "CREATE TABLE tracks (title TEXT NOT NULL); INSERT INTO tracks VALUES ('Granit');"
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a pack and the SQL of a database."""
    folder = tmp_path / "project"
    (folder / "tools.d").mkdir(parents=True)
    (folder / "tools.d/music.py").write_text(TOOLS)
    (folder / "music.sql").write_text(SQL)
    return folder


def using(project: Path, work: Callable[[Ask], Awaitable[Any]], closed: str = "", **place: str) -> Any:
    """Do work with `ask(function, **arguments)`; `writes` is not among the arguments."""

    async def main() -> Any:
        fields = {"sqlite": "data/music.db", "root": str(project), "init": str(project / "music.sql"), **place}
        given = Given((str(project / closed),) if closed else (), (), {"music": fields})
        workers = FolderWorkers(project / "tools.d", "owner", given=given)

        def ask(function: str, *, writes: bool = False, **arguments: Any) -> Awaitable[Any]:
            call = Call("tool", arguments, project, "local", 20, "r1", "p/1")
            return workers.call(f"music:{function}", arguments, call, writes=writes)

        try:
            return await work(ask)
        finally:
            await workers.close()

    return asyncio.run(main())


def failure(project: Path, function: str, closed: str = "", place: dict[str, str] | None = None, **given: Any) -> Any:
    """The failure of one call."""
    with pytest.raises(ToolFailed) as caught:
        using(project, lambda ask: ask(function, **given), closed, **(place or {}))
    return caught.value


def stored(project: Path) -> list[str]:
    """What is in the database."""
    with closing(sqlite3.connect(project / "data/music.db")) as library:
        return [row[0] for row in library.execute("SELECT title FROM tracks ORDER BY title")]


def test_a_database_is_made_of_its_sql_at_the_first_call(project: Path) -> None:
    """Also when several workers ask for it at once; nothing else is left beside it."""

    async def work(ask: Ask) -> list[Any]:
        return await asyncio.gather(*(ask("titles") for _ in range(4)))

    assert using(project, work) == [["Granit"]] * 4
    assert [path.name for path in (project / "data").iterdir()] == ["music.db"]


def test_what_a_call_wrote_is_kept_unless_it_fails(project: Path) -> None:
    """Each call is a transaction; the worker goes on with the same connection."""

    async def work(ask: Ask) -> list[Any]:
        first = await ask("add", title="Aube", writes=True)
        with pytest.raises(ToolFailed, match="not this one"):
            await ask("add", title="Brume", fail=True, writes=True)
        return [first == await ask("add", title="Craie", writes=True), await ask("titles")]

    assert using(project, work) == [True, ["Aube", "Craie", "Granit"]]
    assert stored(project) == ["Aube", "Craie", "Granit"]


def test_two_parameters_share_one_connection(project: Path) -> None:
    """The same database is the same transaction."""
    assert using(project, lambda ask: ask("same")) is True


def test_a_tool_that_reads_can_change_nothing(project: Path) -> None:
    """The message says what would let it."""
    caught = failure(project, "add", title="Aube")
    assert "attempt to write a readonly database (music.py:" in caught.message
    assert caught.hint.endswith("write `risk: write` in its file")
    assert stored(project) == ["Granit"]


@pytest.mark.parametrize("sql", ["ATTACH 'other.db' AS other", "VACUUM INTO 'other.db'", "SELECT load_extension('x')"])
def test_no_sql_reaches_another_file(project: Path, sql: str) -> None:
    """Whatever the risk: nothing is attached, copied out or loaded."""
    for writes in (False, True):
        assert "sqlite3." not in failure(project, "execute", sql=sql, writes=writes).message
    assert not list(project.rglob("other.db"))


def test_a_missing_table_names_those_that_there_are(project: Path) -> None:
    """So that the SQL can be mended."""
    caught = failure(project, "execute", sql="SELECT * FROM track")
    assert (caught.hint, "no such table: track" in caught.message) == ("the database has the tables tracks", True)


def test_a_database_that_is_replaced_is_opened_anew(project: Path) -> None:
    """A file of the same name put in its place is what the next call sees."""

    async def work(ask: Ask) -> list[Any]:
        before = await ask("titles")
        with closing(sqlite3.connect(project / "new.db")) as library:
            library.executescript(SQL.replace("Granit", "Schiste"))
        (project / "new.db").replace(project / "data/music.db")
        return [before, await ask("titles")]

    assert using(project, work) == [["Granit"], ["Schiste"]]


def test_a_database_that_is_not_there_says_how_to_have_it(project: Path) -> None:
    """Without SQL to make it of nothing is made."""
    caught = failure(project, "titles", place={"init": ""})
    assert (caught.message, caught.match) == (
        "the database data/music.db of the resource `music` is not there",
        "unavailable",
    )
    assert "init: data/tables.sql" in caught.hint
    assert not (project / "data").exists()


def test_sql_that_is_wrong_makes_no_half_database(project: Path) -> None:
    """The next call begins anew; SQL cannot write elsewhere either."""
    for sql in (f"{SQL} CREATE NONSENSE;", f"{SQL} ATTACH '{project}/other.db' AS o; CREATE TABLE o.t (a);"):
        (project / "music.sql").write_text(sql)
        caught = failure(project, "titles")
        assert caught.message.startswith("data/music.db cannot be made of music.sql: ")
        assert list((project / "data").iterdir()) == []
        assert not (project / "other.db").exists()


def test_a_file_that_is_no_database_is_told(project: Path) -> None:
    """As one that is not to be had."""
    (project / "data").mkdir()
    (project / "data/music.db").write_text("no database at all, but a text of some length" * 50)
    caught = failure(project, "titles")
    assert (caught.match, "data/music.db cannot be opened" in caught.message) == ("unavailable", True)


@pytest.mark.parametrize("target", ["../outside.db", ".runner/runner.db"])
def test_a_link_leads_to_no_database_of_others(project: Path, target: str) -> None:
    """Neither out of the project's folder nor to runner's own journal."""
    (project / "data").mkdir()
    (project / ".runner").mkdir()
    with closing(sqlite3.connect(project / target)) as library:
        library.executescript(SQL)
    (project / "data/music.db").symlink_to(project / target)
    caught = failure(project, "titles", closed=".runner")
    assert (caught.match, "leads to" in caught.message) == ("unavailable", True)


def test_a_resource_of_no_name_is_told(project: Path) -> None:
    """With the line that is missing."""
    caught = failure(project, "elsewhere")
    assert (caught.message, caught.match) == ("there is no resource `films`", "unavailable")
    assert "resources: {films: {sqlite: data/films.db}}" in caught.hint


def test_a_locked_database_is_waited_for_and_then_told(project: Path) -> None:
    """Another program that writes."""
    using(project, lambda ask: ask("titles"))
    with closing(sqlite3.connect(project / "data/music.db", isolation_level=None)) as library:
        library.execute("BEGIN EXCLUSIVE")
        caught = failure(project, "add", title="Aube", writes=True)
    assert "locked" in caught.message
    assert caught.hint == "another program is writing to the database; try again"


def test_annotations_are_read_whether_text_or_not() -> None:
    """As both kinds of modules have them."""
    assert resource_in("Resource['music']") == resource_in('resources.Resource["music"]') == "music"
    assert [resource_in(other) for other in ("Context", "Resource", str, None, "list[Resource['a']]")] == [None] * 5
