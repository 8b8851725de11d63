"""One load at a time: the good is adopted, the bad changes nothing, and each is told once."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ConfigInvalid
from tests.git.repository import git

Player = Callable[[Any], None]
BROKEN = "description: Greets.\nprompt: Say one.\ntols: []\n"


def test_a_start_adopts_the_files_and_marks_them_good(play: Player) -> None:
    """After it there is something to fall back on."""

    async def scene(stage: Any) -> None:
        result = await stage.reloader.start()
        assert (result.ok, result.changed, result.trigger) == (True, True, "start")
        assert result.revision == stage.engine.workbench.project.revision == stage.store.revisions.last_good()
        assert stage.told == [result]

    play(scene)


def test_new_files_are_adopted_and_the_same_ones_change_nothing(play: Player) -> None:
    """A second reload is ok, and nobody is told of it."""

    async def scene(stage: Any) -> None:
        first = await stage.reloader.start()
        stage.says("two")
        second = await stage.reloader.reload("request")
        assert (second.ok, second.changed, stage.word) == (True, True, "two")
        assert second.revision != first.revision
        bench = stage.engine.workbench
        third = await stage.reloader.reload("SIGHUP")
        assert (third.ok, third.changed, third.trigger) == (True, False, "SIGHUP")
        assert stage.engine.workbench is bench
        assert stage.told == [first, second]

    play(scene)


def test_bad_files_leave_the_revision_in_use_and_say_where_they_are_bad(play: Player) -> None:
    """File, line and hint in the result, the report and the history; mended they go live."""

    async def scene(stage: Any) -> None:
        good = await stage.reloader.start()
        (stage.root / "agents.d/greeter.yaml").write_text(BROKEN)
        bad = await stage.reloader.reload("request")
        (problem,) = bad.problems
        assert (bad.ok, bad.changed, bad.revision) == (False, False, good.revision)
        assert (problem.file, problem.line, problem.hint) == ("agents.d/greeter.yaml", 3, "did you mean tools?")
        assert stage.reloader.report()["problems"][0]["line"] == 3
        history = stage.store.revisions.reloads()
        assert [row.ok for row in history] == [False, True]
        assert json.loads(history[0].problems)[0]["hint"] == "did you mean tools?"
        stage.says("mended")
        assert (await stage.reloader.reload("request")).ok
        assert stage.word == "mended"

    play(scene)


def test_files_undone_to_the_revision_in_use_are_told_as_good_again(play: Player) -> None:
    """Who read of the fault reads of its end, although nothing new was adopted."""

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        (stage.root / "agents.d/greeter.yaml").write_text(BROKEN)
        await stage.reloader.reload("request")
        stage.says("one")
        result = await stage.reloader.reload("request")
        assert (result.ok, result.changed) == (True, False)
        assert [told.ok for told in stage.told] == [True, False, True]

    play(scene)


def test_the_same_faults_are_told_once(play: Player) -> None:
    """Asking again fills neither the log nor the history."""

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        (stage.root / "agents.d/greeter.yaml").write_text(BROKEN)
        for _ in range(3):
            assert not (await stage.reloader.reload("request")).ok
        assert [told.ok for told in stage.told] == [True, False]
        assert len(stage.store.revisions.reloads()) == 2

    play(scene)


def test_a_start_on_bad_files_uses_the_last_good_revision_and_says_so(play: Player) -> None:
    """What was broken while nobody ran takes nothing down: new runs get the files that were good."""

    async def first(stage: Any) -> None:
        await stage.reloader.start()
        stage.says("two")
        await stage.reloader.reload("request")

    async def second(stage: Any) -> None:
        (stage.root / "agents.d/greeter.yaml").write_text(BROKEN)
        result = await stage.reloader.start()
        assert (result.ok, result.changed, stage.word) == (False, True, "two")
        assert result.revision == stage.engine.workbench.project.revision
        assert result.problems[0].line == 3
        assert stage.reloader.report()["ok"] is False
        stage.says("three")
        assert (await stage.reloader.reload("request")).ok
        assert stage.word == "three"

    play(first)
    play(second)


def test_a_start_on_bad_files_with_nothing_to_fall_back_on_is_refused(play: Player) -> None:
    """Every problem goes with the refusal."""

    async def scene(stage: Any) -> None:
        (stage.root / "agents.d/greeter.yaml").write_text(BROKEN)
        with pytest.raises(ConfigInvalid) as caught:
            await stage.reloader.start()
        assert [getattr(problem, "line", 0) for problem in caught.value.problems] == [3]
        assert stage.engine.workbench is None

    play(scene)


def test_a_start_asks_before_anything_runs_on_the_project(play: Player) -> None:
    """A port that is taken is found out before a run goes on."""

    async def scene(stage: Any) -> None:
        def refuse(project: Any) -> None:
            assert project.agents
            raise ConfigInvalid("not here")

        with pytest.raises(ConfigInvalid):
            await stage.reloader.start(refuse)
        assert stage.engine.workbench is None

    play(scene)


def test_changes_that_need_a_restart_are_named_until_they_are_undone(play: Player, root: Path) -> None:
    """`server` and `storage` are read at the start only; all else of the file goes live."""

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        settings = root / "runner.yaml"
        before = settings.read_text()
        settings.write_text(before + "server: {listen: '127.0.0.1:8799'}\nstorage: {path: elsewhere}\n")
        assert (await stage.reloader.reload("request")).needs_restart == ("server", "storage")
        settings.write_text(before)
        assert (await stage.reloader.reload("request")).needs_restart == ()

    play(scene)


def test_a_secret_that_was_added_is_found_although_the_revision_is_the_same(play: Player, root: Path) -> None:
    """.env is no part of a revision, and what it makes available is there after a reload."""
    (root / "runner.yaml").write_text(
        "models:\n  default: {provider: openai, model: m, base_url: 'http://127.0.0.1:9/v1', key: '${SPECIAL_KEY}'}\n"
    )

    async def scene(stage: Any) -> None:
        first = await stage.reloader.start()
        assert "SPECIAL_KEY not set" in stage.engine.workbench.unavailable["model default"]
        (root / ".env").write_text("SPECIAL_KEY=abcdefgh\n")
        second = await stage.reloader.reload("request")
        assert (second.changed, second.revision) == (True, first.revision)
        assert stage.engine.workbench.unavailable == {}

    play(scene)


def test_all_who_ask_before_a_load_has_begun_are_answered_by_that_one(play: Player) -> None:
    """A storm of signals costs one load; who asks while it goes on is answered by one more: files may have changed."""

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        stage.says("two")
        first = [asyncio.create_task(stage.reloader.reload(f"t{number}")) for number in range(50)]
        await asyncio.sleep(0.02)
        stage.says("three")
        second = [asyncio.create_task(stage.reloader.reload(f"u{number}")) for number in range(50)]
        results = await asyncio.gather(*first, *second)
        assert {result.trigger for result in results} == {"t0", "u0"}
        assert all(result.ok for result in results)
        assert stage.word == "three"

    play(scene)


def test_who_goes_away_does_not_end_the_load_he_asked_for(play: Player) -> None:
    """A client that hangs up leaves nothing half done."""

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        stage.says("two")
        asked = asyncio.create_task(stage.reloader.reload("request"))
        await asyncio.sleep(0.02)
        asked.cancel()
        await stage.until_word("two")

    play(scene)


def test_a_load_in_the_middle_is_given_up_when_all_is_closed(play: Player) -> None:
    """Its answer says so, and the revision in use stays the one it is."""

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        stage.says("two")
        asked = asyncio.create_task(stage.reloader.reload("request"))
        await asyncio.sleep(0.02)
        await stage.reloader.close()
        result = await asked
        assert (result.ok, result.why, stage.word) == (False, "runner is stopping", "one")

    play(scene)


def test_a_project_that_was_moved_away_is_no_empty_project(play: Player, root: Path) -> None:
    """The revision in use stays, and the project is used again once it is back."""

    async def scene(stage: Any) -> None:
        good = await stage.reloader.start()
        away = root.with_name("away")
        away.mkdir()
        for name in ("runner.yaml", "agents.d"):
            (root / name).rename(away / name)
        lost = await stage.reloader.reload("request")
        assert (lost.ok, lost.revision, lost.is_passing) == (False, good.revision, True)
        assert lost.why == f"no runner.yaml, agents.d, tools.d or workflows is in {root} any more"
        for name in ("runner.yaml", "agents.d"):
            (away / name).rename(root / name)
        assert (await stage.reloader.reload("request")).ok

    play(scene)


def test_nothing_is_read_while_git_holds_its_index(play: Player, root: Path) -> None:
    """A checkout in the middle is no set of files."""
    git(root, "init", "-q")

    async def scene(stage: Any) -> None:
        await stage.reloader.start()
        lock = root / ".git/index.lock"
        lock.touch()
        stage.says("half")
        asked = asyncio.create_task(stage.reloader.reload("request"))
        await asyncio.sleep(0.5)
        assert (asked.done(), stage.word) == (False, "one")
        stage.says("whole")
        lock.unlink()
        assert (await asked).ok
        assert stage.word == "whole"

    play(scene)


def test_the_commit_of_the_files_goes_with_the_result(play: Player, root: Path) -> None:
    """Also that they differ from it."""
    for words in (["init", "-q"], ["add", "runner.yaml", "agents.d", "demo"], ["commit", "-q", "-m", "first"]):
        git(root, *words)
    sha = git(root, "rev-parse", "HEAD")

    async def scene(stage: Any) -> None:
        clean = await stage.reloader.start()
        assert (clean.commit, clean.dirty) == (sha, False)
        stage.says("two")
        dirty = await stage.reloader.reload("request")
        assert (dirty.commit, dirty.dirty) == (sha, True)

    play(scene)


def test_a_project_that_has_gone_leaves_the_revision_in_use(play: Player, root: Path) -> None:
    """Somebody moved the folder away: what runs goes on."""

    async def scene(stage: Any) -> None:
        good = await stage.reloader.start()
        shutil.rmtree(root / "agents.d")
        (root / "runner.yaml").write_text("models: [")
        bad = await stage.reloader.reload("request")
        assert (bad.ok, bad.revision, stage.word) == (False, good.revision, "one")

    play(scene)
