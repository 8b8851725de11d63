"""Changes are seen however they are made, and only whole ones are adopted."""

from __future__ import annotations

import asyncio
import mmap
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.reload.prints import digests, survey
from runner.reload.quiet import QUIET
from runner.reload.reading import Seen
from runner.reload.watching import Watching


async def save_torn(path: Path, text: str, cut: int, pause: float) -> None:
    """Write a file in two parts."""
    with path.open("w") as file:
        file.write(text[:cut])
        file.flush()
        await asyncio.sleep(pause)
        file.write(text[cut:])


def greeter(stage: Any) -> Any:
    """The greeter of the current revision."""
    return stage.engine.workbench.project.agents["greeter"]


Player = Callable[[Any], None]
BROKEN = "description: Greets.\nprompt: Say one.\ntols: []\n"


def test_a_save_goes_live_by_itself(watched: Player) -> None:
    """And the moment it was seen is known."""

    async def scene(stage: Any) -> None:
        assert stage.reloader.watching()["changed_at"] is None
        stage.says("two")
        result = await stage.until_told(1)
        assert (result.ok, result.trigger, stage.word) == (True, "change", "two")
        assert stage.reloader.watching()["changed_at"] <= result.at

    watched(scene)


def test_a_file_renamed_over_the_old_one_goes_live_again_and_again(watched: Player, root: Path) -> None:
    """Editors save so; a watch of the file itself would end with the first."""

    async def scene(stage: Any) -> None:
        for word in ("two", "three", "four"):
            fresh = root / "agents.d/.greeter.yaml.tmp"
            fresh.write_text(f"description: Greets.\nprompt: Say {word}.\n")
            fresh.replace(root / "agents.d/greeter.yaml")
            await stage.until_word(word)

    watched(scene)


def test_a_broken_save_is_told_and_the_mended_one_goes_live(watched: Player, root: Path) -> None:
    """With file, line and hint; the revision in use stays until then."""

    async def scene(stage: Any) -> None:
        (root / "agents.d/greeter.yaml").write_text(BROKEN)
        bad = await stage.until_told(1)
        assert (bad.ok, stage.word) == (False, "one")
        assert [(problem.file, problem.line, problem.hint) for problem in bad.problems] == [
            ("agents.d/greeter.yaml", 3, "did you mean tools?")
        ]
        stage.says("two")
        assert (await stage.until_told(2)).ok
        assert stage.word == "two"

    watched(scene)


def test_a_save_in_two_halves_is_adopted_whole_or_not_at_all(watched: Player, root: Path, seed: int) -> None:
    """Halves that are good YAML, and halves that are bad, far apart: neither goes live nor is complained of."""
    dice = random.Random(seed)

    async def scene(stage: Any) -> None:
        for number in range(6):
            text = f"description: Greets.\nprompt: Say {number} and {number}.\nlimits: {{turns: {number + 1}}}\n"
            cut = dice.choice([text.index("limits"), text.index(" and"), text.index("turns")])
            await save_torn(root / "agents.d/greeter.yaml", text, cut, dice.uniform(0.0, 0.5))
            await stage.until_word(f"{number} and {number}")
            await stage.until(lambda turns=number + 1: greeter(stage).spec.limits.turns == turns)
        await stage.until_told(6)
        assert [result.ok for result in stage.told] == [True] * len(stage.told)
        assert len(stage.told) == 6

    watched(scene)


def test_halves_that_are_saved_one_after_the_other_are_one_save(watched: Player, root: Path) -> None:
    """60 ms apart, and nobody holds the file open between them: only the time that has passed can tell."""
    path = root / "agents.d/greeter.yaml"

    async def scene(stage: Any) -> None:
        for number in range(12):
            text = f"description: Greets.\nprompt: Say {number}.\n"
            began = time.monotonic()
            path.write_text(text)
            await asyncio.sleep(0.06)
            with path.open("a") as file:
                file.write(f"limits: {{turns: {number + 1}}}\n")
            if time.monotonic() - began < QUIET:  # else this machine was too busy for the pause to be one
                await stage.until_word(f"{number}")
                assert greeter(stage).spec.limits.turns == number + 1

    watched(scene)


