"""Runs with other files than those in use: what is opened for them is closed with the last of them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from runner.engine import Start
from runner.engine.workbenches.versions import version_at
from runner.errors import ConfigInvalid, UsageError
from runner.runs.events import RunQueued
from runner.runs.store import Store
from tests.engine.house import House
from tests.git.repository import commit, git

_PLACES = "inputs: {a: str, b: str}\nworkspace: '{{ inputs.a }}'"


@pytest.fixture
def kept(house: House) -> str:
    """A revision of the past whose workflow takes a text; today's takes a number."""
    house.workflow("a: {tool: green}", head="inputs: {x: str}")
    told = asyncio.run(house.run(x="one"))
    house.workflow("a: {tool: green}", head="inputs: {x: int}")
    assert told.state.queued is not None
    return told.state.queued.revision


def test_nothing_stays_open_of_a_revision_that_no_run_holds(house: House, kept: str) -> None:
    """Whether its run has ended, or was refused and never was."""

    async def scene() -> None:
        async with house.engine() as engine:
            open_before = engine.open_parts()
            for _ in range(3):
                run = await engine.submit(Start("job", {"x": "two"}, at=kept[:8]))
                assert (await engine.settled(run)).revision == kept
                with pytest.raises(UsageError, match=rf"^inputs of job at {kept[:8]}: y: "):
                    await engine.submit(Start("job", {"x": "two", "y": 1}, at=kept))
                with pytest.raises(UsageError, match=r"^there is no agent or workflow `jop` at "):
                    await engine.submit(Start("jop", {}, at=kept))
            assert engine.open_parts() == open_before

    asyncio.run(scene())


def test_the_same_key_runs_again_once(house: House, kept: str) -> None:
    """A request that comes twice is one run, whatever its files."""

    async def scene() -> None:
        async with house.engine() as engine:
            (old,) = engine.store.runs()
            first, second = [await engine.rerun(old.id, key="k") for _ in range(2)]
            assert first == second
            assert (await engine.settled(first)).rerun_of == old.id
            (queued,) = engine.store.events(first, limit=1)
            assert isinstance(queued, RunQueued)
            assert (queued.revision, queued.inputs, queued.rerun_of) == (kept, {"x": "one"}, old.id)
            with pytest.raises(UsageError, match=r"^inputs of job at live: x: "):
                await engine.rerun(old.id, at="live")
            again = await engine.rerun(first)
            assert (await engine.settled(again)).rerun_of == first

    asyncio.run(scene())


def test_a_run_with_an_older_revision_goes_by_the_stricter_rules(house: House, kept: str) -> None:
    """What the files forbid by now is forbidden to it too."""
    deny = "permissions:\n  - {tool: green, action: deny}"
    house.write("runner.yaml", (house.root / "runner.yaml").read_text().replace("permissions:", deny))

    async def scene() -> None:
        async with house.engine() as engine:
            run = await engine.submit(Start("job", {"x": "two"}, at=kept))
            row = await engine.settled(run)
            assert (row.revision, row.verdict) == (kept, "error")
            assert row.why == "`a/1` failed: denied by runner.yaml permissions[0] (now)"

    asyncio.run(scene())


def test_a_run_with_an_older_revision_works_where_runs_may_work_now(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A folder that was taken off the list is taken from it too; the store is never one, wherever it once was."""
    settings, elsewhere = (house.root / "runner.yaml").read_text(), tmp_path_factory.mktemp("elsewhere")
    house.write("runner.yaml", f"{settings}\nworkspaces: [/]\nstorage: {{path: other}}\n")
    house.workflow("a: {tool: green}\nb: {tool: green, workspace: '{{ inputs.b }}'}", head=_PLACES)
    asyncio.run(house.run(a=str(elsewhere), b=str(elsewhere)))
    house.write("runner.yaml", settings)

    async def scene() -> None:
        async with house.engine() as engine:
            (old,) = engine.store.runs()
            assert old.verdict == "pass"
            for place, why in ((elsewhere, "outside the folders that runs may now work in"), (".runner", "own store")):
                with pytest.raises(UsageError, match=why):
                    await engine.submit(Start("job", {"a": str(place), "b": "."}, at=old.revision))
                run = await engine.submit(Start("job", {"a": ".", "b": str(place)}, at=old.revision))
                row = await engine.settled(run)
                assert (row.verdict, why in (row.why or "")) == ("error", True)
            with pytest.raises(UsageError, match="may now work in"):
                await engine.rerun(old.id)

    asyncio.run(scene())


@pytest.mark.parametrize("place", ["a\0b", "~nobody-of-that-name/x"])
def test_a_workspace_that_can_be_none_is_refused(house: House, place: str) -> None:
    """It may come from whoever starts the run."""
    house.workflow("a: {tool: green}", head=_PLACES)

    async def scene() -> None:
        async with house.engine() as engine:
            with pytest.raises(UsageError, match="is no name of a folder"):
                await engine.submit(Start("job", {"a": place, "b": "."}))

    asyncio.run(scene())


def test_a_kept_revision_that_cannot_be_read_is_refused(house: House, kept: str) -> None:
    """One whose content is lost, and one that this runner reads otherwise."""
    store = Store.open(house.root / ".runner")
    try:
        store.revisions.save("abcdef" * 10, {"runner.yaml": b"use: []\n"}, "", dirty=False)
        with pytest.raises(UsageError, match="are read differently by this version of runner"):
            version_at(store, house.root, "abcdef")
        with closing(sqlite3.connect(store.folder / "runner.db")) as database, database:
            database.execute("DELETE FROM contents")
        with pytest.raises(UsageError, match="is no longer whole"):
            version_at(store, house.root, kept)
    finally:
        store.close()


def test_a_commit_is_kept_with_its_note_and_a_bad_one_is_not(house: House) -> None:
    """Later its revision alone is enough."""
    git(house.root, "init", "-q", "-b", "main")
    house.write(".gitignore", ".runner/\n")
    good = commit(house.root, "good")
    house.write("agents.d/helper.yaml", "prompt: [\n")
    commit(house.root, "bad")
    store = Store.open(house.root / ".runner")
    try:
        version = version_at(store, house.root, "HEAD~1")
        assert (version.commit.sha, version.commit.dirty, version.name) == (good, False, good)
        assert version_at(store, house.root, version.project.revision[:6]).commit.sha == good
        with pytest.raises(ConfigInvalid) as caught:
            version_at(store, house.root, "main")
        assert caught.value.files is not None
        assert len(store.revisions.beginning("")) == 1
    finally:
        store.close()
