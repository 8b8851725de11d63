"""What a program needs to run that lies outside of the system's folders: where it is installed, link by link.

A home folder must not come along with the program that lies in its `bin`: of a folder that holds more than an
installation only `bin` and `lib` are taken. What a command's own words name is taken as well.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MODULES = "node_modules"
_SYSTEM = frozenset({"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"})
_LONGEST_CHAIN = 40
"""Links that are followed, as the kernel has it."""
_LONGEST_NAME = 4_096
_FIRST_LINE = 256
"""Bytes of a script that say which program reads it."""


def needed(program: Path, words: Sequence[str], folder: Path, path: str) -> list[Path]:
    """Files and folders to be shown so that a command can run in a folder; none is the system's."""
    found = [*_installed(program, path), *_named([str(program), *words], folder)]
    return [one for one in dict.fromkeys(found) if not is_system(one)]


def is_system(path: Path) -> bool:
    """Whether a path is shown to every command."""
    return path.parts[1:2] != () and path.parts[1] in _SYSTEM


def is_venv(folder: Path) -> bool:
    """Whether a folder is a virtual environment of Python."""
    return (folder / "pyvenv.cfg").is_file()


def _installed(program: Path, path: str) -> Iterator[Path]:
    """The installations of a program, and of the one that reads it when it is a script."""
    for _ in range(_LONGEST_CHAIN):
        yield from _installation(program)
        if program.is_symlink():
            program = _normal(program.parent / program.readlink())
        elif reader := _reader(program, path):
            program = reader
        else:
            return


def _installation(program: Path) -> Iterator[Path]:
    prefix = program.parent.parent
    if program.parent.name != "bin":
        yield program
    elif is_venv(prefix):
        yield prefix
    else:
        yield from (folder for name in ("bin", "lib", "lib64") if (folder := prefix / name).is_dir())


def _reader(program: Path, path: str) -> Path | None:
    """The program that a script's first line names."""
    with program.open("rb") as file:
        line = os.fsdecode(file.read(_FIRST_LINE).partition(b"\n")[0])
    words = line.removeprefix("#!").split()
    if not line.startswith("#!") or not words:
        return None
    if Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word] or words[:1]
    found = shutil.which(words[0], path=path)
    return Path(found) if found else None


def _named(words: Sequence[str], folder: Path) -> Iterator[Path]:
    """The files that words name, each with all the packages it was installed with."""
    for word in words:
        file = _normal(folder / word)
        if "\0" not in word and len(word) < _LONGEST_NAME and file.is_file():
            shown = [file, *(one for one in file.parents if one.name == _MODULES)][-1]
            if shown.resolve() == shown:  # else whoever may write there says what is seen
                yield shown


def _normal(path: Path) -> Path:
    """Without `..`, and with links as they are."""
    return Path(os.path.normpath(path))