def test_a_folder_deleted_and_made_again_is_watched_again(watched: Player, root: Path) -> None:
    """Twice, as `git checkout` of a branch without it does."""

    async def scene(stage: Any) -> None:
        for word in ("two", "three"):
            shutil.rmtree(root / "agents.d")
            await stage.until_word("")
            (root / "agents.d").mkdir()
            stage.says("between")
            await stage.until_word("between")
            stage.says(word)
            await stage.until_word(word)

    watched(scene)


def test_a_folder_deleted_and_made_again_at_once_is_watched_again(watched: Player, root: Path) -> None:
    """Its watch went with the old one, though most file systems give the new one the same number."""

    async def scene(stage: Any) -> None:
        for word in ("two", "three"):
            shutil.rmtree(root / "agents.d")
            (root / "agents.d").mkdir()
            stage.says("between")
            await stage.until_word("between")
            stage.says(word)
            await stage.until_word(word)

    watched(scene)


def test_a_file_that_others_name_is_watched_where_it_is(watched: Player, root: Path) -> None:
    """Its folder is outside the three; deleting it is a problem, and bringing it back is not."""

    async def scene(stage: Any) -> None:
        replies = root / "demo/replies.yaml"
        assert str(replies) in stage.reloader.watching()["paths"]
        replies.write_text("- {text: Salut.}\n")
        assert (await stage.until_told(1)).ok
        shutil.rmtree(root / "demo")
        assert not (await stage.until_told(2)).ok
        replies.parent.mkdir()
        replies.write_text("- {text: Re-bonjour.}\n")
        assert (await stage.until_told(3)).ok

    watched(scene)


def test_a_folder_that_was_not_there_is_seen_when_it_comes(watched: Player, root: Path) -> None:
    """The first workflow of a project needs no restart."""

    async def scene(stage: Any) -> None:
        (root / "workflows").mkdir()
        (root / "workflows/new.yaml").write_text("description: New.\nphases:\n  a: {wait: {for: 1s}}\n")
        await stage.until(lambda: "new" in stage.engine.workbench.project.workflows)

    watched(scene)


def test_files_beside_the_project_cause_nothing(watched: Player, root: Path) -> None:
    """Logs, swap files and hidden files are no change."""

    async def scene(stage: Any) -> None:
        for name in ("notes.txt", "agents.d/.greeter.yaml.swp", ".noise.yaml"):
            (root / name).write_text("x")
        os.utime(root / "agents.d/greeter.yaml")  # the same bytes: seen, read, and found to be the same
        stage.says("two")
        await stage.until_word("two")
        await stage.until_told(1)
        assert [result.changed for result in stage.told] == [True]

    watched(scene)


@pytest.mark.parametrize("mode", ["poll", "off"])
def test_the_way_of_watching_is_the_files_word_and_changes_with_them(watched: Player, root: Path, mode: str) -> None:
    """`poll` sees changes without the system's help; with `off` only being asked helps; both can be undone."""

    async def scene(stage: Any) -> None:
        settings = root / "runner.yaml"
        before = settings.read_text()
        settings.write_text(f"{before}reload: {mode}\n")
        await stage.until_told(1)
        assert stage.reloader.watching()["mode"] == mode
        stage.says("two")
        if mode == "off":
            await asyncio.sleep(0.5)
            assert stage.word == "one"
            assert (await stage.reloader.reload("request")).changed
        await stage.until_word("two")
        settings.write_text(before)
        if mode == "off":
            await stage.reloader.reload("request")
        await stage.until_told(3)
        assert stage.reloader.watching()["mode"] == "auto"
        stage.says("three")
        await stage.until_word("three")

    watched(scene)


def test_a_linked_folder_goes_live_when_the_link_is_swapped(watched: Player, root: Path) -> None:
    """As mounted configuration is updated: `agents.d` leads over `..data`, which is renamed over; then it goes back."""

    async def scene(stage: Any) -> None:
        for word in ("one", "two"):
            (root / f"..{word}").mkdir()
            (root / "agents.d/greeter.yaml").write_text(f"description: Greets.\nprompt: Say {word}.\n")
            shutil.copytree(root / "agents.d", root / f"..{word}/agents.d")
        shutil.rmtree(root / "agents.d")
        (root / "..data").symlink_to("..one")
        (root / "agents.d").symlink_to("..data/agents.d")
        await stage.until_word("one")
        for word in ("two", "one"):
            (root / "..new").symlink_to(f"..{word}")
            (root / "..new").replace(root / "..data")
            await stage.until_word(word)
        (root / "..one/agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say three.\n")
        await stage.until_word("three")

    watched(scene)


