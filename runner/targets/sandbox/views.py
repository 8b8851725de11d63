"""What a command, or a program that goes on living, is shown of this machine; refused where that cannot be kept up."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.errors import ProgramMissing, ToolFailed
from runner.targets.local import environment
from runner.targets.sandbox.installed import is_system, is_venv, needed
from runner.targets.sandbox.keeping import Kept, kept
from runner.targets.sandbox.layout import Place, View, programs, search_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.targets.lasting import Program

_NO_PLACE = frozenset(map(Path, ("/", "/boot", "/dev", "/etc", "/home", "/proc", "/run", "/sys", "/usr", "/var")))
KEEPS_NOTHING = Kept([], [], [])


class Walls(NamedTuple):
    """What holds for all views of a project: places that are hidden, that are read-only, and that are shown."""

    closed: Sequence[str]
    fixed: Sequence[str]
    extra: Sequence[Path]


def walls(closed: Sequence[str], fixed: Sequence[str], shown: Sequence[str]) -> Walls:
    """A project's, and around runner itself: what it is made of stays as it is, wherever it lies."""
    own = (*fixed, *map(str, programs()), str(Path(__file__).resolve().parents[2]))
    return Walls(tuple(closed), own, [Path(text).expanduser().resolve() for text in shown])


class Access(NamedTuple):
    """What a program may have besides itself: absolute paths, or relative to where it starts."""

    paths: Sequence[str] = ()
    """To read and to write."""
    read_only: Sequence[str] = ()


def refuse_absent(walls: Walls) -> None:
    """Raise ToolFailed for what is to be shown and is not there, or lies where this user may not look."""
    for path in walls.extra:
        if not os.access(path, os.F_OK):
            raise ToolFailed(f"sandbox.read_only names {path}, which is not there, or not for this user to see")


def of_workspace(folder: Path, walls: Walls) -> View:
    """The view of a command that works in a folder; raises ToolFailed for one that cannot be shown safely."""
    if not folder.is_dir():
        raise ToolFailed(f"the working directory {folder} is not there", match="unavailable")
    workspace = folder.resolve()
    if workspace != folder:
        what = f"the working directory {folder} is reached by a symbolic link, to {workspace}"
        raise ToolFailed(what, match="unavailable", hint="a command may have put the link there; name the folder")
    if workspace in _NO_PLACE:
        raise ToolFailed(f"the sandbox takes no system folder as its workspace: {workspace}", match="unavailable")
    readable = [path for path in (*programs(), *walls.extra) if not path.is_relative_to(workspace)]
    is_fixed = any(workspace.is_relative_to(place) for place in walls.fixed)
    return View(workspace, [Place(workspace, kept(workspace, walls.closed, walls.fixed), is_fixed)], readable)


@contextmanager
def withheld_when_replaced(view: View) -> Iterator[None]:
    """Let out nothing of a command that could read what is hidden; raises ToolFailed.

    Whoever replaces a file, as editors do, takes the mount over it away as well, in all views that are open.
    """
    hidden = {path: _identity(path) for place in view.places for path in place.kept.closed}
    try:
        yield
    except ToolFailed:
        _refuse_replaced(hidden)
        raise
    _refuse_replaced(hidden)


def _refuse_replaced(hidden: Mapping[Path, tuple[int, int] | None]) -> None:
    for path, identity in hidden.items():
        if _identity(path) != identity:
            what = (
                f"{path} was replaced while the command ran, which could read the new one: what it put out is withheld"
            )
            raise ToolFailed(what, match="unavailable", hint="run it again; look at what it wrote first")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def of_program(program: Program, access: Access, walls: Walls) -> tuple[list[str], str, View]:
    """The words of a program that lives on, its PATH, and its view: what it needs, and what it was given.

    A place that holds something to be kept is refused, as a mount over it would not last: whoever replaces a file,
    as editors do, takes the mount away with it, and the program would see the new one.
    """
    folder = program.cwd.resolve()
    path = environment(folder, program.env)["PATH"]
    file = _program(program.argv[0], folder, path)
    needs = needed(file, program.argv[1:], folder, path)
    readable = [path for path in dict.fromkeys((*programs(), *walls.extra, *needs)) if not is_system(path)]
    for shown in readable:
        _refuse_holding(shown, walls.closed)
    given = {_given(folder, text, walls.closed): True for text in access.read_only}
    given |= {_given(folder, text, (*walls.closed, *walls.fixed)): False for text in access.paths}
    places = [Place(one, kept(one, (), ()) if one.is_dir() else KEEPS_NOTHING, given[one]) for one in sorted(given)]
    view = View(folder, places, [one for one in readable if one not in given])
    bins = [str(one) for one in needs if one.name == "bin"] + [str(one / "bin") for one in needs if is_venv(one)]
    return [str(file), *program.argv[1:]], ":".join([*bins, search_path(folder)]), view


def _program(name: str, folder: Path, path: str) -> Path:
    found = shutil.which(str(folder / name) if "/" in name else name, path=path)
    if found is None:
        hint = f"install {name}, or give its folder: looked in {path}"
        raise ProgramMissing(f"the program {name} is not there", hint=hint)
    return Path(found)


def _given(folder: Path, text: str, kept_from: Sequence[str]) -> Path:
    path = Path(os.path.normpath(folder / Path(text).expanduser()))
    if not path.exists():
        raise ToolFailed(f"{path} is not there to be shown", match="unavailable", hint="make it, or mend the path")
    if (real := path.resolve()) != path:
        what = f"{path} is reached by a symbolic link, to {real}"
        raise ToolFailed(what, match="unavailable", hint="a command may have put the link there; name what it leads to")
    if path in _NO_PLACE:
        raise ToolFailed(f"the sandbox shows no system folder whole: {path}", match="unavailable")
    _refuse_holding(path, kept_from)
    return path


def _refuse_holding(path: Path, kept_from: Sequence[str]) -> None:
    for text in kept_from:
        named = Path(text)
        for place in (named.parent.resolve() / named.name, named.resolve()):
            if place.is_relative_to(path) or path.is_relative_to(place):
                what = f"{path} cannot be given to a program: {place} is runner's own, or kept from it"
                raise ToolFailed(what, match="unavailable", hint="name a folder that neither holds it nor lies in it")
