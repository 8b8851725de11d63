"""Small accidents in good files: every one is either still good, or refused with file and line; none is a crash."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import runner.cli
from runner.project import std
from runner.project.load import load
from runner.project.sources import FOLDERS, Disk, Stored

SIGNS = "abz019 :-{}[]\"'|>&*!%@#?,\n\t\\~é\0\x07<=._/$"
MUTATIONS = 150


def shipped() -> dict[str, bytes]:
    """Everything that ships, under its own names."""
    disk = Disk(Path())
    names = [name for folder in FOLDERS for name in disk.names(f"std/{folder}")]
    return {name: disk.read(name) or b"" for name in names}


def of_demo() -> dict[str, bytes]:
    """The demo's project with the shipped files as its own."""
    own = {name.removeprefix(std.PREFIX): content for name, content in shipped().items()}
    demo = {name: (std.demo() / name).read_bytes() for name in ("runner.yaml", "replies.yaml")}
    return {**own, **demo}


def of_starter() -> dict[str, bytes]:
    """What `runner init` writes."""
    folder = Path(runner.cli.__file__).parent / "starter"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.yaml")}


def one_sign(text: str, chance: random.Random) -> str:
    """A sign less, more or other."""
    at = chance.randrange(len(text))
    sign: str = chance.choice(["", text[at], *SIGNS])
    return text[:at] + sign + text[at + chance.choice([0, 1]) :]


def one_line(text: str, chance: random.Random) -> str:
    """A line less, twice, moved, or further in or out."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    line = lines.pop(at)
    put: list[Callable[[], None]] = [
        lambda: None,
        lambda: lines.insert(at, f"{line}\n{line}"),
        lambda: lines.insert(chance.randrange(len(lines) + 1), line),
        lambda: lines.insert(at, f"  {line}"),
        lambda: lines.insert(at, line.removeprefix("  ")),
    ]
    chance.choice(put)()
    return "\n".join(lines)


@pytest.mark.parametrize("project", [of_demo, of_starter])
def test_the_files_are_good_before(project: Callable[[], dict[str, bytes]]) -> None:
    """What is mutated below loads as it is, without a warning."""
    loaded = load(Stored({**shipped(), **project()}), Path("/project"))
    assert (loaded.problems, loaded.warnings) == ((), ())


@pytest.mark.parametrize("project", [of_demo, of_starter])
@pytest.mark.parametrize("mutate", [one_sign, one_line])
def test_a_small_accident_is_good_or_refused_at_its_place(
    project: Callable[[], dict[str, bytes]], mutate: Callable[[str, random.Random], str], seed: int
) -> None:
    """A refusal names a file that was given and a line that it has; nothing is refused without a word."""
    chance = random.Random(seed)
    files = {**shipped(), **project()}
    names = sorted(name for name in project() if name.endswith(".yaml"))
    for _ in range(MUTATIONS // 4):
        name = chance.choice(names)
        changed = {**files, name: mutate(files[name].decode(), chance).encode()}
        loaded = load(Stored(changed), Path("/project"))
        assert (loaded.project is None) == bool(loaded.problems)
        for one in (*loaded.problems, *loaded.warnings):
            assert 1 <= one.line <= changed[one.file].count(b"\n") + 1, (name, one)
            assert one.column >= 1, (name, one)
            assert one.what, (name, one)