def test_a_linked_file_goes_live_when_what_it_leads_to_changes(watched: Player, root: Path) -> None:
    """Dotfiles are kept so: the real file is elsewhere, and is edited there."""
    elsewhere = root.with_name("elsewhere")
    elsewhere.mkdir()
    (root / "agents.d/greeter.yaml").rename(elsewhere / "real.yaml")
    (root / "agents.d/greeter.yaml").symlink_to(elsewhere / "real.yaml")

    async def scene(stage: Any) -> None:
        for word in ("two", "three"):
            (elsewhere / "real.yaml").write_text(f"description: Greets.\nprompt: Say {word}.\n")
            await stage.until_word(word)

    watched(scene)


def test_a_folder_that_is_moved_away_and_back_is_watched_again(watched: Player, root: Path) -> None:
    """The watch of the old place is of no use, though it is the same folder."""

    async def scene(stage: Any) -> None:
        (root / "agents.d").rename(root / "away")
        await stage.until_word("")
        (root / "away").rename(root / "agents.d")
        await stage.until_word("one")
        stage.says("two")
        await stage.until_word("two")

    watched(scene)


def test_the_whole_project_may_be_replaced_by_another(watched: Player, root: Path) -> None:
    """By renaming two folders; nothing is lost while it is away, and what comes later is seen in the new one."""
    other = root.with_name("other")
    shutil.copytree(root, other)
    (other / "agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say other.\n")

    async def scene(stage: Any) -> None:
        root.rename(root.with_name("former"))
        lost = await stage.until_told(1)
        assert (lost.ok, lost.is_passing, stage.word) == (False, True, "one")
        other.rename(root)
        await stage.until_word("other")
        stage.says("two")
        await stage.until_word("two")

    watched(scene)


def test_what_a_mapped_file_holds_is_compared_though_nothing_tells_of_it(root: Path) -> None:
    """A page that was written once may be written again without a new time, size or event."""
    path = root / "agents.d/greeter.yaml"

    async def scene(page: mmap.mmap) -> None:
        page[-5:-2] = b"two"
        watching = Watching(root)
        watching.seen = Seen(frozenset(), survey(root, ()), digests(root, ["agents.d/greeter.yaml"]))
        page[-5:-2] = b"six"
        assert await watching.changed("poll")

    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as page:
        asyncio.run(scene(page))


def test_a_save_while_another_is_loaded_is_not_missed(watched: Player, root: Path) -> None:
    """The system is listened to all the time: a save in the moment at which the last one went live is seen at once."""

    async def scene(stage: Any) -> None:
        for number in range(10):
            stage.says(f"{number}")
            await stage.until_word(f"{number}")
        await stage.until_told(10)
        assert len(stage.told) == 10

    watched(scene)


def test_torn_saves_at_random_never_mix_two_versions(
    watched: Player, root: Path, seed: int, rounds: Callable[[int], int]
) -> None:
    """Two files that must agree are written in pieces at random moments: what is adopted agrees, always."""
    dice = random.Random(seed)
    both = [root / "agents.d/greeter.yaml", root / "agents.d/second.yaml"]

    async def scene(stage: Any) -> None:
        for number in range(1, rounds(200) + 1):
            for path in both:
                text = f"description: Greets.\nprompt: Say {number}.\nlimits: {{turns: {number}}}\n"
                await save_torn(path, text, dice.randrange(len(text)), dice.uniform(0.0, 0.03))
            if dice.random() < 0.3:
                await stage.until_word(str(number))
            agents = stage.engine.workbench.project.agents
            if "second" in agents:
                assert agents["greeter"].spec == agents["second"].spec
        await stage.until_word(str(rounds(200)))
        assert all(result.ok for result in stage.told)

    watched(scene)
